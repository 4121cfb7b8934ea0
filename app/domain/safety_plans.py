"""A safety plan made with the client: small steps in plain words, that she can have on paper."""

import re
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Final

from pydantic import Field

from app.domain.errors import FieldProblem
from app.domain.fields import Day, Form, Long, Short
from app.risk.grading import add_months

LEFT_OUT: Final = "[name left out]"
_SHORTEST_NAME: Final = 3


class PlanStatus(StrEnum):
    """How a step of the plan stands."""

    TO_DO = "to_do"
    DONE = "done"
    DROPPED = "dropped"


class PlanItemForm(Form):
    """One step. who: who does it, in words, such as "Me" or "Rosa". by_on: by when, if there is a day."""

    what: Long = Field(title="What will be done")
    who: Short = Field(None, title="Who does it")
    by_on: Day | None = Field(None, title="By when")
    status: PlanStatus = Field(PlanStatus.TO_DO, title="How it stands")

    def problems(self, today: date) -> tuple[FieldProblem, ...]:
        """What is missing or cannot be."""
        found = []
        if self.what is None:
            found.append(FieldProblem("/what", "required", "Say what will be done."))
        if self.by_on is not None and not add_months(today, -12) <= self.by_on <= add_months(today, 24):
            found.append(FieldProblem("/by_on", "out_of_range", "Give a date within the last year or the next two."))
        return tuple(found)


def without_names(text: str, names: Iterable[str]) -> str:
    """A step as it is printed for her: without the names of those who must not find themselves on the paper.

    Names are met as they are written, with their capitals: "will" is a word, and "Will" may be somebody.
    """
    whole = [each for each in names if each]
    words = {part for each in whole for part in re.split(r"[^\w'’-]+", each) if len(part) >= _SHORTEST_NAME}
    longest_first = sorted({*whole, *words}, key=len, reverse=True)
    if not longest_first:
        return text
    return re.sub(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", LEFT_OUT, text)
