"""Exports: asked for, made behind the request, and given to nobody but the one who asked."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.db import exports as queries
from app.db.partnerships import forum_from
from app.db.session import UnitOfWork
from app.db.tables.meetings import export_job
from app.domain.access import Verb
from app.domain.agendas import FrozenAgenda, FrozenMinutes, Recipient
from app.domain.errors import Conflict, DomainError, Invalid, NotFound
from app.domain.exports import (
    MEDIA_TYPES,
    MOST_ATTEMPTS,
    SILENT_FOR,
    ExportDocument,
    ExportForm,
    ExportFormat,
    JobStatus,
)
from app.domain.meetings import MeetingStatus
from app.services.agenda import frozen_agenda, frozen_minutes
from app.services.once import Document

_KEPT_IN_CALENDARS = timedelta(days=90)
_USUAL_LENGTH = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Work:
    """A job that was taken up: what is to be set, for whom, and the attempt that may finish it."""

    attempt: int
    format: ExportFormat
    frozen: FrozenAgenda | FrozenMinutes
    recipient: Recipient
    at: datetime


@dataclass(frozen=True, slots=True)
class File:
    """A finished document."""

    name: str
    media_type: str
    content: bytes


async def ask(uow: UnitOfWork, meeting_id: UUID, form: ExportForm, job_id: UUID) -> Document:
    """Queue a document for the actor. Raises Conflict when what it is made of has not been published."""
    uow.actor.must(Verb.EXPORT)
    if problems := form.problems():
        raise Invalid(problems)
    minutes = form.document is ExportDocument.MINUTES
    row = await uow.row(queries.CAN_EXPORT, id=meeting_id, minutes=minutes)
    if row is None:
        raise NotFound("meeting")
    if not row["published"]:
        what = "The minutes have not been issued" if minutes else "The agenda has not been published"
        raise Conflict(f"{what} yet, so there is nothing to export.")
    uow.add(
        export_job,
        id=job_id,
        meeting_id=meeting_id,
        document=form.document,
        format=form.format,
        recipient_id=uow.actor.user,
        status=JobStatus.QUEUED,
        done=0,
        total=0,
        attempt=0,
        subjects=[],
        created_at=uow.now,
    )
    uow.record(f"{form.document}.export_asked")
    await uow.flush()
    document, _ = await read(uow, job_id)
    return document


async def read(uow: UnitOfWork, job_id: UUID) -> tuple[Document, bool]:
    """How far a job has come, and whether it waits for somebody to take it up."""
    uow.actor.must_be_allowed(Verb.EXPORT)
    row = await uow.row(queries.JOB, id=job_id)
    if row is None:
        raise NotFound("export")
    silent = row["status"] == JobStatus.WORKING and row["progress_at"] < uow.now - SILENT_FOR
    document = Document(row["body"].encode(), location=f"/api/v1/exports/{job_id}")
    return document, silent or row["status"] == JobStatus.QUEUED


async def file(uow: UnitOfWork, job_id: UUID) -> File:
    """The finished document. Each time it is fetched is in the trail of every case in it."""
    uow.actor.must(Verb.EXPORT)
    row = await uow.row(queries.FILE, id=job_id)
    if row is None:
        raise NotFound("export")
    if row["status"] != JobStatus.READY:
        raise Conflict(f"This export is {row['status']}. Its file is there when it is ready.")
    uow.record(f"{row['document']}.export_fetched", subjects=row["subjects"])
    return File(row["file_name"], MEDIA_TYPES[ExportFormat(row["format"])], bytes(row["content"]))


async def take_up(uow: UnitOfWork, job_id: UUID) -> Work | None:
    """Take a job up and read what it is made of; None when another has it, or it has failed for good.

    The read is recorded for every case in the document, before a page of it exists. Whoever asked had confirmed who
    they are, or there would be no job; by now that may have lapsed.
    """
    row = await uow.row(queries.CLAIM, id=job_id, now=uow.now, silent_since=uow.now - SILENT_FOR)
    if row is None:
        return None
    attempt: int = row["attempt"]
    if attempt > MOST_ATTEMPTS:
        text = "This document could not be made in several attempts. Ask for another format, or tell your operator."
        await fail(uow, job_id, attempt, text)
        return None
    document = ExportDocument(row["document"])
    load = frozen_minutes if document is ExportDocument.MINUTES else frozen_agenda
    try:
        uow.actor.must_be_allowed(Verb.EXPORT)
        frozen = await load(uow, row["meeting_id"])
    except DomainError as refusal:
        await fail(uow, job_id, attempt, refusal.message)
        return None
    items = frozen.all_items if isinstance(frozen, FrozenAgenda) else frozen.items
    subjects = list(dict.fromkeys(UUID(each.case_id) for each in items))
    await uow.value(queries.KEEP_SUBJECTS, id=job_id, subjects=subjects, total=len(items) + 1)
    uow.record(f"{document}.exported", subjects=subjects, purpose=row["format"])
    recipient = Recipient(name=uow.actor.name, agency=uow.actor.agency_name)
    return Work(attempt, ExportFormat(row["format"]), frozen, recipient, uow.now)


async def tell(uow: UnitOfWork, job_id: UUID, attempt: int, done: int, total: int) -> bool:
    """Say how far the job has come. False when another has taken it up since."""
    told = {"attempt": attempt, "done": done, "total": total, "now": uow.now}
    return await uow.value(queries.TELL, id=job_id, **told) is not None


async def finish(uow: UnitOfWork, job_id: UUID, attempt: int, content: bytes, file_name: str) -> bool:
    """Keep the finished document. False when another has taken the job up since."""
    made = {"attempt": attempt, "content": content, "file_name": file_name, "now": uow.now}
    return await uow.value(queries.FINISH, id=job_id, **made) is not None


async def fail(uow: UnitOfWork, job_id: UUID, attempt: int, problem: str) -> None:
    """End the job with a sentence that says why. It may hold nothing of the document."""
    await uow.value(queries.FAIL, id=job_id, attempt=attempt, problem=problem, now=uow.now)


async def calendar(uow: UnitOfWork, forum_id: UUID) -> bytes:
    """A forum's meetings as iCalendar: when, and of which kind. Nothing of anyone, and no place."""
    uow.actor.must(Verb.LOOK_UP)
    rows = await uow.rows(queries.FORUM_MEETINGS, id=forum_id, since=uow.now - _KEPT_IN_CALENDARS)
    if not rows:
        raise NotFound("forum")
    # Loaded when first asked for: most processes never make a calendar.
    from app.exports.calendar_ics import CalendarEntry, calendar_ics

    forum = forum_from(rows[0]["settings"])
    length = timedelta(minutes=forum.minutes_per_case * forum.capacity) if forum.capacity else _USUAL_LENGTH
    entries = [
        CalendarEntry(
            meeting_id=str(row["id"]),
            forum_kind=row["kind"],
            starts_at=row["starts_at"],
            ends_at=row["starts_at"] + length,
            sequence=row["version"],
            cancelled=row["status"] == MeetingStatus.CANCELLED,
        )
        for row in rows
        if row["id"] is not None
    ]
    return calendar_ics(entries, uow.now)
