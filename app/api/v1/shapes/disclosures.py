"""What is answered about the ledger of disclosures."""

from datetime import date, datetime
from uuid import UUID

from app.api.v1.shapes import Named, Page, Shape
from app.domain.disclosures import Act, Channel, Item, Kind, Nature
from app.domain.lawful_bases import Purpose


class DisclosureCase(Shape):
    """The case. `reference` is null to an auditor, who sees no case."""

    id: UUID
    reference: str | None


class DisclosureSubject(Shape):
    """Somebody it was about."""

    party_id: UUID
    person_reference: str
    name: str
    role: str


class DisclosureSender(Shape):
    """Who shared it, or decided not to."""

    agency: Named
    person: Named


class DisclosureRecipients(Shape):
    """Who was told. `people`: those at the agencies, when it was not told to the agency as such."""

    agencies: list[Named]
    people: list[Named]
    outside: str | None


class BasisChosen(Shape):
    """The lawful basis in the words it had when it was chosen."""

    code: str
    version: int
    title: str
    article_6: str | None
    article_9: str | None
    article_10: str | None
    power: str | None
    effective_from: date


class AgreementNamed(Shape):
    """The agreement that was in force."""

    id: UUID
    title: str
    version: str


class DisclosureShape(Shape):
    """One entry of the ledger, which nobody can change; `corrected_by` is the one that puts it right.

    `everybody`: it was about everybody in the case at the time, who are listed. `because`: why it was not shared.
    """

    id: UUID
    kind: Kind
    act: Act
    at: datetime
    case: DisclosureCase
    everybody: bool
    subjects: list[DisclosureSubject]
    items: list[Item]
    detail: str | None
    sender: DisclosureSender
    to: DisclosureRecipients
    purpose: Purpose
    basis: BasisChosen | None
    agreement: AgreementNamed | None
    necessity: str | None
    proportionality: str | None
    awareness: str | None
    nature: Nature | None
    channel: Channel
    onward: str | None
    because: str | None
    corrects: UUID | None
    corrected_by: UUID | None


class DisclosurePage(Page):
    """A page of the ledger, newest first."""

    items: list[DisclosureShape]


class PersonShared(Shape):
    """Whom it is about. `name` is null to an auditor, who sees no case."""

    person_reference: str
    name: str | None


class PersonDisclosures(Page):
    """What was shared about somebody, in every case in which you know them, newest first."""

    person: PersonShared
    items: list[DisclosureShape]
