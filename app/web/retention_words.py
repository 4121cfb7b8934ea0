"""What waits for those who look after how long cases are kept, in words: on Home, and where administration begins."""

from dataclasses import dataclass

from app.services.retention import Waiting


@dataclass(frozen=True, slots=True)
class Line:
    """Something that waits, why, and where it is done."""

    what: str
    why: str
    path: str


def lines(waiting: Waiting | None) -> list[Line]:
    """What waits; nothing for who has no part in it."""
    if waiting is None:
        return []
    told = []
    if count := waiting.to_approve:
        what = f"{count} {'erasure waits' if count == 1 else 'erasures wait'} to be approved"
        told.append(Line(what, "Somebody else proposed it.", "/retention?standing=proposed"))
    if count := waiting.to_decide:
        what = f"{count} {'case is' if count == 1 else 'cases are'} past the time to be kept"
        told.append(Line(what, "Decide whether to keep or to erase.", "/retention"))
    return told
