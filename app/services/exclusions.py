"""Exclusions: a person with a conflict of interest, for whom a case then does not exist.

They never come to see the row. In the trail these acts are `exclusion.*`, which only auditors and those who keep people
apart are shown; the timeline, which everybody on the case reads, says nothing of them.
"""

from uuid import UUID

from app.db import exclusions as queries
from app.db import restrictions as lists
from app.db.json import to_json
from app.db.session import UnitOfWork
from app.db.tables.access import case_exclusion
from app.domain.access import Verb
from app.domain.errors import Conflict, FieldProblem, Invalid, NotFound, Stale
from app.domain.exclusions import ConflictForm, ExclusionForm, ExclusionKind
from app.services import leaving
from app.services.authority import must
from app.services.cases import to_change
from app.services.once import Document
from app.services.restrictions import keep_apart, load_members

_SAID = (
    "Your conflict of interest is recorded. From your next request on, this case does not exist for you. If it was a "
    "mistake, tell the MARAC coordinator: you cannot undo it yourself."
)


async def declare(uow: UnitOfWork, case_id: UUID, form: ConflictForm) -> Document:
    """Keep oneself from a case. Raises Conflict for the last person who may change a restricted case's list."""
    await must(uow, Verb.DECLARE_CONFLICT, case_id)
    await leaving.hold(uow, uow.actor.user)
    await to_change(uow, case_id)
    restriction = await uow.row(lists.STANDING, case_id=case_id)
    if restriction is not None:
        members = await load_members(uow, restriction["named"], case_id)
        mine = members.get(uow.actor.user)
        others = [each for each in members.values() if each.user_id != uow.actor.user]
        if mine is not None and mine.may_lift and not any(each.may_lift for each in others):
            raise Conflict(
                "You are the only person on this case's list who may change it. Put a chair or another coordinator on "
                "it first."
            )
    await _keep_apart(uow, case_id, uow.actor.user, ExclusionKind.DECLARED, form.because)
    uow.record("exclusion.declared", case_id=case_id)
    return Document(to_json({"said": _SAID}), case_id=case_id)


async def record(uow: UnitOfWork, case_id: UUID, form: ExclusionForm) -> Document:
    """Keep somebody else from a case. They are not told."""
    await must(uow, Verb.KEEP_APART, case_id)
    problems = []
    if form.because is None:
        problems.append(FieldProblem("/because", "required", "Say why this person is kept from the case."))
    if form.user_id == uow.actor.user:
        text = "This is you. Declare your own conflict of interest at /cases/{id}/conflicts."
        problems.append(FieldProblem("/user_id", "oneself", text))
    elif await uow.value(queries.USER, id=form.user_id) is None:
        text = "There is nobody with this id. Choose from /users."
        problems.append(FieldProblem("/user_id", "unknown_user", text))
    if problems:
        raise Invalid(problems)
    await leaving.hold(uow, form.user_id)
    await to_change(uow, case_id)
    if await uow.value(queries.STANDING, case_id=case_id, user=form.user_id) is not None:
        raise Conflict("This person is kept from the case already.")
    exclusion_id = await _keep_apart(uow, case_id, form.user_id, ExclusionKind.RECORDED, form.because)
    uow.record("exclusion.recorded", case_id=case_id, subjects=[form.user_id])
    return await _shown(uow, case_id, exclusion_id)


async def end(uow: UnitOfWork, case_id: UUID, exclusion_id: UUID, version: int | None) -> Document:
    """Let somebody see the case again, if anything opens it to them. Never oneself: one does not see one's own."""
    await must(uow, Verb.KEEP_APART, case_id)
    row = await uow.row(queries.TO_END, case_id=case_id, id=exclusion_id)
    if row is None:
        raise NotFound("exclusion")
    if version is not None and version != row["version"]:
        raise Stale("exclusion")
    if row["until_at"] is not None:
        raise Conflict("This exclusion has been ended already.")
    await uow.change(case_exclusion, exclusion_id, until_at=uow.now, ended_by=uow.actor.user)
    uow.record("exclusion.ended", case_id=case_id, subjects=[row["user_id"]])
    return await _shown(uow, case_id, exclusion_id)


async def listed(uow: UnitOfWork, case_id: UUID) -> Document:
    """Who is, or was, kept from a case: for those who keep people apart."""
    await must(uow, Verb.KEEP_APART, case_id)
    body: str = await uow.value(queries.LIST, case_id=case_id)
    uow.record("exclusion.listed", case_id=case_id)
    return Document(b'{"items":%b}' % body.encode())


async def _keep_apart(uow: UnitOfWork, case_id: UUID, user_id: UUID, kind: ExclusionKind, because: str | None) -> UUID:
    exclusion_id = keep_apart(uow, case_id, user_id, kind, because)
    await uow.flush()
    await uow.value(queries.LET_GO, case_id=case_id)
    return exclusion_id


async def _shown(uow: UnitOfWork, case_id: UUID, exclusion_id: UUID) -> Document:
    await uow.flush()
    row = await uow.one(queries.SHOW, id=exclusion_id)
    return Document(row["body"].encode(), row["version"], case_id=case_id)
