"""What waits for somebody: of which kind, by when, and whose turn it is. The first page that anybody sees."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from app.domain.access import DESK_ROLES, Actor, Verb

IDVA_SERVICE: Final = "idva_service"
SHOWN: Final = 3
"""How many of a kind are named for each span of time; the list that its count opens onto has them all."""
MOST: Final = 200
"""How many of a kind are counted. Somebody with more of one kind needs help, and not a number."""
WEEK_DAYS: Final = 7
"""How many days, with today, 'this week' looks ahead: on a Friday, the Monday after it matters."""


class Kind(StrEnum):
    """What waits, in the order in which it is told of. agency_…: anybody's at the agency's desk."""

    MEETING = "meeting"
    CONTACT = "contact"
    UNALLOCATED = "unallocated"
    RESEARCH = "research"
    ACTION = "action"
    DRAFT = "draft"
    OFFER = "offer"
    PACK = "pack"
    MINUTES = "minutes"
    REVIEW = "review"
    MATCH = "match"
    AGENCY_ACTION = "agency_action"
    AGENCY_DRAFT = "agency_draft"
    NOTICE = "notice"


class When(StrEnum):
    """By the clock in London. What has no deadline is for today: nothing that waits here gets better by waiting."""

    OVERDUE = "overdue"
    TODAY = "today"
    WEEK = "week"
    LATER = "later"


_VERBS: Final[Mapping[Kind, Verb]] = MappingProxyType(
    {
        Kind.MEETING: Verb.ATTEND,
        Kind.CONTACT: Verb.SUPPORT_CLIENT,
        Kind.UNALLOCATED: Verb.ALLOCATE_IDVA,
        Kind.RESEARCH: Verb.RESEARCH,
        Kind.ACTION: Verb.UPDATE_ACTION,
        Kind.DRAFT: Verb.REFER,
        Kind.OFFER: Verb.ANSWER_SUPPORT,
        Kind.PACK: Verb.RUN_MEETING,
        Kind.MINUTES: Verb.RUN_MEETING,
        Kind.REVIEW: Verb.REVIEW_BREAK_GLASS,
        Kind.MATCH: Verb.JOIN_PEOPLE,
        Kind.AGENCY_ACTION: Verb.UPDATE_ACTION,
        Kind.AGENCY_DRAFT: Verb.REFER,
        Kind.NOTICE: Verb.LOOK_UP,
    }
)
_AT_THE_DESK: Final = frozenset({Kind.AGENCY_ACTION, Kind.AGENCY_DRAFT})


def kinds_for(actor: Actor) -> tuple[Kind, ...]:
    """What can wait for this person, by what they may do, and by whether they sit at their agency's desk."""
    at_desk = bool(actor.roles & DESK_ROLES)
    return tuple(
        kind
        for kind, verb in _VERBS.items()
        if actor.may(verb)
        and (at_desk or kind not in _AT_THE_DESK)
        # A case without an IDVA is for the service that has them; whoever coordinates finds it on its meeting's list.
        and (kind is not Kind.UNALLOCATED or actor.agency_kind == IDVA_SERVICE)
    )


@dataclass(frozen=True, slots=True)
class Case:
    """The case that something is about."""

    id: UUID
    reference: str
    victim_name: str


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that waits.

    id: of what is to be done, such as the agenda item, the action or the meeting. due_by or due_on, or neither: then
    ``since`` says how long it has waited. about: what else there is to say, by its kind.
    """

    id: UUID
    case: Case | None
    due_by: datetime | None
    due_on: date | None
    since: datetime | None
    about: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Group:
    """What waits of one kind in one span of time. ``items``: the nearest; ``more``: not even ``count`` is all."""

    kind: Kind
    when: When
    count: int
    more: bool
    items: tuple[Item, ...]
