"""The register of lawful bases: on what an agency may share, in law and in plain words, from one day to another.

Each controller answers for its own basis, so an entry says for which kinds of agency it is. Sources: UK GDPR as
amended by the Data (Use and Access) Act 2025; Data Protection Act 2018; the Acts that each entry names.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from app.domain.errors import FieldProblem
from app.domain.fields import Day, Form, Line, Long, Short

ENDS_SOON = timedelta(days=60)
"""So long before an agreement ends somebody is told, since partners take weeks to sign the next."""


class Purpose(StrEnum):
    """What something is shared for. The register proposes a basis for each."""

    ASSESS_RISK = "assess_risk"
    PROTECT = "protect"
    PLAN = "plan"
    SUPPORT = "support"
    CONTACT = "contact"
    SAFEGUARD_CHILD = "safeguard_child"
    SAFEGUARD_ADULT = "safeguard_adult"
    PREVENT_CRIME = "prevent_crime"
    EMERGENCY = "emergency"
    LEGAL = "legal"

    @property
    def words(self) -> str:
        """The purpose as a page says it, after "To"."""
        return _PURPOSES[self]


_PURPOSES = {
    Purpose.ASSESS_RISK: "see how great the risk is",
    Purpose.PROTECT: "protect somebody from serious harm",
    Purpose.PLAN: "agree and carry out a plan",
    Purpose.SUPPORT: "offer and give support",
    Purpose.CONTACT: "reach somebody safely",
    Purpose.SAFEGUARD_CHILD: "safeguard a child",
    Purpose.SAFEGUARD_ADULT: "safeguard an adult at risk",
    Purpose.PREVENT_CRIME: "prevent, detect or prosecute a crime",
    Purpose.EMERGENCY: "act in an emergency",
    Purpose.LEGAL: "do what the law or a court requires",
}


MANY = 1000
"""More kinds than any entry names: an entry for every agency gives way to one made for some."""


class LawfulBasis(BaseModel):
    """One version of an entry of the register. ``agency_kinds`` empty: for every agency.

    It holds from ``effective_from`` and before ``effective_until``; None: it has no end yet.
    """

    model_config = ConfigDict(frozen=True)

    id: UUID
    code: str
    version: int
    title: str
    help: str
    agency_kinds: tuple[str, ...]
    proposed_for: tuple[str, ...]
    article_6: str | None
    article_9: str | None
    article_10: str | None
    power: str | None
    effective_from: date
    effective_until: date | None = None

    def snapshot(self) -> dict[str, Any]:
        """What a disclosure keeps of it: registers change, and what was chosen does not."""
        return self.model_dump(
            mode="json",
            include={"code", "version", "title", "article_6", "article_9", "article_10", "power", "effective_from"},
        )


class SharingAgreement(BaseModel):
    """What the partners signed. In force from ``effective_from`` and before ``effective_until``."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    title: str
    version: str
    effective_from: date
    effective_until: date | None = None


def in_force(each: LawfulBasis | SharingAgreement, today: date) -> bool:
    """Whether it holds on that day."""
    return each.effective_from <= today and (each.effective_until is None or each.effective_until > today)


def needs_next(each: SharingAgreement, every: Sequence[SharingAgreement], today: date) -> bool:
    """Whether an agreement ends soon and none is there that holds from that day on."""
    until = each.effective_until
    return (
        until is not None
        and in_force(each, today)
        and until <= today + ENDS_SOON
        and not any(other.id != each.id and in_force(other, until) for other in every)
    )


class Register(BaseModel):
    """What one agency may choose on one day, and the agreements in force, the newest first."""

    model_config = ConfigDict(frozen=True)

    bases: tuple[LawfulBasis, ...]
    agreements: tuple[SharingAgreement, ...]

    def find(self, code: str) -> LawfulBasis | None:
        """The entry with that code, if this agency may choose it on this day."""
        return next((each for each in self.bases if each.code == code), None)

    def proposed(self, purpose: Purpose) -> LawfulBasis | None:
        """The entry proposed for the purpose: of several, the one made for the fewest kinds of agency."""
        fitting = [each for each in self.bases if purpose in each.proposed_for]
        return min(fitting, key=lambda each: (len(each.agency_kinds) or MANY, each.code), default=None)

    def choices(self, purpose: Purpose) -> str:
        """A sentence that names what may be chosen, and what is proposed."""
        if not self.bases:
            return "The register has none for your kind of agency. Ask your partnership's administrator."
        codes = ", ".join(f"'{each.code}'" for each in self.bases)
        proposed = self.proposed(purpose)
        usual = f" For this purpose '{proposed.code}' is proposed." if proposed else ""
        return f"Your agency may choose: {codes}.{usual}"


def _code(value: str) -> str:
    if not value.replace("_", "").isalnum() or not value.isascii() or value != value.lower():
        raise PydanticCustomError("bad_code", "Write the code in small letters, such as public_task.")
    return value


Code = Annotated[Line, AfterValidator(_code)]


class LawfulBasisForm(Form):
    """A new entry, or the next version of the one with that code, which then holds until ``effective_from``.

    agency_kinds: empty for every agency. help: in plain English, when to choose it and when not to.
    """

    code: Code
    title: Line
    help: Annotated[str, Field(min_length=1, max_length=2000)]
    agency_kinds: Annotated[tuple[Code, ...], Field(max_length=50)] = ()
    proposed_for: Annotated[tuple[Purpose, ...], Field(max_length=len(Purpose))] = ()
    article_6: Short = None
    article_9: Short = None
    article_10: Short = None
    power: Long = None
    effective_from: Day


class AgreementForm(Form):
    """An agreement that the partners signed. version: as it calls itself, such as "2.1"."""

    title: Line
    version: Line
    effective_from: Day
    effective_until: Day | None = None


class EndForm(Form):
    """on: the first day on which it no longer holds."""

    on: Day


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the standard register."""

    code: str
    title: str
    help: str
    kinds: Sequence[str] = ()
    proposed_for: Sequence[Purpose] = ()
    article_6: str | None = None
    article_9: str | None = None
    article_10: str | None = None
    power: str | None = None
    since: date = date(2020, 1, 1)
    until: date | None = None
    version: int = 1


def check_start(form: LawfulBasisForm, latest: LawfulBasis | None, today: date) -> tuple[FieldProblem, ...]:
    """What is wrong with a new version's first day. Nothing is put in force for days that are past."""
    if form.effective_from < today:
        text = "Give today or a later day: what was shared before was shared on the register of its day."
        return (FieldProblem("/effective_from", "in_the_past", text),)
    if latest and form.effective_from < latest.effective_from:
        text = "There is a version that begins later than this. Give that day or a later one, or end that version."
        return (FieldProblem("/effective_from", "out_of_order", text),)
    if not (form.article_6 or form.power):
        text = "Name the article, or the Act that it stands on."
        return (FieldProblem("/article_6", "required", text),)
    return ()


def check_end(on: date, effective_from: date, today: date) -> tuple[FieldProblem, ...]:
    """What is wrong with the day on which an entry ends."""
    if on < max(today, effective_from):
        text = "Give today or a later day, and none before it began: what was shared before stands."
        return (FieldProblem("/on", "in_the_past", text),)
    return ()
