"""Staying signed in: what is open is covered as soon as its session ends, and nobody is signed out unasked while they
are there.
"""

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Request
from pydantic import StringConstraints
from starlette.responses import Response, StreamingResponse

from app.db.transaction import Unavailable
from app.db.watch import Watch
from app.domain.fields import Form
from app.domain.sessions import SessionKey
from app.domain.stay import WARNING, Ending
from app.services import stay
from app.services.errand import Errand
from app.services.stay import Standing
from app.web.paths import local
from app.web.visit import AtVisit

router = APIRouter()

_LOOK_AGAIN: Final = timedelta(seconds=30)
_RETRY_MILLISECONDS: Final = 2000
# A browser is given its new key with the answer to the request that renewed it. Long after that, it never will be.
_RENEWAL_ARRIVES: Final = timedelta(minutes=1)


@router.get("/stay")
async def watch_session(visit: AtVisit) -> Response:
    """A stream of events: ``idle``, with the seconds left until the session ends by itself, and ``ended``, the last.

    It is open for as long as a page is, and no activity: the limit on doing nothing runs on.
    """
    stream = _events(visit.request, visit.key)
    headers = {"x-accel-buffering": "no"}
    return visit.finish(StreamingResponse(stream, media_type="text/event-stream", headers=headers))


@router.post("/stay")
async def stay_signed_in(visit: AtVisit) -> Response:
    """Somebody says that they are still there."""
    await visit.person()
    standing = await _look(visit.request, visit.key)
    return visit.data({"left": standing.left.total_seconds() if standing else 0})


class Typed(Form):
    """What was typed on a page that was open when somebody was signed out. salt: as that page had it."""

    salt: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{16,64}$")]


@router.post("/stay/typed")
async def open_typed(visit: AtVisit) -> Response:
    """The key to what was typed: the right one for whoever typed it, and for nobody else."""
    key = await visit.do(stay.typing_key_again, (await visit.json(Typed)).salt)
    return visit.data({"key": b64encode(key).decode()})


@router.get("/stay/ended")
async def say_why(visit: AtVisit) -> Response:
    """Send somebody to sign in, saying why they must; back to where they were, if they need not."""
    standing = await _look(visit.request, visit.key)
    if standing is not None and standing.ended is None:
        return visit.to(local(visit.next))
    if visit.key is not None:
        visit.signed_out()
    if standing is not None and standing.ended is not None:
        visit.say(standing.ended.words)
    return visit.to(f"/sign-in?next={quote(local(visit.next))}")


async def _events(request: Request, key: SessionKey | None) -> AsyncIterator[str]:
    watch: Watch = request.app.state.watch
    standing = await _look(request, key)
    if standing is None or key is None:
        yield _event("ended", None)
        return
    ticking = asyncio.get_running_loop().time
    yield f"retry: {_RETRY_MILLISECONDS}\n\n"
    with watch.on(key.partnership_id, key.user_id, standing.agency_id) as changes:
        due = ticking()
        while not changes.over:
            try:
                standing = await _look(request, key)
            except Unavailable:  # it may be back soon
                await changes.next(_LOOK_AGAIN.total_seconds())
                continue
            if standing is None or standing.ended:
                if standing is None or not _renewed(request, standing):
                    yield _event("ended", standing.ended if standing else None)
                return
            # Told by the clock and never because something changed: what changed may be what nobody is to learn.
            if ticking() >= due:
                yield _event("idle", int(standing.left.total_seconds()))
                due = ticking() + _until_next(standing.left).total_seconds()
            await changes.next(due - ticking())


def _until_next(left: timedelta) -> timedelta:
    """When to look again: now and then, when it is time to warn, and when the time is up."""
    to_come = (each for each in (left - WARNING, left) if each > timedelta(0))
    return min((_LOOK_AGAIN, *to_come)) + timedelta(milliseconds=50)


def _renewed(request: Request, standing: Standing) -> bool:
    """Whether the browser has, or is about to get, another key: it then asks again by itself."""
    at = standing.ended_at
    return standing.ended is Ending.RENEWED and at is not None and request.app.state.clock() - at < _RENEWAL_ARRIVES


async def _look(request: Request, key: SessionKey | None) -> Standing | None:
    if key is None:
        return None
    state = request.app.state
    return await Errand(state.database, state.clock()).do_as_nobody(key.partnership_id, stay.look, key)


def _event(name: str, data: object) -> str:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"
