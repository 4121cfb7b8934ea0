"""Codes that prove a second thing: six digits from an app (RFC 6238), or one of ten recovery codes kept on paper."""

import hashlib
import hmac
import re
from datetime import datetime
from typing import Final

import pyotp

from app.domain.errors import FieldProblem, Invalid

ISSUER: Final = "Roundtable"
STEP_SECONDS: Final = 30
# One step either way, for clocks that differ and people who type slowly.
_SKEW: Final = (0, -1, 1)
SECRET_BYTES: Final = 20

RECOVERY_CODES: Final = 10
RECOVERY_BYTES: Final = 10
# Crockford's: no letter that is easily read as another or as a digit.
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD: Final = str.maketrans("OIL", "011")
_RECOVERY_LENGTH: Final = RECOVERY_BYTES * 8 // 5
_RECOVERY: Final = re.compile(f"[{_ALPHABET}]{{{_RECOVERY_LENGTH}}}")
_DIGITS: Final = re.compile("[0-9]{6}")


class CodeRefused(Invalid):
    """The first code of an app was not the one that it should show."""

    def __init__(self) -> None:
        text = (
            "This is not the code that the app should show now. Type the newest one, and check that your phone sets "
            "its own time."
        )
        super().__init__([FieldProblem("/code", "not_right", text)], text)


def step_of(secret: str, code: str, now: datetime, last_step: int | None) -> int | None:
    """The step whose code this is; None if it is none, or one that is not later than the last one used.

    secret: base32. Every step is tried whatever the outcome, each compared in constant time.
    """
    app = pyotp.TOTP(secret, interval=STEP_SECONDS)
    here = int(now.timestamp()) // STEP_SECONDS
    found = None
    for step in (here + skew for skew in _SKEW):
        same = hmac.compare_digest(app.generate_otp(step).encode(), code.encode(errors="replace"))
        if same and (last_step is None or step > last_step):
            found = step
    return found


def as_digits(typed: str) -> str | None:
    """The six digits, without the spaces that apps show between them; None if it is something else."""
    squeezed = re.sub(r"[\s-]", "", typed)
    return squeezed if _DIGITS.fullmatch(squeezed) else None


def as_recovery_code(typed: str) -> str | None:
    """A recovery code as it is digested, however it was typed; None if it is something else."""
    squeezed = re.sub(r"[\s-]", "", typed).upper().translate(_MISREAD)
    return squeezed if _RECOVERY.fullmatch(squeezed) else None


def recovery_digest(typed: str) -> bytes:
    """What is kept of a recovery code, and looked for; of something else, what nothing is kept as.

    A drawn code of 80 bits cannot be found by trying, so no key is needed that might one day be retired.
    """
    return hashlib.sha256(b"recovery code " + (as_recovery_code(typed) or typed).encode(errors="replace")).digest()


def recovery_code(drawn: bytes) -> str:
    """Ten drawn bytes (80 bits) as a code, in groups of four."""
    number = int.from_bytes(drawn)
    letters = (_ALPHABET[number >> 5 * place & 31] for place in reversed(range(_RECOVERY_LENGTH)))
    return in_fours("".join(letters), "-")


def in_fours(text: str, between: str = " ") -> str:
    """In groups of four, for people to read and type."""
    return between.join(text[n : n + 4] for n in range(0, len(text), 4))


def enrolment_uri(secret: str, *, email: str) -> str:
    """What the square says to the app: the secret, whose account, and at which service."""
    return pyotp.TOTP(secret, interval=STEP_SECONDS).provisioning_uri(name=email, issuer_name=ISSUER)
