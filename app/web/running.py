"""Running a meeting: each case in turn, with its risks, its plan, what is said of it, and its outcome."""

import hashlib
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import Field
from starlette.responses import Response

from app.domain.actions import ActionForm, ActionStatus, ActionUpdateForm
from app.domain.clock import local_date
from app.domain.day_said import day_said
from app.domain.errors import Conflict, FieldProblem, Invalid, Stale
from app.domain.exclusions import ConflictForm
from app.domain.fields import Form, Line, Long, Short
from app.domain.lawful_bases import Purpose
from app.domain.lifecycle import Outcome, State
from app.domain.outcomes import ItemMinutesForm, OutcomeForm, legal_outcomes
from app.domain.risks import RiskForm
from app.domain.routing import SupportKind
from app.services import actions, exclusions, meeting_pages, meetings, outcomes
from app.services.meeting_pages import MeetingPage
from app.web.basis import WithBasis, at_fields, proposed
from app.web.forms import Filled, blank
from app.web.meetings import MeetingId, shown
from app.web.visit import AtVisit, Visit

router = APIRouter(prefix="/meetings/{meeting_id}")

ItemId = Annotated[UUID, Path()]

SUPPORT: Final = {
    SupportKind.ADVOCACY_WORKER: "An advocacy worker",
    SupportKind.PIPPA: "PIPPA, the single point of contact for professionals",
    SupportKind.GP_IRIS: "The GP, through IRIS",
    SupportKind.VICTIM_SUPPORT: "Victim support",
    SupportKind.EARLY_HELP: "Early help for families",
}
_WHEN: Final = "Write when, such as tomorrow, Friday, 3 days, or 27 November."


class Doing(StrEnum):
    """What somebody pressed beside a case. Each keeps the words as well."""

    ENTER = "enter"
    RISK = "risk"
    ACTION = "action"
    SAVE = "save"
    OUTCOME = "outcome"
    NEXT = "next"


class StartTyped(Form):
    """A meeting begins."""

    reason: Long = Field(None, title="Why it starts without a quorum")
    version: int


class RoomTyped(WithBasis):
    """What was said of a case. seen: what the words said when the page was opened, as ``_digest`` tells it."""

    do: Doing
    version: int
    seen: Line
    minutes: Long = Field(None, title="What was said")
    safety_plan: Long = Field(None, title="Safety plan")
    about: Short = Field(None, title="Who is at risk")
    risk: Long = Field(None, title="Risk")
    what: Long = Field(None, title="Action")
    agency_id: UUID | None = Field(None, title="Who will do it")
    by: Short = Field(None, title="By when")


class OutcomeTyped(WithBasis):
    """How the meeting leaves a case."""

    version: int
    outcome: Outcome = Field(title="Outcome")
    reason: Long = Field(None, title="Reason")
    criteria: tuple[Line, ...] = Field((), title="Criteria for MARAC")
    until: Short = Field(None, title="Deferred to")
    support: SupportKind | None = Field(None, title="Support service")
    area: Short = Field(None, title="Area")
    review_on: Short = Field(None, title="Look again on")


@router.get("/run")
async def run(visit: AtVisit, meeting_id: MeetingId) -> Response:
    """The meeting as it goes: who is there, what is left, the next case."""
    return await _running(visit, meeting_id, None)


@router.post("/start")
async def start(visit: AtVisit, meeting_id: MeetingId) -> Response:
    """Open it."""
    form = visit.form(StartTyped)
    if form.value:
        try:
            await visit.do(meetings.start, meeting_id, form.value.reason, form.value.version)
        except Invalid as refused:
            form = form.refused(refused)
        except Stale:
            text = "Somebody changed the meeting since you opened this page. See below how it stands, then start it."
            form = form.refused(Invalid([FieldProblem("", "stale", text)]))
        else:
            visit.say("The meeting has started.")
            return visit.to(f"/meetings/{meeting_id}/run")
    return await _running(visit, meeting_id, form)


@router.post("/end")
async def end(visit: AtVisit, meeting_id: MeetingId) -> Response:
    """Close it."""
    await visit.do(meetings.end, meeting_id, None)
    visit.say("The meeting has ended. Each agency has its list below, and the minutes are ready to issue.")
    return visit.to(f"/meetings/{meeting_id}/minutes")


@router.post("/actions/{action_id}/done")
async def done(visit: AtVisit, meeting_id: MeetingId, action_id: ItemId) -> Response:
    """Settle an action from before: it is done."""
    await visit.do(actions.update, action_id, ActionUpdateForm(status=ActionStatus.DONE), None)
    visit.say("The action is done.")
    return visit.to(f"/meetings/{meeting_id}/run")


