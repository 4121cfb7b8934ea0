"""What is answered about the register of lawful bases and the agreements."""

from datetime import date
from uuid import UUID

from app.api.v1.shapes import Shape
from app.domain.lawful_bases import Purpose


class LawfulBasisShape(Shape):
    """One version of an entry. It holds from `effective_from` and before `effective_until`.

    `agency_kinds` empty: for every agency. `help`: in plain English, when to choose it and when not to.
    """

    id: UUID
    code: str
    version: int
    title: str
    help: str
    agency_kinds: list[str]
    proposed_for: list[Purpose]
    article_6: str | None
    article_9: str | None
    article_10: str | None
    power: str | None
    effective_from: date
    effective_until: date | None


class LawfulBasisChoice(LawfulBasisShape):
    """An entry that your agency may choose today. `proposed`: the one for the purpose you asked about."""

    proposed: bool


class LawfulBasisChoices(Shape):
    """What your agency may choose today, what is proposed first. Nothing is chosen for you."""

    purpose: Purpose | None
    agency_kind: str
    items: list[LawfulBasisChoice]


class LawfulBasisVersions(Shape):
    """Every version of every entry, for every kind of agency."""

    items: list[LawfulBasisShape]


class SharingAgreementShape(Shape):
    """What the partners signed, from a day and before another."""

    id: UUID
    title: str
    version: str
    effective_from: date
    effective_until: date | None


class SharingAgreements(Shape):
    """Every agreement, the newest first."""

    items: list[SharingAgreementShape]
