"""A whole year of a partnership of its own, lived through the services day by day."""

import asyncio
import time as stopwatch
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import groupby, takewhile
from typing import Any, ParamSpec
from uuid import UUID

import orjson

from app.db.ids import new_id
from app.db.session import Database
from app.domain.actions import ActionForm, ActionStatus, ActionUpdateForm
from app.domain.attendance import AttendanceForm, PersonComing
from app.domain.clock import ONE_DAY, add_working_days, at_local, local_date
from app.domain.errors import Invalid
from app.domain.forums import ForumKind, sitting_on, standard_marac
from app.domain.lifecycle import Outcome
from app.domain.matches import Decision
from app.domain.meetings import Standing
from app.domain.outcomes import OutcomeForm
from app.domain.referrals import ReferralForm
from app.seeds.demo import end_of_story, is_told
from app.seeds.figures import compare
from app.seeds.forms import COUNTS, DAYS, Submission, year_of_forms
from app.seeds.people import SOUTHMERE_YEAR, USERS, DemoPartnership, email_of, found_demo, founded_on
from app.seeds.sharing import sharing
from app.seeds.teller import Service, do_once
from app.services import actions, attendance, cases, intake, matches, meetings, outcomes, packs, support

P = ParamSpec("P")
Say = Callable[[str], None]

SEED = 2_019
SAY_EVERY_SECONDS = 5.0
_BEFORE = timedelta(days=DAYS + 1)
# Of the cases heard at the HRDA, one in so many goes on to MARAC or waits for another day: 7 and 6 a month.
_TO_MARAC_EVERY = 9
_DEFERRED_EVERY = 11
_KEY_OF = {email_of(key): key for key in USERS}
_AT_TABLE = (("chair", "police"), ("coordinator", "council"), ("idva", "idva"), ("triage", "children"))
_PLAN = ("idva", "Go through a safety plan with her, with a code word for the neighbour.")


@dataclass(slots=True)
class _Lived:
    """A referral that was sent, as far as what follows needs it."""

    case_id: UUID
    who: str
    people: dict[str, str]
    joined: bool


@dataclass(slots=True)
class _Meeting:
    kind: ForumKind
    meeting_id: UUID
    starts_at: datetime
    items: list[tuple[UUID, UUID]] = field(default_factory=list)


async def live_year(
    database: Database,
    now: datetime,
    say: Say,
    partnership: DemoPartnership = SOUTHMERE_YEAR,
    *,
    days: int = DAYS,
) -> bool:
    """Live through the year before today, or its first ``days``, unless that has been done. Returns whether it was not.

    Where it was cut short, it goes on from there.
    """
    if await is_told(database, partnership):
        return False
    await found_demo(database, now, partnership, since=_BEFORE)
    founded = await founded_on(database, partnership)
    assert founded is not None  # noqa: S101  # just done
    await _Year(database, partnership, local_date(founded) + ONE_DAY, say).live(days)
    await end_of_story(database, partnership, now)
    for line in await compare(database, partnership, now):
        say(line)
    return True