@router.get("/items/{item_id}")
async def item(visit: AtVisit, meeting_id: MeetingId, item_id: ItemId) -> Response:
    """One case: why it is here, what agencies know, the risks, the plan, and what was said."""
    page, register = await visit.do(meeting_pages.page_with_register, meeting_id)
    return _item(visit, page, item_id, register, None, 200)


@router.post("/items/{item_id}")
async def note(visit: AtVisit, meeting_id: MeetingId, item_id: ItemId) -> Response:
    """Keep what was said of it, and go where the button leads."""
    page, register = await visit.do(meeting_pages.page_with_register, meeting_id)
    here = page.item(item_id)
    form = visit.form(RoomTyped)
    status = 422
    if form.value:
        told = form.value
        try:
            words = ItemMinutesForm(minutes=told.minutes, safety_plan=told.safety_plan)
            # Those who do not write the minutes have no box for them on their page.
            written = "minutes" in visit.sent and _digest(told.minutes, told.safety_plan) != told.seen
            await visit.do(
                meeting_pages.note,
                item_id,
                UUID(here["case"]["id"]),
                words=words if written else None,
                version=told.version,
                risk=_risk(told),
                action=_action(told, item_id, visit.errand.now),
            )
        except Invalid as refused:
            form = form.refused(
                at_fields(refused, {"/due_on": "/by", "/party_id": "/about", "/owner_id": "/agency_id"})
            )
        except Stale:
            status = 412
            text = "Somebody else wrote of this case meanwhile. Below is what you typed, and beside it what they wrote."
            form = form.refused(Invalid([FieldProblem("/minutes", "stale", text)]))
        else:
            return visit.to(_onward(page, item_id, told.do))
    page, register = await visit.do(meeting_pages.page_with_register, meeting_id)
    return _item(visit, page, item_id, register, form, status)


@router.get("/items/{item_id}/outcome")
async def ask_outcome(visit: AtVisit, meeting_id: MeetingId, item_id: ItemId) -> Response:
    """Choose the outcome."""
    return await _deciding(visit, meeting_id, item_id, None, 200)


@router.post("/items/{item_id}/outcome")
async def decide(visit: AtVisit, meeting_id: MeetingId, item_id: ItemId) -> Response:
    """Keep it, and bring up the next case."""
    form = visit.form(OutcomeTyped, outcome="Choose the outcome")
    status = 422
    if form.value:
        told = form.value
        try:
            await visit.do(outcomes.decide, item_id, _decided(told, visit.errand.now), told.version)
        except Invalid as refused:
            form = form.refused(at_fields(refused))
        except Stale:
            status = 412
            text = "Somebody else wrote of this case since you opened the page. Look at it, then decide again."
            form = form.refused(Invalid([FieldProblem("/outcome", "stale", text)]))
        except Conflict as refused:
            form = form.refused(Invalid([FieldProblem("/outcome", refused.code, refused.message)]))
        else:
            visit.say("The outcome is recorded.")
            page = await visit.do(meeting_pages.page, meeting_id)
            return visit.to(_onward(page, item_id, Doing.NEXT))
    return await _deciding(visit, meeting_id, item_id, form, status)


@router.get("/items/{item_id}/conflict")
async def ask_conflict(visit: AtVisit, meeting_id: MeetingId, item_id: ItemId) -> Response:
    """Ask whether somebody has a conflict of interest in this case."""
    page = await visit.do(meeting_pages.page, meeting_id)
    return shown(visit, "meetings/conflict.html", page, form=blank(ConflictForm), item=page.item(item_id))


@router.post("/items/{item_id}/conflict")
async def declare(visit: AtVisit, meeting_id: MeetingId, item_id: ItemId) -> Response:
    """Declare it. From then on the case is not there for them."""
    page = await visit.do(meeting_pages.page, meeting_id)
    here = page.item(item_id)
    form = visit.form(ConflictForm)
    if form.value:
        await visit.do(exclusions.declare, UUID(here["case"]["id"]), form.value)
        visit.say("Your conflict of interest is recorded. The case is closed to you. Leave the room while it is heard.")
        return visit.to(f"/meetings/{meeting_id}/run")
    return shown(visit, "meetings/conflict.html", page, 422, form=form, item=here)


