"""Agendas: in order, published, added to, and the minutes."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response

from app.api.request import AtDesk
from app.api.v1.shapes import answers
from app.api.v1.shapes.agenda import AddCaseForm, Agenda, CirculationForm, OrderForm, Packs
from app.domain.agendas import FrozenAgenda, FrozenMinutes
from app.services import agenda, packs

router = APIRouter(prefix="/meetings/{meeting_id}", tags=["Agendas"])

Number = Annotated[int, Path(ge=1, le=1_000_000)]


@router.get("/agenda", responses=answers(200, Agenda, 404))
async def read_agenda(desk: AtDesk, meeting_id: UUID) -> Response:
    """The agenda as it stands now, with what each agency released. Its ETag is the meeting's."""
    return await desk.show(agenda.read, meeting_id)


@router.put("/order", responses=answers(200, Agenda, 404, 409, 412, 428))
async def order_agenda(desk: AtDesk, meeting_id: UUID, form: OrderForm) -> Response:
    """Put the cases in order by hand: exactly those on the list. Needs `If-Match`."""
    return await desk.show(agenda.reorder, meeting_id, form.items, desk.version("meeting"))


@router.post("/items", status_code=201, responses=answers(201, Agenda, 404, 409, 412, 428))
async def add_case(desk: AtDesk, meeting_id: UUID, form: AddCaseForm) -> Response:
    """Put a case on the list by hand, even after it was locked. Needs `If-Match`."""
    return await desk.make_once(
        201,
        lambda uow: agenda.read(uow, meeting_id),
        agenda.add_case,
        meeting_id,
        form.case_id,
        form.kind,
        form.reason,
        form.sharing,
        desk.version("meeting"),
    )


@router.post("/publish", responses=answers(200, FrozenAgenda, 404, 409, 412, 428))
async def publish_agenda(desk: AtDesk, meeting_id: UUID, form: CirculationForm) -> Response:
    """Freeze the agenda of a locked meeting and circulate it as version 1. Needs `If-Match`.

    The ledger gets an entry for each case on it, to every agency that sees the case.
    """
    return await desk.make_once(
        200,
        lambda uow: packs.read(uow, meeting_id, 1),
        packs.publish,
        meeting_id,
        form.sharing,
        desk.version("meeting"),
    )


@router.post("/addenda", status_code=201, responses=answers(201, FrozenAgenda, 404, 409, 412, 428))
async def publish_addendum(desk: AtDesk, meeting_id: UUID, form: CirculationForm) -> Response:
    """Circulate what changed since the last version, as the next one. Needs `If-Match`."""
    return await desk.make_once(
        201,
        lambda uow: packs.read_latest(uow, meeting_id),
        packs.add,
        meeting_id,
        form.sharing,
        desk.version("meeting"),
    )


@router.get("/packs", responses=answers(200, Packs, 404))
async def list_packs(desk: AtDesk, meeting_id: UUID) -> Response:
    """Everything that was circulated, oldest first."""
    return await desk.show(packs.listed, meeting_id)


@router.get("/packs/{number}", responses=answers(200, FrozenAgenda, 404))
async def read_pack(desk: AtDesk, meeting_id: UUID, number: Number) -> Response:
    """The agenda as it was circulated, with addenda up to this version, for the cases that you can see."""
    return await desk.show(packs.read, meeting_id, number)


@router.post("/minutes", responses=answers(200, FrozenMinutes, 404, 409, 412, 428))
async def issue_minutes(desk: AtDesk, meeting_id: UUID, form: CirculationForm) -> Response:
    """Freeze and circulate the minutes, once each case has its outcome. Needs `If-Match`."""
    return await desk.make_once(
        200,
        lambda uow: packs.minutes(uow, meeting_id),
        packs.issue_minutes,
        meeting_id,
        form.sharing,
        desk.version("meeting"),
    )


@router.get("/minutes", responses=answers(200, FrozenMinutes, 404))
async def read_minutes(desk: AtDesk, meeting_id: UUID) -> Response:
    """The minutes as issued, for the cases that you can see."""
    return await desk.show(packs.minutes, meeting_id)
