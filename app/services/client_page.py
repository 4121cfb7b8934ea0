"""The pages about one client of an IDVA service: each all at once, in one transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from app.db.session import UnitOfWork
from app.domain.access import Verb
from app.services import authority, contacts, idva_support, privileged_notes


@dataclass(frozen=True, slots=True)
class ClientPage:
    """told: what was done for her. contacts: what there is of hers to reach her by, masked. notes: a page of them."""

    told: dict[str, Any]
    contacts: list[dict[str, Any]]
    now: datetime
    reads_notes: bool
    notes: dict[str, Any] | None = None


async def show(uow: UnitOfWork, case_id: UUID, *, to_reach: bool = False) -> ClientPage:
    """What was done for a client; ``to_reach``: with what there is to reach her by."""
    told = orjson.loads((await idva_support.read(uow, case_id)).body)
    found = []
    if to_reach:
        every = orjson.loads((await contacts.masked(uow, case_id)).body)["items"]
        found = [each for each in every if each["party_id"] == told["client"]["party_id"]]
    relations = await authority.relations(uow, case_id)
    return ClientPage(told, found, uow.now, uow.actor.may(Verb.SUPPORT_CLIENT, relations))


async def with_notes(uow: UnitOfWork, case_id: UUID, *, after: UUID | None, limit: int) -> ClientPage:
    """The same with the notes of the actor's own service. Raises Forbidden for whoever is no IDVA."""
    notes = orjson.loads((await privileged_notes.listed(uow, case_id, after=after, limit=limit)).body)
    page = await show(uow, case_id)
    return ClientPage(page.told, page.contacts, page.now, page.reads_notes, notes)
