"""How a client can be reached: windows in the week, and the words beside them."""

from collections.abc import Iterable
from typing import Annotated, Any, Final

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from app.domain.errors import FieldProblem, Invalid
from app.domain.fields import Form, Known, Long
from app.domain.safe_times import Hour, SafeTimes, Window, say
from app.services import client_page, safe_times
from app.services.client_page import ClientPage
from app.services.idva_support import newest_windows
from app.web.case_forms import attempt
from app.web.client_pages import CaseId, draw
from app.web.forms import Filled, blank
from app.web.visit import AtVisit

router = APIRouter(prefix="/caseload/{case_id}/safe-times")

ROWS: Final = 3
"""Windows that the page has room for."""
_WORDS: Final = ("when", "who_must_not_know", "say", "note")
_ANSWERS: Final = ("safe_to_call", "voicemail", "message", "letter", "email")
DayOfWeek = Annotated[int, Field(ge=1, le=7)]


class Reached(Form):
    """As the page asks for it. version: of what was said before, as whoever says it anew saw it."""

    version: int
    safe_to_call: Known | None = Field(None, title="Is it safe to call?")
    days_1: tuple[DayOfWeek, ...] = Field((), title="Days")
    from_1: Hour | None = Field(None, title="From")
    to_1: Hour | None = Field(None, title="Until")
    days_2: tuple[DayOfWeek, ...] = Field((), title="Days, second time")
    from_2: Hour | None = Field(None, title="From, second time")
    to_2: Hour | None = Field(None, title="Until, second time")
    days_3: tuple[DayOfWeek, ...] = Field((), title="Days, third time")
    from_3: Hour | None = Field(None, title="From, third time")
    to_3: Hour | None = Field(None, title="Until, third time")
    when: Long = Field(None, title="Times in words")
    who_must_not_know: Long = Field(None, title="Who must not know")
    say: Long = Field(None, title="What to say")
    voicemail: Known | None = Field(None, title="Voicemail")
    message: Known | None = Field(None, title="Text message")
    letter: Known | None = Field(None, title="Letter")
    email: Known | None = Field(None, title="Email")
    note: Long = Field(None, title="Anything else")

    @property
    def told(self) -> SafeTimes:
        """As the service takes it. Raises Invalid for a time that is only half said."""
        found, problems = [], []
        for row in range(1, ROWS + 1):
            days, starts, ends = (getattr(self, f"{name}_{row}") for name in ("days", "from", "to"))
            if not (days or starts or ends):
                continue
            missing = [
                FieldProblem(f"/{name}_{row}", "required", text)
                for name, value, text in (
                    ("days", days, "Choose the days on which this time is safe"),
                    ("from", starts, "Enter when the time begins"),
                    ("to", ends, "Enter when the time ends"),
                )
                if not value
            ]
            if not missing and ends <= starts:
                missing = [FieldProblem(f"/to_{row}", "before_start", "The time must end later than it begins")]
            problems += missing
            if not missing:
                found.append(Window(days=tuple(sorted(set(days))), starts=starts, ends=ends))
        if problems:
            raise Invalid(problems)
        return SafeTimes(windows=tuple(found), **{name: getattr(self, name) for name in (*_WORDS, *_ANSWERS)})


@router.get("")
async def ask(visit: AtVisit, case_id: CaseId) -> Response:
    """What holds now, and the form that says it anew."""
    page = await visit.do(client_page.show, case_id)
    return draw(visit, "caseload/safe_times.html", page, _prefilled(page))


@router.post("")
async def set_(visit: AtVisit, case_id: CaseId) -> Response:
    """Say it anew."""

    async def work(told: Reached) -> None:
        await visit.do(safe_times.set_, case_id, told.told, told.version)

    form = await attempt(visit.form(Reached, safe_to_call="Choose whether it is safe to call"), work)
    if form is None:
        visit.say("This is how they are reached from now on.")
        return visit.to(f"/caseload/{case_id}")
    page = await visit.do(client_page.show, case_id)
    return draw(visit, "caseload/safe_times.html", page, form)


def _prefilled(page: ClientPage) -> Filled[Reached]:
    """What holds now: whoever changes one thing does not lose the others."""
    said: dict[str, Any] = page.told["client"]["safe_contact"] or {}
    windows = [Window.model_validate(each) for each in newest_windows(page.told["safe_times"]) or ()]
    fields: dict[str, str | Iterable[str]] = {name: said[name] for name in (*_WORDS, *_ANSWERS) if said.get(name)}
    if windows and "when" in fields:  # the windows are the first line of the words
        fields["when"] = str(fields["when"]).removeprefix(say(windows)).strip()
    for row, each in enumerate(windows[:ROWS], 1):
        fields |= {f"days_{row}": map(str, each.days), f"from_{row}": each.starts, f"to_{row}": each.ends}
    return blank(Reached, **fields)
