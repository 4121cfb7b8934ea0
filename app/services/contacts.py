"""The second ring: where the people in a case can be found, kept sealed and released on purpose."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson

from app.db import contacts as queries
from app.db.json import to_json
from app.db.session import UnitOfWork
from app.db.tables.access import contact_detail, contact_index, contact_release, contact_secret
from app.db.vault import Enclosed, Sealed
from app.domain.access import Verb
from app.domain.contacts import RELEASED_FOR, ContactDetails, Release, SafeContact, in_words_only, look_ups, mask
from app.domain.disclosures import Act, Item, Nature
from app.domain.errors import FieldProblem, Invalid
from app.domain.people import PersonKnown, PersonTold, merge
from app.services import authority
from app.services.disclosures import Told, choose_basis, record_share
from app.services.once import Document

_HEAD = ("party_id", "key", "role", "name", "person_reference")


def keep(uow: UnitOfWork, case_id: UUID, referral_id: UUID, party_id: UUID, told: ContactDetails) -> None:
    """Keep what a referral says of where somebody can be found: masked, sealed, and so that it can be looked for."""
    of_party = {"case_id": case_id, "party_id": party_id}
    row_id = uow.add(
        contact_detail,
        **of_party,
        referral_id=referral_id,
        masked=mask(told).model_dump(mode="json"),
        created_at=uow.now,
    )
    partnership_id = uow.actor.partnership_id
    plain = told.model_dump_json(exclude_none=True).encode()
    enclosed = uow.vault.enclose(plain, partnership_id=partnership_id, row_id=row_id, belongs_to=party_id)
    uow.add(
        contact_secret,
        id=row_id,
        **of_party,
        key_id=enclosed.key.key_id,
        wrapped=enclosed.key.data,
        sealed=enclosed.data,
    )
    for kind, value in sorted(look_ups(told)):
        blind = uow.vault.blind(kind, value, partnership_id=partnership_id)
        entry = {"detail_id": row_id, "kind": kind, "key_id": blind.key_id, "blind": blind.digest}
        uow.add(contact_index, **of_party, **entry)


async def masked(uow: UnitOfWork, case_id: UUID) -> Document:
    """What contact details there are, and the words on how to use them: all that anybody sees without a release."""
    await authority.must(uow, Verb.READ, case_id)
    rows = await uow.rows(queries.MASKED, case_id=case_id, user=uow.actor.user, now=uow.now)
    uow.record("contact.listed", case_id=case_id, subjects=[row["party_id"] for row in rows])
    items = []
    for row in rows:
        said = row["safe_contact"]
        words = in_words_only(SafeContact.model_validate(said)).model_dump(mode="json") if said else None
        by = orjson.loads(row["safe_contact_said"] or "null")
        items.append({**dict(row), "safe_contact": words, "safe_contact_said": by})
    return Document(to_json({"items": items}))


async def release(uow: UnitOfWork, case_id: UUID, asked: Release) -> Document:
    """Open the contact details of the people named to the actor, for a quarter of an hour and a reason on record."""
    await authority.must(uow, Verb.RELEASE_CONTACTS, case_id)
    problems = list(asked.problems())
    there = {row["id"] for row in await uow.rows(queries.PARTIES, case_id=case_id)}
    text = "This is nobody in this case. Use a party_id of its contacts."
    problems += [
        FieldProblem(f"/parties/{place}", "unknown_party", text)
        for place, party in enumerate(asked.parties)
        if party not in there
    ]
    if problems:
        raise Invalid(problems)
    parties = list(dict.fromkeys(asked.parties))
    release_id = uow.add(
        contact_release,
        case_id=case_id,
        user_id=uow.actor.user,
        agency_id=uow.actor.agency,
        parties=parties,
        reason=asked.reason,
        because=asked.because,
        at=uow.now,
        until_at=uow.now + RELEASED_FOR,
    )
    words = {"because": asked.because} if asked.because else None
    uow.record("contact.released", case_id=case_id, subjects=parties, purpose=asked.reason, detail=words)
    await _enter_in_ledger(uow, case_id, release_id, parties, asked)
    await uow.flush()
    return await _opened(uow, case_id, parties)


async def _enter_in_ledger(
    uow: UnitOfWork, case_id: UUID, release_id: UUID, parties: Sequence[UUID], asked: Release
) -> None:
    """Enter, for each other agency that gave any of these details, that they were told to the actor and theirs."""
    own = uow.actor.agency
    given = await uow.rows(queries.GIVEN_BY, case_id=case_id, parties=parties, own=own)
    if not given:
        return
    chosen = await choose_basis(uow, asked.told, asked.purpose, nature=Nature.FACT)
    for row in given:
        taken = Told(
            case_id,
            [own],
            (Item.CONTACT_DETAILS,),
            to_users=[uow.actor.user],
            subjects=row["parties"],
            source=release_id,
            from_agency=row["agency_id"],
        )
        record_share(uow, chosen, taken, act=Act.CONTACT_RELEASE)


async def released(uow: UnitOfWork, case_id: UUID) -> Document:
    """The contact details that stand released to the actor at this moment. Each look is in the trail."""
    await authority.must(uow, Verb.RELEASE_CONTACTS, case_id)
    return await _opened(uow, case_id, None)


async def _opened(uow: UnitOfWork, case_id: UUID, parties: Sequence[UUID] | None) -> Document:
    asked = {"case_id": case_id, "user": uow.actor.user, "now": uow.now, "parties": parties}
    rows = await uow.rows(queries.RELEASED, **asked)
    people: dict[UUID, dict[str, Any]] = {}
    told: dict[UUID, PersonKnown] = {}
    for row in rows:
        party = row["party_id"]
        head = {name: row[name] for name in _HEAD}
        people[party] = {**head, "safe_contact": row["safe_contact"], "released_until": row["released_until"]}
        if row["sealed"] is not None:
            contact = ContactDetails.model_validate_json(_open(uow, row))
            told[party] = merge(told.get(party, PersonKnown()), PersonTold(contact=contact))
    uow.record("contact.read", case_id=case_id, subjects=list(people))
    items = [
        {
            **head,
            "contact": known.contact.model_dump(mode="json") if (known := told.get(party)) and known.contact else None,
        }
        for party, head in people.items()
    ]
    return Document(to_json({"items": items}))


def _open(uow: UnitOfWork, row: Any) -> bytes:
    enclosed = Enclosed(Sealed(row["key_id"], bytes(row["wrapped"])), bytes(row["sealed"]))
    return uow.vault.disclose(
        enclosed, partnership_id=uow.actor.partnership_id, row_id=row["id"], belongs_to=row["party_id"]
    )
