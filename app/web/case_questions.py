"""The risk questions asked again in an open case, or taken over from whoever asked them a moment ago."""

from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field, ValidationError
from starlette.responses import Response

from app.domain.assessments import Adoption, AskedAgain
from app.domain.errors import FieldProblem, Invalid
from app.domain.fields import Long, problems_from
from app.domain.lawful_bases import Purpose
from app.risk.instruments import Instrument
from app.risk.scoring import Answer, AnswerValue, markers_raised
from app.services import assessments, case_page
from app.web import case_words
from app.web.basis import WithBasis
from app.web.case_forms import attempt
from app.web.cases import CaseId
from app.web.forms import Filled, Typed, blank, fill
from app.web.visit import AtVisit, Visit

router = APIRouter(prefix="/cases/{case_id}/questions")

VALUES: Final = (
    (AnswerValue.YES, "Yes"),
    (AnswerValue.NO, "No"),
    (AnswerValue.DONT_KNOW, "Do not know"),
    (AnswerValue.NOT_ASKED, "Not asked"),
)


class Asking(WithBasis):
    """What is asked besides the questions. rationale: of professional judgement, which says that the risk is high."""

    rationale: Long = Field(None, title="Professional judgement")


class Adopting(WithBasis):
    """Whose answers are taken over."""

    assessment: UUID


@router.get("")
async def ask(visit: AtVisit, case_id: CaseId) -> Response:
    """The questions: those last asked of the victim, or those that the address names."""
    return await _page(visit, case_id, visit.request.query_params.get("instrument"), blank(Asking))


@router.post("")
async def keep(visit: AtVisit, case_id: CaseId) -> Response:
    """Keep the answers, and let the case rise to what they say."""
    _, instrument, _, _ = await visit.do(case_page.to_ask, case_id, _first(visit.sent, "instrument"))
    more = {name: value for name, value in visit.sent.items() if name in Asking.model_fields}
    form: Filled[Any] = fill(Asking, more, {})

    async def work(told: Asking) -> None:
        await visit.do(assessments.ask, case_id, _asked(visit, instrument, told))

    failed = await attempt(form, work)
    if failed is None:
        visit.say("The answers are kept. See what they come to.")
        return visit.to(f"/cases/{case_id}/risk")
    return await _page(visit, case_id, instrument.id, failed)


@router.post("/adopt")
async def adopt(visit: AtVisit, case_id: CaseId) -> Response:
    """Take another agency's answers instead of asking it all again."""

    async def work(told: Adopting) -> None:
        await visit.do(assessments.adopt, told.assessment, Adoption(sharing=told.sharing))

    failed = await attempt(visit.form(Adopting), work)
    if failed is None:
        visit.say("The answers are taken over.")
        return visit.to(f"/cases/{case_id}/risk")
    return await _page(visit, case_id, None, failed)


async def _page(visit: Visit, case_id: UUID, instrument_id: str | None, form: Filled[Any]) -> Response:
    choices, instrument, others, recent = await visit.do(case_page.to_ask, case_id, instrument_id or None)
    answers = _answers(visit.sent, instrument)
    return visit.page(
        "cases/questions.html",
        422 if form.problems else 200,
        head=choices.head,
        choices=choices,
        proposed=choices.register.proposed(Purpose.ASSESS_RISK),
        words=case_words,
        form=form,
        instrument=instrument,
        others=others,
        recent=recent,
        answers=answers,
        VALUES=VALUES,
        raised=markers_raised(instrument, {n: Answer(AnswerValue(each["value"])) for n, each in answers.items()}),
        yes=sum(each["value"] == AnswerValue.YES for each in answers.values()),
    )


def _asked(visit: Visit, instrument: Instrument, told: Asking) -> AskedAgain:
    """As the service takes it. Raises Invalid."""
    data: dict[str, Any] = {
        "instrument": instrument.id,
        "version": instrument.version,
        "answers": {
            str(number): {name: value for name, value in each.items() if value}
            for number, each in _answers(visit.sent, instrument).items()
        },
        "assessed_at": visit.errand.now,
        "assessed_by": visit.me.name,
        "professional_judgement": {"rationale": told.rationale} if told.rationale else None,
        "sharing": told.sharing,
    }
    try:
        return AskedAgain.model_validate(data)
    except ValidationError as error:
        found = problems_from(error, AskedAgain)
        raise Invalid([FieldProblem(f"/n{_number(each.pointer)}", each.code, each.message) for each in found]) from None


def _answers(sent: Typed, instrument: Instrument) -> dict[int, dict[str, str]]:
    """What was answered, by question; a note alone is an answer that was not asked for."""
    found = {}
    for number in sorted(instrument.numbers):
        value, note = _first(sent, f"q{number}") or "", (_first(sent, f"n{number}") or "").strip()
        if value in set(AnswerValue) or note:
            found[number] = {"value": value or AnswerValue.NOT_ASKED, "note": note}
    return found


def _first(sent: Typed, name: str) -> str | None:
    return next(iter(sent.get(name, ())), None)


def _number(pointer: str) -> str:
    return next((part for part in pointer.split("/") if part.isdigit()), "")
