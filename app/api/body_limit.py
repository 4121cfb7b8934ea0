"""Refuse a body that is too large, before reading it all, or that is not plain JSON, before anything acts on it."""

import json
import re
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import problem

LARGEST_BODY = 1_000_000
# An answer to somebody who is still sending is often lost, so this much is read and thrown away first.
LARGEST_DISCARDED = 32_000_000
_JSON_TYPE = re.compile(r'application/([a-z0-9!#$&^_.+-]+\+)?json\s*(;\s*charset="?utf-?8"?\s*)?', re.IGNORECASE)


class _Refused(Exception):
    """A status, a code and a sentence."""


class BodyLimit:
    """ASGI middleware. 413 for a declared or an actual body over the limit.

    Under ``/api``: 415 for anything that does not call itself JSON in UTF-8; 400 for what is not, or for JSON that
    readers disagree about (a name given twice, NaN), where one of them would act on what the other never saw.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        declared = headers.get(b"content-length", b"0")
        too_large = not declared.isdigit() or len(declared) > 18 or int(declared) > LARGEST_BODY
        if too_large and b"expect" in headers:
            await _too_large(scope, receive, send)
            return
        chunks: list[bytes] = []
        size = 0
        more = True
        while more and size <= LARGEST_DISCARDED:
            message = await receive()
            if message["type"] != "http.request":
                return
            chunk = message.get("body", b"")
            size += len(chunk)
            too_large = too_large or size > LARGEST_BODY
            if too_large:
                chunks.clear()
            else:
                chunks.append(chunk)
            more = message.get("more_body", False)
        if too_large:
            await _too_large(scope, receive, send)
            return
        whole = b"".join(chunks)
        if whole and scope["path"].startswith("/api/"):
            try:
                _check(scope["headers"], whole)
            except _Refused as refused:
                await problem(*refused.args)(scope, receive, send)
                return
        body: list[Message] = [{"type": "http.request", "body": whole, "more_body": False}]

        async def replay() -> Message:
            return body.pop() if body else await receive()

        await self.app(scope, replay, send)


async def _too_large(scope: Scope, receive: Receive, send: Send) -> None:
    detail = f"A request may be at most {LARGEST_BODY // 1000} KB. Shorten the longest texts."
    await problem(413, "too_large", detail, headers={"Connection": "close"})(scope, receive, send)


def _check(headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    if any(name == b"content-encoding" and value.lower() != b"identity" for name, value in headers):
        raise _Refused(415, "encoded", "Send the body as it is, without Content-Encoding.")
    types = [value.decode("latin-1") for name, value in headers if name == b"content-type"]
    if len(types) != 1 or not _JSON_TYPE.fullmatch(types[0].strip()):
        raise _Refused(415, "not_json", "Send JSON in UTF-8, with the header 'Content-Type: application/json'.")
    try:
        # A byte order mark is allowed, since some systems cannot but send one.
        json.loads(body.decode("utf-8-sig"), object_pairs_hook=_named_once, parse_constant=_no_such_number)
    except UnicodeDecodeError:
        raise _Refused(400, "malformed", "The body is not valid UTF-8.") from None
    except RecursionError:
        raise _Refused(400, "malformed", "The body has too many brackets inside one another.") from None
    except ValueError:
        text = "The body is not valid JSON. Check brackets, commas and quotation marks."
        raise _Refused(400, "malformed", text) from None


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    named = dict(pairs)
    if len(named) != len(pairs):
        text = "One object in the body has the same name twice, so one of the two values would be lost. Remove one."
        raise _Refused(400, "duplicate_name", text)
    return named


def _no_such_number(_: str) -> None:
    raise _Refused(400, "malformed", "JSON has no NaN and no Infinity. Leave the field out, or send null.")
