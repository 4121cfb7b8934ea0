"""Errors as pages, for browsers; everybody else gets the problem that the API would give."""

from collections.abc import Awaitable
from inspect import isawaitable
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Message

from app.domain.errors import DomainError, Invalid, Unauthenticated
from app.domain.sessions import ConfirmFirst
from app.services.presses import ActedOn
from app.web.forgery import FromElsewhere, OpenBefore
from app.web.forms import Typed
from app.web.paths import address, opens, way_back
from app.web.visit import visit_of

SIGN_IN = "/sign-in"
ENDED = "/stay/ended"
CONFIRM = "/confirm"

# By status: what happened, and what to do about it.
_WORDS = {
    400: ("This could not be read", "Go back, open the page again, and fill it in once more."),
    403: ("You cannot do this", ""),  # the refusal itself says whom to ask
    405: ("This page cannot be opened like that", "Go to the page that you came from, and use its buttons."),
    409: ("This is not possible now", "Go back to see how things stand."),
    412: ("Somebody else changed this", "Go back to see what it says now, then make your change again."),
    413: ("This is too long", "Go back, and shorten the longest texts."),
    422: ("Something needs your attention", "Go back and put it right."),
    429: ("Too many tries", "Wait a while, then try again."),
    503: ("Roundtable is not available just now", "Nothing was changed. Try again in a minute."),
}


def register_refusals(app: FastAPI) -> None:
    """Answer browsers with pages.

    Call it last: what answers errors at that moment goes on answering everyone who does not ask for a page.
    """
    answer_domain = app.exception_handlers[DomainError]
    answer_http = app.exception_handlers[HTTPException]
    answer_unreadable = app.exception_handlers[RequestValidationError]
    answer_fault = app.exception_handlers.get(Exception, _fault)

    async def refused(request: Request, error: Exception) -> Response:
        answer = await _given(answer_domain(request, error))
        if not wants_page(request) or not isinstance(error, DomainError):
            return answer
        visit = visit_of(request)
        if isinstance(error, Unauthenticated):
            # Whoever was signed in is told why they are not.
            return visit.to(f"{ENDED if visit.key else SIGN_IN}?next={quote(way_back(request))}")
        if isinstance(error, ConfirmFirst):
            return visit.to(f"{CONFIRM}?next={quote(address(request))}")
        if isinstance(error, OpenBefore) and (shown := await _shown_again(request, visit.sent)):
            return shown
        if isinstance(error, FromElsewhere):
            return visit.page("elsewhere.html", answer.status_code, back=way_back(request))
        if answer.status_code == 404:
            return visit.page("not_found.html", 404)
        problems = [each.message for each in error.problems] if isinstance(error, Invalid) else [error.message]
        return _refusal(request, answer, problems)

    async def by_address(request: Request, error: Exception) -> Response:
        answer = await _given(answer_http(request, error))
        if not wants_page(request) or not isinstance(error, HTTPException):
            return answer
        if error.status_code == 404:
            return visit_of(request).page("not_found.html", 404)
        return _refusal(request, answer, [])

    async def unreadable(request: Request, error: Exception) -> Response:
        if wants_page(request):  # an address that holds what is no identifier
            return visit_of(request).page("not_found.html", 404)
        return await _given(answer_unreadable(request, error))

    async def fault(request: Request, error: Exception) -> Response:
        answer = await _given(answer_fault(request, error))  # first, since it also records the fault
        return visit_of(request).page("fault.html", 500) if wants_page(request) else answer

    async def pressed_again(request: Request, error: Exception) -> Response:
        assert isinstance(error, ActedOn)  # noqa: S101  # as it is registered
        visit = visit_of(request)
        if error.led.said:
            visit.say(error.led.said)
        return visit.to(error.led.path)

    app.add_exception_handler(ActedOn, pressed_again)
    app.add_exception_handler(DomainError, refused)
    app.add_exception_handler(HTTPException, by_address)
    app.add_exception_handler(RequestValidationError, unreadable)
    app.add_exception_handler(Exception, fault)


def wants_page(request: Request) -> bool:
    """Whether this is a browser showing its user what it gets."""
    path = request.url.path
    return path != "/api" and not path.startswith("/api/") and "text/html" in request.headers.get("accept", "")


async def _shown_again(request: Request, sent: Typed) -> Response | None:
    """The page at the same address with what was sent in its form; None if there is none.

    It is got, as if somebody had opened it, so nothing that was sent is acted on.
    """
    if not opens(request, request.url.path):
        return None
    got = Request({**request.scope, "method": "GET", "path_params": {}, "state": {}})
    visit = visit_of(got)
    visit.sent, visit.again = sent, True
    answered: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        answered.append(message)

    await request.app.router(got.scope, receive, send)
    if visit.again:
        return None
    begun, *parts = answered
    page = Response(b"".join(each.get("body", b"") for each in parts), begun["status"])
    page.raw_headers = begun["headers"]
    return page


def _refusal(request: Request, answer: Response, problems: list[str]) -> Response:
    title, advice = _WORDS.get(answer.status_code, ("This was refused", "Go back and try again."))
    page = visit_of(request).page(
        "refusal.html", answer.status_code, title=title, advice=advice, problems=problems, back=way_back(request)
    )
    for name in ("allow", "retry-after"):
        if name in answer.headers:
            page.headers[name] = answer.headers[name]
    return page


def _fault(_request: Request, _error: Exception) -> Response:
    return PlainTextResponse("Something went wrong on our side.", 500)


async def _given(answer: Response | Awaitable[Response]) -> Response:
    return await answer if isawaitable(answer) else answer
