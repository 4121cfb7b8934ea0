"""Ids that sort by time, and references that people can read aloud."""

import os
import time
from uuid import UUID

_last_tick = 0


def new_id() -> UUID:
    """A UUID version 7: ids sort by time, and within a process in the order they were made."""
    global _last_tick
    now = time.time_ns()
    # 48 bits of milliseconds, 12 bits of their fraction.
    tick = now // 1_000_000 << 12 | (now % 1_000_000 << 12) // 1_000_000
    _last_tick = tick = max(tick, _last_tick + 1)
    chance = int.from_bytes(os.urandom(8), "big") >> 2
    return UUID(int=tick >> 12 << 80 | 0x7 << 76 | (tick & 0xFFF) << 64 | 0b10 << 62 | chance)


_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def new_reference(prefix: str, length: int = 8) -> str:
    """A reference people can read aloud, drawn at random: counting up would tell how many there are."""
    drawn = int.from_bytes(os.urandom(16), "big")
    letters = []
    for _ in range(length):
        drawn, place = divmod(drawn, len(_ALPHABET))
        letters.append(_ALPHABET[place])
    return f"{prefix}-{''.join(letters)}"