class _Year:
    """The days in order; within one, whatever does not wait for another, several things at once."""

    def __init__(self, database: Database, partnership: DemoPartnership, start: date, say: Say) -> None:
        self.database = database
        self.partnership = partnership
        self.start = start
        self.say = say
        self.lived: dict[int, _Lived] = {}
        self.meetings: dict[UUID, _Meeting] = {}
        self.later: dict[date, list[Callable[[], Awaitable[None]]]] = {}
        self.in_turn: dict[date, list[Callable[[], Awaitable[None]]]] = {}
        self.heard = 0

    async def live(self, days: int) -> None:
        end = at_local(self.start + days * ONE_DAY, time.min)
        year = takewhile(lambda each: each.sent_at < end, year_of_forms(SEED, self.start))
        by_day = {day: list(sent) for day, sent in groupby(year, key=lambda each: local_date(each.sent_at))}
        began = said = stopwatch.monotonic()
        for number in range(days):
            day = self.start + number * ONE_DAY
            await self._day(day, by_day.get(day, []))
            since = stopwatch.monotonic() - began
            if stopwatch.monotonic() - said > SAY_EVERY_SECONDS:
                said = stopwatch.monotonic()
                rate = len(self.lived) / since
                left = (sum(COUNTS.values()) - len(self.lived)) / rate
                self.say(f"{day}: {len(self.lived):,} referrals, {rate:.0f} a second, about {left:.0f} s left")

    async def _day(self, day: date, sent: list[Submission]) -> None:
        sitting = [each for each in self.meetings.values() if local_date(each.starts_at) == day]
        async with asyncio.TaskGroup() as group:
            group.create_task(self._coordinate(day, sitting))
            for what in self.later.pop(day, ()):
                group.create_task(_wait_for(what))
            for submission in sent:
                group.create_task(self._refer(submission))

    async def _coordinate(self, day: date, sitting: list[_Meeting]) -> None:
        """What the coordinator does, one thing after another: each person's part of the trail is written in turn."""
        for what in self.in_turn.pop(day, ()):
            await what()
        for each in sitting:
            await self._meet(each)

    async def _do(
        self, who: str, key: str, now: datetime, service: Service[P], *args: P.args, **kwargs: P.kwargs
    ) -> Any:
        return await do_once(self.database, self.partnership.as_user(who), key, now, service, *args, **kwargs)

    def _listed(self, case_id: UUID, route: dict[str, Any] | None) -> None:
        if not route or not route.get("agenda_item_id"):
            return
        meeting_id = UUID(route["meeting_id"])
        if meeting_id not in self.meetings:
            kind, starts_at = ForumKind(route["forum_kind"]), datetime.fromisoformat(route["starts_at"])
            self.meetings[meeting_id] = _Meeting(kind, meeting_id, starts_at)
            if kind is ForumKind.MARAC:
                cut_off = sitting_on(standard_marac(starts_at.date()), local_date(starts_at)).cut_off
                day = local_date(cut_off) + ONE_DAY
                self.in_turn.setdefault(day, []).append(lambda: self._close_list(meeting_id, cut_off))
        self.meetings[meeting_id].items.append((UUID(route["agenda_item_id"]), case_id))

    def _then(self, day: date, what: Callable[[], Awaitable[None]]) -> None:
        self.later.setdefault(day, []).append(what)

    async def _refer(self, sent: Submission) -> None:
        who = _KEY_OF[sent.user_email]
        earlier = self.lived.get(sent.repeat_of) if sent.repeat_of is not None else None
        linked = earlier is not None and sent.level == "high" and earlier.who == who
        form = _linked(sent.form, earlier.people) if linked and earlier else sent.form
        user = self.partnership.as_user(who)
        told = ReferralForm.model_validate(form)
        try:
            document = await self.database.run(user, intake.refer, sent.sent_at, new_id(), told)
        except Invalid:
            # The earlier record is no longer one that this person sees; the coordinator will find it.
            linked = False
            told = ReferralForm.model_validate(sent.form)
            document = await self.database.run(user, intake.refer, sent.sent_at, new_id(), told)
        result = orjson.loads(document.body)
        case_id, route = UUID(result["case"]["id"]), result["route"]
        people = {each["key"]: each["person_reference"] for each in result["people"]}
        self.lived[sent.number] = _Lived(case_id, who, people, result["case"]["joined"])
        self._listed(case_id, route)
        tomorrow = add_working_days(local_date(sent.sent_at), 1)
        if route and route["kind"] == "support" and sent.number % 10:
            offer = UUID(route["support_offer_id"])
            self._then(tomorrow, lambda: self._accept(offer, tomorrow))
        if earlier is not None and not linked:
            self.in_turn.setdefault(tomorrow, []).append(lambda: self._join(earlier.case_id, case_id, tomorrow))

    async def _accept(self, offer_id: UUID, day: date) -> None:
        if day < self.start + DAYS * ONE_DAY:
            await self._do("advocate", f"accept {offer_id}", at_local(day, time(11)), support.accept, offer_id, None)

    async def _join(self, first: UUID, second: UUID, day: date) -> None:
        """The coordinator finds that two cases are of one victim."""
        now = at_local(day, time(10))
        one, other = [await self._victim(each, now) for each in (first, second)]
        told = Decision(party_id=one, other_party_id=other, same=True, sharing=sharing("coordinator", day))
        joined = await self._do("coordinator", f"join {second}", now, matches.decide, told)
        self._listed(second, joined["route"])

    async def _victim(self, case_id: UUID, now: datetime) -> UUID:
        user = self.partnership.as_user("coordinator")
        shown = orjson.loads((await self.database.run(user, cases.read, now, new_id(), case_id)).body)
        return next(UUID(each["id"]) for each in shown["parties"] if each["role"] == "victim")

    async def _close_list(self, meeting_id: UUID, now: datetime) -> None:
        await self._do("coordinator", f"lock {meeting_id}", now, meetings.lock, meeting_id, None)

    async def _meet(self, of: _Meeting) -> None:
        """One meeting from its list to its minutes."""
        meeting_id, at = of.meeting_id, of.starts_at
        early = at - timedelta(minutes=50)
        why = sharing("coordinator", local_date(at))
        if of.kind is ForumKind.HRDA:
            await self._close_list(meeting_id, early)
        await self._do("coordinator", f"publish {meeting_id}", early, packs.publish, meeting_id, why, None)
        coming = AttendanceForm(
            people=tuple(
                PersonComing(
                    agency_id=self.partnership.agency(agency),
                    user_id=self.partnership.user(who),
                    standing=Standing.PRESENT,
                )
                for who, agency in _AT_TABLE
            )
        )
        await self._do("coordinator", f"coming {meeting_id}", early, attendance.record, meeting_id, coming, None)
        await self._do("chair", f"start {meeting_id}", at, meetings.start, meeting_id, None, None)
        for number, (item_id, case_id) in enumerate(of.items, 1):
            await self._hear(of, item_id, case_id, at + number * timedelta(minutes=8))
        after = at + (len(of.items) + 1) * timedelta(minutes=8)
        await self._do("chair", f"end {meeting_id}", after, meetings.end, meeting_id, None)
        await self._do("coordinator", f"minutes {meeting_id}", after, packs.issue_minutes, meeting_id, why, None)

    async def _hear(self, of: _Meeting, item_id: UUID, case_id: UUID, now: datetime) -> None:
        outcome = OutcomeForm(outcome=Outcome.HEARD_WITH_PLAN)
        if of.kind is ForumKind.HRDA:
            self.heard += 1
            outcome = OutcomeForm(outcome=Outcome.PLAN_AGREED, review_on=local_date(now) + 28 * ONE_DAY)
            if self.heard % _TO_MARAC_EVERY == 0:
                why = "More agencies hold a part of this than sat here this morning."
                outcome = OutcomeForm(outcome=Outcome.TO_MARAC, criteria=("particularly_complex",), reason=why)
            elif self.heard % _DEFERRED_EVERY == 0:
                outcome = OutcomeForm(outcome=Outcome.DEFERRED, until=add_working_days(local_date(now), 3))
        outcome = outcome.model_copy(update={"sharing": sharing("chair", local_date(now))})
        if outcome.outcome is not Outcome.DEFERRED:
            await self._promise(of, item_id, case_id, now)
        decided = await self._do("chair", f"decide {item_id}", now, outcomes.decide, item_id, outcome, None)
        self._listed(case_id, decided["route"])

    async def _promise(self, of: _Meeting, item_id: UUID, case_id: UUID, now: datetime) -> None:
        who, what = _PLAN
        form = ActionForm(
            what=what,
            agency_id=self.partnership.agency("idva"),
            working_days=3,
            meeting_id=of.meeting_id,
            agenda_item_id=item_id,
            sharing=sharing("coordinator", local_date(now)),
        )
        made = await self._do("coordinator", f"promise {item_id}", now, actions.promise, case_id, form)
        action_id, due = UUID(made["id"]), date.fromisoformat(made["due_on"])
        if due < self.start + DAYS * ONE_DAY:
            done, then = ActionUpdateForm(status=ActionStatus.DONE), at_local(due, time(16))
            self._then(due, lambda: self._settle(who, action_id, done, then))

    async def _settle(self, who: str, action_id: UUID, form: ActionUpdateForm, now: datetime) -> None:
        await self._do(who, f"settle {action_id}", now, actions.update, action_id, form, None)


async def _wait_for(what: Callable[[], Awaitable[None]]) -> None:
    await what()


def _linked(form: dict[str, Any], references: dict[str, str]) -> dict[str, Any]:
    """The form with the references of people told of before."""

    def known(role: str) -> list[dict[str, Any]]:
        plural = "children" if role == "child" else "perpetrators"
        return [
            each | {"person_reference": references[f"{role}-{n}"]} if f"{role}-{n}" in references else each
            for n, each in enumerate(form[plural], 1)
        ]

    victim = form["victim"] | {"person_reference": references["victim"]}
    return {**form, "victim": victim, "perpetrators": known("perpetrator"), "children": known("child")}
