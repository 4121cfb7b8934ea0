"""Retention: which cases are past their period, holds, and the decisions that people take about them."""

from datetime import date, timedelta
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import Field
from starlette.responses import Response

from app.domain.access import Verb
from app.domain.clock import local_date
from app.domain.errors import Conflict, FieldProblem, Invalid, NotFound
from app.domain.fields import Form, Line
from app.domain.retention import Decision, HoldForm, Kind, PeriodsForm, ReviewForm, Standing
from app.domain.rules import FromDay
from app.services import retention
from app.web import case_words
from app.web.case_words import Tag
from app.web.cases import AtCursor, known
from app.web.forms import Filled, blank
from app.web.visit import AtVisit, Visit

router = APIRouter(prefix="/retention")

CaseId = Annotated[UUID, Path()]

STANDINGS: Final[dict[str, Tag]] = {
    Standing.DUE: ("To decide", "orange"),
    Standing.PROPOSED: ("Erasure proposed", "yellow"),
    Standing.APPROVED: ("To be erased", "red"),
    Standing.HELD: ("On hold", "blue"),
    Standing.KEPT: ("Kept", "green"),
    Standing.ERASED: ("Erased", "grey"),
    Standing.NOT_DUE: ("Not due yet", "grey"),
    Standing.OPEN: ("Worked on", "green"),
}
EMPTY: Final = {
    Standing.DUE: "No case is past its period. There is nothing to decide.",
    Standing.PROPOSED: "No erasure waits for somebody to approve it.",
    Standing.APPROVED: "Nothing waits to be erased.",
    Standing.HELD: "No legal hold stands.",
    Standing.KEPT: "No case is kept beyond its period.",
    Standing.ERASED: "No case was erased because its period was over.",
}
KINDS: Final = {
    Kind.HIGH_RISK: "High risk",
    Kind.BELOW_HIGH: "Below high risk",
    Kind.CHILDREN: "With children",
    Kind.TRANSFERRED: "Handed to another area",
}
DECISIONS: Final = (
    (Decision.KEEP, "Keep it", "Somebody looks again on a day that you choose."),
    (Decision.ERASE, "Propose that it is erased", "Somebody else must approve it. It is then erased for good."),
)
_EMPTY: Final = {"because": "Say why", "decision": "Choose what you decide", "effective_from": "Say from which day"}
_LISTED: Final = 50
_YEAR: Final = timedelta(days=365)


class Wanted(Form):
    """A case by its reference, which names nobody."""

    reference: Line = Field(title="Reference")


class Versioned(Form):
    """version: of what is changed, when the page was opened."""

    version: int


class PeriodsTyped(PeriodsForm):
    """version: how many changes there were when the page was opened."""

    version: int = 0


@router.get("")
async def listed(visit: AtVisit, cursor: AtCursor) -> Response:
    """Cases by where they stand."""
    return await _list(visit, cursor, blank(Wanted))


@router.post("/find")
async def find(visit: AtVisit) -> Response:
    """Go to a case by its reference."""
    form = visit.form(Wanted, reference="Enter the reference of a case")
    if form.value:
        try:
            found = await visit.do(retention.find, form.value.reference.upper())
        except NotFound:
            problem = FieldProblem("/reference", "unknown", "There is no case here with that reference. Check it.")
            form = form.refused(Invalid([problem]))
        else:
            return visit.to(f"/retention/{found}")
    return await _list(visit, None, form, 422)


@router.get("/periods")
async def periods(visit: AtVisit) -> Response:
    """For how long cases are kept, what is planned, and what was before."""
    return visit.page("retention/periods.html", **await _periods(visit))


@router.get("/periods/change")
async def ask_periods(visit: AtVisit) -> Response:
    """The form for other periods."""
    found = await _periods(visit)
    _must_administer(visit)
    told = found["told"]
    held = told["holds"]["value"] if told["holds"] else told["starting"]
    typed = {kind.value: str(held[kind.value]) for kind in Kind}
    form = blank(PeriodsTyped, version=str(told["version"]), effective_from=_today(visit), **typed)
    return visit.page("retention/change_periods.html", form=form, **found)


@router.post("/periods/change")
async def change_periods(visit: AtVisit) -> Response:
    """Set them."""
    form = visit.form(PeriodsTyped, **_EMPTY)
    if form.value:
        try:
            await visit.do(retention.set_periods, form.value, form.value.version)
        except Invalid as refused:
            form = form.refused(refused)
        else:
            visit.say("The periods were saved. Nothing is erased by that: what is due is looked at first.")
            return visit.to("/retention/periods")
    found = await _periods(visit)
    _must_administer(visit)
    return visit.page("retention/change_periods.html", 422, form=form, **found)


@router.get("/periods/take-back/{day}")
async def ask_periods_back(visit: AtVisit, day: date) -> Response:
    """Ask why planned periods are not to come."""
    return await _periods_back(visit, day, blank(FromDay, effective_from=str(day)))


@router.post("/periods/take-back/{day}")
async def take_periods_back(visit: AtVisit, day: date) -> Response:
    """Take them back."""
    form = visit.form(FromDay, **_EMPTY)
    if form.value is None or form.value.effective_from != day:
        return await _periods_back(visit, day, form, 422)
    await visit.do(retention.take_back_periods, form.value, None)
    visit.say("Taken back. The periods that hold now go on.")
    return visit.to("/retention/periods")


@router.get("/{case_id}")
async def show(visit: AtVisit, case_id: CaseId) -> Response:
    """One case: where it stands, its holds, and every decision."""
    return await _case(visit, "retention/case.html", case_id)


