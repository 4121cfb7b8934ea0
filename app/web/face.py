"""The face: what this is, whether it is healthy, how to take the tour, and the API reference. No case data."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from app.web.assets import PREFIX, Assets
from app.web.visit import visit_of

HEALTH_SECONDS: Final = 2.0

# The reference's stylesheet draws its icons from data: addresses; no other page may.
REFERENCE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

Health = Callable[[], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody invented, whom a visitor to the demonstration may sign in as."""

    email: str
    name: str
    does: str


@dataclass(frozen=True, slots=True)
class TourStep:
    """One question to put to the API: a GET that any demo person's token may make. ``path`` begins with a slash."""

    says: str
    path: str


WHO_AM_I: Final = TourStep("Ask who you are:", "/api/v1/me")


def register_face(
    app: FastAPI, *, health: Health, people: Sequence[DemoPerson] = (), tour: Sequence[TourStep] = (WHO_AM_I,)
) -> None:
    """Add ``/``, ``/reference`` and the static files.

    health: does the database answer? A failure, or no answer in two seconds, counts as no.
    people: whom to sign in as, only in a demonstration; otherwise empty.
    """

    async def home(request: Request) -> Response:
        healthy = await _answers(health)
        facts = {"healthy": healthy, "people": people, "tour": tour, "base": _base(request)}
        return visit_of(request).page("face/face.html", 200 if healthy else 503, **facts)

    async def reference(request: Request) -> Response:
        page = visit_of(request).draw("face/reference.html", openapi=app.openapi_url)
        return HTMLResponse(page, headers={"content-security-policy": REFERENCE_POLICY})

    app.add_route("/", home, methods=["GET"])
    app.add_route("/reference", reference, methods=["GET"])
    app.mount(PREFIX, Assets(), "static")


async def _answers(health: Health) -> bool:
    try:
        async with asyncio.timeout(HEALTH_SECONDS):
            return await health()
    except Exception:
        return False


def _base(request: Request) -> str:
    """Where this is, as the visitor reached it: a plain host (`api/host.py`), so safe in a command for a shell."""
    return f"{request.url.scheme}://{request.headers.get('host', '127.0.0.1:8000')}"
