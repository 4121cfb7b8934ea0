"""The second ring: where the people in a case can be found, kept sealed and released on purpose."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from app.db import contacts as queries
from app.db.json import to_json
from app.db.session import UnitOfWork
from app.db.tables.access import contact_detail, contact_release, contact_secret
from app.db.vault import Enclosed, Sealed
from app.domain.access import Verb
from app.domain.cases import ReleaseReason
from app.domain.contacts import ContactDetails
from app.domain.errors import NotFound
from app.domain.people import PersonKnown, PersonTold, merge
from app.services.once import Document

RELEASED_FOR = timedelta(minutes=15)


def keep(uow: UnitOfWork, case_id: UUID, referral_id: UUID, party_id: UUID, told: ContactDetails) -> None:
    """Keep what a referral says of where somebody can be found."""
    row_id = uow.add(
        contact_detail,
        case_id=case_id,
        party_id=party_id,
        referral_id=referral_id,
        masked={},
        created_at=uow.now,
    )
    enclosed = uow.vault.enclose(
        told.model_dump_json(exclude_none=True).encode(), partnership_id=uow.actor.partnership_id, row_id=row_id
    )
    uow.add(
        contact_secret,
        id=row_id,
        case_id=case_id,
        party_id=party_id,
        key_id=enclosed.key.key_id,
        wrapped=enclosed.key.data,
        sealed=enclosed.data,
    )


async def release(uow: UnitOfWork, case_id: UUID, reason: ReleaseReason) -> Document:
    """Where the people in a case can be found. Each release is written to the trail with its reason."""
    uow.actor.must(Verb.RELEASE_CONTACTS)
    parties = await uow.value(queries.PARTIES, case_id=case_id)
    if not parties:
        raise NotFound("case")
    uow.add(
        contact_release,
        case_id=case_id,
        user_id=uow.actor.user,
        agency_id=uow.actor.agency,
        parties=parties,
        reason=reason,
        because=None,
        at=uow.now,
        until_at=uow.now + RELEASED_FOR,
    )
    await uow.flush()
    rows = await uow.rows(queries.CONTACTS, id=case_id)
    uow.record(
        "contact.released",
        case_id=case_id,
        subjects=list(dict.fromkeys(row["party_id"] for row in rows)),
        purpose=reason,
    )
    people: dict[UUID, dict[str, Any]] = {}
    told: dict[UUID, PersonKnown] = {}
    for row in rows:
        party = row["party_id"]
        head = {"party_id": party, "key": row["key"], "role": row["role"], "name": row["name"]}
        people[party] = {**head, "person_reference": row["reference"], "safe_contact": row["safe_contact"]}
        if row["sealed"] is not None:
            enclosed = Enclosed(Sealed(row["key_id"], bytes(row["wrapped"])), bytes(row["sealed"]))
            opened = uow.vault.disclose(enclosed, partnership_id=uow.actor.partnership_id, row_id=row["id"])
            contact = ContactDetails.model_validate_json(opened)
            told[party] = merge(told.get(party, PersonKnown()), PersonTold(contact=contact))
    items = [
        {
            **head,
            "contact": (told[party].contact or ContactDetails()).model_dump(mode="json") if party in told else None,
        }
        for party, head in people.items()
    ]
    return Document(to_json({"items": items}))
