"""What is answered about how a client can be reached."""

from datetime import datetime

from app.api.v1.shapes import Shape
from app.api.v1.shapes.contact_attempts import AttemptBy
from app.domain.contacts import SafeContact
from app.domain.safe_times import Window


class Calls(Shape):
    """When a client can be called: windows in the week; until when one is open now; when the next one opens."""

    windows: list[Window]
    open_until: str | None
    next_at: datetime | None


class SafeTime(Shape):
    """How a client was to be reached from a moment on. `holds`: nothing else was said since."""

    windows: list[Window]
    said: SafeContact
    holds: bool
    by: AttemptBy
    at: datetime


class SafeTimesSet(Shape):
    """How the client can be reached from now on."""

    version: int
    windows: list[Window]
    said: SafeContact
