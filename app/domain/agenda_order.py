"""The running order of a meeting: by rule, adjusted by hand, with times that add up.

The order is SafeLives' suggested agenda: unfinished actions; cases with children, so that children's agencies
can leave; adult-only cases; cases reaching twelve months; other business.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Section(StrEnum):
    ACTIONS = "actions"
    CHILDREN = "children"
    ADULTS = "adults"
    TWELVE_MONTH_REVIEW = "twelve_month_review"
    OTHER = "other"


STANDARD_ORDER = tuple(Section)


@dataclass(frozen=True, slots=True)
class Entry:
    """Something to be heard. ``minutes`` None means the forum's time per case.

    ``pinned`` is the place, counted from 1 over the whole agenda, to which someone dragged it.
    """

    key: UUID
    section: Section
    minutes: int | None = None
    pinned: int | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """An entry in its place. position counts from 1, offset in minutes from the meeting's start."""

    key: UUID
    section: Section
    position: int
    offset: int
    minutes: int


def section_of(*, has_children: bool, reaching_twelve_months: bool = False) -> Section:
    """Where a case belongs. A case only there because it reaches twelve months goes to that section."""
    if reaching_twelve_months:
        return Section.TWELVE_MONTH_REVIEW
    return Section.CHILDREN if has_children else Section.ADULTS


def running_order(
    entries: Sequence[Entry], minutes_per_case: int, order: Sequence[Section] = STANDARD_ORDER
) -> tuple[Slot, ...]:
    """Every entry once, in order, each starting when the one before it ends.

    Within a section entries keep the order in which they were given. A pinned entry takes its place (or the
    last place, if there are fewer) and the rest flow round it; of two pinned to one place, the first by rule
    takes it and the other the next free place.
    """
    rank = {section: index for index, section in enumerate(order)}
    by_rule = sorted(entries, key=lambda entry: rank.get(entry.section, len(rank)))
    placed: list[Entry | None] = [None] * len(by_rule)
    for entry in sorted((e for e in by_rule if e.pinned is not None), key=lambda e: e.pinned or 0):
        placed[_free_place(placed, entry.pinned or 0)] = entry
    rest = iter([entry for entry in by_rule if entry.pinned is None])
    final = [entry if entry is not None else next(rest) for entry in placed]

    slots: list[Slot] = []
    offset = 0
    for position, entry in enumerate(final, start=1):
        minutes = minutes_per_case if entry.minutes is None else entry.minutes
        slots.append(Slot(entry.key, entry.section, position, offset, minutes))
        offset += minutes
    return tuple(slots)


def total_minutes(slots: Sequence[Slot]) -> int:
    """How long the whole agenda takes."""
    return sum(slot.minutes for slot in slots)


def _free_place(placed: Sequence[Entry | None], pinned: int) -> int:
    wanted = min(max(pinned, 1), len(placed)) - 1
    after = [index for index in range(wanted, len(placed)) if placed[index] is None]
    before = [index for index in range(wanted) if placed[index] is None]
    return after[0] if after else before[-1]
