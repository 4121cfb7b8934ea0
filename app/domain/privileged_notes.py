"""Notes between an IDVA and their client, for the IDVAs of that service and for nobody else."""

from pydantic import Field

from app.domain.errors import FieldProblem
from app.domain.fields import Form, Long


class NoteForm(Form):
    """One note. It cannot be changed; write another that puts it right."""

    note: Long = Field(title="Note")

    def problems(self) -> tuple[FieldProblem, ...]:
        """What is missing."""
        return () if self.note else (FieldProblem("/note", "required", "Write the note."),)
