"""What is answered about the victim's own words."""

from datetime import datetime

from app.api.v1.shapes import Shape
from app.api.v1.shapes.contact_attempts import AttemptBy


class ClientWords(Shape):
    """One version of what she said. `declined`: she was asked, and did not want to say."""

    version: int
    said: str | None
    wishes: str | None
    declined: bool
    by: AttemptBy
    at: datetime


class WordsWritten(Shape):
    """The version that was written."""

    version: int
    said: str | None
    wishes: str | None
    declined: bool
    at: datetime
