"""The list of a meeting: its order, cases added by hand, and what is circulated of it."""

from collections.abc import Awaitable
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import Field
from starlette.responses import Response

from app.domain.errors import Conflict, FieldProblem, Invalid, NotFound, Stale
from app.domain.fields import Form, Line, Long
from app.domain.lawful_bases import Purpose
from app.domain.meetings import MeetingStatus
from app.services import meeting_pages, packs
from app.web import meeting_words
from app.web.basis import WithBasis, at_fields, proposed
from app.web.forms import Filled, blank
from app.web.meetings import MeetingId, shown
from app.web.visit import AtVisit, Visit

router = APIRouter(prefix="/meetings/{meeting_id}")

Number = Annotated[int, Path(ge=1, le=1_000_000)]

_CHANGED = "This meeting has changed since you opened the page. See below how it stands now, then send it again."


class Way(StrEnum):
    """Which way a case moves on the list."""

    UP = "up"
    DOWN = "down"


class OrderTyped(Form):
    """Where to move a case, and which: as its button says, such as ``up:`` and the item's id."""

    move: Line

    @property
    def way(self) -> Way:
        """Raises ValueError for what no button says."""
        return Way(self.move.partition(":")[0])

    @property
    def item(self) -> UUID:
        """Raises ValueError likewise."""
        return UUID(self.move.partition(":")[2])


class AddTyped(WithBasis):
    """A case to put on the list by hand."""

    reference: Line = Field(title="Case reference")
    kind: str = Field("late", pattern="^(late|review)$", title="Why it is added")
    reason: Long = Field(None, title="Reason")


class Circulated(WithBasis):
    """On what basis something is circulated, and the state of the meeting that was looked at before."""

    version: int


@router.post("/order")
async def reorder(visit: AtVisit, meeting_id: MeetingId) -> Response:
    """Move one case up or down, and show the list there."""
    form = visit.form(OrderTyped)
    if form.value:
        try:
            item, up = form.value.item, form.value.way is Way.UP
        except ValueError:
            raise NotFound("agenda item") from None
        await visit.do(meeting_pages.move_item, meeting_id, item, up, None)
    return visit.to(f"/meetings/{meeting_id}")


@router.post("/order/rule")
async def order_by_rule(visit: AtVisit, meeting_id: MeetingId) -> Response:
    """Put the list back into the order that the rule gives."""
    await visit.do(meeting_pages.order_by_rule, meeting_id, None)
    visit.say("The list is in its order by rule again: families with children first.")
    return visit.to(f"/meetings/{meeting_id}")


@router.get("/add")
async def ask_add(visit: AtVisit, meeting_id: MeetingId) -> Response:
    """The form for a case to be put on the list."""
    return await _adding(visit, meeting_id, None)


@router.post("/add")
async def add(visit: AtVisit, meeting_id: MeetingId) -> Response:
    """Put it on the list."""
    form = visit.form(AddTyped, reference="Enter the case’s reference")
    if form.value:
        told = form.value
        try:
            await visit.do(
                meeting_pages.add_by_reference, meeting_id, told.reference, told.kind, told.reason, told.sharing
            )
        except Invalid as refused:
            form = form.refused(at_fields(refused))
        except Conflict as refused:
            form = form.refused(Invalid([FieldProblem("/reference", refused.code, refused.message)]))
        else:
            visit.say("The case is on the list.")
            return visit.to(f"/meetings/{meeting_id}")
    return await _adding(visit, meeting_id, form)


@router.get("/publish")
async def ask_publish(visit: AtVisit, meeting_id: MeetingId) -> Response:
    """What each agency would get, before it is sent."""
    return await _previewing(visit, meeting_id, None)


@router.post("/publish")
async def publish(visit: AtVisit, meeting_id: MeetingId) -> Response:
    """Close the list if need be, and send the agenda; once it was sent, what changed since."""
    form = visit.form(Circulated)
    if form.value:
        told = form.value
        status = (await visit.do(meeting_pages.page, meeting_id)).meeting["status"]
        first = status in (MeetingStatus.SCHEDULED, MeetingStatus.LOCKED)
        send = meeting_pages.publish if first else packs.add
        form = await _circulated(form, visit.do(send, meeting_id, told.sharing, told.version))
        if form.value:
            visit.say("The agenda is sent." if first else "What changed is sent.")
            return visit.to(f"/meetings/{meeting_id}")
    return await _previewing(visit, meeting_id, form)


@router.get("/packs/{number}")
async def pack(visit: AtVisit, meeting_id: MeetingId, number: Number) -> Response:
    """The agenda as it was sent with this version."""
    found = await visit.read(packs.read, meeting_id, number)
    return visit.page("meetings/pack.html", pack=found.value, number=number, meeting_id=meeting_id, words=meeting_words)


@router.get("/minutes")
async def minutes(visit: AtVisit, meeting_id: MeetingId) -> Response:
    """The minutes: as they were issued, or as they stand."""
    return await _minutes(visit, meeting_id, None)


@router.post("/minutes")
async def issue(visit: AtVisit, meeting_id: MeetingId) -> Response:
    """Issue them."""
    form = visit.form(Circulated)
    if form.value:
        told = form.value
        form = await _circulated(form, visit.do(packs.issue_minutes, meeting_id, told.sharing, told.version))
        if form.value:
            visit.say("The minutes are issued.")
            return visit.to(f"/meetings/{meeting_id}/minutes")
    return await _minutes(visit, meeting_id, form)


async def _circulated(form: Filled[Circulated], sending: Awaitable[object]) -> Filled[Circulated]:
    """Send it. The same form; without its value, and with what stood in the way, if it was refused."""
    try:
        await sending
    except Invalid as refused:
        return form.refused(at_fields(refused))
    except Stale:
        return form.refused(Invalid([FieldProblem("", "stale", _CHANGED)]))
    except Conflict as refused:
        return form.refused(Invalid([FieldProblem("", refused.code, refused.message)]))
    return form


async def _adding(visit: Visit, meeting_id: UUID, form: Filled[AddTyped] | None) -> Response:
    page, register = await visit.do(meeting_pages.page_with_register, meeting_id)
    asked = form or blank(AddTyped, kind="late", **proposed(register, Purpose.PLAN))
    return shown(visit, "meetings/add.html", page, 422 if form else 200, form=asked, register=register)


async def _previewing(visit: Visit, meeting_id: UUID, form: Filled[Circulated] | None) -> Response:
    found = await visit.do(meeting_pages.preview, meeting_id)
    asked = form or blank(Circulated, **proposed(found.register, Purpose.PLAN))
    facts: dict[str, Any] = {"form": asked, "preview": found, "register": found.register}
    return shown(visit, "meetings/publish.html", found.page, 422 if form else 200, **facts)


async def _minutes(visit: Visit, meeting_id: UUID, form: Filled[Circulated] | None) -> Response:
    page, register = await visit.do(meeting_pages.page_with_register, meeting_id)
    if page.meeting["status"] == MeetingStatus.MINUTES_ISSUED:
        issued = await visit.read(packs.minutes, meeting_id)
        return shown(visit, "meetings/issued.html", page, issued=issued.value)
    if page.meeting["status"] not in (MeetingStatus.IN_SESSION, MeetingStatus.HELD):
        raise NotFound("set of minutes")
    asked = form or blank(Circulated, **proposed(register, Purpose.PLAN))
    return shown(visit, "meetings/minutes.html", page, 422 if form else 200, form=asked, register=register)
