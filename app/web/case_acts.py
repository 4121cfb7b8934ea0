"""What is done to a case between meetings: each act has a form of its own, shown to whom it is allowed."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.domain.access import Verb
from app.domain.actions import ActionForm
from app.domain.cases import Allocation, CaseMove
from app.domain.exclusions import ConflictForm
from app.domain.fields import Day, Form, Line, Long, Short
from app.domain.lawful_bases import Purpose
from app.domain.lifecycle import Move
from app.domain.risks import About, RiskForm
from app.domain.routing import SupportKind
from app.domain.support import DeclineForm, OfferForm
from app.services import actions, cases, exclusions, risks, support
from app.services.case_page import BY_HAND, Act
from app.web.basis import WithBasis
from app.web.case_forms import asking, attempt
from app.web.cases import CaseId, known
from app.web.forms import Filled, blank
from app.web.visit import AtVisit, Visit

router = APIRouter(prefix="/cases/{case_id}")


class Moving(WithBasis):
    """A move by hand. version: of the case, as whoever moves it saw it."""

    version: int
    reason: Long = Field(None, title="Reason")
    review_on: Day | None = Field(None, title="Review")
    area: Short = Field(None, title="Area")
    support: SupportKind | None = Field(None, title="Service")
    criteria: Annotated[tuple[Line, ...], Field(max_length=20, title="Criteria")] = ()


MoveInPath = Annotated[Move, Path()]


@router.get("/moves/{move}")
async def ask_move(visit: AtVisit, case_id: CaseId, move: MoveInPath) -> Response:
    """The form for a move."""
    return await _moving(visit, case_id, move, blank(Moving))


@router.post("/moves/{move}")
async def make_move(visit: AtVisit, case_id: CaseId, move: MoveInPath) -> Response:
    """Make it."""

    async def work(told: Moving) -> None:
        asked = told.model_dump(include={"reason", "review_on", "area", "support", "criteria"})
        await visit.do(cases.move, case_id, CaseMove(move=move, sharing=told.sharing, **asked), told.version)

    form = await attempt(visit.form(Moving), work)
    if form is None:
        visit.say("The case has moved on.")
        return visit.to(f"/cases/{case_id}")
    return await _moving(visit, case_id, move, form)


async def _moving(visit: Visit, case_id: UUID, move: Move, form: Filled[Moving]) -> Response:
    if move not in BY_HAND:
        raise HTTPException(404)
    return await asking(visit, case_id, Act.MOVE, "cases/move.html", form, move=move)


class Allocating(WithBasis):
    """Who becomes the IDVA."""

    version: int
    user_id: UUID = Field(title="IDVA")


@router.get("/idva")
async def ask_idva(visit: AtVisit, case_id: CaseId) -> Response:
    """The form that gives the victim an IDVA."""
    return await asking(visit, case_id, Act.ALLOCATE, "cases/idva.html", blank(Allocating), purpose=Purpose.SUPPORT)


@router.post("/idva")
async def allocate(visit: AtVisit, case_id: CaseId) -> Response:
    """Give them one."""

    async def work(told: Allocating) -> None:
        await visit.do(
            cases.allocate_idva, case_id, Allocation(user_id=told.user_id, sharing=told.sharing), told.version
        )

    typed = visit.form(Allocating, user_id="Choose an IDVA")
    form = await attempt(typed, work)
    if form is None:
        visit.say("The victim has an IDVA. The case is open to them.")
        chosen = typed.value
        stays = visit.me.may(Verb.RUN_MEETING) or (chosen and visit.me.user_id == chosen.user_id)
        return visit.to(f"/cases/{case_id}" if stays else "/cases")  # who hands a case over may not see it any more
    return await asking(visit, case_id, Act.ALLOCATE, "cases/idva.html", form, purpose=Purpose.SUPPORT)


class Promising(WithBasis):
    """An action. owner_id: somebody of that agency, which is one's own unless one runs meetings."""

    what: Long = Field(None, title="What will be done")
    agency_id: UUID = Field(title="Agency")
    owner_id: UUID | None = Field(None, title="Who")
    due_on: Day | None = Field(None, title="By when")
    party_id: UUID | None = Field(None, title="For whom")


@router.get("/actions/add")
async def ask_action(visit: AtVisit, case_id: CaseId) -> Response:
    """The form for an action."""
    actor = await visit.person()
    form = blank(Promising, agency_id=str(actor.agency_id))
    return await asking(visit, case_id, Act.PROMISE, "cases/action.html", form)


@router.post("/actions/add")
async def promise(visit: AtVisit, case_id: CaseId) -> Response:
    """Write it down."""

    async def work(told: Promising) -> None:
        asked = told.model_dump(include={"what", "agency_id", "owner_id", "due_on", "party_id"})
        await visit.do(actions.promise, case_id, ActionForm(sharing=told.sharing, **asked))

    form = await attempt(visit.form(Promising, agency_id="Choose the agency that will do it"), work)
    if form is None:
        visit.say("The action is in the plan.")
        return visit.to(f"/cases/{case_id}/plan")
    return await asking(visit, case_id, Act.PROMISE, "cases/action.html", form)


