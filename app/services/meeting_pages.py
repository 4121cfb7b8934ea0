"""What pages about meetings show and do in one go: each is one transaction, out of the services beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from app.db import agenda as agenda_queries
from app.db import meeting_pages as queries
from app.db.json import to_json
from app.db.partnerships import forum_from
from app.db.session import UnitOfWork
from app.db.tables.meetings import meeting
from app.domain.access import MAY, Verb, desk_principal
from app.domain.actions import ActionForm
from app.domain.attendance import AttendanceForm, PersonComing
from app.domain.clock import local_date
from app.domain.disclosures import Sharing
from app.domain.errors import Conflict, FieldProblem, Invalid, NotFound
from app.domain.forums import Forum
from app.domain.lawful_bases import Register
from app.domain.meetings import MeetingStatus, Standing
from app.domain.notices import NoticeKind
from app.domain.outcomes import ItemMinutesForm
from app.domain.risks import RiskForm
from app.services import actions, agenda, attendance, audience, meetings, notices, outcomes, packs, research, risks
from app.services.lawful_bases import register_of
from app.services.once import Document

_ASKED = (MeetingStatus.SCHEDULED, MeetingStatus.LOCKED, MeetingStatus.PUBLISHED, MeetingStatus.IN_SESSION)


@dataclass(frozen=True, slots=True)
class MeetingPage:
    """A meeting with everything on its list, as whoever looks sees it.

    meeting, agenda: as programs are told. runs: they may run it. shared: for each perpetrator of several cases on the
    list, the cases. families: the same for anybody else. namesakes: people of its agencies with the family name of
    somebody in a case, who are not kept from it. agencies: all there are, those that sit on the forum first. packs:
    what was circulated.
    """

    meeting: dict[str, Any]
    agenda: dict[str, Any]
    forum: Forum
    runs: bool
    shared: list[list[str]]
    families: list[list[str]]
    namesakes: list[dict[str, str]]
    agencies: list[dict[str, Any]]
    packs: list[dict[str, Any]]

    def item(self, item_id: UUID) -> dict[str, Any]:
        """One case of the list. Raises NotFound."""
        items: list[dict[str, Any]] = self.agenda["items"]
        found = next((each for each in items if each["id"] == str(item_id)), None)
        if found is None:
            raise NotFound("agenda item")
        return found


@dataclass(frozen=True, slots=True)
class Preview:
    """Who would get what, were the list circulated now.

    reach: how many of its cases each agency gets. kept: who is kept from which case. restricted: how many are open to
    named people only.
    """

    page: MeetingPage
    reach: list[tuple[str, int]]
    kept: list[dict[str, Any]]
    restricted: int
    register: Register


async def listed(uow: UnitOfWork, *, forum: UUID | None, past: bool, after: UUID | None, limit: int) -> Document:
    """Meetings with what is due for each: those to come, soonest first, or those that are over, latest first."""
    uow.actor.must(Verb.LOOK_UP)
    statement = queries.PAST if past else queries.UPCOMING
    told = {"today": local_date(uow.now), "agency": uow.actor.agency_id}
    row = await uow.one(statement, forum=forum, after=after, limit=limit, **told)
    forums = [dict(each) for each in await uow.rows(queries.FORUMS)]
    ids = row["ids"] or []
    more = str(ids[-1]) if len(ids) == limit else None
    return Document(b'{"items":%b,"forums":%b}' % (row["body"].encode(), to_json(forums)), next_cursor=more)


async def page(uow: UnitOfWork, meeting_id: UUID) -> MeetingPage:
    """A meeting and its list. Raises NotFound."""
    uow.actor.must(Verb.READ)
    data, _ = await meetings.shown_data(uow, meeting_id)
    beside = await uow.one(queries.BESIDE, id=meeting_id, agency=uow.actor.agency_id, now=uow.now)
    sent = await uow.rows(agenda_queries.PACK_LINES, meeting=meeting_id)
    uow.record("meeting.read", subjects=[meeting_id])
    shown = await agenda.read(uow, meeting_id)
    return MeetingPage(
        meeting=orjson.loads(to_json(data)),
        agenda=orjson.loads(shown.body),
        forum=forum_from(beside["settings"]),
        runs=uow.actor.may(Verb.RUN_MEETING) and beside["member"],
        shared=orjson.loads(beside["shared"] or "[]"),
        families=orjson.loads(beside["families"] or "[]"),
        namesakes=orjson.loads(beside["namesakes"] or "[]"),
        agencies=orjson.loads(beside["agencies"] or "[]"),
        packs=[dict(each) for each in sent],
    )


async def page_with_register(uow: UnitOfWork, meeting_id: UUID) -> tuple[MeetingPage, Register]:
    """The same, with the bases on which the actor's agency may share."""
    return await page(uow, meeting_id), await register_of(uow)


