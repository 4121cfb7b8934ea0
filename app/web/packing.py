"""Pages and files in few bytes, for phones in corridors: gzip, which every browser takes."""

import gzip
import io
import secrets
from collections.abc import Mapping
from typing import Final

ENCODING: Final = "gzip"
# Beyond this a page takes longer to pack than the bytes that it saves take to arrive.
_LEVEL: Final = 5
_LONGEST_NAME: Final = 100


def takes_packed(headers: Mapping[str, str]) -> bool:
    """Whether whoever asked can unpack."""
    taken = (each.partition(";") for each in headers.get("accept-encoding", "").lower().split(","))
    return any(name.strip() == ENCODING and more.replace(" ", "") not in ("q=0", "q=0.0") for name, _, more in taken)


def packed(body: bytes, level: int = _LEVEL) -> bytes:
    """The same, packed, under a name of random length, which nobody reads.

    So the length of a page does not tell whether what somebody made it say twice was on it already (BREACH).
    """
    name = secrets.token_hex(_LONGEST_NAME // 2)[: 1 + secrets.randbelow(_LONGEST_NAME)]
    made = io.BytesIO()
    with gzip.GzipFile(name, "wb", level, made, mtime=0) as packer:
        packer.write(body)
    return made.getvalue()
