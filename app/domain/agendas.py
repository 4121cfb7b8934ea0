"""What was circulated: an agenda, and later its minutes, frozen at the moment of publishing.

A frozen value holds words as they were read that day, not codes or references to rows that may
change: an agenda opened in five years says what it said. Later changes are addenda beside it.

By construction there is no field for an address, a phone number or an email: safe contact
details never travel with an agenda. Warnings about contact are words, and anything in them that looks
like a number, a postcode or an email is withheld (see ``without_contact_details``).

JSON round trip: ``FrozenAgenda.model_validate_json(agenda.model_dump_json())`` equals ``agenda``.
"""

import re
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

WITHHELD = "[withheld]"

_CONTACT_DETAILS = re.compile(
    r"""
      [^\s@]+@[\w-]+(?:\.[\w-]+)+                                  # an email address
    | (?<!\w)(?:\+\s?\d|0)(?:[\s().-]{0,2}\d){8,13}                # a phone number
    | (?<!\w)[A-Z]{1,2}\d[A-Z\d]?\s{0,2}\d[A-Z]{2}(?!\w)           # a United Kingdom postcode
    """,
    re.IGNORECASE | re.VERBOSE,
)


def without_contact_details(text: str) -> str:
    """The text with anything shaped like a phone number, postcode or email withheld. Idempotent."""
    return _CONTACT_DETAILS.sub(WITHHELD, text)


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


UtcDatetime = Annotated[AwareDatetime, AfterValidator(_in_utc)]
WarningInWords = Annotated[str, AfterValidator(without_contact_details)]