async def to_export(uow: UnitOfWork, meeting_id: UUID) -> MeetingPage:
    """A meeting, for whoever may take documents of it away. Raises ConfirmFirst before they have chosen anything."""
    uow.actor.must(Verb.EXPORT)
    return await page(uow, meeting_id)


async def preview(uow: UnitOfWork, meeting_id: UUID) -> Preview:
    """What circulating the list would tell whom, before it is done."""
    await meetings.to_run(uow, meeting_id, None)
    shown = await page(uow, meeting_id)
    cases = [UUID(each["case"]["id"]) for each in shown.agenda["items"]]
    seen = await audience.of_cases(uow, cases)
    apart = await uow.one(queries.APART, cases=cases)
    names = orjson.loads(apart["agencies"])
    reach: dict[UUID, int] = {}
    for found in seen.values():
        for agency_id in {*found.desks, *found.people.values()}:
            reach[agency_id] = reach.get(agency_id, 0) + 1
    kept = orjson.loads(apart["kept"] or "[]")
    uow.record("agenda.previewed", subjects=cases)
    return Preview(
        page=shown,
        reach=sorted((names[str(agency_id)], count) for agency_id, count in reach.items()),
        kept=kept,
        restricted=len(apart["restricted"] or ()),
        register=await register_of(uow),
    )


async def publish(uow: UnitOfWork, meeting_id: UUID, sharing: Sharing | None, version: int | None) -> Document:
    """Close the list if it is still open, and circulate it."""
    row = await meetings.to_run(uow, meeting_id, version)
    if row["status"] == MeetingStatus.SCHEDULED:
        await meetings.lock(uow, meeting_id, version)
        version = None
    return await packs.publish(uow, meeting_id, sharing, version)


async def move_item(uow: UnitOfWork, meeting_id: UUID, item_id: UUID, up: bool, version: int | None) -> None:
    """Move one case a place up or down. Raises NotFound, Stale or Conflict."""
    await meetings.to_run(uow, meeting_id, version)
    order = [slot.key for _, slot in (await agenda.load(uow, meeting_id)).items]
    if item_id not in order:
        raise NotFound("agenda item")
    here = order.index(item_id)
    there = min(max(here + (-1 if up else 1), 0), len(order) - 1)
    order[here], order[there] = order[there], order[here]
    await agenda.reorder(uow, meeting_id, order, None)


async def order_by_rule(uow: UnitOfWork, meeting_id: UUID, version: int | None) -> None:
    """Undo every change of the order by hand."""
    row = await meetings.to_run(uow, meeting_id, version)
    if row["status"] in (MeetingStatus.CANCELLED, MeetingStatus.HELD, MeetingStatus.MINUTES_ISSUED):
        raise Conflict(f"This meeting is over: it is '{row['status']}'. Its order can no longer change.")
    await uow.value(queries.UNPIN, meeting=meeting_id)
    await uow.change(meeting, meeting_id)
    uow.record("agenda.ordered", subjects=(await agenda.load(uow, meeting_id)).cases)


async def add_by_reference(
    uow: UnitOfWork, meeting_id: UUID, reference: str, kind: str, reason: str | None, sharing: Sharing | None
) -> None:
    """Put a case on the list, by the reference that people know it by."""
    case_id = await uow.value(queries.CASE_BY_REFERENCE, reference=reference.strip().upper())
    if case_id is None:
        text = "There is no case with that reference that you can see. Check it, such as on the case’s own page."
        raise Invalid([FieldProblem("/reference", "unknown_case", text)])
    await agenda.add_case(uow, meeting_id, case_id, kind, reason, sharing, None)


