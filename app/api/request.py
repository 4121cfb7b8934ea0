"""What a route works with: who asks, the version they saw, and a reply that is sent only after the commit."""

import hashlib
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime
from difflib import get_close_matches
from functools import partial, update_wrapper
from typing import Annotated, Any, Concatenate, ParamSpec, TypeVar

from fastapi import Depends, Request, Response, params
from fastapi.dependencies.utils import get_flat_params
from fastapi.security import HTTPBearer

from app.api.problems import MOST_PROBLEMS
from app.api.tokens import verify
from app.db.session import Credentials, UnitOfWork
from app.domain.errors import FieldProblem, Invalid, Unauthenticated, VersionRequired
from app.domain.fields import printable
from app.services.errand import Errand
from app.services.once import Answer, Document, once

P = ParamSpec("P")
T = TypeVar("T")

JSON = "application/json"
_ETAG = re.compile(r'(?:W/)?"([0-9]{1,9})"')
_KEY = re.compile(r"[\x21-\x7e]{1,200}")

bearer = HTTPBearer(
    auto_error=False,
    bearerFormat="JWT",
    description="A token, as `/oauth/token` gives it to partner systems and `roundtable token` prints it.",
)


class Desk:
    """One request: who asks, and the only way from a route to a service."""

    def __init__(self, request: Request) -> None:
        self._request = request
        state = request.app.state
        self._errand = Errand(state.database, state.clock())
        self.now: datetime = self._errand.now
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthenticated
        claims = verify(state.token_keys, token.strip(" \t"), self.now)
        self.credentials = Credentials(claims.partnership_id, claims.user_id, claims.session_id)

    async def do(
        self, use_case: Callable[Concatenate[UnitOfWork, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run one service function in one transaction; it is committed when this returns."""
        return await self._errand.do(self.credentials, use_case, *args, **kwargs)

    async def on_the_beat(self) -> None:
        """Wait for the beat that answers are given on which must not tell by when they come."""
        await self._errand.on_the_beat()

    async def show(
        self, use_case: Callable[Concatenate[UnitOfWork, P], Awaitable[Document]], *args: P.args, **kwargs: P.kwargs
    ) -> Response:
        """Answer a read, or a change that is safe to repeat."""
        return reply(200, await self.do(use_case, *args, **kwargs))

    async def make(
        self,
        status: int,
        use_case: Callable[Concatenate[UnitOfWork, P], Awaitable[Document]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Response:
        """Answer a request that makes something. With an Idempotency-Key a repeat gets the first answer again."""
        return await self.make_once(status, None, use_case, *args, **kwargs)

    async def make_once(
        self,
        status: int,
        again: Callable[[UnitOfWork], Awaitable[Document]] | None,
        use_case: Callable[Concatenate[UnitOfWork, P], Awaitable[Document]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Response:
        """The same; with ``again``, a repeat is answered with what that shows by then.

        For answers that show a whole list: one that was kept could hold a case that has since stopped existing for
        whoever repeats the request.
        """
        key = self._request.headers.get("idempotency-key")
        if key is None:
            return reply(status, await self.do(use_case, *args, **kwargs))
        if not _KEY.fullmatch(key):
            raise Invalid(
                [FieldProblem("Idempotency-Key", "bad_key", "Use 1 to 200 visible ASCII characters, such as a UUID.")]
            )
        body = await self._request.body()
        # The query is part of what was asked: the same form is kept as a draft, or sent.
        url = self._request.url
        digest = hashlib.sha256(f"{self._request.method} {url.path}?{url.query}\n".encode() + body).hexdigest()

        async def work(uow: UnitOfWork, /, *args: P.args, **kwargs: P.kwargs) -> Answer:
            made = partial(use_case, uow, *args, **kwargs)
            return await once(uow, key, digest, status, made, again=again and partial(again, uow))

        update_wrapper(work, use_case)
        answer = await self.do(work, *args, **kwargs)
        response = reply(answer.status, answer.document)
        if answer.replayed:
            response.headers["Idempotent-Replayed"] = "true"
        return response

    def version(self, noun: str) -> int | None:
        """The version in If-Match; None for ``*``. Raises VersionRequired (428) when the header is absent."""
        sent = self._request.headers.get("if-match")
        if sent is None:
            raise VersionRequired(noun)
        if sent.strip() == "*":
            return None
        found = _ETAG.fullmatch(sent.strip())
        if not found:
            raise Invalid([FieldProblem("If-Match", "bad_etag", 'Send the ETag as you received it, such as "3".')])
        return int(found[1])


def reply(status: int, document: Document) -> Response:
    """A document as a response, with its version as the ETag."""
    headers: dict[str, str] = {}
    if document.version is not None:
        headers["ETag"] = f'"{document.version}"'
    if document.location is not None:
        headers["Location"] = document.location
    if document.next_cursor is not None:
        headers["Link"] = f'<?cursor={document.next_cursor}>; rel="next"'
    if document.repeated:
        headers["Idempotent-Replayed"] = "true"
    return Response(document.body, 200 if document.repeated else status, headers, JSON)


async def _desk(request: Request, _: Annotated[Any, Depends(bearer)]) -> Desk:
    desk = Desk(request)
    if request.url.query:
        _check_query(request)
    return desk


def _check_query(request: Request) -> None:
    """A misspelt or repeated parameter is refused: ``sumbit=true`` would keep a draft that was meant to be sent."""
    declared = get_flat_params(request.scope["route"].dependant)
    known = [field.alias for field in declared if isinstance(field.field_info, params.Query)]
    problems = []
    for name, count in Counter(name for name, _ in request.query_params.multi_items()).items():
        if name not in known:
            text = f"There is no parameter called '{printable(name)}' here."
            close = get_close_matches(name[:60], known, n=1)
            text += f" Did you mean '{close[0]}'?" if close else f" Those there are: {', '.join(known) or 'none'}."
            problems.append(FieldProblem(f"?{printable(name)}", "unknown_parameter", text))
        elif count > 1:
            problems.append(FieldProblem(f"?{name}", "repeated_parameter", "Give this parameter once."))
    if problems:
        raise Invalid(problems[:MOST_PROBLEMS])


AtDesk = Annotated[Desk, Depends(_desk)]
