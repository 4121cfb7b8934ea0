"""How severe each kind of abuse is, at the start of support, on the way, and when it ends: what changed."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from pydantic import Field

from app.domain.errors import FieldProblem
from app.domain.fields import Form


class Abuse(StrEnum):
    """Kinds of abuse."""

    PHYSICAL = "physical"
    SEXUAL = "sexual"
    STALKING = "stalking"
    CONTROL = "control"
    ECONOMIC = "economic"


class Severity(StrEnum):
    """How severe, over the last three months; in the order of a form."""

    NONE = "none"
    STANDARD = "standard"
    MODERATE = "moderate"
    HIGH = "high"
    NOT_KNOWN = "not_known"


class Stage(StrEnum):
    """When in the support it was looked at."""

    START = "start"
    DURING = "during"
    END = "end"


class SeverityForm(Form):
    """The severity of each kind of abuse over the last three months, as the IDVA and the client see it together."""

    stage: Stage = Field(title="When in the support")
    physical: Severity = Field(Severity.NOT_KNOWN, title="Physical abuse")
    sexual: Severity = Field(Severity.NOT_KNOWN, title="Sexual abuse")
    stalking: Severity = Field(Severity.NOT_KNOWN, title="Harassment and stalking")
    control: Severity = Field(Severity.NOT_KNOWN, title="Jealous and controlling behaviour")
    economic: Severity = Field(Severity.NOT_KNOWN, title="Economic abuse")

    @property
    def kinds(self) -> list[str]:
        """As it is kept: ``physical:high``."""
        return [f"{each}:{getattr(self, each)}" for each in Abuse]

    def problems(self) -> tuple[FieldProblem, ...]:
        """What is missing."""
        if all(getattr(self, each) is Severity.NOT_KNOWN for each in Abuse):
            return (FieldProblem("/physical", "required", "Say how severe at least one kind of abuse is."),)
        return ()


class Change(StrEnum):
    """What became of one kind of abuse between two looks."""

    STOPPED = "stopped"
    LESS = "less"
    SAME = "same"
    MORE = "more"
    NOT_KNOWN = "not_known"


_RANK: Mapping[Severity, int] = {
    Severity.NONE: 0,
    Severity.STANDARD: 1,
    Severity.MODERATE: 2,
    Severity.HIGH: 3,
}


def of_kinds(kept: Iterable[str]) -> dict[Abuse, Severity]:
    """From what is kept, by kind; one that nobody said is not known."""
    said = dict(each.partition(":")[::2] for each in kept)
    return {each: Severity(said.get(each, Severity.NOT_KNOWN)) for each in Abuse}


def change(before: Severity, after: Severity) -> Change:
    """From one look to another. What nobody knew at either is not known, and never taken for none."""
    if before not in _RANK or after not in _RANK:
        return Change.NOT_KNOWN
    if _RANK[after] == 0 < _RANK[before]:
        return Change.STOPPED
    if _RANK[after] == _RANK[before]:
        return Change.SAME
    return Change.LESS if _RANK[after] < _RANK[before] else Change.MORE