async def _running(visit: Visit, meeting_id: UUID, form: Filled[StartTyped] | None) -> Response:
    page = await visit.do(meeting_pages.page, meeting_id)
    items = page.agenda["items"]
    began = page.meeting["started_at"]
    facts = {
        "form": form or blank(StartTyped),
        "early": local_date(visit.errand.now) < local_date(datetime.fromisoformat(page.meeting["starts_at"])),
        "used": max(int((visit.errand.now - datetime.fromisoformat(began)).total_seconds() // 60), 0) if began else 0,
        "left": [each for each in items if each["status"] == "listed"],
    }
    return shown(visit, "meetings/run.html", page, 422 if form else 200, **facts)


def _item(
    visit: Visit, page: MeetingPage, item_id: UUID, register: Any, form: Filled[RoomTyped] | None, status: int
) -> Response:
    here = page.item(item_id)
    items = page.agenda["items"]
    at = items.index(here)
    words = {"minutes": here["minutes"] or "", "safety_plan": here["safety_plan"] or ""}
    asked = form or blank(RoomTyped, **words, **proposed(register, Purpose.PLAN))
    return shown(
        visit,
        "meetings/item.html",
        page,
        status,
        form=asked,
        item=here,
        before=items[at - 1] if at else None,
        after=items[at + 1] if at + 1 < len(items) else None,
        register=register,
        # What somebody was overtaken by is now in sight, so that sending it again replaces it knowingly.
        seen=_digest(here["minutes"], here["safety_plan"]),
        writes=page.runs and page.meeting["status"] in ("in_session", "held"),
    )


async def _deciding(
    visit: Visit, meeting_id: UUID, item_id: UUID, form: Filled[OutcomeTyped] | None, status: int
) -> Response:
    page, register = await visit.do(meeting_pages.page_with_register, meeting_id)
    here = page.item(item_id)
    return shown(
        visit,
        "meetings/outcome.html",
        page,
        status,
        form=form or blank(OutcomeTyped, **proposed(register, Purpose.PLAN)),
        item=here,
        open=legal_outcomes(State(here["case"]["state"]), page.forum.outcomes),
        register=register,
        SUPPORT=SUPPORT,
    )


def _risk(told: RoomTyped) -> RiskForm | None:
    if told.risk is None:
        if told.do is Doing.RISK:
            raise Invalid([FieldProblem("/risk", "required", "Say what the risk is.")])
        return None
    about, _, party = (told.about or "").partition(":")
    try:
        return RiskForm.model_validate({"about": about, "party_id": party or None, "risk": told.risk})
    except ValueError:
        raise Invalid([FieldProblem("/about", "required", "Choose who is at risk.")]) from None


def _action(told: RoomTyped, item_id: UUID, now: datetime) -> ActionForm | None:
    if told.what is None and told.do is not Doing.ACTION:
        return None
    problems = []
    if told.what is None:
        problems.append(FieldProblem("/what", "required", "Say what will be done."))
    if told.agency_id is None:
        problems.append(FieldProblem("/agency_id", "required", "Choose who will do it."))
    on = day_said(told.by, local_date(now)) if told.by else None
    if on is None:
        problems.append(FieldProblem("/by", "required", _WHEN))
    if problems or told.agency_id is None:
        raise Invalid(problems)
    return ActionForm(what=told.what, agency_id=told.agency_id, due_on=on, agenda_item_id=item_id, sharing=told.sharing)


def _decided(told: OutcomeTyped, now: datetime) -> OutcomeForm:
    today = local_date(now)
    days = {name: day_said(text, today) for name in ("until", "review_on") if (text := getattr(told, name))}
    problems = [FieldProblem(f"/{name}", "bad_date", _WHEN) for name, day in days.items() if day is None]
    if problems:
        raise Invalid(problems)
    return OutcomeForm(
        outcome=told.outcome,
        reason=told.reason,
        # Of what belongs to other outcomes nothing is kept.
        criteria=told.criteria if told.outcome is Outcome.TO_MARAC else (),
        until=days.get("until") if told.outcome is Outcome.DEFERRED else None,
        support=told.support if told.outcome in (Outcome.TO_SUPPORT, Outcome.STEPPED_DOWN) else None,
        area=told.area if told.outcome is Outcome.TRANSFERRED else None,
        review_on=days.get("review_on"),
        sharing=told.sharing,
    )


def _onward(page: MeetingPage, item_id: UUID, do: Doing) -> str:
    """Where a button leads: the same case, its outcome, or the next one that has none yet."""
    here = f"/meetings/{page.meeting['id']}"
    if do is Doing.OUTCOME:
        return f"{here}/items/{item_id}/outcome"
    if do is not Doing.NEXT:
        return f"{here}/items/{item_id}"
    items = page.agenda["items"]
    at = next((n for n, each in enumerate(items) if each["id"] == str(item_id)), -1)
    rest = (*items[at + 1 :], *items[: max(at, 0)])
    to_hear = next((each for each in rest if each["status"] == "listed"), None)
    return f"{here}/items/{to_hear['id']}" if to_hear else f"{here}/run"


def _digest(minutes: str | None, safety_plan: str | None) -> str:
    """Whether words have changed can be told from this, without sending them twice."""
    return hashlib.sha256(f"{minutes or ''}\0{safety_plan or ''}".encode()).hexdigest()[:32]
