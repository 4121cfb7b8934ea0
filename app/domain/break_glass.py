"""Opening a case in an emergency: for reading, for hours, told to others at once, and reviewed by somebody else."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from app.domain.clock import add_working_days, local_date
from app.domain.disclosures import Sharing, completed
from app.domain.errors import Conflict, FieldProblem
from app.domain.fields import Day, Form, Line, Long, Short
from app.domain.matching import match_keys
from app.domain.people import PersonTold

LONGEST_HOURS = 24
MOST_USES = 5
MOST_TRIES = 10
COUNTED_OVER = timedelta(hours=24)
"""How often one person may open cases, or try to: so many in any 24 hours."""
REVIEW_WORKING_DAYS = 2
_FEWEST_WORDS = 5

_CASE = re.compile(r"C-[2-9A-HJ-NP-Z]{8}")


class TooOften(Conflict):
    """Somebody has opened, or tried to open, as many cases as one person may."""

    code = "break_glass_limit"


class Ambiguous(Conflict):
    """Several cases fit the name and date of birth, and they are not one victim's."""

    code = "several_cases"


def _case_reference(value: str | None) -> str | None:
    if value is not None and not _CASE.fullmatch(value := value.upper()):
        raise PydanticCustomError("bad_reference", "Write the reference like C-7K2M9QXA.")
    return value


class PersonSought(Form):
    """Somebody in the case, victim, child or perpetrator, as they are recorded: a name and a date of birth."""

    given_name: Line
    family_name: Line
    date_of_birth: Day

    @property
    def name_key(self) -> str | None:
        """The name as matching writes it, whatever its case, accents and order; None when it has no letters."""
        keys = match_keys(PersonTold(given_name=self.given_name, family_name=self.family_name))
        return next((key for key in keys if key.startswith("name:")), None)


class BreakGlassForm(Form):
    """Which case, by its reference or by somebody in it; why it must be opened now; and for how many hours.

    The reason is read by whoever reviews this. Give one of `reference` and `person`. Of `sharing` the basis is enough:
    the register proposes one for an emergency, and you choose it.
    """

    reference: Annotated[Short, AfterValidator(_case_reference)] = None
    person: PersonSought | None = None
    reason: Annotated[Long, Field(description="What is happening, and what you need to know: a sentence or more.")]
    hours: Annotated[int, Field(strict=True, ge=1, le=LONGEST_HOURS)]
    sharing: Sharing | None = None

    @property
    def told(self) -> Sharing:
        """Why it is lawful, with what this says of itself."""
        hours = "1 hour" if self.hours == 1 else f"{self.hours} hours"
        proportionality = f"To one person, for reading, for {hours}. Somebody else reviews it."
        return completed(self.sharing, necessity=self.reason or "", proportionality=proportionality)

    def problems(self) -> tuple[FieldProblem, ...]:
        """What the fields cannot say of each other."""
        found = []
        if self.reference is None and self.person is None:
            text = "Give the case's reference; or, in 'person', the name and date of birth of somebody in it."
            found.append(FieldProblem("/reference", "missing", text))
        elif self.reference is not None and self.person is not None:
            found.append(FieldProblem("/person", "one_or_the_other", "Give the reference or the person, not both."))
        elif self.person is not None and self.person.name_key is None:
            found.append(FieldProblem("/person/family_name", "bad_name", "Write the name in letters."))
        if len((self.reason or "").split()) < _FEWEST_WORDS:
            text = "Write at least a sentence: what is happening, and what you need to know."
            found.append(FieldProblem("/reason", "too_short", text))
        return tuple(found)


class Finding(StrEnum):
    """What a review found."""

    JUSTIFIED = "justified"
    NOT_JUSTIFIED = "not_justified"


class ReviewForm(Form):
    """What the reviewer found, and why. It stands: a use is reviewed once."""

    finding: Finding
    review: Annotated[Long, Field(description="Why, and what follows from it.")]

    def problems(self) -> tuple[FieldProblem, ...]:
        """What is missing."""
        if self.review is None:
            return (FieldProblem("/review", "missing", "Write why you found so, and what follows from it."),)
        return ()


@dataclass(frozen=True, slots=True)
class Match:
    """A case that has the person sought in it."""

    case: UUID
    victim: UUID
    ended: bool
    referred_at: datetime


def choose(matches: Sequence[Match]) -> UUID | None:
    """The one case to open for a name and a date of birth; None when there is none.

    Cases that are worked on come before those that ended. Of several of one victim, the one last referred. Raises
    Ambiguous when victims differ: to open the wrong family's case helps nobody.
    """
    standing = [each for each in matches if not each.ended] or list(matches)
    if len({each.victim for each in standing}) > 1:
        raise Ambiguous("More than one case fits this name and date of birth, so none was opened. Give the reference.")
    return max(standing, key=lambda each: (each.referred_at, each.case)).case if standing else None


def until(now: datetime, hours: int) -> datetime:
    """When a use ends by itself. Raises ValueError outside 1 to 24 hours."""
    if not 1 <= hours <= LONGEST_HOURS:
        raise ValueError(f"An emergency opens a case for 1 to {LONGEST_HOURS} hours.")
    return now + timedelta(hours=hours)


def review_due_on(used_at: datetime) -> date:
    """The last day on which a review is in time: two working days after the use, in London."""
    return add_working_days(local_date(used_at), REVIEW_WORKING_DAYS)
