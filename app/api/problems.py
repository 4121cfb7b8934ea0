"""Every refusal as RFC 9457 problem details: a stable code, a plain sentence, and each field that needs attention."""

import logging
from collections.abc import Sequence
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send

from app.db.transaction import Unavailable
from app.db.vault import SealBroken
from app.domain.errors import (
    Conflict,
    DomainError,
    FieldProblem,
    Forbidden,
    IllegalMove,
    Invalid,
    NotFound,
    Stale,
    Unauthenticated,
    VersionRequired,
)
from app.domain.fields import describe
from app.domain.throttle import TooMany

log = logging.getLogger("roundtable.api")

MEDIA_TYPE = "application/problem+json"
# A megabyte of unknown fields is not answered with many megabytes about them.
MOST_PROBLEMS = 500

_STATUS: dict[type[DomainError], int] = {
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    Stale: 412,
    Invalid: 422,
    VersionRequired: 428,
    TooMany: 429,
    Unavailable: 503,
    SealBroken: 503,
}
_TITLES = {
    400: "The request could not be read",
    401: "Sign in again",
    403: "Not allowed",
    404: "Not found",
    405: "This address does not take that method",
    409: "Not possible now",
    412: "Changed since you read it",
    413: "Too large",
    415: "Send JSON",
    422: "Some fields need attention",
    428: "Say which version you change",
    429: "Too many tries",
    500: "Something went wrong on our side",
    503: "Not available just now",
}
_CODES = {400: "malformed", 404: "not_found", 405: "method_not_allowed", 413: "too_large", 415: "not_json"}


class FieldProblemShape(BaseModel):
    """One field that needs attention."""

    pointer: str = Field(description="RFC 6901 pointer into the body, or `?name` for a query parameter.")
    code: str
    message: str


class Problem(BaseModel):
    """RFC 9457 problem details. `code` is stable; `errors` names every field at once."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: list[FieldProblemShape] = []
    legal: list[str] = Field(default=[], description="For `illegal_move`: what can be done instead.")


def status_of(error: DomainError) -> int:
    """The HTTP status of a refusal."""
    return next(_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS)


def problem(
    status: int,
    code: str,
    detail: str,
    errors: Sequence[FieldProblem] = (),
    headers: dict[str, str] | None = None,
    **more: Any,
) -> Response:
    """A problem as a response."""
    body: dict[str, Any] = {
        "type": f"urn:roundtable:problem:{code}",
        "title": _TITLES.get(status, "The request was refused"),
        "status": status,
        "code": code,
        "detail": detail,
        **more,
    }
    if errors:
        body["errors"] = [{"pointer": e.pointer, "code": e.code, "message": e.message} for e in errors]
    return Response(orjson.dumps(body), status, headers, MEDIA_TYPE)


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, DomainError)  # noqa: S101  # what the handler is registered for
    status = status_of(error)
    headers = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": "1"}}.get(status)
    errors = error.problems if isinstance(error, Invalid) else ()
    more = {"legal": list(error.legal)} if isinstance(error, IllegalMove) else {}
    return problem(status, error.code, error.message, errors, headers, **more)


async def _unreadable(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101  # what the handler is registered for
    if any(each["type"] == "json_invalid" for each in error.errors()):
        return problem(400, "malformed", "The body is not valid JSON. Check brackets, commas and quotation marks.")
    body = getattr(request.scope.get("route"), "body_field", None)
    model = body.field_info.annotation if body else BaseModel
    found = error.errors()
    refused = Invalid(each for some in found[:MOST_PROBLEMS] for each in _describe_one(some, model))
    detail = refused.message
    if len(found) > MOST_PROBLEMS:
        detail = f"{len(found)} fields need attention. The first {MOST_PROBLEMS} are in 'errors'."
    return problem(422, refused.code, detail, refused.problems)


def _describe_one(error: dict[str, Any], model: Any) -> Sequence[FieldProblem]:
    place, *inside = error["loc"]
    if place == "body":
        if not inside and error["type"] == "missing":
            return (FieldProblem("", "missing", "Send a JSON body. The API reference says what belongs in it."),)
        return describe([{**error, "loc": inside}], model)
    name = str(inside[0]) if inside else str(place)
    (told,) = describe([{**error, "loc": [name]}], BaseModel)
    return (FieldProblem(f"?{name}" if place == "query" else f"{{{name}}}", told.code, told.message),)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  # what the handler is registered for
    status = error.status_code
    headers = dict(error.headers or {})
    if status == 405:
        headers["Allow"] = ", ".join(_methods_here(request))
    detail = {
        400: "The body could not be read as JSON in UTF-8.",
        404: "There is nothing at this address.",
        405: "Use one of the methods in the Allow header.",
    }.get(status, str(error.detail))
    return problem(status, _CODES.get(status, "refused"), detail, headers=headers)


def _methods_here(request: Request) -> list[str]:
    """Every method of this address; the route that refused knows only its own, and several share an address."""
    here = [route for route in request.app.routes if route.matches(request.scope)[0] is not Match.NONE]
    return [
        method
        for method in ("DELETE", "GET", "PATCH", "POST", "PUT")
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in here)
    ]


async def _unforeseen(_: Request, error: Exception) -> Response:
    return problem(500, "internal", "Nothing was changed. The fault has been noted; try again, or tell your operator.")


class Hushed:
    """ASGI, around everything: notes the kind of an unforeseen error and where it arose, and ends it there.

    Starlette answers such an error and then raises it again for the server to log; but its words may quote what
    somebody typed, and so may the rows in a database error.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on. An answer that had begun is broken off by the server."""
        try:
            await self._app(scope, receive, send)
        except Exception as error:
            if scope["type"] != "http":
                raise
            trace = error.__traceback__
            while trace and trace.tb_next:
                trace = trace.tb_next
            where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "unknown"
            log.error("unforeseen %s at %s", type(error).__name__, where)


def register_problems(app: FastAPI) -> None:
    """Answer every error in this form."""
    app.add_exception_handler(DomainError, _refused)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unforeseen)
