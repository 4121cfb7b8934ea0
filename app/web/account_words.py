"""Accounts in words: by what somebody signs in, what happened at a sign-in, and when."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from app.domain.clock import local
from app.services.accounts import SignedIn, SignIn

STATES: Final = {
    "active": ("Active", "govuk-tag--green"),
    "invited": ("Not come yet", "govuk-tag--yellow"),
    "locked_out": ("Agency locked out", "govuk-tag--red"),
    "ended": ("Left", "govuk-tag--grey"),
}
"""How an account stands: in words, and the colour of its tag."""

_HOW: Final = {
    "passkey": "with a passkey",
    "password": "with a password and a code",
    "recovery_code": "with a password and a recovery code",
    "openid": "with an organisation’s account",
    "demo": "with one press, in the demonstration",
    "command_line": "by a command on the server",
    "client_secret": "with a secret",
    "private_key_jwt": "with a key",
}
_ENDED: Final = {
    "signed_out": "Signed out",
    "ended_elsewhere": "Signed out from another browser",
    "renewed": "Given a new session",
    "password_changed": "Signed out, since the password was changed",
    "administrator": "Signed out by an administrator",
}


def moment(at: datetime | str | None) -> str:
    """Such as ``22 November 2026, 09:05``, by London's clocks; empty for never."""
    if at is None:
        return ""
    shown = local(datetime.fromisoformat(at) if isinstance(at, str) else at)
    return f"{shown.day} {shown:%B %Y}, {shown:%H:%M}"


def day(at: datetime | str | None) -> str:
    """Such as ``22 November 2026``; empty for never."""
    return moment(at).partition(",")[0]


def means(sign_in: Mapping[str, Any]) -> list[str]:
    """By what somebody signs in, such as ``2 passkeys``; empty for nothing."""
    found = []
    if sign_in["passkeys"]:
        found.append(_many(sign_in["passkeys"], "passkey"))
    if sign_in["password"] and sign_in["app"]:
        found.append("password and app")
    elif sign_in["password"] or sign_in["app"]:
        found.append("password only: not enough" if sign_in["password"] else "app only: not enough")
    if sign_in["providers"]:
        found.append(_many(sign_in["providers"], "organisation’s account"))
    if sign_in["recovery_codes"]:
        found.append(f"{_many(sign_in['recovery_codes'], 'recovery code')} left")
    return found


def how(methods: tuple[str, ...]) -> str:
    """How somebody proved who they are, such as ``with a passkey``."""
    return ", ".join(_HOW.get(each, each.replace("_", " ")) for each in methods)


def happened(entry: SignIn) -> str:
    """An entry of the trail about a sign-in."""
    by = entry.how or ""
    if entry.verb == "sign_in.done":
        return f"Signed in {_HOW.get(by, '')}".strip()
    if entry.verb == "sign_in.failed":
        return "Could not confirm who they are" if by == "confirmation" else "Sign-in refused"
    if entry.verb == "sign_in.throttled":
        return "Sign-in refused: too many tries"
    if entry.verb == "sign_in.token_printed":
        return "A token was printed on the server"
    if entry.verb == "client.token_issued":
        return f"Given a token, {_HOW.get(by, '')}".rstrip(", ")
    if entry.verb == "client.refused":
        return "Refused a token"
    if entry.verb == "client.throttled":
        return "Refused a token: too many tries"
    return _ENDED.get(by, "Signed out")


def is_refusal(entry: SignIn) -> bool:
    """Whether somebody was not let in."""
    return entry.verb in ("sign_in.failed", "sign_in.throttled", "client.refused", "client.throttled")


def place(session: SignedIn) -> str:
    """Where somebody is signed in, such as ``Firefox on Windows``."""
    return session.device or {"token": "A printed token", "client": "A partner system"}.get(session.kind, "A browser")


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