class Frozen(BaseModel):
    """Base of every value here: unknown fields are refused, nothing can be set afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class AgendaSection(StrEnum):
    """Where an item stands in the order of the day (SafeLives' suggested agenda)."""

    CHILDREN = "children"
    ADULTS = "adults"
    TWELVE_MONTH_REVIEW = "twelve_month_review"
    OTHER = "other"


class KnownHere(StrEnum):
    """An agency's answer to 'is this family known to you?'. No answer is never a no."""

    YES = "yes"
    NO = "no"
    NOT_ANSWERED = "not_answered"


class Recipient(Frozen):
    """Whom a copy is made for; printed on every page of it."""

    name: str
    agency: str


class Publisher(Frozen):
    """Who published, and for which agency."""

    name: str
    agency: str


class FrozenAction(Frozen):
    """An action as it stood: what, which agency answers for it, by when, and how it stands."""

    case_reference: str
    what: str
    agency: str
    owner: str | None = None
    due: date | None = None
    status: str = "open"


class FrozenParty(Frozen):
    """A person in a case. ``age`` is in whole years on the day of the meeting."""

    role: str
    name: str
    aliases: tuple[str, ...] = ()
    date_of_birth: date | None = None
    age: int | None = None
    relationship: str | None = None
    notes: str | None = None


class FrozenResearch(Frozen):
    """What one agency chose to release. Fact and opinion are kept apart."""

    agency: str
    known: KnownHere = KnownHere.NOT_ANSWERED
    facts: str | None = None
    opinion: str | None = None


class FrozenRisk(Frozen):
    """Risks to, or from, one person (or 'Staff')."""

    person: str
    role: str | None = None
    risks: tuple[str, ...] = ()


class EarlierMeeting(Frozen):
    """A meeting that heard this family before."""

    on: date
    forum: str
    outcome: str | None = None


class FrozenItem(Frozen):
    """One case at one meeting.

    position: from 1, the order of the day. offset_minutes: minutes after the meeting's start at which the
    item begins; minutes: how long it has. level, score, grounds, markers and reasons are words to print.
    safe_contact: warnings in words, without numbers.
    """

    position: int = Field(ge=1)
    offset_minutes: int = Field(default=0, ge=0)
    minutes: int = Field(default=0, ge=0)
    section: AgendaSection
    case_reference: str
    case_id: str
    level: str
    score: str | None = None
    grounds: tuple[str, ...] = ()
    markers: tuple[str, ...] = ()
    repeat: bool = False
    reasons: tuple[str, ...] = ()
    summary: str | None = None
    parties: tuple[FrozenParty, ...] = ()
    referrer_agency: str | None = None
    referred_on: date | None = None
    idva: str | None = None
    victim_words: str | None = None
    victim_wishes: str | None = None
    safe_contact: tuple[WarningInWords, ...] = ()
    research: tuple[FrozenResearch, ...] = ()
    risks: tuple[FrozenRisk, ...] = ()
    open_actions: tuple[FrozenAction, ...] = ()
    earlier_meetings: tuple[EarlierMeeting, ...] = ()


class Addendum(Frozen):
    """A change after publishing: what was added, when and by whom. ``version`` is the agenda's new one."""

    version: int = Field(ge=2)
    at: UtcDatetime
    by: Publisher
    text: str
    items: tuple[FrozenItem, ...] = ()


class FrozenMeeting(Frozen):
    """What an agenda and its minutes both say of the meeting.

    forum_kind: hrda, marac, matac or stalking_clinic. There is no place or online link, on purpose.
    """

    partnership: str
    forum_kind: str
    forum: str
    meeting_id: str
    starts_at: UtcDatetime
    version: int = Field(default=1, ge=1)
    published_at: UtcDatetime
    published_by: Publisher
    marking: str = "OFFICIAL-SENSITIVE"
    confidentiality_statement: str
    chair: str | None = None


class FrozenAgenda(FrozenMeeting):
    """The agenda as it was circulated."""

    member_agencies: tuple[str, ...] = ()
    unfinished_actions: tuple[FrozenAction, ...] = ()
    items: tuple[FrozenItem, ...] = ()
    other_business: tuple[str, ...] = ()
    addenda: tuple[Addendum, ...] = ()

    @property
    def current_version(self) -> int:
        """The version with its addenda."""
        return max((self.version, *(addendum.version for addendum in self.addenda)))

    @property
    def all_items(self) -> tuple[FrozenItem, ...]:
        """Every case once, in the order of the day and as last circulated; those that addenda brought come last."""
        latest = {item.case_id: item for addendum in self.addenda for item in addendum.items}
        first = [latest.pop(item.case_id, item) for item in sorted(self.items, key=lambda item: item.position)]
        return (*first, *latest.values())

    @property
    def ends_at(self) -> datetime:
        """When the last item should end, in UTC."""
        minutes = max((item.offset_minutes + item.minutes for item in self.all_items), default=0)
        return self.starts_at + timedelta(minutes=minutes or 60)


class Attendance(Frozen):
    """One person at the meeting, and whether they accepted the confidentiality statement."""

    name: str
    agency: str
    confidentiality_accepted: bool = False


class Apology(Frozen):
    """One who could not come, and whether their agency sent its information."""

    name: str
    agency: str
    information_sent: bool = False


class MinutesItem(Frozen):
    """One case as it was heard: the risks named, the actions agreed, the outcome and its reason."""

    position: int = Field(ge=1)
    case_reference: str
    case_id: str
    parties: tuple[FrozenParty, ...] = ()
    discussion: str | None = None
    risks: tuple[FrozenRisk, ...] = ()
    actions: tuple[FrozenAction, ...] = ()
    outcome: str | None = None
    outcome_reason: str | None = None
    safe_contact: tuple[WarningInWords, ...] = ()


class FrozenMinutes(FrozenMeeting):
    """The minutes as they were issued. Old actions carry how each was settled in ``status``."""

    attendees: tuple[Attendance, ...] = ()
    observers: tuple[Attendance, ...] = ()
    apologies: tuple[Apology, ...] = ()
    quorum: str | None = None
    unfinished_actions: tuple[FrozenAction, ...] = ()
    items: tuple[MinutesItem, ...] = ()
    other_business: tuple[str, ...] = ()
