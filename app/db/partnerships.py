"""What a decision needs to know of the partnership: its rules and register on the day, its forums, their diaries."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson

from app.db.lawful_bases import REGISTER_TEXT, register_from
from app.db.session import UnitOfWork
from app.db.statements import sql
from app.domain.clock import local_date
from app.domain.errors import Conflict
from app.domain.forums import Forum, ForumKind
from app.domain.lawful_bases import Register
from app.domain.meetings import MeetingStatus
from app.domain.routing import Diary, PlannedMeeting, RoutingRules
from app.domain.timetable import Timetable
from app.risk.grading import GradingRules

# One statement, since every referral asks all of this. A place taken by a case that does not exist for the actor is not
# taken for them.
_FACTS = sql(f"""
    WITH hidden AS MATERIALIZED (SELECT meeting_id, places FROM hidden_places())
    SELECT
      EXISTS (SELECT 1 FROM case_restriction r WHERE r.partnership_id = :partnership
          AND r.case_id = CAST(:case_id AS uuid) AND r.until_at IS NULL) AS restricted,
      (SELECT value::text FROM standing_rules() WHERE partnership_id = :partnership AND rule = 'grading'
          AND effective_from <= :today ORDER BY effective_from DESC LIMIT 1) AS grading,
      (SELECT value::text FROM standing_rules() WHERE partnership_id = :partnership AND rule = 'routing'
          AND effective_from <= :today ORDER BY effective_from DESC LIMIT 1) AS routing,
      (SELECT array_agg(json_build_object('id', f.id, 'timetable', forum_timetable(f, :today)::text,
          'seats', (SELECT json_agg(json_build_array(m.agency_id, m.from_at, m.until_at)) FROM forum_member m
                     WHERE m.partnership_id = f.partnership_id AND m.forum_id = f.id
                       AND (m.until_at IS NULL OR m.until_at > :now)),
          'meetings', (SELECT json_agg(json_build_object('id', t.id, 'date', t.held_on, 'starts_at', t.starts_at,
                          'cut_off', t.cut_off_at, 'status', t.status, 'listed',
                          greatest(t.listed - coalesce(h.places, 0), 0)) ORDER BY t.starts_at)
                         FROM meeting t LEFT JOIN hidden h ON h.meeting_id = t.id
                        WHERE t.partnership_id = f.partnership_id AND t.forum_id = f.id
                          AND t.starts_at > CAST(:now AS timestamptz) - interval '1 day'))::text ORDER BY f.id)
         FROM forum f WHERE f.partnership_id = :partnership AND f.active) AS forums,
      (SELECT array_agg(DISTINCT u.agency_id) FROM user_role r
         JOIN app_user u ON u.partnership_id = r.partnership_id AND u.id = r.user_id
        WHERE r.partnership_id = :partnership AND r.role = 'marac_coordinator' AND r.ended_at IS NULL) AS coordinators,
      (SELECT json_object_agg(a.kind, a.id ORDER BY a.id DESC)::text FROM agency a
        WHERE a.partnership_id = :partnership AND a.ended_at IS NULL) AS agencies,
      {REGISTER_TEXT} AS register
