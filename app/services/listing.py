"""Putting a case where its route leads: on a forum's list, or before a support service."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.db import meetings as queries
from app.db.partnerships import Facts, ForumAtWork
from app.db.session import UnitOfWork
from app.db.tables.meetings import agenda_item, meeting
from app.db.tables.referrals import support_offer
from app.db.transaction import Overtaken
from app.domain.access import GrantReason
from app.domain.clock import local_date
from app.domain.forums import ForumKind, Sitting
from app.domain.lifecycle import Move
from app.domain.meetings import PLANNED_AHEAD, MeetingStatus
from app.domain.routing import ForumRoute, Placement, Route, SupportKind, SupportRoute
from app.domain.timetable import Timetable
from app.risk.reasons import Reason
from app.services import grants

# Which kind of agency offers each service; when a partnership has none, the one that coordinates finds one.
_OFFERED_BY = {
    SupportKind.ADVOCACY_WORKER: "domestic_abuse_service",
    SupportKind.PIPPA: "domestic_abuse_service",
    SupportKind.GP_IRIS: "health",
    SupportKind.VICTIM_SUPPORT: "victim_support",
    SupportKind.EARLY_HELP: "childrens_services",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a route led. ``kind``: forum, support, or none when the case stayed where it was."""

    kind: str = "none"
    meeting_id: UUID | None = None
    at: datetime | None = None
    item_id: UUID | None = None
    offer_id: UUID | None = None
    name: str | None = None
    way: Route | None = None

    def as_data(self) -> dict[str, Any]:
        """As answers and the timeline show it."""
        data: dict[str, Any] = {"kind": self.kind, "name": self.name}
        if isinstance(self.way, ForumRoute):
            data |= {
                "forum_kind": self.way.forum_kind,
                "forum_id": str(self.way.forum_id),
                "meeting_id": str(self.meeting_id),
                "agenda_item_id": str(self.item_id),
                "starts_at": self.way.starts_at.isoformat(),
                "placement": self.way.placement,
            }
        elif isinstance(self.way, SupportRoute):
            data |= {"support_offer_id": str(self.offer_id), "accept_by": self.way.accept_by.isoformat()}
        return data


def move_for(route: Route) -> Move:
    """The lifecycle move that following this route makes."""
    if isinstance(route, SupportRoute):
        return Move.SEND_TO_SUPPORT
    return Move.LIST_FOR_MARAC if route.forum_kind is ForumKind.MARAC else Move.LIST_FOR_TRIAGE


def plan_meeting(
    uow: UnitOfWork, forum_id: UUID, capacity: int | None, sitting: Sitting, *, extra: bool = False
) -> UUID:
    """Put a sitting into the diary. Two at once: the second finds the first's."""
    return uow.add(
        meeting,
        forum_id=forum_id,
        held_on=sitting.date,
        extra=extra,
        status=MeetingStatus.SCHEDULED,
        version=1,
        starts_at=sitting.starts_at,
        cut_off_at=sitting.cut_off,
        agenda_due_at=sitting.agenda_due,
        research_due_at=sitting.research_due,
        minutes_due_at=sitting.minutes_due,
        capacity=capacity,
        listed=0,
        created_at=uow.now,
    )


def plan_sittings(uow: UnitOfWork, forum_id: UUID, timetable: Timetable, planned: Collection[date]) -> int:
    """Put each sitting of the next thirteen weeks into the diary that is not there yet. Returns how many.

    Were a meeting only there once a case is listed for it, it would tell of a case to those who may not know.
    """
    today = local_date(uow.now)
    new = [
        each
        for each in timetable.sittings(today, today + PLANNED_AHEAD)
        if each.date not in planned and each.cut_off > uow.now
    ]
    for each in new:
        plan_meeting(uow, forum_id, timetable.on(each.date).capacity, each)
    return len(new)


def put_on_list(
    uow: UnitOfWork, case_id: UUID, meeting_id: UUID, kind: str, members: Iterable[UUID], reasons: Sequence[Reason]
) -> UUID:
    """An item of a meeting's list, which opens the case to each agency that sits there. Returns its id.

    kind: ``case`` as its route leads there; ``late`` or ``review`` by hand.
    """
    item_id = uow.add(
        agenda_item,
        case_id=case_id,
        meeting_id=meeting_id,
        kind=kind,
        status="listed",
        version=1,
        reasons=reasons,
        criteria=[],
        listed_at=uow.now,
        listed_by=uow.actor.user_id,
    )
    for agency_id in members:
        grants.open_to_desk(uow, case_id, agency_id, GrantReason.ON_FORUM_LIST, source=item_id)
    return item_id


async def list_case(uow: UnitOfWork, case_id: UUID, forum: ForumAtWork, way: ForumRoute) -> Place:
    """Put the case on the list its route leads to, and so open it to every agency that sits there.

    The meeting is planned if it is new, and one of its places taken when places are limited.
    """
    meeting_id = way.meeting_id
    capacity = forum.timetable.on(way.date).capacity
    if meeting_id is None:
        sitting = forum.timetable.sitting_on(way.date)
        meeting_id = plan_meeting(uow, way.forum_id, capacity, sitting, extra=way.placement is Placement.EXTRA_SITTING)
    if capacity is not None:
        await uow.flush()
        over = forum.beyond_capacity or way.placement is Placement.OVER_CAPACITY
        if await uow.value(queries.TAKE_PLACE, meeting=meeting_id, over=over) is None:
            # Someone took the last place, or locked the list, since it was read: route again.
            raise Overtaken
    item_id = put_on_list(uow, case_id, meeting_id, "case", forum.members_at(way.starts_at), way.reasons)
    return Place(
        kind="forum", meeting_id=meeting_id, at=way.starts_at, item_id=item_id, name=forum.diary.forum.name, way=way
    )


def agency_for(service: SupportKind, facts: Facts, own: UUID, chosen: UUID | None = None) -> UUID:
    """Who is offered a case: the agency chosen, the one that has the service, or the one that coordinates."""
    found = chosen or facts.agencies.get(_OFFERED_BY[service])
    return found or (facts.coordinators[0] if facts.coordinators else own)


def offer_support(
    uow: UnitOfWork, case_id: UUID, way: SupportRoute, facts: Facts, *, agency_id: UUID | None = None
) -> Place:
    """Offer the case to the agency, or else to the one that has the service, which is to accept it by a date."""
    agency_id = agency_for(way.support, facts, uow.actor.agency, agency_id)
    offer_id = uow.add(
        support_offer,
        case_id=case_id,
        service=way.support,
        agency_id=agency_id,
        status="offered",
        accept_by=way.accept_by,
        offered_at=uow.now,
        offered_by=uow.actor.user_id,
        version=1,
    )
    grants.open_to_desk(uow, case_id, agency_id, GrantReason.OFFERED_SUPPORT, source=offer_id)
    return Place(kind="support", offer_id=offer_id, name=way.support, way=way)
