"""Agencies: added, renamed, locked out and let in again, ended. By the partnership's administrator, or a command.

Whose agency is locked out or ended is let in no more, person or system, from the moment that it is answered: nothing
that they had asked before is still in hand, and what they were signed in by has ended for good.
"""

from typing import Any
from uuid import UUID

from app.db import agencies as queries
from app.db.session import UnitOfWork
from app.db.tables.partnerships import agency
from app.domain.access import Verb
from app.domain.agencies import AgencyForm, LockOutForm, RenameForm, slug_of
from app.domain.errors import Conflict, FieldProblem, Forbidden, Invalid, NotFound
from app.domain.sessions import EndReason
from app.services import leaving, partnerships, secrets_seen
from app.services.once import Document


async def listed(uow: UnitOfWork) -> Document:
    """Every agency there is or was, with those that are locked out; the ended last."""
    uow.actor.must(Verb.ADMINISTER_PARTNERSHIP)
    body: str = await uow.value(queries.LIST)
    uow.record("administration.agencies_read")
    return Document(b'{"items":%b}' % body.encode())


async def read(uow: UnitOfWork, agency_id: UUID) -> Document:
    """One agency, as its partnership keeps it."""
    uow.actor.must(Verb.ADMINISTER_PARTNERSHIP)
    uow.record("administration.agencies_read", subjects=[agency_id])
    return await _shown(uow, agency_id)


async def add(uow: UnitOfWork, form: AgencyForm) -> Document:
    """An agency joins. It sits on no forum yet."""
    uow.actor.must(Verb.ADMINISTER_PARTNERSHIP)
    await _check_name(uow, form.name)
    agency_id = await partnerships.add_agency(uow, name=form.name, slug=slug_of(form.name), kind=form.kind)
    uow.record("administration.agency_added", subjects=[agency_id])
    return await _shown(uow, agency_id)


async def rename(uow: UnitOfWork, agency_id: UUID, form: RenameForm) -> Document:
    """Call it something else. Its short name, by which commands know it, stays."""
    await _to_change(uow, agency_id)
    await _check_name(uow, form.name, but=agency_id)
    await uow.change(agency, agency_id, name=form.name)
    uow.record("administration.agency_renamed", subjects=[agency_id])
    return await _shown(uow, agency_id)


async def suspend(uow: UnitOfWork, agency_id: UUID, form: LockOutForm) -> Document:
    """Lock an agency out until it is let in again. Raises Conflict when it is locked out already."""
    await _to_end(uow, agency_id)
    await lock_out(uow, agency_id, form)
    return await _shown(uow, agency_id)


async def restore(uow: UnitOfWork, agency_id: UUID) -> Document:
    """Let an agency in again. Its people sign in anew. Raises ConfirmFirst."""
    await may_restore(uow)
    await _to_change(uow, agency_id)
    await let_in(uow, agency_id)
    return await _shown(uow, agency_id)


async def may_restore(uow: UnitOfWork) -> None:
    """Raise Forbidden unless the actor lets agencies in, and ConfirmFirst; for the page that asks."""
    uow.actor.must(Verb.ADMIT)


async def end(uow: UnitOfWork, agency_id: UUID) -> Document:
    """An agency leaves the partnership, for good: it is let in no more, and sits on no forum. What it wrote stays."""
    row = await _to_end(uow, agency_id)
    await secrets_seen.tell(uow, agency_id=agency_id)
    await _end_sessions(uow, agency_id)
    await uow.value(queries.LEAVE_FORUMS, agency=agency_id, now=uow.now)
    await uow.change(agency, row["id"], ended_at=uow.now)
    uow.record("administration.agency_ended", subjects=[agency_id])
    return await _shown(uow, agency_id)


async def lock_out(uow: UnitOfWork, agency_id: UUID, form: LockOutForm) -> None:
    """What ``suspend`` does, for whoever may. The command line runs it as nobody, who may."""
    await leaving.hold(uow, agency_id)
    row = await uow.row(queries.TO_CHANGE, id=agency_id)
    if row is None:
        raise NotFound("agency")
    if row["suspended_at"] is not None:
        raise Conflict("This agency is locked out already.")
    await uow.change(agency, agency_id, suspended_at=uow.now, suspended_because=form.because)
    await _end_sessions(uow, agency_id)
    _record(uow, "administration.agency_suspended", agency_id)


async def let_in(uow: UnitOfWork, agency_id: UUID) -> None:
    """What ``restore`` does, for whoever may."""
    row = await uow.row(queries.TO_CHANGE, id=agency_id)
    if row is None:
        raise NotFound("agency")
    if row["suspended_at"] is None:
        raise Conflict("This agency is not locked out.")
    await uow.change(agency, agency_id, suspended_at=None, suspended_because=None)
    _record(uow, "administration.agency_restored", agency_id)


async def called(uow: UnitOfWork, name: str) -> tuple[UUID, str] | None:
    """The agency with that short name, or that name, and its name; None if there is none. For commands."""
    row = await uow.row(queries.BY_SLUG, name=name)
    return (row["id"], row["name"]) if row else None


def _record(uow: UnitOfWork, verb: str, agency_id: UUID) -> None:
    uow.record(verb, subjects=[agency_id], purpose="command_line" if uow.actor.user_id is None else None)


async def _end_sessions(uow: UnitOfWork, agency_id: UUID) -> None:
    rows = await uow.rows(queries.END_SESSIONS, agency=agency_id, now=uow.now, ended_by=uow.actor.user_id)
    for row in rows:
        uow.record("sign_in.ended", subjects=[agency_id, row["user_id"]], purpose=EndReason.ADMINISTRATOR)


async def _to_end(uow: UnitOfWork, agency_id: UUID) -> Any:
    uow.actor.must(Verb.ADMINISTER_PARTNERSHIP)
    if agency_id == uow.actor.agency:
        raise Forbidden("This is your own agency: you would lock yourself out. Ask another administrator.")
    await leaving.hold(uow, agency_id)
    return await _to_change(uow, agency_id)


async def _to_change(uow: UnitOfWork, agency_id: UUID) -> Any:
    uow.actor.must(Verb.ADMINISTER_PARTNERSHIP)
    row = await uow.row(queries.TO_CHANGE, id=agency_id)
    if row is None:
        raise NotFound("agency")
    if row["ended_at"] is not None:
        raise Conflict("This agency has left the partnership. Add it again if it has come back.")
    return row


async def _check_name(uow: UnitOfWork, name: str, *, but: UUID | None = None) -> None:
    slug = slug_of(name)
    if not slug:
        raise Invalid([FieldProblem("/name", "no_letters", "Give a name with letters or digits in it.")])
    if await uow.value(queries.TAKEN, name=name, slug=slug, but=but):
        text = "There is, or was, an agency of this name. Give another, such as the name with its town."
        raise Invalid([FieldProblem("/name", "taken", text)])


async def _shown(uow: UnitOfWork, agency_id: UUID) -> Document:
    await uow.flush()
    body: str | None = await uow.value(queries.SHOW, id=agency_id)
    if body is None:
        raise NotFound("agency")
    return Document(body.encode(), location=f"/api/v1/agencies/{agency_id}")