class Naming(Form):
    """A risk, to or from one person, before or at a meeting. whom: a party's id, or ``staff`` or ``other``."""

    item_id: UUID = Field(title="Meeting")
    whom: Line = Field(title="Who")
    risk: Long = Field(None, title="The risk")


@router.get("/risks/add")
async def ask_risk(visit: AtVisit, case_id: CaseId) -> Response:
    """The form for a risk."""
    return await asking(visit, case_id, Act.NAME_RISK, "cases/name_risk.html", blank(Naming))


@router.post("/risks/add")
async def name_risk(visit: AtVisit, case_id: CaseId) -> Response:
    """Name it. It stays in the record as it was said."""

    async def work(told: Naming) -> None:
        about, _, party = told.whom.partition(" ")
        form = RiskForm(about=known(About, about) or About.OTHER, party_id=known(UUID, party), risk=told.risk)
        await visit.do(risks.name, told.item_id, form)

    wanted = {"item_id": "Choose the meeting", "whom": "Choose whose risk it is"}
    form = await attempt(visit.form(Naming, **wanted), work)
    if form is None:
        visit.say("The risk is named.")
        return visit.to(f"/cases/{case_id}/meetings")
    return await asking(visit, case_id, Act.NAME_RISK, "cases/name_risk.html", form)


@router.get("/conflict")
async def ask_conflict(visit: AtVisit, case_id: CaseId) -> Response:
    """What declaring a conflict of interest does, before it is done."""
    return await asking(visit, case_id, Act.DECLARE_CONFLICT, "cases/conflict.html", blank(ConflictForm))


@router.post("/conflict")
async def declare(visit: AtVisit, case_id: CaseId) -> Response:
    """Declare it: from now on the case does not exist for them."""

    async def work(told: ConflictForm) -> None:
        await visit.do(exclusions.declare, case_id, told)

    form = await attempt(visit.form(ConflictForm), work)
    if form is None:
        visit.say("Your conflict of interest is recorded. The case does not exist for you any more.")
        return visit.to("/cases")
    return await asking(visit, case_id, Act.DECLARE_CONFLICT, "cases/conflict.html", form)


class Offering(WithBasis):
    """Which service is asked. agency_id: None for the agency that has it."""

    service: SupportKind = Field(title="Service")
    agency_id: UUID | None = Field(None, title="Agency")


@router.get("/support/offer")
async def ask_offer(visit: AtVisit, case_id: CaseId) -> Response:
    """The form that asks a service to support the family."""
    return await asking(visit, case_id, Act.OFFER, "cases/offer.html", blank(Offering), purpose=Purpose.SUPPORT)


@router.post("/support/offer")
async def offer(visit: AtVisit, case_id: CaseId) -> Response:
    """Ask it."""

    async def work(told: Offering) -> None:
        asked = OfferForm(service=told.service, agency_id=told.agency_id, sharing=told.sharing)
        await visit.do(support.offer, case_id, asked)

    form = await attempt(visit.form(Offering, service="Choose a service"), work)
    if form is None:
        visit.say("The service has been asked.")
        return visit.to(f"/cases/{case_id}/plan")
    return await asking(visit, case_id, Act.OFFER, "cases/offer.html", form, purpose=Purpose.SUPPORT)


class Declining(Form):
    """Why a service cannot take the family on. version: of the offer."""

    version: int
    reason: Line = Field(title="Why")


class Accepting(Form):
    """A service takes the case on. version: of the offer, as whoever accepts it saw it."""

    version: int


_GONE: Final = "Somebody answered this offer before you."


@router.post("/support/{offer_id}/accept")
async def accept(visit: AtVisit, case_id: CaseId, offer_id: Annotated[UUID, Path()]) -> Response:
    """Take the family on."""

    async def work(told: Accepting) -> None:
        await visit.do(support.accept, offer_id, told.version)

    done = await attempt(visit.form(Accepting), work) is None
    visit.say("Your agency has taken the case on." if done else _GONE)
    return visit.to(f"/cases/{case_id}/plan")


@router.get("/support/{offer_id}/decline")
async def ask_decline(visit: AtVisit, case_id: CaseId, offer_id: Annotated[UUID, Path()]) -> Response:
    """The form that says why not."""
    version = visit.request.query_params.get("version", "")
    return await _declining(visit, case_id, blank(Declining, version=version))


@router.post("/support/{offer_id}/decline")
async def decline(visit: AtVisit, case_id: CaseId, offer_id: Annotated[UUID, Path()]) -> Response:
    """Say why not; the coordinator finds another."""

    async def work(told: Declining) -> None:
        await visit.do(support.decline, offer_id, DeclineForm(reason=told.reason), told.version)

    form = await attempt(visit.form(Declining, reason="Say why, so that another service can be found"), work)
    if form is None:
        visit.say("Your answer is with the coordinator. Unless something else opens it, the case is closed to you now.")
        return visit.to("/cases")
    return await _declining(visit, case_id, form)


async def _declining(visit: Visit, case_id: UUID, form: Filled[Declining]) -> Response:
    return await asking(visit, case_id, Act.ANSWER_OFFER, "cases/decline.html", form)