""")


@dataclass(frozen=True, slots=True)
class Seat:
    """An agency that sits on a forum from one moment to another."""

    agency_id: UUID
    since: datetime
    until: datetime | None

    def holds(self, moment: datetime) -> bool:
        """Whether it does at that moment."""
        return self.since <= moment and (self.until is None or moment < self.until)


@dataclass(frozen=True, slots=True)
class ForumAtWork:
    """A forum with its settings from today on, its diary from yesterday on, and the agencies that sit on it.

    beyond_capacity: what is listed now takes a place beyond those that there are, and its diary knows no limit.
    """

    diary: Diary
    seats: tuple[Seat, ...]
    timetable: Timetable
    beyond_capacity: bool = False

    def members_at(self, moment: datetime) -> tuple[UUID, ...]:
        """The agencies that sit on it at a moment, from now on."""
        return tuple(each.agency_id for each in self.seats if each.holds(moment))


@dataclass(frozen=True, slots=True)
class Facts:
    """Rules in force, forums, the agencies that coordinate, the first agency of each kind, and what the actor's agency
    may share on."""

    grading: GradingRules
    routing: RoutingRules
    forums: tuple[ForumAtWork, ...]
    coordinators: tuple[UUID, ...]
    agencies: dict[str, UUID]
    register: Register

    def without_limits(self) -> "Facts":
        """The same for a restricted case: were a list full because of it, others could tell that it is there."""
        return replace(self, forums=tuple(_without_limit(each) for each in self.forums))

    def forum(self, forum_id: UUID) -> ForumAtWork:
        """The forum with that id, which must be active."""
        return next(each for each in self.forums if each.diary.forum_id == forum_id)

    def of_kind(self, kind: ForumKind) -> ForumAtWork:
        """The partnership's forum of that kind. Raises Conflict when it has none."""
        for each in self.forums:
            if each.diary.forum.kind is kind:
                return each
        raise Conflict(f"This partnership has no {kind.upper()}. Ask your administrator to set one up.")


# Settings are parsed once for as long as their text is the same.
forum_from = lru_cache(maxsize=256)(Forum.model_validate_json)


@lru_cache(maxsize=256)
def timetable_from(text: str) -> Timetable:
    """A forum's settings today and later, from what ``forum_timetable`` tells."""
    told = orjson.loads(text)
    later = ((date.fromisoformat(each["from"]), Forum.model_validate(each["settings"])) for each in told["later"])
    return Timetable(Forum.model_validate(told["now"]), tuple(later))


_grading_from = lru_cache(maxsize=64)(GradingRules.model_validate_json)
_routing_from = lru_cache(maxsize=64)(RoutingRules.model_validate_json)


async def load_facts(uow: UnitOfWork, case_id: UUID | None = None) -> Facts:
    """Everything a referral or an outcome is decided by, in one statement; of the case, if there is one yet.

    Raises Conflict when the partnership has no rules yet.
    """
    told = {"today": local_date(uow.now), "now": uow.now, "kind": uow.actor.agency_kind, "case_id": case_id}
    row = await uow.row(_FACTS, **told)
    if row is None or row["grading"] is None or row["routing"] is None:
        raise Conflict("This partnership has no rules yet. Ask your administrator to set them up.")
    facts = Facts(
        grading=_grading_from(row["grading"]),
        routing=_routing_from(row["routing"]),
        forums=tuple(_forum(each) for each in row["forums"] or ()),
        coordinators=tuple(row["coordinators"] or ()),
        agencies={kind: UUID(agency) for kind, agency in orjson.loads(row["agencies"] or "{}").items()},
        register=register_from(row["register"]),
    )
    return facts.without_limits() if row["restricted"] else facts


# A daily forum's diary has some seventy meetings in it, and reads the same all day.
@lru_cache(maxsize=256)
def _forum(text: str) -> ForumAtWork:
    row: dict[str, Any] = orjson.loads(text)
    meetings = tuple(
        PlannedMeeting(
            meeting_id=UUID(each["id"]),
            date=datetime.fromisoformat(each["date"]).date(),
            starts_at=datetime.fromisoformat(each["starts_at"]),
            cut_off=datetime.fromisoformat(each["cut_off"]),
            status=MeetingStatus(each["status"]),
            listed=each["listed"],
        )
        for each in row["meetings"] or ()
    )
    timetable = timetable_from(row["timetable"])
    seats = tuple(
        Seat(UUID(agency), datetime.fromisoformat(since), datetime.fromisoformat(until) if until else None)
        for agency, since, until in row["seats"] or ()
    )
    return ForumAtWork(Diary(UUID(row["id"]), timetable, meetings), seats, timetable)


def _without_limit(forum: ForumAtWork) -> ForumAtWork:
    diary = replace(forum.diary, timetable=forum.timetable.without_limit())
    return replace(forum, diary=diary, beyond_capacity=True)
