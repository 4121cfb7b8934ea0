"""Attempts to reach a client: by what means, and what came of it."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from pydantic import Field

from app.domain.errors import FieldProblem
from app.domain.fields import Form, Long, Moment

LOOKS_BACK: Final = timedelta(days=366)
"""How long after it was made an attempt can still be written down."""
_CLOCKS_DIFFER: Final = timedelta(minutes=5)


class Means(StrEnum):
    """How somebody was tried."""

    PHONE = "phone"
    TEXT = "text"
    IN_PERSON = "in_person"
    VIDEO = "video"
    EMAIL = "email"
    LETTER = "letter"


class AttemptOutcome(StrEnum):
    """What came of it. Only ``reached`` stops the clock of first contact."""

    REACHED = "reached"
    NO_ANSWER = "no_answer"
    HUNG_UP = "hung_up"
    UNSAFE = "unsafe"
    MESSAGE_LEFT = "message_left"


class AttemptForm(Form):
    """One attempt. at: when it was made; left out, now. note: for the IDVA's own service."""

    outcome: AttemptOutcome = Field(title="What happened")
    means: Means = Field(Means.PHONE, title="How")
    at: Moment | None = Field(None, title="When")
    note: Long = Field(None, title="Note")

    def problems(self, now: datetime) -> tuple[FieldProblem, ...]:
        """What is wrong with it at this moment."""
        if self.at is None or now - LOOKS_BACK <= self.at <= now + _CLOCKS_DIFFER:
            return ()
        text = "Give a time in the past, and within the last year."
        return (FieldProblem("/at", "out_of_range", text),)
