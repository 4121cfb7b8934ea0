"""What the partnership's administrator is answered about the partnership's own words."""

from app.api.v1.shapes import Shape
from app.api.v1.shapes.rules import RuleSet, Version
from app.domain.words import Word, Words


class WordsSet(RuleSet[Words]):
    """Words, from a day on."""


class WordsByDate(Shape):
    """What is said today, what is planned, and every change, the newest first. `text` null: nothing was ever set."""

    rule: Word
    version: Version
    text: str | None
    holds: WordsSet | None
    planned: list[WordsSet]
    changes: list[WordsSet]
