"""Routing: from a grade to a place on a list, or to a support service, with every reason. Nobody is dropped."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.domain.clock import (
    ENGLAND,
    ONE_DAY,
    Calendar,
    add_working_days,
    days_from,
    is_working_day,
    local,
    local_date,
    say_date,
)
from app.domain.errors import Conflict
from app.domain.forums import Forum, ForumKind, Overflow
from app.domain.meetings import MeetingStatus, takes_cases
from app.domain.timetable import Timetable
from app.risk.grading import Ground, Level
from app.risk.reasons import Reason

HORIZON = 400
"""Calendar days within which a sitting is looked for before an extra one is called."""


class Pathway(StrEnum):
    """hrda_then_marac: high risk goes to the next working day's HRDA. marac_only: straight to MARAC."""

    HRDA_THEN_MARAC = "hrda_then_marac"
    MARAC_ONLY = "marac_only"


class SupportKind(StrEnum):
    ADVOCACY_WORKER = "advocacy_worker"
    PIPPA = "pippa"
    GP_IRIS = "gp_iris"
    VICTIM_SUPPORT = "victim_support"
    EARLY_HELP = "early_help"


_Days = Annotated[int, Field(ge=1, le=60)]


class RoutingRules(BaseModel):
    """A partnership's rules for routing. Kept as JSON; a change is a new ``version``.

    refer_under_threshold: grounds that lead to the forum although the score is under the threshold. Support
    services are to accept within so many working days.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Annotated[str, Field(min_length=1, max_length=40)] = "1"
    pathway: Pathway
    refer_under_threshold: tuple[Literal[Ground.POTENTIAL_ESCALATION, Ground.REPEAT], ...] = (
        Ground.POTENTIAL_ESCALATION,
        Ground.REPEAT,
    )
    medium_support: SupportKind = SupportKind.ADVOCACY_WORKER
    medium_accept_days: _Days = 2
    standard_support: SupportKind = SupportKind.PIPPA
    standard_accept_days: _Days = 5


@dataclass(frozen=True, slots=True)
class PlannedMeeting:
    """A meeting in the diary. ``date`` is London's; ``listed`` counts the cases on its list."""

    meeting_id: UUID
    date: date
    starts_at: datetime
    cut_off: datetime
    status: MeetingStatus
    listed: int


@dataclass(frozen=True, slots=True)
class Diary:
    """A forum and all its meetings from today on, of every status: a date with none is still to be planned.

    timetable: its settings today, and those that are to hold later.

    A meeting that was moved leaves a cancelled one on its old date, or that date is offered again.
    """

    forum_id: UUID
    timetable: Timetable
    meetings: Sequence[PlannedMeeting] = ()

    @property
    def forum(self) -> Forum:
        """Its settings today."""
        return self.timetable.now


class RouteKind(StrEnum):
    FORUM = "forum"
    SUPPORT = "support"


class Placement(StrEnum):
    """listed: there is room. over_capacity: listed although it is full. extra_sitting: on one to be called."""

    LISTED = "listed"
    OVER_CAPACITY = "over_capacity"
    EXTRA_SITTING = "extra_sitting"


@dataclass(frozen=True, slots=True)
class ForumRoute:
    """A place on a list. ``meeting_id`` None: the meeting is first to be made, with ``sitting_on(forum, date)``."""

    forum_id: UUID
    forum_kind: ForumKind
    meeting_id: UUID | None
    date: date
    starts_at: datetime
    placement: Placement
    reasons: tuple[Reason, ...]
    kind: Literal[RouteKind.FORUM] = field(default=RouteKind.FORUM, init=False)


@dataclass(frozen=True, slots=True)
class SupportRoute:
    """A support service that is to accept the case by the end of ``accept_by``."""

    support: SupportKind
    accept_by: date
    reasons: tuple[Reason, ...]
    kind: Literal[RouteKind.SUPPORT] = field(default=RouteKind.SUPPORT, init=False)


Route = ForumRoute | SupportRoute


