"""Cases in words: how one stands, how great the risk is, how somebody can be reached, and when."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from app.domain.actions import ActionStatus
from app.domain.clock import local, say_date
from app.domain.completeness import age_on
from app.domain.contacts import ReleaseReason
from app.domain.forums import ForumKind
from app.domain.lifecycle import OUTCOMES, Move, Outcome, State
from app.domain.people import Sex
from app.domain.routing import SupportKind
from app.domain.support import OfferStatus
from app.risk.grading import Ground, Level
from app.risk.markers import Marker
from app.web.role_words import ROLES as ROLES

Tag = tuple[str, str]
"""Words, and the colour that goes with them: never the one without the other."""

STATES: Final[Mapping[str, Tag]] = {
    State.DRAFT: ("Draft", "grey"),
    State.REFERRED: ("Referred", "blue"),
    State.AT_TRIAGE: ("Listed for HRDA", "blue"),
    State.PLAN_AGREED: ("Plan agreed", "green"),
    State.LISTED_FOR_MARAC: ("Listed for MARAC", "blue"),
    State.HEARD: ("Heard at MARAC", "green"),
    State.MONITORED: ("Monitored", "turquoise"),
    State.STEPPED_DOWN: ("With a support service", "turquoise"),
    State.TRANSFERRED: ("Transferred to another area", "grey"),
    State.CLOSED: ("Closed", "grey"),
    State.RE_REFERRED: ("Referred again", "blue"),
}
LEVELS: Final[Mapping[str, Tag]] = {
    Level.HIGH: ("High risk", "red"),
    Level.MEDIUM: ("Medium risk", "orange"),
    Level.STANDARD: ("Standard risk", "yellow"),
}
GROUNDS: Final[Mapping[str, str]] = {
    Ground.VISIBLE_HIGH_RISK: "Score at or over the threshold",
    Ground.PROFESSIONAL_JUDGEMENT: "Professional judgement",
    Ground.POTENTIAL_ESCALATION: "Potential escalation",
    Ground.REPEAT: "Repeat",
}
PARTIES: Final[Mapping[str, str]] = {
    "victim": "Victim",
    "child": "Child",
    "perpetrator": "Perpetrator",
    "other": "Somebody else",
    "staff": "Staff",
}
SEXES: Final[Mapping[str, str]] = {
    Sex.FEMALE: "Female",
    Sex.MALE: "Male",
    Sex.OTHER: "Other",
    Sex.NOT_KNOWN: "Not known",
}
SERVICES: Final[Mapping[str, str]] = {
    SupportKind.ADVOCACY_WORKER: "Advocacy worker",
    SupportKind.PIPPA: "PIPPA advice line",
    SupportKind.GP_IRIS: "GP, by IRIS",
    SupportKind.VICTIM_SUPPORT: "Victim support",
    SupportKind.EARLY_HELP: "Early help for families",
}
PATHWAYS: Final[Mapping[str, str]] = {
    "support": "Support services",
    ForumKind.HRDA: "HRDA",
    ForumKind.MARAC: "MARAC",
    ForumKind.MATAC: "MATAC",
    ForumKind.STALKING_CLINIC: "Stalking clinic",
}
ACTIONS: Final[Mapping[str, Tag]] = {
    ActionStatus.OPEN: ("Open", "blue"),
    ActionStatus.NOT_DONE: ("Not done", "red"),
    ActionStatus.DONE: ("Done", "green"),
    ActionStatus.NOT_POSSIBLE: ("No longer possible", "grey"),
    ActionStatus.HANDED_OVER: ("Handed over", "grey"),
}
OFFERS: Final[Mapping[str, Tag]] = {
    OfferStatus.OFFERED: ("Not answered yet", "yellow"),
    OfferStatus.ACCEPTED: ("Accepted", "green"),
    OfferStatus.DECLINED: ("Declined", "red"),
}
MOVES: Final[Mapping[str, str]] = {
    Move.MONITOR: "Monitor until a review",
    Move.SEND_TO_MARAC: "Send to MARAC",
    Move.STEP_DOWN: "Step down to a support service",
    Move.TRANSFER: "Transfer to another area",
    Move.CLOSE: "Close the case",
    Move.NO_FURTHER_ACTION: "Close with no further action",
    Move.DEFER: "Defer to another meeting",
}
ITEMS: Final[Mapping[str, str]] = {
    "listed": "Waits to be heard",
    "decided": "Decided",
    "moved": "Moved to another meeting",
    "withdrawn": "Taken off the list",
}
REASONS: Final[Mapping[str, str]] = {
    ReleaseReason.CONTACT_VICTIM: "To reach the victim",
    ReleaseReason.PLAN_SAFETY: "To plan for safety where they live",
    ReleaseReason.VISIT: "To visit them",
    ReleaseReason.WELFARE_CHECK: "To see whether they are safe and well",
    ReleaseReason.SAFEGUARD_CHILD: "To safeguard a child",
    ReleaseReason.CHECK_RECORD: "To check that a record is about the right person",
    ReleaseReason.OTHER: "Another reason",
}
KNOWN: Final[Mapping[str, str]] = {"yes": "Yes", "no": "No", "dont_know": "Not known"}
MARKERS: Final[Mapping[str, str]] = {each.value: each.label for each in Marker}


def day(on: date | datetime | str | None) -> str:
    """Such as ``Friday 27 November 2026``; empty for never."""
    if on is None:
        return ""
    if isinstance(on, str):
        on = datetime.fromisoformat(on) if "T" in on else date.fromisoformat(on)
    return say_date(local(on).date() if isinstance(on, datetime) else on)


def moment(at: datetime | str | None) -> str:
    """Such as ``Friday 27 November 2026, 09:30``, by London's clocks; empty for never."""
    if at is None:
        return ""
    shown = local(datetime.fromisoformat(at) if isinstance(at, str) else at)
    return f"{say_date(shown.date())}, {shown:%H:%M}"


