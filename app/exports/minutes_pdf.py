"""The minutes as PDF."""

from datetime import datetime

from app.domain.agendas import FrozenMinutes, Recipient
from app.exports.agenda import Progress
from app.exports.minutes import compose_minutes
from app.exports.pdf import write_pdf


def minutes_pdf(
    minutes: FrozenMinutes, recipient: Recipient, at: datetime, progress: Progress = lambda done, total: None
) -> bytes:
    """One recipient's copy as PDF. ``at`` is aware: the time of export, printed on each page."""
    return write_pdf(compose_minutes(minutes, recipient, at, progress))
