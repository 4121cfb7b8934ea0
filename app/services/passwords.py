"""Passwords, hashed with Argon2id in threads of their own: few at a time, since each takes much memory."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pwdlib.hashers.argon2 import Argon2Hasher

from app.domain import passwords
from app.domain.errors import FieldProblem
from app.domain.passwords import Whose
from app.services.breached import BreachedFile

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


class Passwords:
    """How this deployment hashes passwords, and which it refuses. ``at_once``: how many hashes are made together.

    cost: no setting reaches it, so that no deployment can be made weaker by one; tests hand in a cheap one.
    """

    def __init__(self, breached: Path | None = None, *, cost: Cost | None = None, at_once: int = 4) -> None:
        cost = cost or Cost()
        self._hasher = Argon2Hasher(cost.passes, cost.memory_kib, cost.lanes)
        self._threads = ThreadPoolExecutor(at_once, "argon2")
        self._breached = BreachedFile(breached) if breached else None
        # For those who do not exist, and those without a password: as much work as a real one.
        self._dummy = self._hasher.hash(_NOBODYS)

    async def judge(self, typed: str, hashed: str | None) -> Judged:
        """Whether this is the password that was hashed. None for nobody's: never right, and as much work."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._judge, typed, hashed)

    async def make(self, typed: str) -> str:
        """The hash to keep of a new password. Check it with ``refusal`` first."""
        plain = passwords.normalised(typed)
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._hasher.hash, plain)

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
