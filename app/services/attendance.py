"""Attendance: who comes, observes or sends apologies, and who accepted the confidentiality statement."""

from typing import Any
from uuid import UUID

from app.db import attendance as queries
from app.db.json import to_json
from app.db.session import UnitOfWork
from app.db.tables.meetings import attendance, meeting
from app.domain.access import Verb
from app.domain.attendance import AcceptanceForm, AttendanceForm, PersonComing, check_attendance
from app.domain.errors import Conflict, Forbidden, Invalid, NotFound
from app.domain.meetings import MeetingStatus, Standing
from app.services import meetings
from app.services.once import Document

_OVER = (MeetingStatus.CANCELLED, MeetingStatus.MINUTES_ISSUED)
_APOLOGIES = (Standing.APOLOGIES, Standing.APOLOGIES_WITH_INFORMATION)


async def record(uow: UnitOfWork, meeting_id: UUID, form: AttendanceForm, version: int | None) -> Document:
    """Replace the list of who comes. Whoever accepted the statement and stays on it need not accept it again."""
    row = await meetings.to_run(uow, meeting_id, version)
    if row["status"] in _OVER:
        raise Conflict(f"This meeting is over: it is '{row['status']}'. Its attendance can no longer change.")
    wanted = [each.user_id for each in form.people if each.user_id is not None]
    users = {each["id"]: (each["agency_id"], each["name"]) for each in await uow.rows(queries.USERS, users=wanted)}
    agencies = frozenset(each["id"] for each in await uow.rows(queries.AGENCIES))
    problems = check_attendance(form.people, users, agencies)
    if problems:
        raise Invalid(problems)
    before = await uow.rows(queries.OF_MEETING, meeting=meeting_id)
    by_user = {each["user_id"]: each for each in before if each["user_id"] is not None}
    by_name = {(each["agency_id"], each["name"]): each for each in before}
    kept: set[UUID] = set()
    for person in form.people:
        name = users[person.user_id][1] if person.user_id is not None else str(person.name)
        old = by_user.get(person.user_id) or by_name.get((person.agency_id, name))
        columns = _columns(uow, person, name)
        if old is not None and old["id"] not in kept:
            kept.add(old["id"])
            await uow.change(attendance, old["id"], **columns)
        else:
            uow.add(attendance, meeting_id=meeting_id, created_at=uow.now, **columns)
    for each in before:
        if each["id"] not in kept and each["status"] != "removed":
            await uow.change(attendance, each["id"], status="removed")
    await uow.change(meeting, meeting_id)
    uow.record("meeting.attendance_recorded", subjects=[meeting_id])
    return await meetings.read(uow, meeting_id)


async def statement(uow: UnitOfWork, meeting_id: UUID) -> Document:
    """The statement in force, and who of those present accepted it."""
    uow.actor.must(Verb.READ)
    uow.record("meeting.confidentiality_read", subjects=[meeting_id])
    return await _statement(uow, meeting_id)


async def accept(uow: UnitOfWork, meeting_id: UUID, form: AcceptanceForm) -> Document:
    """Accept the statement for oneself; whoever runs the meeting records it for a guest who is on the list.

    Raises Conflict when the statement in force is not the version that was read.
    """
    uow.actor.must(Verb.ATTEND)
    row = await uow.row(queries.STATEMENT, id=meeting_id, agency=uow.actor.agency, user=uow.actor.user)
    if row is None:
        raise NotFound("meeting")
    if not row["member"]:
        raise Forbidden("Only people from an agency that sits on this forum accept its statement.")
    if row["status"] in _OVER:
        raise Conflict(f"This meeting is over: it is '{row['status']}'.")
    if form.version != row["version"]:
        raise Conflict(f"The statement in force is version {row['version']}. Read it again, then accept that.")
    people = await uow.rows(queries.OF_MEETING, meeting=meeting_id)
    accepted: dict[str, Any] = {"confidentiality_accepted_at": uow.now, "statement_version": form.version}
    if form.attendance_id is not None:
        guest = next((each for each in people if each["id"] == form.attendance_id), None)
        if guest is None or guest["status"] == "removed":
            raise NotFound("person on this meeting's list")
        if guest["user_id"] not in (None, uow.actor.user):
            raise Forbidden("This person signs in, and so accepts the statement for themselves.")
        if guest["user_id"] is None:
            uow.actor.must(Verb.RUN_MEETING)
        await uow.change(attendance, guest["id"], **accepted, recorded_by=uow.actor.user)
    else:
        await _accept_for_oneself(uow, meeting_id, people, accepted)
    uow.record("meeting.confidentiality_accepted", subjects=[meeting_id])
    return await _statement(uow, meeting_id)


async def _accept_for_oneself(uow: UnitOfWork, meeting_id: UUID, people: list[Any], accepted: dict[str, Any]) -> None:
    actor = uow.actor
    own = next((each for each in people if each["user_id"] == actor.user), None)
    if own is None:
        # A guest of this name was put on the list before anybody knew that they sign in.
        own = next((e for e in people if e["agency_id"] == actor.agency and e["name"] == actor.name), None)
    here = PersonComing(agency_id=actor.agency, user_id=actor.user, standing=Standing.PRESENT)
    if own is None:
        columns = _columns(uow, here, actor.name)
        uow.add(attendance, meeting_id=meeting_id, created_at=uow.now, **columns, **accepted)
    elif own["status"] == "present":
        await uow.change(attendance, own["id"], user_id=actor.user, **accepted)
    else:
        await uow.change(attendance, own["id"], **_columns(uow, here, actor.name), **accepted)


def _columns(uow: UnitOfWork, person: PersonComing, name: str) -> dict[str, Any]:
    return {
        "agency_id": person.agency_id,
        "user_id": person.user_id,
        "name": name,
        "capacity": "observer" if person.standing is Standing.OBSERVER else "member",
        "status": "apologies" if person.standing in _APOLOGIES else "present",
        "sent_information": person.standing is Standing.APOLOGIES_WITH_INFORMATION,
        "recorded_by": uow.actor.user,
    }


async def _statement(uow: UnitOfWork, meeting_id: UUID) -> Document:
    await uow.flush()
    row = await uow.row(queries.STATEMENT, id=meeting_id, agency=uow.actor.agency_id, user=uow.actor.user_id)
    if row is None:
        raise NotFound("meeting")
    head = {"statement": row["statement"], "version": row["version"], "accepted": row["accepted"]}
    return Document(b'%b,"people":%b}' % (to_json(head)[:-1], row["people"].encode()))
