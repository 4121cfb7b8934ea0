"""The face: what this is, whether it is healthy, how to take the tour, and the API reference. No case data."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from inspect import isawaitable
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from app.web.assets import PREFIX, Assets, asset

HEALTH_SECONDS: Final = 2.0

# The reference's stylesheet draws its icons from data: addresses; no other page may.
REFERENCE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PLAIN_HOST = re.compile(r"[A-Za-z0-9.-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")

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
    """Add ``/``, ``/reference`` and the static files, and pages for browsers that meet an error outside ``/api``.

    health: does the database answer? A failure, or no answer in two seconds, counts as no.
    people: whom to sign in as, only in a demonstration; otherwise empty.
    Call it last: what answers errors at that moment goes on answering everyone who does not ask for a page.
    """
    pages = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
    )
    pages.globals["asset"] = asset

    def page(template: str, status: int, policy: str | None = None, **facts: object) -> Response:
        headers = {"content-security-policy": policy} if policy else None
        return HTMLResponse(pages.get_template(template).render(facts), status, headers)

    async def home(request: Request) -> Response:
        healthy = await _answers(health)
        return page(
            "home.html",
            200 if healthy else 503,
            healthy=healthy,
            people=people,
            tour=tour,
            base=_base(request),
        )

    async def reference(_: Request) -> Response:
        return page("reference.html", 200, REFERENCE_POLICY, openapi=app.openapi_url)

    app.add_route("/", home, methods=["GET"])
    app.add_route("/reference", reference, methods=["GET"])
    app.mount(PREFIX, Assets(), "static")

    answer_refusal = app.exception_handlers[HTTPException]
    answer_fault = app.exception_handlers.get(Exception, _fault)

    async def refused(request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException) and error.status_code == 404 and _wants_page(request):
            return page("not_found.html", 404)
        return await _given(answer_refusal(request, error))

    async def fault(request: Request, error: Exception) -> Response:
        answer = await _given(answer_fault(request, error))  # first, since it also records the fault
        return page("fault.html", 500) if _wants_page(request) else answer

    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(Exception, fault)


async def _answers(health: Health) -> bool:
    try:
        async with asyncio.timeout(HEALTH_SECONDS):
            return await health()
    except Exception:
        return False


def _base(request: Request) -> str:
    """Where this is, as the visitor reached it, safe to put in a command that they will paste into a shell."""
    host = request.headers.get("host", "")
    return f"{request.url.scheme}://{host if _PLAIN_HOST.fullmatch(host) else '127.0.0.1:8000'}"


def _wants_page(request: Request) -> bool:
    path = request.url.path
    return path != "/api" and not path.startswith("/api/") and "text/html" in request.headers.get("accept", "")


def _fault(_request: Request, _error: Exception) -> Response:
    return PlainTextResponse("Something went wrong on our side.", 500)


async def _given(answer: Response | Awaitable[Response]) -> Response:
    return await answer if isawaitable(answer) else answer
