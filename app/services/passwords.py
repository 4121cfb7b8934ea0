"""Passwords, hashed with Argon2id in threads of their own: few at a time, since each takes much memory."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pwdlib.hashers.argon2 import Argon2Hasher

from app.db.transaction import Unavailable
from app.domain import passwords
from app.domain.errors import DomainError, FieldProblem
from app.domain.passwords import Whose
from app.services.breached import BreachedFile

# How many strangers may wait for a hash: some seconds' worth. More are sent away, whoever they say they are.
MOST_WAITING: Final = 40
# What is hashed of a text that is too long to be anybody's password.
_NOBODYS: Final = "nobody"


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one hash. The default is RFC 9106's second recommendation: 64 MiB, three passes, four lanes."""

    passes: int = 3
    memory_kib: int = 65_536
    lanes: int = 4


@dataclass(frozen=True, slots=True)
class Judged:
    """Whether a password was right; ``stronger``: its hash as it would be made today, when that is due."""

    right: bool
    stronger: str | None = None


class Busy(Unavailable):
    """More passwords are being judged than there is time for. Nothing was judged of this one."""

    code = "busy"

    def __init__(self) -> None:
        DomainError.__init__(
            self, "Too many people are signing in just now. Try again in a minute. A passkey works all the same."
        )


class Passwords:
    """How this deployment hashes passwords, and which it refuses. ``at_once``: how many hashes are made together.

    Half of the threads are kept for people whom their browser makes likely, so that a flood of strangers' guesses
    stops nobody who was here before.

    cost: no setting reaches it, so that no deployment can be made weaker by one; tests hand in a cheap one.
    """

    def __init__(self, breached: Path | None = None, *, cost: Cost | None = None, at_once: int = 4) -> None:
        cost = cost or Cost()
        self._hasher = Argon2Hasher(cost.passes, cost.memory_kib, cost.lanes)
        self._strangers = ThreadPoolExecutor(max(1, at_once // 2), "argon2-strangers")
        self._known = ThreadPoolExecutor(max(1, at_once // 2), "argon2-known")
        self._waiting = 0
        self._breached = BreachedFile(breached) if breached else None
        # For those who do not exist, and those without a password: as much work as a real one.
        self._dummy = self._hasher.hash(_NOBODYS)

    async def judge(self, typed: str, hashed: str | None, *, known: bool) -> Judged:
        """Whether this is the password that was hashed. None for nobody's: never right, and as much work.

        known: whoever types it is signed in, or at a browser that has signed in to this account before. Raises Busy
        when too many others wait.
        """
        loop = asyncio.get_running_loop()
        if known:
            return await loop.run_in_executor(self._known, self._judge, typed, hashed)
        if self._waiting >= MOST_WAITING:
            raise Busy
        self._waiting += 1
        try:
            return await loop.run_in_executor(self._strangers, self._judge, typed, hashed)
        finally:
            self._waiting -= 1

    async def make(self, typed: str) -> str:
        """The hash to keep of a new password. Check it with ``refusal`` first."""
        plain = passwords.normalised(typed)
        return await asyncio.get_running_loop().run_in_executor(self._known, self._hasher.hash, plain)

    async def refusal(self, typed: str, whose: Whose, *, field: str = "/password") -> FieldProblem | None:
        """Why this cannot be somebody's password; None if it can. Raises OSError when the list cannot be read."""
        told = passwords.refusal(typed, whose, field=field)
        if told or self._breached is None:
            return told
        found = await asyncio.to_thread(self._breached.holds, passwords.normalised(typed))
        return passwords.breached(field=field) if found else None

    def _judge(self, typed: str, hashed: str | None) -> Judged:
        plain = passwords.normalised(typed)
        if len(plain) > passwords.LONGEST:
            plain, hashed = _NOBODYS, None
        right = self._hasher.verify(plain, hashed or self._dummy) and hashed is not None
        due = right and hashed is not None and self._hasher.check_needs_rehash(hashed)
        return Judged(right, self._hasher.hash(plain) if due else None)
