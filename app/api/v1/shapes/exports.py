"""What is answered about exports."""

from datetime import datetime
from uuid import UUID

from app.api.v1.shapes import Shape
from app.domain.exports import ExportDocument, ExportFormat, JobStatus


class Export(Shape):
    """A document being made. `done` of `total` steps; `problem` says why it failed; ready: fetch its file."""

    id: UUID
    meeting_id: UUID
    document: ExportDocument
    format: ExportFormat
    status: JobStatus
    done: int
    total: int
    problem: str | None
    file_name: str | None
    created_at: datetime
    finished_at: datetime | None
