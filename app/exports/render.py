"""The one door to the exports: a format in, bytes out."""

import re
from datetime import datetime

from app.domain.agendas import FrozenAgenda, FrozenMinutes, Recipient
from app.domain.clock import local_date
from app.domain.exports import ExportFormat
from app.exports.agenda import Progress
from app.exports.agenda_docx import agenda_docx
from app.exports.agenda_pdf import agenda_pdf
from app.exports.agenda_xlsx import agenda_xlsx
from app.exports.calendar_ics import calendar_ics, entry_of
from app.exports.minutes_docx import minutes_docx
from app.exports.minutes_pdf import minutes_pdf


def _silent(done: int, total: int) -> None:
    """Tells nobody."""


def render(
    export_format: ExportFormat,
    agenda: FrozenAgenda,
    recipient: Recipient,
    at: datetime,
    progress: Progress = _silent,
) -> bytes:
    """One recipient's copy of the agenda.

    ``at`` is aware: when it was exported. ``progress(done, total)`` is called after each step, with ``done`` growing
    by one up to ``total``: one step a case and one for writing the file, which for PDF is most of the time. Keeps
    the processor busy throughout, so an event loop should call it in a thread. Raises CannotTypeset (app.exports.pdf).
    """
    total = len(agenda.all_items) + 1

    def step(done: int, _cases: int) -> None:
        progress(done, total)

    match export_format:
        case ExportFormat.PDF:
            made = agenda_pdf(agenda, recipient, at, step)
        case ExportFormat.DOCX:
            made = agenda_docx(agenda, recipient, at, step)
        case ExportFormat.XLSX:
            made = agenda_xlsx(agenda, recipient, at, step)
        case ExportFormat.ICS:
            made = calendar_ics([entry_of(agenda)], at)
    progress(total, total)
    return made


def render_minutes(
    export_format: ExportFormat,
    minutes: FrozenMinutes,
    recipient: Recipient,
    at: datetime,
    progress: Progress = _silent,
) -> bytes:
    """One recipient's copy of the minutes, as ``render``. Raises ValueError for a format that minutes do not have."""
    total = len(minutes.items) + 1

    def step(done: int, _cases: int) -> None:
        progress(done, total)

    match export_format:
        case ExportFormat.PDF:
            made = minutes_pdf(minutes, recipient, at, step)
        case ExportFormat.DOCX:
            made = minutes_docx(minutes, recipient, at, step)
        case _:
            raise ValueError("Minutes can be exported as PDF or DOCX.")
    progress(total, total)
    return made


def file_name(exported: FrozenAgenda | FrozenMinutes, export_format: ExportFormat) -> str:
    """A name that says which meeting and version it is, and nothing of anyone: marac-agenda-2026-11-26-v1.pdf"""
    kind = re.sub(r"[^a-z0-9]+", "-", exported.forum_kind.casefold()).strip("-") or "meeting"
    what = "minutes" if isinstance(exported, FrozenMinutes) else "agenda"
    version = exported.current_version if isinstance(exported, FrozenAgenda) else exported.version
    if export_format is ExportFormat.ICS:
        what = "meeting"
    return f"{kind}-{what}-{local_date(exported.starts_at).isoformat()}-v{version}.{export_format}"
