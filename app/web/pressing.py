"""A button that is pressed twice: the second press waits for the first, and is led where that one led."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.types import Receive, Scope, Send

from app.db.transaction import Unavailable
from app.services.presses import ActedOn, InHand, Led
from app.web.paths import way_back

T = TypeVar("T")

# How long a second press waits for the first, how long for where that led, and how often it looks.
_PATIENCE: Final = 10.0
_LED_BY: Final = 3.0
_LOOK_SECONDS: Final = 0.02
_LONGEST_LOOK_SECONDS: Final = 0.25


async def in_turn(doing: Callable[[], Awaitable[T]], request: Request) -> T:
    """Act when no other press of the same button is being acted on. Raises ActedOn when one was."""
    ticking = asyncio.get_running_loop().time
    came, look = ticking(), _LOOK_SECONDS
    while True:
        try:
            return await doing()
        except InHand as other:
            waited = ticking() - came
            if other.done and waited > _LED_BY:
                # It led nowhere: it showed something that is not shown twice, or its process was stopped.
                raise ActedOn(Led(way_back(request), "This was sent before, and was done once.")) from None
            if waited > _PATIENCE:
                raise Unavailable from None
        await asyncio.sleep(look)
        look = min(look * 2, _LONGEST_LOOK_SECONDS)


class Onward(RedirectResponse):
    """To another page of ours. written: writes down where to, before anybody is told."""

    def __init__(self, path: str, written: Callable[[], Awaitable[None]] | None) -> None:
        super().__init__(path, 303)
        self._written = written

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._written is not None:
            await self._written()
        await super().__call__(scope, receive, send)
