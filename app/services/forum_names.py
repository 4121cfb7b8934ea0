"""What a forum is called and of which kind it is, which holds of no day. For the partnership's administrator."""

from uuid import UUID

from app.db import forums as queries
from app.db.partnerships import timetable_from
from app.db.session import UnitOfWork
from app.db.tables.partnerships import forum
from app.domain.clock import local_date
from app.domain.errors import Conflict, FieldProblem, Invalid
from app.domain.forum_forms import Naming
from app.domain.forums import LOCAL_CRITERIA, STANDARD_OUTCOMES, ForumKind
from app.domain.meetings import MeetingStatus
from app.domain.rules import FromDay
from app.domain.timetable import MOVED_OFF
from app.services import rules
from app.services.forum_closing import must_leave_one_for_high_risk
from app.services.forums import call_off, diary, follow, record_change, rule_of, shown, to_change
from app.services.once import Document

WAS_USED = (
    "Its kind cannot be changed: a case was listed at it, or a meeting of it was prepared, and what was decided there "
    "was decided by the rules of its kind. Add a forum of the other kind, and close this one."
)


async def name(uow: UnitOfWork, forum_id: UUID, told: Naming, version: int | None) -> Document:
    """Call it something else, or make it one of another kind, at once.

    Raises Invalid for a name that is taken, and Conflict when nothing would change, or when its kind has to stay.
    """
    row = await to_change(uow, forum_id, version)
    before, kind = row["name"], ForumKind(row["kind"])
    if told.name == before and told.kind is kind:
        raise Conflict("This is its name, and its kind. Nothing would change.")
    if await uow.value(queries.NAME_TAKEN, name=told.name, but=forum_id):
        text = "There is, or was, a forum of this name. Give another, such as the name with its town."
        raise Invalid([FieldProblem("/name", "taken", text)])
    said = []
    if told.name != before:
        said.append(f"Changed its name from {before} to {told.name}")
    if told.kind is not kind:
        await _change_kind(uow, forum_id, told)
        said.append(f"Changed its kind from {kind.words} to {told.kind.words}")
    await uow.change(forum, forum_id, name=told.name, kind=told.kind)
    await follow(uow, forum_id, local_date(uow.now))
    record_change(uow, forum_id, "administration.forum_named", ". ".join(said), told.because)
    return await shown(uow, forum_id)


async def may_change_kind(uow: UnitOfWork, forum_id: UUID) -> bool:
    """Whether nothing was ever listed at it, as far as the actor may know, and no meeting of it was prepared."""
    return not await uow.value(queries.WAS_USED, id=forum_id)


async def _change_kind(uow: UnitOfWork, forum_id: UUID, told: Naming) -> None:
    if not await may_change_kind(uow, forum_id):
        raise Conflict(WAS_USED)
    row = await to_change(uow, forum_id, None)
    await must_leave_one_for_high_risk(uow, row, told.kind)
    timetable = timetable_from(row["timetable"])
    if timetable.later:
        raise Conflict("Settings are planned for it. Take them back first, then change its kind.")
    today = local_date(uow.now)
    new = {
        "kind": told.kind,
        "outcomes": STANDARD_OUTCOMES[told.kind],
        "escalation_criteria": LOCAL_CRITERIA if told.kind is ForumKind.HRDA else (),
    }
    settings = timetable.now.model_copy(update=new)
    await rules.set_from(
        uow, rule_of(forum_id), lambda _: settings, FromDay(effective_from=today, because=told.because)
    )
    # A case that the administrator may not know of is left behind by nobody: its sitting is called off, as it would be
    # if there were none, so whoever coordinates it is told. Sittings of the new kind take their place.
    for each in await diary(uow, forum_id, today):
        if each["status"] == MeetingStatus.SCHEDULED:
            await call_off(uow, each["id"], MeetingStatus.SCHEDULED, MOVED_OFF)
