"""The agenda as PDF, for the room and for paper."""

from datetime import datetime

from app.domain.agendas import FrozenAgenda, Recipient
from app.exports.agenda import Progress, compose_agenda
from app.exports.pdf import write_pdf


def agenda_pdf(
    agenda: FrozenAgenda, recipient: Recipient, at: datetime, progress: Progress = lambda done, total: None
) -> bytes:
    """One recipient's copy as tagged PDF/UA-1. ``at`` is aware: the time of export, printed on each page."""
    return write_pdf(compose_agenda(agenda, recipient, at, progress))