def route(
    level: Level,
    grounds: Collection[Ground],
    *,
    rules: RoutingRules,
    diaries: Sequence[Diary],
    now: datetime,
    calendar: Calendar = ENGLAND,
    support: SupportKind | None = None,
) -> Route:
    """Where a referral with this grade goes. ``support`` overrides the service for cases below high risk.

    Of two diaries of forums of one kind, the first is used. Raises Conflict if a forum is needed and the
    partnership has neither an HRDA nor a MARAC.
    """
    why = _why_forum(level, grounds, rules)
    if why is None:
        return _support_route(level, rules, support, local_date(now), calendar)
    wanted, other = ForumKind.HRDA, ForumKind.MARAC
    if rules.pathway is Pathway.MARAC_ONLY:
        wanted, other = other, wanted
    reasons = [why, Reason("route.pathway", rules.version, _PATHWAY_TEXT[rules.pathway])]
    by_kind = {diary.forum.kind: diary for diary in reversed(diaries)}
    diary = by_kind.get(wanted)
    if diary is None:
        diary = by_kind.get(other)
        if diary is None:
            raise Conflict("This partnership has no HRDA or MARAC yet. Set one up, then send the referral again.")
        text = f"The partnership has no {wanted.upper()}, so the case goes to its {other.upper()}."
        reasons.append(Reason("route.no_such_forum", rules.version, text))
    return find_place(diary, version=rules.version, now=now, calendar=calendar, because=reasons)


def find_place(
    diary: Diary,
    *,
    version: str,
    now: datetime,
    calendar: Calendar = ENGLAND,
    not_before: date | None = None,
    because: Sequence[Reason] = (),
) -> ForumRoute:
    """A place at the forum, on or after ``not_before``; always one, never at a locked or past meeting.

    HRDA: the next working day's list or later, if its cut-off has not passed. Every other forum: the next
    meeting that is not locked; a date without a meeting counts as locked once its cut-off has passed. A full
    list follows the forum's overflow rule. ``because`` comes first among the reasons.
    """
    search = _Search(diary, version, now, calendar, not_before)
    overflow = diary.forum.overflow
    first: _Option | None = None
    full = 0
    for option in search.open_from(search.start):
        if option.has_room(diary.timetable):
            return search.place(option, Placement.LISTED, [*because, *_full(first, full, version)])
        first = first or option
        full += 1
        if overflow is not Overflow.NEXT_SITTING:
            break
    reasons = [*because, *_full(first, full, version)]
    if first is not None and overflow is Overflow.OVER_CAPACITY:
        return search.over_capacity(first, reasons)
    return search.next_free(first, reasons)


@dataclass(frozen=True, slots=True)
class _Option:
    meeting_id: UUID | None
    date: date
    starts_at: datetime
    listed: int

    def has_room(self, timetable: Timetable) -> bool:
        capacity = timetable.on(self.date).capacity
        return capacity is None or self.listed < capacity


