"""The headers that keep a browser from doing more with an answer than show it. Pure ASGI: it runs on each request."""

from typing import Final

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.host import PlainHost
from app.api.problems import Hushed

_COMMON: Final = (
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
        b"connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (
        b"permissions-policy",
        b"camera=(), display-capture=(), geolocation=(), microphone=(), midi=(), payment=(), serial=(), usb=()",
    ),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)
_OVER_HTTPS: Final = (*_COMMON, (b"strict-transport-security", b"max-age=63072000"))


class SecurityHeaders:
    """Adds each header that the answer does not set itself; so a route may loosen one, and says so where it does."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and its answer back with the headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        ours = _OVER_HTTPS if scope["scheme"] == "https" else _COMMON

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = message.get("headers", ())
                names = {name for name, _ in said}
                message["headers"] = [*said, *(pair for pair in ours if pair[0] not in names)]
            await send(message)

        await self._app(scope, receive, with_headers)


class GuardedApp(FastAPI):
    """FastAPI, every answer of which carries the headers.

    Added as a middleware they would be missing from a 500, which is answered outside all middlewares.
    """

    def build_middleware_stack(self) -> ASGIApp:
        """The usual stack, hushed, behind a look at whom the request is to, inside the headers."""
        return SecurityHeaders(PlainHost(Hushed(super().build_middleware_stack())))
