"""Administration: who works in the partnership, and in which roles. Nobody gives themselves anything.

PostgreSQL's policies on people and roles hold to the same: what is refused here in words is refused there as well.
"""

from typing import Any
from uuid import UUID

import orjson

from app.db import administration as queries
from app.db.session import UnitOfWork
from app.db.tables.partnerships import app_user, user_role
from app.domain.access import Role, Verb, desk_principal
from app.domain.administration import NewUser, RoleGiven, may_give, why_not
from app.domain.errors import Conflict, FieldProblem, Forbidden, Invalid, NotFound
from app.domain.notices import NoticeKind
from app.domain.sessions import EndReason
from app.services import leaving, notices, partnerships, secrets_seen, sessions
from app.services.once import Document


async def read_user(uow: UnitOfWork, user_id: UUID) -> Document:
    """Somebody with every role they hold or held, and who gave it."""
    uow.actor.must(Verb.ADMINISTER_AGENCY)
    row = await _row(uow, queries.SHOW, user_id)
    _check_agency(uow, row["agency_id"])
    uow.record("administration.user_read", subjects=[row["agency_id"], user_id])
    return Document(row["body"].encode())


async def add_user(uow: UnitOfWork, told: NewUser) -> Document:
    """Somebody who joins, with the roles that this administrator may give. Raises Conflict when the e-mail is taken."""
    uow.actor.must(Verb.GRANT_ACCESS)
    agency_id = told.agency_id or uow.actor.agency
    _check_agency(uow, agency_id)
    for role in told.roles:
        _check_may_give(uow, role, agency_id)
    problems = []
    if await uow.value(queries.AGENCY, id=agency_id) is None:
        problems.append(FieldProblem("/agency_id", "unknown", "There is no such agency. Choose one from /agencies."))
    for n, role in enumerate(told.roles):
        if role in told.roles[:n]:
            problems.append(FieldProblem(f"/roles/{n}", "twice", "Name each role once."))
        elif reason := why_not(role, set(told.roles[:n]), is_system=told.is_system):
            problems.append(FieldProblem(f"/roles/{n}", "not_together", reason))
    if problems:
        raise Invalid(problems)
    if await uow.value(queries.EMAIL_TAKEN, email=told.email.lower()):
        raise Conflict("Somebody in this partnership has this e-mail already. Each person has one of their own.")
    user_id = await partnerships.add_user(
        uow,
        agency_id,
        name=told.name,
        email=told.email,
        roles=(),
        job_title=told.job_title,
        is_system=told.is_system,
    )
    uow.record("administration.user_added", subjects=[agency_id, user_id])
    # The policy on roles looks at whose colleague somebody is, and so at a person already written.
    await uow.flush()
    for role in told.roles:
        _give(uow, user_id, agency_id, role)
    return await _shown(uow, user_id)


async def end_user(uow: UnitOfWork, user_id: UUID) -> Document:
    """Somebody leaves: once this is answered nothing of theirs is in hand, and they are not let in.

    They hold no role, and no means of signing in. Nothing they wrote goes.
    """
    row = await _to_change(uow, user_id, Verb.ADMINISTER_AGENCY)
    for role in orjson.loads(row["roles"]):
        _check_may_give(uow, Role(role), row["agency_id"])
    _check_here(row)
    await secrets_seen.tell(uow, user_id=user_id)
    await sessions.end_all_of(uow, user_id, EndReason.ADMINISTRATOR)
    await uow.value(queries.END_METHODS, id=user_id)
    await uow.value(queries.END_LINKS, id=user_id, now=uow.now)
    await uow.value(queries.END_ROLES, id=user_id, now=uow.now)
    await uow.change(app_user, user_id, ended_at=uow.now)
    if Role.IDVA in orjson.loads(row["roles"]):
        await _tell_of_idva_left(uow, user_id)
    uow.record("administration.user_ended", subjects=[row["agency_id"], user_id])
    return await _shown(uow, user_id)