@router.get("/{case_id}/hold")
async def ask_hold(visit: AtVisit, case_id: CaseId) -> Response:
    """Ask why, and until when."""
    return await _case(visit, "retention/hold.html", case_id, form=blank(HoldForm))


@router.post("/{case_id}/hold")
async def hold(visit: AtVisit, case_id: CaseId) -> Response:
    """Put the case on hold."""
    form = visit.form(HoldForm, **_EMPTY)
    if form.value:
        try:
            await visit.do(retention.hold, case_id, form.value)
        except Invalid as refused:
            form = form.refused(refused)
        else:
            visit.say("The hold stands. Nothing of this case is erased while it does.")
            return visit.to(f"/retention/{case_id}")
    return await _case(visit, "retention/hold.html", case_id, 422, form=form)


@router.post("/{case_id}/holds/{hold_id}/lift")
async def lift(visit: AtVisit, case_id: CaseId, hold_id: Annotated[UUID, Path()]) -> Response:
    """Lift a hold."""
    form = visit.form(Versioned)
    if form.value:
        await visit.do(retention.lift, hold_id, form.value.version)
        visit.say("The hold is lifted.")
    return visit.to(f"/retention/{case_id}")


@router.get("/{case_id}/decide")
async def ask_decision(visit: AtVisit, case_id: CaseId) -> Response:
    """Ask what is decided of a case whose period is over."""
    later = local_date(visit.errand.now) + _YEAR
    return await _case(visit, "retention/decide.html", case_id, form=blank(ReviewForm), later=later)


@router.post("/{case_id}/decide")
async def decide(visit: AtVisit, case_id: CaseId) -> Response:
    """Decide it."""
    form = visit.form(ReviewForm, **_EMPTY)
    if decided := form.value:
        try:
            await visit.do(retention.decide, case_id, decided)
        except Invalid as refused:
            form = form.refused(refused)
        else:
            proposed = decided.decision is Decision.ERASE
            visit.say(
                "Proposed. Somebody else must approve it now." if proposed else "It was decided to keep the case."
            )
            return visit.to(f"/retention/{case_id}")
    later = local_date(visit.errand.now) + _YEAR
    return await _case(visit, "retention/decide.html", case_id, 422, form=form, later=later)


@router.get("/{case_id}/approve")
async def ask_approval(visit: AtVisit, case_id: CaseId) -> Response:
    """Ask whether what somebody else proposed is right. Whoever approves shows first who they are."""
    found = (await visit.read(retention.to_approve, case_id)).value
    if found["standing"] != Standing.PROPOSED:
        raise Conflict("Nothing is proposed about this case now.")
    return visit.page("retention/approve.html", found=found, **_WORDS)


@router.post("/{case_id}/reviews/{review_id}/approve")
async def approve(visit: AtVisit, case_id: CaseId, review_id: Annotated[UUID, Path()]) -> Response:
    """Approve it."""
    form = visit.form(Versioned)
    if form.value:
        await visit.do(retention.approve, review_id, form.value.version)
        visit.say("Approved. Whoever runs the service erases it. Until then, anybody here can take it back.")
    return visit.to(f"/retention/{case_id}")


@router.post("/{case_id}/reviews/{review_id}/drop")
async def drop(visit: AtVisit, case_id: CaseId, review_id: Annotated[UUID, Path()]) -> Response:
    """Turn it down, or take it back."""
    form = visit.form(Versioned)
    if form.value:
        await visit.do(retention.drop, review_id, form.value.version)
        visit.say("Taken back. The case is to be decided again.")
    return visit.to(f"/retention/{case_id}")


async def _list(visit: Visit, cursor: UUID | None, form: Filled[Wanted], status: int = 200) -> Response:
    asked = known(Standing, visit.request.query_params.get("standing") or "")
    standing = asked if asked in retention.LISTED else Standing.DUE
    read = await visit.read(retention.listed, standing, after=cursor, limit=_LISTED)
    return visit.page(
        "retention/list.html",
        status,
        form=form,
        standing=standing,
        items=read.value["items"],
        counts=read.value["counts"],
        after=f"/retention?standing={standing}&cursor={read.next_cursor}" if read.next_cursor else None,
        LISTED=retention.LISTED,
        EMPTY=EMPTY,
        **_WORDS,
    )


async def _case(visit: Visit, template: str, case_id: UUID, status: int = 200, **facts: object) -> Response:
    found = (await visit.read(retention.read, case_id)).value
    newest = next((each for each in found["reviews"] if not each["dropped_at"]), None)
    own = newest is not None and newest["decided_by"]["id"] == str(visit.me.user_id)
    # A case that ended anew is decided anew: what stands is about the newest end.
    stands = newest if newest and newest["ended_at"] == found["ended_at"] else None
    return visit.page(template, status, found=found, stands=stands, own=own, DECISIONS=DECISIONS, **facts, **_WORDS)


async def _periods(visit: Visit) -> dict[str, Any]:
    told = (await visit.read(retention.periods)).value
    return {"told": told, **_WORDS}


async def _periods_back(visit: Visit, day: date, form: Filled[FromDay], status: int = 200) -> Response:
    found = await _periods(visit)
    _must_administer(visit)
    planned = next((each for each in found["told"]["planned"] if each["effective_from"] == str(day)), None)
    if planned is None:
        raise Conflict("Nothing is planned for that day any more.")
    return visit.page("retention/periods_back.html", status, form=form, planned=planned, **found)


def _must_administer(visit: Visit) -> None:
    visit.me.must(Verb.ADMINISTER_PARTNERSHIP)


def _today(visit: Visit) -> str:
    return str(local_date(visit.errand.now))


_WORDS: Final[dict[str, Any]] = {"words": case_words, "STANDINGS": STANDINGS, "KINDS": KINDS}
