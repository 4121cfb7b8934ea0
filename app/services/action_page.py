"""One action as its pages show it: with what whoever looks may say of it, in the same transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from app.db import grants as grant_queries
from app.db.session import UnitOfWork
from app.domain.access import Verb
from app.domain.errors import Forbidden
from app.domain.lawful_bases import Register
from app.services import actions, reference
from app.services.lawful_bases import register_of


@dataclass(frozen=True, slots=True)
class Shown:
    """An action with its history. may_update: whether whoever looks can say what became of it."""

    action: Mapping[str, Any]
    version: int
    may_update: bool


@dataclass(frozen=True, slots=True)
class ToShare:
    """The same where another agency may come to see the case: the agencies, and on what it may be shared.

    may_bring_in: whether whoever looks may open the case to an agency that does not see it.
    """

    shown: Shown
    may_bring_in: bool
    agencies: tuple[tuple[UUID, str], ...]
    register: Register


async def show(uow: UnitOfWork, action_id: UUID) -> Shown:
    """An action, for everybody who sees its case."""
    document = await actions.read(uow, action_id)
    relations = await uow.value(grant_queries.RELATIONS, case_id=document.case_id)
    action = orjson.loads(document.body)
    own = action["agency"]["id"] == str(uow.actor.agency)
    may = uow.actor.may(Verb.UPDATE_ACTION, relations) and (own or uow.actor.may(Verb.RUN_MEETING, relations))
    assert document.version is not None  # noqa: S101  # an action has one
    return Shown(action, document.version, may)


async def to_update(uow: UnitOfWork, action_id: UUID) -> Shown:
    """The same for whoever is about to say what became of it. Raises Forbidden."""
    shown = await show(uow, action_id)
    if not shown.may_update:
        raise Forbidden("Only the agency that owns this action, the coordinator or the chair can update it.")
    return shown


async def to_share(uow: UnitOfWork, action_id: UUID) -> ToShare:
    """The same where it is to be handed over, or opened again."""
    shown = await to_update(uow, action_id)
    agencies = orjson.loads((await reference.agencies(uow)).body)["items"]
    others = tuple((UUID(each["id"]), each["name"]) for each in agencies if each["id"] != shown.action["agency"]["id"])
    return ToShare(shown, uow.actor.may(Verb.RUN_MEETING), others, await register_of(uow))
