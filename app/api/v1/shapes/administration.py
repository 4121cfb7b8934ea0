"""What administrators are answered about people and their roles."""

from datetime import datetime
from uuid import UUID

from app.api.v1.shapes import Named, Shape
from app.domain.access import Role


class RoleHeld(Shape):
    """A role that somebody holds, or held until it was ended. `given_by` null: when the partnership was set up."""

    role: Role
    given_at: datetime
    given_by: str | None
    ended_at: datetime | None


class UserKept(Shape):
    """Somebody, as an administrator keeps them: every role they ever held, the first given first."""

    id: UUID
    name: str
    email: str
    job_title: str | None
    is_system: bool
    agency: Named
    added_at: datetime
    ended_at: datetime | None
    roles: list[RoleHeld]