async def ask_again(uow: UnitOfWork, meeting_id: UUID) -> int:
    """Remind each agency whose research is missing that something waits. Returns how many were told."""
    row = await meetings.to_run(uow, meeting_id, None)
    if row["status"] not in _ASKED:
        raise Conflict("This meeting is over, so nobody is asked any more.")
    data, _ = await meetings.shown_data(uow, meeting_id)
    missing = [UUID(str(each["id"])) for each in data["agencies"] if each["research_missing"]]
    desks = [desk_principal(each) for each in missing]
    notices.tell(uow, desks, NoticeKind.RESEARCH_WAITS, about=meeting_id)
    uow.record("research.asked_again", subjects=[meeting_id])
    return len(missing)


async def people(uow: UnitOfWork, meeting_id: UUID) -> tuple[MeetingPage, list[dict[str, Any]]]:
    """A meeting, and everybody of its agencies who could sit at it; ``chairs``: who may chair."""
    shown = await page(uow, meeting_id)
    told = {"attending": sorted(MAY[Verb.ATTEND].roles), "chairing": sorted(MAY[Verb.RUN_MEETING].roles)}
    return shown, [dict(each) for each in await uow.rows(queries.PEOPLE, id=meeting_id, **told)]


async def set_attendance(
    uow: UnitOfWork, meeting_id: UUID, standings: Mapping[UUID, Standing | None], added: Sequence[PersonComing]
) -> None:
    """Change how some on the list stand, by the ids of their lines, take those with None off it, and add others."""
    await meetings.to_run(uow, meeting_id, None)
    data, _ = await meetings.shown_data(uow, meeting_id)
    there = []
    for each in data["attendance"]:
        standing = standings.get(UUID(each["id"]), Standing(each["standing"]))
        if standing is not None:
            there.append(
                PersonComing(
                    agency_id=each["agency"]["id"], user_id=each["user_id"], name=each["name"], standing=standing
                )
            )
    await attendance.record(uow, meeting_id, AttendanceForm(people=(*there, *added)), None)


async def statement(uow: UnitOfWork, meeting_id: UUID) -> tuple[MeetingPage, dict[str, Any]]:
    """A meeting, the statement that everybody accepts, and who has."""
    shown = await page(uow, meeting_id)
    document = await attendance.statement(uow, meeting_id)
    return shown, orjson.loads(document.body)


async def note(
    uow: UnitOfWork,
    item_id: UUID,
    case_id: UUID,
    *,
    words: ItemMinutesForm | None,
    version: int | None,
    risk: RiskForm | None,
    action: ActionForm | None,
) -> None:
    """Keep what was said of a case at a meeting: the minutes, a risk, an action, or several at once; all or nothing."""
    if words is not None:
        await outcomes.minute(uow, item_id, words, version)
    if risk is not None:
        await risks.name(uow, item_id, risk)
    if action is not None:
        await actions.promise(uow, case_id, action)


@dataclass(frozen=True, slots=True)
class ResearchPage:
    """A family to look for, and one's agency's return. heard: the other agencies that will read what is released."""

    family: dict[str, Any]
    own: dict[str, Any]
    heard: list[str]
    register: Register


async def worklist(uow: UnitOfWork, *, status: str, after: UUID | None, limit: int) -> tuple[Document, Register]:
    """The families that one's agency is asked about, and the bases on which it may answer."""
    return await research.worklist(uow, status=status, after=after, limit=limit), await register_of(uow)


async def research_page(uow: UnitOfWork, item_id: UUID) -> ResearchPage:
    """One family. Raises NotFound."""
    own = await research.read(uow, item_id)
    row = await uow.row(queries.FAMILY, id=item_id)
    if row is None:
        raise NotFound("agenda item")
    seen = await audience.of_cases(uow, [row["case_id"]])
    agencies = [each for found in seen.values() for each in found.agencies(uow.actor.agency)]
    names = [each["name"] for each in await uow.rows(queries.NAMES, ids=agencies)]
    return ResearchPage(orjson.loads(row["body"]), orjson.loads(own.body), names, await register_of(uow))
