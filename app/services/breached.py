"""Passwords stolen from other services, looked up in a file on this machine: nothing about a password leaves it.

The file is the one that the public downloader of Pwned Passwords writes: lines of ``SHA1HEX:COUNT``, sorted, tens of
gigabytes. It is searched where it lies.
"""

import hashlib
from pathlib import Path
from typing import BinaryIO, Final

_DIGITS: Final = 40
_SAMPLES: Final = 200


class BreachedFile:
    """One such file. Opened for each search, so that it may be replaced by a newer one at any time."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def holds(self, password: str) -> bool:
        """Whether this password was stolen somewhere. Raises OSError when the file cannot be read. Blocks."""
        # SHA-1 is what the file is made of; it protects nothing here.
        wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
        with self._path.open("rb") as file:
            low, high = 0, file.seek(0, 2)
            # The line wanted, if it is there, begins in [low, high).
            while low < high:
                middle = (low + high) // 2
                start, found = _line_from(file, middle)
                if not found or start >= high:
                    high = middle
                elif found == wanted:
                    return True
                elif found < wanted:
                    low = start + 1
                else:
                    high = middle
        return False

    def fault(self) -> str | None:
        """What is wrong with the file, as the end of a sentence; None if it looks as it should. Blocks."""
        try:
            with self._path.open("rb") as file:
                size = file.seek(0, 2)
                samples = [_line_from(file, size * n // _SAMPLES)[1] for n in range(_SAMPLES)]
        except OSError:
            return "cannot be read"
        hashes = [each for each in samples if each]
        if not hashes:
            return "is empty"
        if any(len(each) != _DIGITS or not set(each) <= set(b"0123456789ABCDEF") for each in hashes):
            return "is not in the form SHA1HEX:COUNT, with capital letters"
        return None if hashes == sorted(hashes) else "is not sorted by hash"


def _line_from(file: BinaryIO, offset: int) -> tuple[int, bytes]:
    """Where the first line that begins at or after this offset begins, and its hash; empty at the end of the file."""
    file.seek(max(0, offset - 1))
    if offset:
        file.readline()
    start = file.tell()
    return start, file.readline().partition(b":")[0].strip()
