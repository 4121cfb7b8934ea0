"""The agenda as a Word file, for agencies that work in one."""

from datetime import datetime

from app.domain.agendas import FrozenAgenda, Recipient
from app.exports.agenda import Progress, compose_agenda
from app.exports.word_file import write_docx


def agenda_docx(
    agenda: FrozenAgenda, recipient: Recipient, at: datetime, progress: Progress = lambda done, total: None
) -> bytes:
    """One recipient's copy as DOCX. ``at`` is aware: the time of export, printed on each page."""
    return write_docx(compose_agenda(agenda, recipient, at, progress))
