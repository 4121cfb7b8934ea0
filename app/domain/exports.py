"""Documents made of a meeting for one recipient: which, in which formats, and how far a job has come."""

from datetime import timedelta
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from app.domain.errors import FieldProblem


class ExportDocument(StrEnum):
    AGENDA = "agenda"
    MINUTES = "minutes"


class ExportFormat(StrEnum):
    """What an agenda can be exported as. Minutes are PDF or DOCX only."""

    PDF = "pdf"
    DOCX = "docx"
    XLSX = "xlsx"
    ICS = "ics"


MINUTES_FORMATS = (ExportFormat.PDF, ExportFormat.DOCX)

_OFFICE = "application/vnd.openxmlformats-officedocument"
MEDIA_TYPES = {
    ExportFormat.PDF: "application/pdf",
    ExportFormat.DOCX: f"{_OFFICE}.wordprocessingml.document",
    ExportFormat.XLSX: f"{_OFFICE}.spreadsheetml.sheet",
    ExportFormat.ICS: "text/calendar; charset=utf-8",
}


class JobStatus(StrEnum):
    QUEUED = "queued"
    WORKING = "working"
    READY = "ready"
    FAILED = "failed"


SILENT_FOR = timedelta(seconds=60)
"""A job that has told nothing for so long has lost whoever worked on it, and is taken up again."""
MOST_ATTEMPTS = 3
"""A document that ended this many processes is not tried again."""


class ExportForm(BaseModel):
    """A document to be made of a meeting: the agenda in any format, the minutes as PDF or DOCX."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    document: ExportDocument
    format: ExportFormat

    def problems(self) -> tuple[FieldProblem, ...]:
        """What keeps this document from being made in this format."""
        if self.document is ExportDocument.MINUTES and self.format not in MINUTES_FORMATS:
            return (FieldProblem("/format", "not_offered", "Minutes can be exported as 'pdf' or 'docx'."),)
        return ()
