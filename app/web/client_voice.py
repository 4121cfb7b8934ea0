"""The victim's own words and wishes, for the meeting about her."""

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from app.domain.client_voice import VoiceForm
from app.domain.fields import Form, Long
from app.services import client_page, client_voice
from app.web.case_forms import attempt
from app.web.client_pages import CaseId, client, draw
from app.web.forms import blank
from app.web.visit import AtVisit

router = APIRouter(prefix="/caseload/{case_id}/words")


class Said(Form):
    """What she said. version: the newest, as whoever writes saw it."""

    version: int
    said: Long = Field(None, title="In their own words")
    wishes: Long = Field(None, title="What they want to happen")
    declined: bool = False


@router.get("")
async def ask(visit: AtVisit, case_id: CaseId) -> Response:
    """The newest, the form for the next, and those before."""
    page = await visit.do(client_page.show, case_id)
    newest = page.told["voice"][0] if page.told["voice"] else {}
    fields = {name: newest[name] for name in ("said", "wishes") if newest.get(name)}
    form = blank(Said, **fields, **({"declined": "yes"} if newest.get("declined") else {}))
    return draw(visit, "caseload/words.html", page, form)


@router.post("")
async def write(visit: AtVisit, case_id: CaseId) -> Response:
    """A new version."""

    async def work(told: Said) -> None:
        asked = VoiceForm(said=told.said, wishes=told.wishes, declined=told.declined)
        await visit.do(client_voice.write, case_id, asked, told.version)

    form = await attempt(visit.form(Said), work)
    if form is None:
        visit.say("Their words are saved. The next agenda carries them.")
        return visit.to(f"/caseload/{case_id}/words")
    return await client(visit, case_id, "caseload/words.html", form)
