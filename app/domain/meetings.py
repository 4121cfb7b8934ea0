"""Meetings: one sitting of a forum from the day it is planned until its minutes are out, and its quorum."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from app.domain.errors import IllegalMove
from app.domain.forums import Forum
from app.risk.reasons import Reason

_QUORUM_VERSION = "1"
PLANNED_AHEAD = timedelta(weeks=13)
"""How far ahead every sitting is in the diary, whether or not a case is listed for it."""


class MeetingStatus(StrEnum):
    SCHEDULED = "scheduled"
    LOCKED = "locked"
    PUBLISHED = "published"
    IN_SESSION = "in_session"
    HELD = "held"
    MINUTES_ISSUED = "minutes_issued"
    CANCELLED = "cancelled"


class MeetingMove(StrEnum):
    LOCK = "lock"
    PUBLISH = "publish"
    START = "start"
    END = "end"
    ISSUE_MINUTES = "issue_minutes"
    CANCEL = "cancel"


TABLE: Mapping[MeetingStatus, Mapping[MeetingMove, MeetingStatus]] = MappingProxyType(
    {
        MeetingStatus.SCHEDULED: {
            MeetingMove.LOCK: MeetingStatus.LOCKED,
            MeetingMove.CANCEL: MeetingStatus.CANCELLED,
        },
        MeetingStatus.LOCKED: {
            MeetingMove.PUBLISH: MeetingStatus.PUBLISHED,
            MeetingMove.CANCEL: MeetingStatus.CANCELLED,
        },
        MeetingStatus.PUBLISHED: {
            MeetingMove.START: MeetingStatus.IN_SESSION,
            MeetingMove.CANCEL: MeetingStatus.CANCELLED,
        },
        MeetingStatus.IN_SESSION: {MeetingMove.END: MeetingStatus.HELD},
        MeetingStatus.HELD: {MeetingMove.ISSUE_MINUTES: MeetingStatus.MINUTES_ISSUED},
        MeetingStatus.MINUTES_ISSUED: {},
        MeetingStatus.CANCELLED: {},
    }
)


def next_status(status: MeetingStatus, move: MeetingMove) -> MeetingStatus:
    """The status after the move. Raises IllegalMove, naming the legal ones, if the table has no such move."""
    moves = TABLE[status]
    if move not in moves:
        raise IllegalMove("meeting", status, move, moves)
    return moves[move]


def takes_cases(status: MeetingStatus) -> bool:
    """True while a case can still be put on the list; afterwards only an addendum can change it."""
    return status is MeetingStatus.SCHEDULED


class Standing(StrEnum):
    PRESENT = "present"
    OBSERVER = "observer"
    APOLOGIES = "apologies"
    APOLOGIES_WITH_INFORMATION = "apologies_with_information"


@dataclass(frozen=True, slots=True)
class Attendance:
    """One person's attendance for an agency; ``agency_kind`` is a code such as ``police``."""

    agency: UUID
    agency_kind: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class Quorum:
    """Whether the quorum is met, and why or why not."""

    met: bool
    reasons: tuple[Reason, ...]


def quorum(forum: Forum, attendance: Sequence[Attendance]) -> Quorum:
    """Whether enough agencies are present. An agency counts once; observers and apologies do not count."""
    present = [one for one in attendance if one.standing is Standing.PRESENT]
    agencies = len({one.agency for one in present})
    minimum = forum.quorum.minimum_agencies
    kinds = {one.agency_kind for one in present}
    missing = [kind for kind in forum.quorum.required_kinds if kind not in kinds]
    enough = agencies >= minimum
    reasons = [
        Reason(
            "quorum.agencies",
            _QUORUM_VERSION,
            f"{agencies} {'agency is' if agencies == 1 else 'agencies are'} present; "
            f"the forum needs {'at least ' if enough else ''}{minimum}.",
        )
    ]
    reasons += [
        Reason(
            "quorum.required_kind",
            _QUORUM_VERSION,
            f"Nobody is present from an agency of this kind: {kind.replace('_', ' ')}.",
        )
        for kind in missing
    ]
    return Quorum(enough and not missing, tuple(reasons))
