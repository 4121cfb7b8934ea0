"""The minutes as a Word file."""

from datetime import datetime

from app.domain.agendas import FrozenMinutes, Recipient
from app.exports.agenda import Progress
from app.exports.minutes import compose_minutes
from app.exports.word_file import write_docx


def minutes_docx(
    minutes: FrozenMinutes, recipient: Recipient, at: datetime, progress: Progress = lambda done, total: None
) -> bytes:
    """One recipient's copy as DOCX. ``at`` is aware: the time of export, printed on each page."""
    return write_docx(compose_minutes(minutes, recipient, at, progress))
