"""How dates, times and people are written in anything that leaves: plain English, London time."""

from collections.abc import Iterable
from datetime import date, datetime

from app.domain.agendas import FrozenMeeting, FrozenParty, KnownHere, Recipient
from app.domain.clock import local, local_date

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_FORUM_KINDS = {"hrda": "HRDA", "marac": "MARAC", "matac": "MATAC", "stalking_clinic": "Stalking clinic"}
_KNOWN = {KnownHere.YES: "Known", KnownHere.NO: "Not known", KnownHere.NOT_ANSWERED: "Not answered"}
_ALLOWED_CONTROLS = "\n"
_NEWLINES = str.maketrans({"\t": " ", "\v": "\n", "\f": "\n", "\u0085": "\n", "\u2028": "\n", "\u2029": "\n"})


def tidy(text: str) -> str:
    """The text as any file format can hold it: one kind of line break, no control characters.

    What no format can hold (controls, unpaired surrogates, non-characters) becomes U+FFFD, so that a reader
    sees that something stood there.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_NEWLINES)
    if text.isprintable():
        return text
    return "".join(letter if _can_be_stored(letter) else REPLACEMENT for letter in text)


def _can_be_stored(letter: str) -> bool:
    code = ord(letter)
    if code < 0x20 or 0x7F <= code < 0xA0:
        return letter in _ALLOWED_CONTROLS
    return not (0xD800 <= code <= 0xDFFF or 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE)


def day(on: date) -> str:
    """3 November 2026"""
    return f"{on.day} {on:%B %Y}"


def short_day(on: date) -> str:
    """3 Nov 2026"""
    return f"{on.day} {on:%b %Y}"


def clock_time(moment: datetime) -> str:
    """9:30am, in London; ``moment`` is aware."""
    there = local(moment)
    return f"{there.hour % 12 or 12}:{there:%M}{'am' if there.hour < 12 else 'pm'}"


def moment(at: datetime) -> str:
    """3 November 2026 at 9:30am, in London; ``at`` is aware."""
    return f"{day(local_date(at))} at {clock_time(at)}"


def meeting_day(at: datetime) -> str:
    """Tuesday 3 November 2026, in London."""
    there = local(at)
    return f"{there:%A} {day(there.date())}"


def forum_kind(kind: str) -> str:
    """MARAC for ``marac``; 'Multi-agency' for a kind that has no words yet."""
    return _FORUM_KINDS.get(kind, "Multi-agency")


def known(answer: KnownHere) -> str:
    """An agency's answer, in words."""
    return _KNOWN[answer]


def level(grade: str) -> str:
    """High risk for ``high``."""
    return f"{grade.replace('_', ' ').capitalize()} risk"


def spoken(code: str) -> str:
    """Not done for ``not_done``."""
    return code.replace("_", " ").capitalize()


def sentence(text: str) -> str:
    """The text with a capital at its head."""
    return text[:1].upper() + text[1:]


def count(number: int, noun: str, plural: str | None = None) -> str:
    """1 case, 2 cases."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def born(party: FrozenParty) -> str:
    """Date of birth and age, whichever are known."""
    parts = [short_day(party.date_of_birth)] if party.date_of_birth else []
    if party.age is not None:
        parts.append(f"aged {party.age}" if not parts else f"({party.age})")
    return " ".join(parts) or "Not known"


def full_name(party: FrozenParty) -> str:
    """The name with what else the person is called."""
    return f"{party.name}\nalso {', '.join(party.aliases)}" if party.aliases else party.name


def names_of(parties: Iterable[FrozenParty], role: str) -> str:
    """The names of everyone whose role holds this word, such as 'victim' or 'perpetrator'."""
    return ", ".join(party.name for party in parties if role in party.role.casefold())


def copy_for(recipient: Recipient) -> str:
    """Whose copy it is."""
    return f"Copy for {recipient.name}, {recipient.agency}"


def exported(at: datetime) -> str:
    """When the copy was made."""
    return f"Exported {moment(at)}"


def running_title(meeting: FrozenMeeting, what: str) -> str:
    """The line at the head of each page."""
    return f"{meeting.forum} {what}, {day(local_date(meeting.starts_at))}"
