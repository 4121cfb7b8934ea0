"""What is answered about contact details."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from app.api.v1.shapes import Shape
from app.domain.contacts import ContactDetails, MaskedContact, SafeContact


class ContactGiven(Shape):
    """That an agency told where somebody can be found, and when it did. Masked."""

    given_at: datetime
    agency: str
    contact: MaskedContact


class SafeContactSaid(Shape):
    """Who said how the victim can be reached, and when: the IDVA, or whoever referred her.

    `referred_since`: somebody referred her again after the IDVA said it, and may have added to it.
    """

    how: Literal["idva", "referral"]
    by: str | None
    agency: str | None
    at: datetime
    referred_since: datetime | None


class PartyContacts(Shape):
    """What is known of how somebody can be reached. `released_until`: their details are open to you until then."""

    party_id: UUID
    key: str
    role: str
    name: str
    person_reference: str
    safe_contact: SafeContact | None
    safe_contact_said: SafeContactSaid | None
    given: list[ContactGiven]
    released_until: datetime | None


class CaseContacts(Shape):
    """Everybody in a case, with what contact details there are."""

    items: list[PartyContacts]


class PartyReleased(Shape):
    """Where somebody can be found, after the words on how to reach them safely. `contact` is null: nobody said."""

    party_id: UUID
    key: str
    role: str
    name: str
    person_reference: str
    safe_contact: SafeContact | None
    contact: ContactDetails | None
    released_until: datetime


class ReleasedContacts(Shape):
    """The contact details that are open to you."""

    items: list[PartyReleased]