def clock(at: datetime | str) -> str:
    """Such as ``09:30``, by London's clocks."""
    return f"{local(datetime.fromisoformat(at) if isinstance(at, str) else at):%H:%M}"


def born(on: str | None) -> str:
    """A date of birth as people say it: ``17 April 1991``; empty when nobody knows it."""
    if on is None:
        return ""
    found = date.fromisoformat(on)
    return f"{found.day} {found:%B %Y}"


def aged(party: Mapping[str, Any], today: date) -> str:
    """Somebody's age and date of birth in words: ``35, born 17 April 1991``."""
    if party["date_of_birth"]:
        return f"{age_on(today, date.fromisoformat(party['date_of_birth']))}, born {born(party['date_of_birth'])}"
    if party["estimated_age"] is not None:
        return f"About {party['estimated_age']}; date of birth not known"
    return "Age not known"


def outcome(code: str) -> str:
    """What a meeting decided."""
    return OUTCOMES[Outcome(code)].label


def listed(words: Iterable[str]) -> str:
    """Several in a sentence: ``one, two and three``."""
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last


def said_by(said: Mapping[str, Any] | None) -> str | None:
    """Who said how somebody can be reached, and when."""
    if said is None:
        return None
    who = ", ".join(filter(None, (said["by"], said["agency"])))
    if said["how"] == "referral":
        return f"Said in the referral by {who}, {moment(said['at'])}."
    since = said["referred_since"]
    added = f" Referred again {moment(since)}, which may have added to it." if since else ""
    return f"Said by {who}, their IDVA, {moment(said['at'])}.{added}"


def masked(contact: Mapping[str, Any]) -> list[str]:
    """What contact details somebody gave, without saying them: ``Mobile ending 23, safe to use``."""
    found = []
    for each in contact["phones"]:
        kind = (each["kind"] or "phone").capitalize() if each["kind"] != "other" else "Phone"
        ends = f" ending {each['ends_in']}" if each["ends_in"] else ""
        found.append(f"{kind}{ends}{_safe(each['safe'])}")
    for each in contact["addresses"]:
        which = {True: "Address where they live now", False: "Former address", None: "Address"}[each["current"]]
        found.append(f"{which}{_safe(each['safe'])}")
    found += [f"Email address{_safe(each['safe'])}" for each in contact["emails"]]
    if contact["schools"]:
        found.append("A school or nursery" if contact["schools"] == 1 else f"{contact['schools']} schools or nurseries")
    return found


def _safe(safe: bool | None) -> str:
    return {True: ", said to be safe", False: ", NOT safe to use", None: ""}[safe]
