"""Why a browser's session is over, and what somebody is told of it."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from app.domain.sessions import EndReason

WARNING: Final = timedelta(minutes=2)
"""So long before somebody is signed out for doing nothing, they are asked whether they are still there."""


class Ending(StrEnum):
    """Why a session can be used no more."""

    SIGNED_OUT = "signed_out"
    ELSEWHERE = "elsewhere"
    PASSWORD = "password"  # noqa: S105  # a reason, no secret
    ADMINISTRATOR = "administrator"
    RENEWED = "renewed"
    """It goes on under another key."""
    IDLE = "idle"
    OVER = "over"
    """It lasted as long as any does."""

    @property
    def words(self) -> str:
        """As the person is told."""
        return _WORDS[self]


_WORDS: Final = {
    Ending.SIGNED_OUT: "You are signed out.",
    Ending.ELSEWHERE: "You were signed out from another browser or device.",
    Ending.PASSWORD: "You were signed out because your password was changed.",
    Ending.ADMINISTRATOR: (
        "You were signed out by an administrator. If you did not expect this, ask your agency’s administrator."
    ),
    Ending.RENEWED: "Sign in again to go on.",
    Ending.IDLE: "You were signed out because you had done nothing here for a while.",
    Ending.OVER: "You were signed out because you had been signed in for as long as is allowed at a time.",
}
_BY_REASON: Final = {
    EndReason.SIGNED_OUT: Ending.SIGNED_OUT,
    EndReason.ENDED_ELSEWHERE: Ending.ELSEWHERE,
    EndReason.RENEWED: Ending.RENEWED,
    EndReason.PASSWORD_CHANGED: Ending.PASSWORD,
    EndReason.ADMINISTRATOR: Ending.ADMINISTRATOR,
}


def ending(
    because: EndReason | None, *, locked_out: bool, idle_until: datetime, until: datetime, now: datetime
) -> Ending | None:
    """Why a session is over; None while it is not.

    because: why it was ended before its time. locked_out: the person or their agency has left, or is locked out.
    """
    if because is not None:
        return _BY_REASON[because]
    if locked_out:
        return Ending.ADMINISTRATOR
    if until <= now:
        return Ending.OVER
    return Ending.IDLE if idle_until <= now else None