class _Search:
    """One look through a diary."""

    def __init__(self, diary: Diary, version: str, now: datetime, calendar: Calendar, not_before: date | None) -> None:
        self.forum = diary.forum
        self.timetable = diary.timetable
        self.version = version
        self.forum_id = diary.forum_id
        self.now = now
        self.calendar = calendar
        today = local_date(now)
        # A daily list is for the next working day, so that agencies have time to search their files.
        self.start = today + ONE_DAY if self.forum.kind is ForumKind.HRDA else today
        if not_before is not None:
            self.start = max(self.start, not_before)
        self.planned: dict[date, list[PlannedMeeting]] = {}
        for meeting in sorted(diary.meetings, key=lambda each: each.starts_at):
            self.planned.setdefault(meeting.date, []).append(meeting)

    def open_from(self, start: date) -> Iterator[_Option]:
        """Meetings and sittings that may still take a case, in order."""
        for day in days_from(start, HORIZON):
            yield from self.open_on(day)

    def open_on(self, day: date) -> Iterator[_Option]:
        if day in self.planned:
            for meeting in self.planned[day]:
                late = self.forum.kind is ForumKind.HRDA and meeting.cut_off <= self.now
                if takes_cases(meeting.status) and meeting.starts_at > self.now and not late:
                    yield _Option(meeting.meeting_id, day, meeting.starts_at, meeting.listed)
        elif self.timetable.sits_on(day, self.calendar):
            sitting = self.timetable.sitting_on(day, self.calendar)
            if sitting.cut_off > self.now:
                yield _Option(None, day, sitting.starts_at, 0)

    def over_capacity(self, option: _Option, reasons: Sequence[Reason]) -> ForumRoute:
        reason = self._reason("route.over_capacity", "The case is listed all the same, over capacity.")
        return self.place(option, Placement.OVER_CAPACITY, [*reasons, reason])

    def next_free(self, full: _Option | None, reasons: Sequence[Reason]) -> ForumRoute:
        """After the full sitting: the first that has room, or an extra one on the first free working day."""
        if full is None:
            text = "The forum has no sitting that can take the case."
            reasons = [*reasons, self._reason("route.no_sitting", text)]
        tomorrow = local_date(self.now) + ONE_DAY
        earliest = max(self.start, tomorrow) if full is None else full.date
        for day in days_from(earliest, HORIZON):
            for option in self.open_on(day):
                if option.has_room(self.timetable):
                    return self.place(option, Placement.LISTED, reasons)
            if self._is_free(day):
                return self._extra_on(day, reasons)
        if full is not None:
            return self.over_capacity(full, reasons)
        return self._extra_on(add_working_days(earliest, 0, self.calendar), reasons)

    def _is_free(self, day: date) -> bool:
        return (
            day not in self.planned
            and day not in self.timetable.on(day).skips
            and is_working_day(day, self.calendar)
            and not self.timetable.sits_on(day, self.calendar)
        )

    def _extra_on(self, day: date, reasons: Sequence[Reason]) -> ForumRoute:
        reason = self._reason("route.extra_sitting", "An extra sitting is to be called for the case.")
        sitting = self.timetable.sitting_on(day, self.calendar)
        option = _Option(None, day, sitting.starts_at, 0)
        return self.place(option, Placement.EXTRA_SITTING, [*reasons, reason])

    def place(self, option: _Option, placement: Placement, reasons: Sequence[Reason]) -> ForumRoute:
        text = f"Listed for {self.forum.name}, {say_date(option.date)}, {local(option.starts_at):%H:%M}."
        return ForumRoute(
            forum_id=self.forum_id,
            forum_kind=self.forum.kind,
            meeting_id=option.meeting_id,
            date=option.date,
            starts_at=option.starts_at,
            placement=placement,
            reasons=(*reasons, self._reason("route.sitting", text)),
        )

    def _reason(self, rule: str, text: str) -> Reason:
        return Reason(rule, self.version, text)


_PATHWAY_TEXT = {
    Pathway.HRDA_THEN_MARAC: "High-risk referrals go to the next working day's HRDA list.",
    Pathway.MARAC_ONLY: "High-risk referrals go to the next MARAC that is not locked.",
}


def _why_forum(level: Level, grounds: Collection[Ground], rules: RoutingRules) -> Reason | None:
    over = [ground for ground in grounds if ground not in (Ground.POTENTIAL_ESCALATION, Ground.REPEAT)]
    if over or (level is Level.HIGH and not grounds):
        return Reason("route.high_risk", rules.version, "The case is high risk, so it goes to a meeting.")
    under = [ground for ground in rules.refer_under_threshold if ground in grounds]
    if under:
        text = (
            "The score is under the threshold, but the case goes to a meeting all the same: "
            f"{' and '.join(ground.replace('_', ' ') for ground in under)}."
        )
        return Reason("route.under_threshold", rules.version, text)
    return None


def _support_route(
    level: Level, rules: RoutingRules, chosen: SupportKind | None, today: date, calendar: Calendar
) -> SupportRoute:
    standard = level is Level.STANDARD
    kind = chosen or (rules.standard_support if standard else rules.medium_support)
    days = rules.standard_accept_days if standard else rules.medium_accept_days
    accept_by = add_working_days(today, days, calendar)
    name = "standard" if standard else "medium"
    text = f"The case is {name} risk, so a support service is to accept it by {say_date(accept_by)}."
    reasons = [Reason("route.support", rules.version, text)]
    if chosen is not None:
        text = "The service was chosen by the person who sent the case there."
        reasons.append(Reason("route.support_chosen", rules.version, text))
    return SupportRoute(kind, accept_by, tuple(reasons))


def _full(first: _Option | None, count: int, version: str) -> list[Reason]:
    if first is None:
        return []
    text = f"The list for {say_date(first.date)} is full"
    text += "." if count == 1 else f", and so {'is' if count == 2 else 'are'} {count - 1} after it."
    return [Reason("route.capacity", version, text)]
