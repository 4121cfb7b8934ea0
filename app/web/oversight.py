"""Oversight: who could see a case, who looked, and what was shared of it; and the partnership's whole trail."""

import asyncio
import re
from datetime import datetime, time, timedelta
from typing import Annotated, Any, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError
from starlette.responses import Response

from app.domain.clock import at_local, local_date
from app.domain.errors import FieldProblem, Invalid
from app.domain.fields import Day, Form, Line
from app.domain.lawful_bases import Purpose
from app.services import audit, disclosures, oversight
from app.services.audit import Scope
from app.services.oversight import Asked
from app.web import case_history, case_words
from app.web.cases import AtCursor, known
from app.web.disclosures import ACTS, ITEMS
from app.web.forms import Filled, Typed, blank, fill
from app.web.role_words import ROLES
from app.web.trail_words import KINDS
from app.web.visit import AtVisit, Visit

router = APIRouter(prefix="/oversight")

_REFERENCE: Final = re.compile(r"C-[2-9A-HJ-NP-Z]{8}|P-[0-9A-Z]{7}")
_YEAR: Final = timedelta(days=365)
_LISTED: Final = 50
_ONE_DAY: Final = timedelta(days=1)
_VERB: Final = re.compile(r"[a-z_]{1,40}(\.[a-z_]{1,40})?")


def _reference(value: str) -> str:
    value = value.upper()
    if not _REFERENCE.fullmatch(value):
        raise PydanticCustomError("bad_reference", "Write it like C-7K2M9QXA for a case, or P-7K2M9QX for a person")
    return value


class Question(Form):
    """What is asked, as the address says it: references and ids, and no name."""

    reference: Annotated[Line, AfterValidator(_reference)] = Field(title="Reference")
    agency: UUID | None = Field(None, title="Agency")
    person: UUID | None = None
    since: Day = Field(title="From")
    until: Day = Field(title="To")


@router.get("")
async def ask(visit: AtVisit) -> Response:
    """The question; and once the address holds one, its answer on one page."""
    sent = _sent(visit)
    if "reference" not in sent:
        today = local_date(visit.errand.now)
        form = blank(Question, since=str(today - _YEAR), until=str(today))
        return await _asking(visit, form)
    form = fill(Question, sent, {"reference": "Enter the reference of a case or a person"})
    if form.value is not None and form.value.until < form.value.since:
        form = form.refused(Invalid([FieldProblem("/until", "before", "To: enter a day that is not before the first")]))
    if form.value is None:
        return await _asking(visit, form)
    asked = Asked(**form.value.model_dump())
    answer = await visit.do(oversight.answer, asked)
    response = visit.page(
        "oversight/oversight.html",
        form=form,
        asked=asked,
        answer=answer,
        agencies=answer.agencies,
        looked=case_history.looked,
        asked_of=urlencode({name: values[0] for name, values in sent.items() if name != "person" and values[0]}),
        now=visit.errand.now,
        **_WORDS,
    )
    await visit.errand.on_the_beat()
    return response


@router.get("/people/{reference}/shared.pdf")
async def print_shared(visit: AtVisit, reference: Annotated[str, Path(pattern="^P-[0-9A-Z]{7}$")]) -> Response:
    """What was shared about somebody, as a page to print or to send."""
    sheet = await visit.do(disclosures.sheet, reference)
    # Loaded with the first page: the typesetter takes 20 MB that most processes never need.
    from app.exports.sharing_page import sharing_page

    made = await asyncio.to_thread(sharing_page, sheet)
    headers = {"content-disposition": f'attachment; filename="sharing-{reference}.pdf"'}
    return visit.finish(Response(made, headers=headers, media_type="application/pdf"))


class Narrowed(Form):
    """Which entries of the whole trail, as the address says: what it cannot mean narrows nothing."""

    agency: UUID | None = None
    person: UUID | None = None
    verb: str = ""
    since: Day | None = None
    until: Day | None = None


@router.get("/trail")
async def trail(visit: AtVisit, cursor: AtCursor) -> Response:
    """Everything that anybody did, newest first."""
    sent = {name: values for name, values in _sent(visit).items() if name in Narrowed.model_fields}
    form = fill(Narrowed, sent, {})
    told = form.value or Narrowed()
    moments: dict[str, datetime | None] = {
        "since": at_local(told.since, time.min) if told.since else None,
        "until": at_local(told.until + _ONE_DAY, time.min) if told.until else None,
    }
    page = await visit.read(
        audit.listed,
        scope=Scope.PARTNERSHIP,
        case_id=None,
        agency=told.agency,
        person=told.person,
        verb=told.verb if _VERB.fullmatch(told.verb) else None,
        after=cursor,
        limit=_LISTED,
        **moments,
    )
    query = urlencode({name: values[0] for name, values in sent.items() if values[0]})
    return visit.page(
        "oversight/trail.html",
        422 if form.problems else 200,
        form=form,
        entries=[_entry(each) for each in page.value["items"]],
        after=f"/oversight/trail?{query}{'&' if query else ''}cursor={page.next_cursor}" if page.next_cursor else None,
        agencies=await visit.do(oversight.choices),
        kinds=KINDS,
        **_WORDS,
    )


def _entry(line: dict[str, Any]) -> dict[str, Any]:
    """One entry in words. person: its id, by which the list can be narrowed."""
    actor, agency = line["actor"], line["agency"]
    told = {**line, "actor": actor and actor["name"], "agency": agency and agency["name"]}
    return {"line": case_history.looked([told])[0], "person": actor and actor["id"]}


async def _asking(visit: Visit, form: Filled[Question]) -> Response:
    agencies = await visit.do(oversight.choices)
    status = 422 if form.problems else 200
    facts = {"form": form, "asked": None, "answer": None, "agencies": agencies, "now": visit.errand.now}
    return visit.page("oversight/oversight.html", status, **facts, **_WORDS)


def _sent(visit: Visit) -> Typed:
    """What the address asks; an id that is none asks nothing."""
    asked = visit.request.query_params
    sent = {name: (asked[name],) for name in asked}
    return {
        name: values
        for name, values in sent.items()
        if name in Question.model_fields or name in Narrowed.model_fields
        if name not in ("agency", "person") or known(UUID, values[0]) is not None
    }


_WORDS: Final[dict[str, Any]] = {
    "words": case_words,
    "ACTS": ACTS,
    "ITEMS": ITEMS,
    "PURPOSES": {each: each.words for each in Purpose},
    "ROLES": ROLES,
}
