"""Refuse a body that is too large before reading it all."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import problem

LARGEST_BODY = 1_000_000


class BodyLimit:
    """ASGI middleware: 413 for a declared or an actual body over the limit."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if not declared.isdigit() or int(declared) > LARGEST_BODY:
            await _refuse(scope, receive, send)
            return
        chunks: list[bytes] = []
        size = 0
        more = True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                return
            chunks.append(message.get("body", b""))
            size += len(chunks[-1])
            if size > LARGEST_BODY:
                await _refuse(scope, receive, send)
                return
            more = message.get("more_body", False)
        body: list[Message] = [{"type": "http.request", "body": b"".join(chunks), "more_body": False}]

        async def replay() -> Message:
            return body.pop() if body else await receive()

        await self.app(scope, replay, send)


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    detail = f"A request may be at most {LARGEST_BODY // 1000} KB. Shorten the longest texts."
    await problem(413, "too_large", detail, headers={"Connection": "close"})(scope, receive, send)