async def give_role(uow: UnitOfWork, user_id: UUID, told: RoleGiven) -> Document:
    """Give somebody a role. It holds from their next request on. Raises ConfirmFirst."""
    row = await _to_change(uow, user_id, Verb.GRANT_ACCESS)
    _check_may_give(uow, told.role, row["agency_id"])
    _check_here(row)
    held = set(orjson.loads(row["roles"]))
    if told.role in held:
        raise Conflict("They hold this role already.")
    if reason := why_not(told.role, held, is_system=row["is_system"]):
        raise Invalid([FieldProblem("/role", "not_together", reason)])
    _give(uow, user_id, row["agency_id"], told.role)
    return await _shown(uow, user_id)


async def end_role(uow: UnitOfWork, user_id: UUID, role: Role) -> Document:
    """Take a role away. What it opened is closed from their next request on."""
    row = await _to_change(uow, user_id, Verb.ADMINISTER_AGENCY)
    _check_may_give(uow, role, row["agency_id"])
    _check_here(row)
    held = orjson.loads(row["roles"]).get(role)
    if held is None:
        raise Conflict("They do not hold this role.")
    await uow.change(user_role, UUID(held), ended_at=uow.now)
    if role is Role.IDVA:
        await _tell_of_idva_left(uow, user_id)
    uow.record("administration.role_ended", subjects=[row["agency_id"], user_id], purpose=role)
    return await _shown(uow, user_id)


async def _tell_of_idva_left(uow: UnitOfWork, user_id: UUID) -> None:
    """The cases closed to them with their role. Administrators see no case: the coordinators find each another IDVA."""
    agencies = await uow.value(queries.COORDINATING)
    desks = [desk_principal(agency, Role.MARAC_COORDINATOR) for agency in agencies or ()]
    notices.tell(uow, desks, NoticeKind.IDVA_LEFT, about=user_id)


def _give(uow: UnitOfWork, user_id: UUID, agency_id: UUID, role: Role) -> None:
    uow.add(user_role, user_id=user_id, role=role, given_at=uow.now, given_by=uow.actor.user)
    uow.record("administration.role_given", subjects=[agency_id, user_id], purpose=role)


async def _to_change(uow: UnitOfWork, user_id: UUID, verb: Verb) -> Any:
    """Somebody as they stand, held; and looked at before as well: nobody waits for, or keeps out, who is not theirs."""
    uow.actor.must(verb)
    await _looked(uow, user_id)
    await leaving.hold(uow, user_id)
    return await _looked(uow, user_id)


async def _looked(uow: UnitOfWork, user_id: UUID) -> Any:
    row = await _row(uow, queries.TO_CHANGE, user_id)
    if user_id == uow.actor.user:
        raise Forbidden("Nobody changes their own access. Ask another administrator.")
    _check_agency(uow, row["agency_id"])
    return row


def _check_here(row: Any) -> None:
    if row["ended_at"] is not None:
        raise Conflict("They have left already. Add them again if they have come back.")


async def _row(uow: UnitOfWork, statement: Any, user_id: UUID) -> Any:
    row = await uow.row(statement, id=user_id)
    if row is None:
        raise NotFound("user")
    return row


def _check_agency(uow: UnitOfWork, agency_id: UUID) -> None:
    if agency_id != uow.actor.agency and not uow.actor.may(Verb.ADMINISTER_PARTNERSHIP):
        raise Forbidden("You keep the people of your own agency. Ask the partnership's administrator for others.")


def _check_may_give(uow: UnitOfWork, role: Role, agency_id: UUID) -> None:
    if not may_give(role, uow.actor.roles, own_agency=agency_id == uow.actor.agency):
        raise Forbidden(f"The role '{role}' is the partnership's to give and to take. Ask its administrator.")


async def _shown(uow: UnitOfWork, user_id: UUID) -> Document:
    await uow.flush()
    row = await _row(uow, queries.SHOW, user_id)
    return Document(row["body"].encode(), location=f"/api/v1/users/{user_id}")
