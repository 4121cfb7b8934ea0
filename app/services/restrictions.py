"""Restrictions: a case that exists for the people on its list, and for nobody else."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.db import exclusions as apart
from app.db import restrictions as queries
from app.db.json import to_json
from app.db.session import UnitOfWork
from app.db.tables.access import case_exclusion, case_restriction
from app.domain.access import MAY, GrantReason, Verb
from app.domain.disclosures import Act, Item, Nature
from app.domain.errors import Conflict, FieldProblem, Invalid, NotFound, Stale
from app.domain.exclusions import (
    AccessForm,
    ExclusionKind,
    LiftForm,
    Member,
    NamedForm,
    RestrictionForm,
    check_kept,
    check_named,
)
from app.domain.lawful_bases import Purpose
from app.services import audience, disclosures, grants, leaving
from app.services.authority import must
from app.services.cases import to_change
from app.services.once import Document

LIFTERS = sorted(MAY[Verb.KEEP_APART].roles)


async def restrict(uow: UnitOfWork, case_id: UUID, form: RestrictionForm) -> Document:
    """Open a case to a list of people only, from this moment on. Whoever restricts it is on the list."""
    await must(uow, Verb.KEEP_APART, case_id)
    if form.because is None:
        raise Invalid([FieldProblem("/because", "required", "Say why only some people may know of this case.")])
    await to_change(uow, case_id)
    if await uow.row(queries.STANDING, case_id=case_id) is not None:
        raise Conflict("This case is restricted already. Change its list instead.")
    members = await _checked(uow, form.named, case_id)
    restriction_id = open_to_named(uow, case_id, members, form.because)
    await audience.share_opened(uow, case_id, form.sharing, act=Act.NAMED, source=restriction_id)
    uow.event(case_id, "case.restricted")
    await close_to_others(uow, case_id)
    return await _shown(uow, case_id)


async def rename(uow: UnitOfWork, case_id: UUID, form: NamedForm, version: int | None) -> Document:
    """Replace the list. Whoever is new on it sees the case at once; whoever is left out, not for a moment longer."""
    await must(uow, Verb.KEEP_APART, case_id)
    row = await _to_change(uow, case_id, version)
    if uow.actor.user not in form.named:
        text = "You are on this list. Ask somebody else on it to take you off."
        raise Invalid([FieldProblem("/named", "oneself", text)])
    members = await _checked(uow, form.named, case_id)
    before = set(row["named"])
    new = [members[each] for each in form.named if each not in before]
    _name(uow, case_id, row["id"], new)
    await audience.share_opened(uow, case_id, form.sharing, act=Act.NAMED, source=row["id"])
    await uow.change(case_restriction, row["id"])
    left_out = sorted(before - set(form.named))
    if left_out:
        await leaving.hold(uow, *left_out)
        await uow.value(queries.END_NAMED, case_id=case_id, source=row["id"], users=left_out)
        await uow.value(apart.LET_GO, case_id=case_id)
    uow.record("restriction.changed", case_id=case_id, subjects=[*(each.user_id for each in new), *left_out])
    return await _shown(uow, case_id)


async def lift(uow: UnitOfWork, case_id: UUID, form: LiftForm, version: int | None) -> Document:
    """End a restriction: whatever opened the case before, and since, opens it again. Being named opens nothing more."""
    await must(uow, Verb.KEEP_APART, case_id)
    row = await _to_change(uow, case_id, version)
    source = row["id"]
    told = audience.from_row(await uow.row(queries.TO_TELL, case_id=case_id, source=source))
    await disclosures.share(
        uow,
        case_id,
        form.sharing,
        act=Act.LISTED,
        source=source,
        to_agencies=told.agencies(uow.actor.agency),
        to_users=told.users(uow.actor.agency),
        items=[Item.CASE],
        purpose=Purpose.PLAN,
        nature=Nature.BOTH,
    )
    uow.event(case_id, "case.restriction_lifted")
    await uow.change(case_restriction, source, until_at=uow.now, ended_by=uow.actor.user)
    await uow.value(queries.SUSPEND, case_id=case_id, suspend=False)
    # Last, since whoever lifts it may have seen the case for no other reason.
    await grants.end(uow, case_id, GrantReason.NAMED, source=source)
    return Document(to_json({"case_id": case_id, "restricted": False}), case_id=case_id)


async def read(uow: UnitOfWork, case_id: UUID) -> Document:
    """The standing restriction and its list, for whoever sees the case. Raises NotFound when there is none."""
    await must(uow, Verb.READ, case_id)
    uow.record("restriction.read", case_id=case_id)
    return await _shown(uow, case_id)


async def load_members(uow: UnitOfWork, users: Collection[UUID], case_id: UUID | None) -> dict[UUID, Member]:
    """Those of these people who are of this partnership, by id. ``case_id`` None: there is no case yet."""
    found = {row["id"]: row for row in await uow.rows(queries.MEMBERS, users=list(users), case_id=case_id)}
    return {
        each: Member(each, row["agency_id"], row["name"], frozenset(row["roles"]), row["kept_apart"])
        for each in users
        if (row := found.get(each)) is not None
    }


@dataclass(frozen=True, slots=True)
class Apart:
    """Who is to know of a case from its first moment: only those named, if any; and never those kept from it."""

    named: Mapping[UUID, Member]
    kept: Sequence[UUID]
    because: str


async def asked_for(uow: UnitOfWork, form: AccessForm | None) -> tuple[Apart | None, Sequence[FieldProblem]]:
    """What a referral asks for, and what is wrong with that. None: it asks for nothing.

    Whoever sends it is put on its list: they would otherwise lose sight of what they have just written.
    """
    if form is None or not (form.restricted_to or form.keep_from):
        return None, ()
    sender = uow.actor.user
    named = [*form.restricted_to]
    if named and sender not in named:
        named.append(sender)
    members = await load_members(uow, [*named, *form.keep_from], None)
    problems: list[FieldProblem] = []
    if form.because is None:
        text = "Say why some people may not know of this case. Only those who keep people apart will read it."
        problems.append(FieldProblem("/access/because", "required", text))
    if named:
        problems += check_named(named, members, pointer="/access/restricted_to")
    where = "/access/keep_from"
    problems += check_kept(form.keep_from, members, sender=sender, named=named, pointer=where)
    chosen = {each: members[each] for each in named if each in members}
    return Apart(chosen, form.keep_from, form.because or ""), problems


def set_apart(uow: UnitOfWork, case_id: UUID, apart: Apart) -> None:
    """Gather what keeps people from a new case; ``close_to_others`` follows."""
    if apart.named:
        open_to_named(uow, case_id, apart.named, apart.because)
    for each in apart.kept:
        keep_apart(uow, case_id, each, ExclusionKind.RECORDED, apart.because)
    if apart.kept:
        uow.record("exclusion.recorded", case_id=case_id, subjects=list(apart.kept))
    if apart.named:
        uow.event(case_id, "case.restricted")


def keep_apart(uow: UnitOfWork, case_id: UUID, user_id: UUID, kind: ExclusionKind, because: str | None) -> UUID:
    """Gather the row that keeps one person from a case. Returns its id."""
    return uow.add(
        case_exclusion,
        case_id=case_id,
        user_id=user_id,
        kind=kind,
        because=because,
        from_at=uow.now,
        made_by=uow.actor.user,
        version=1,
    )


def open_to_named(uow: UnitOfWork, case_id: UUID, members: Mapping[UUID, Member], because: str) -> UUID:
    """Gather a restriction and the grants of those on its list; ``close_to_others`` follows. Returns its id."""
    restriction_id = uow.add(
        case_restriction, case_id=case_id, because=because, from_at=uow.now, made_by=uow.actor.user, version=1
    )
    _name(uow, case_id, restriction_id, list(members.values()))
    return restriction_id


async def close_to_others(uow: UnitOfWork, case_id: UUID, *, suspend: bool = True, kept: Sequence[UUID] = ()) -> None:
    """Close a case to those ``kept`` from it; ``suspend``: to all who are not named. Call this once all is gathered."""
    await uow.flush()
    await leaving.hold(uow, *kept)
    if suspend:
        await leaving.hold_those_closed_out(uow, case_id)
        await uow.value(queries.SUSPEND, case_id=case_id, suspend=True)
    await uow.value(apart.LET_GO, case_id=case_id)


async def _checked(uow: UnitOfWork, named: Sequence[UUID], case_id: UUID) -> dict[UUID, Member]:
    wanted = [*named, *(() if uow.actor.user in named else (uow.actor.user,))]
    members = await load_members(uow, wanted, case_id)
    problems = check_named(wanted, members)
    if problems:
        raise Invalid(problems)
    return members


async def _to_change(uow: UnitOfWork, case_id: UUID, version: int | None) -> Any:
    await to_change(uow, case_id)
    row = await uow.row(queries.STANDING, case_id=case_id)
    if row is None:
        raise NotFound("restriction")
    if version is not None and version != row["version"]:
        raise Stale("restriction")
    return row


def _name(uow: UnitOfWork, case_id: UUID, restriction_id: UUID, members: Sequence[Member]) -> None:
    for each in members:
        grants.open_to_user(uow, case_id, each.user_id, each.agency_id, GrantReason.NAMED, source=restriction_id)


async def _shown(uow: UnitOfWork, case_id: UUID) -> Document:
    await uow.flush()
    row = await uow.row(queries.SHOW, case_id=case_id, lifters=LIFTERS)
    if row is None:
        raise NotFound("restriction")
    return Document(row["body"].encode(), row["version"], case_id=case_id)
