"""The words that a partnership sets for itself, each from a day on."""

from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from app.domain.errors import FieldProblem
from app.domain.fields import Form, Long
from app.domain.rules import FromDay


class Word(StrEnum):
    """What can be set.

    STATEMENT: what everybody accepts before a meeting; a new version is asked of them at the next. MARKING: on every
    document that is taken out. HELP: whom to ask, at the foot of every mail.
    """

    STATEMENT = "statement"
    MARKING = "marking"
    HELP = "help"

    @property
    def rule(self) -> str:
        """The name of the rule that it is kept as."""
        return f"words:{self.value}"


LONGEST = {Word.STATEMENT: 5000, Word.MARKING: 60, Word.HELP: 300}
"""In characters."""


class Words(BaseModel):
    """What was said from some day on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str
    text: str


class Said(Form):
    """What is to be said."""

    text: Long = Field(title="Words")


class WordsForm(FromDay, Said):
    """What is to be said from a day on, and why. A marking and whom to ask are one line each."""

    def words(self, version: str) -> Words:
        """The words themselves."""
        return Words(version=version, text=self.text or "")

    def problems_of(self, word: Word, today: date) -> tuple[FieldProblem, ...]:
        """What is wrong with the day, or with what is said."""
        return (*self._problems_of_text(word), *self.problems(today))

    def _problems_of_text(self, word: Word) -> tuple[FieldProblem, ...]:
        text = self.text or ""
        if not text:
            return (FieldProblem("/text", "missing", "Write what it is to say."),)
        if len(text) > LONGEST[word]:
            longest = f"Shorten this to {LONGEST[word]:,} characters or fewer."
            return (FieldProblem("/text", "too_long", longest),)
        found: tuple[FieldProblem, ...] = ()
        if word is not Word.STATEMENT and "\n" in text:
            found += (FieldProblem("/text", "one_line", "Write it on one line."),)
        if word is Word.HELP and not text.isascii():
            plain = "Use plain letters, figures and punctuation only: some mail programs show nothing else."
            found += (FieldProblem("/text", "not_plain", plain),)
        return found
