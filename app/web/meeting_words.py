"""Meetings in words: how they stand, when, who is who, and why a case is on the list."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from app.domain.clock import local, local_date, say_date
from app.domain.forums import Forum, Overflow
from app.domain.lifecycle import Outcome
from app.domain.meetings import Standing
from app.domain.risks import About
from app.risk.grading import Ground
from app.risk.markers import Marker

STATUSES: Final = {
    "scheduled": ("Open for cases", "govuk-tag--blue"),
    "locked": ("List closed", "govuk-tag--yellow"),
    "published": ("Agenda sent", "govuk-tag--turquoise"),
    "in_session": ("Going on now", "govuk-tag--green"),
    "held": ("Held", "govuk-tag--purple"),
    "minutes_issued": ("Minutes issued", "govuk-tag--grey"),
    "cancelled": ("Cancelled", "govuk-tag--red"),
}
LEVELS: Final = {
    "high": ("High risk", "govuk-tag--red"),
    "medium": ("Medium risk", "govuk-tag--orange"),
    "standard": ("Standard risk", "govuk-tag--blue"),
}
STANDINGS: Final = (
    (Standing.PRESENT, "Here"),
    (Standing.OBSERVER, "Observer"),
    (Standing.APOLOGIES, "Apologies"),
    (Standing.APOLOGIES_WITH_INFORMATION, "Apologies, information sent"),
)
SECTIONS: Final = {
    "actions": "Actions from before",
    "children": "Families with children",
    "adults": "Adults only",
    "twelve_month_review": "Reaching 12 months",
    "other": "Other business",
}
ROLES: Final = {
    "victim": "Victim",
    "perpetrator": "Alleged perpetrator",
    "child": "Child",
    "other": "Other person",
}
ACTIONS: Final = {
    "open": "Still owed",
    "done": "Done",
    "not_done": "Not done",
    "not_possible": "No longer possible",
    "handed_over": "Handed over",
}
FORMATS: Final = {
    "pdf": ("PDF", "For the room and for printing. Your name, agency and the time are on each page."),
    "docx": ("Word document", "For an agency that needs to edit its own copy."),
    "xlsx": ("Spreadsheet", "One line for each case."),
    "ics": ("Calendar entry", "When, and of which kind. It names nobody."),
}
_GROUNDS: Final = {
    Ground.VISIBLE_HIGH_RISK: "visible high risk",
    Ground.PROFESSIONAL_JUDGEMENT: "professional judgement",
    Ground.POTENTIAL_ESCALATION: "potential escalation",
    Ground.REPEAT: "repeat",
}
_OVERFLOW: Final = {
    Overflow.NEXT_SITTING: "A case more goes to the next meeting that has a place.",
    Overflow.EXTRA_SITTING: "A case more goes to an extra meeting.",
    Overflow.OVER_CAPACITY: "A case more is listed all the same, and the meeting takes longer.",
}
_BRIEF: Final = 180
_SAFE: Final = (
    ("safe_to_call", "no", "Do not call."),
    ("voicemail", "no", "Do not leave a voicemail."),
    ("message", "no", "Do not send a message."),
    ("letter", "no", "Do not send a letter."),
    ("email", "no", "Do not send an email."),
)
_SAFE_WORDS: Final = (
    ("when", "When to call"),
    ("who_must_not_know", "Must not know"),
    ("say", "What to say"),
    ("note", "Note"),
)


def standing(status: str, past: bool) -> tuple[str, str]:
    """How a meeting stands, and the colour of that. One that never began is not held, once its day is over."""
    if past and status in ("scheduled", "locked", "published"):
        return "Not held", "govuk-tag--grey"
    return STATUSES[status]


def time(at: str | datetime | None) -> str:
    """Such as ``09:30``, by London's clocks; empty for never."""
    return f"{local(_moment(at)):%H:%M}" if at else ""


def day(at: str | date | None) -> str:
    """Such as ``Friday 27 November 2026``; empty for none. Moments are shown by London's calendar."""
    if not at:
        return ""
    if isinstance(at, str):
        return say_date(local_date(_moment(at)) if "T" in at else date.fromisoformat(at))
    return say_date(local_date(at) if isinstance(at, datetime) else at)


def plain_day(on: str) -> str:
    """Such as ``17 April 1991``."""
    born = date.fromisoformat(on)
    return f"{born.day} {born:%B %Y}"


def moment(at: str | datetime | None) -> str:
    """Such as ``Friday 27 November 2026, 09:30``; empty for never."""
    return f"{day(at)}, {time(at)}" if at else ""


def due(at: str, now: datetime) -> str:
    """When something is due, as it is said: ``by 16:00 today``, ``overdue since Friday 20 November 2026, 16:00``."""
    when = _moment(at)
    if when < now:
        return f"overdue since {moment(at)}"
    days = (local_date(when) - local_date(now)).days
    if days <= 1:
        return f"by {time(at)} {'tomorrow' if days else 'today'}"
    return f"by {moment(at)}"


def person(each: Mapping[str, Any], on: str) -> str:
    """Such as ``17 April 1991, aged 35``; what is known of when somebody was born. on: the day their age is told."""
    if not each["date_of_birth"]:
        return "date of birth not known"
    born = date.fromisoformat(each["date_of_birth"])
    then = date.fromisoformat(on[:10])
    age = then.year - born.year - ((then.month, then.day) < (born.month, born.day))
    return f"{plain_day(each['date_of_birth'])}, {f'aged {age}' if age else 'under 1'}"


def grounds(case: Mapping[str, Any]) -> str:
    """The grounds on which a case is what it is, such as ``Professional judgement, repeat``."""
    said = [_GROUNDS.get(each, str(each).replace("_", " ")) for each in case["grounds"]]
    return ", ".join(said).capitalize()


def score(item: Mapping[str, Any]) -> str:
    """What was scored, such as ``9 yes, 5 not answered``; empty if nobody has asked."""
    asked = item["assessment"]
    if not asked:
        return ""
    left = asked["unanswered"]
    return f"{asked['score']} yes" + (f", {left} not answered" if left else "")


def markers(case: Mapping[str, Any]) -> list[str]:
    """The critical markers, in words."""
    return [Marker(each).label for each in case["markers"]]


def more_to_heed(item: Mapping[str, Any]) -> list[str]:
    """What else to heed before anybody calls or writes: of others than the victim, and whom she is afraid of."""
    told = item["referral"] or {}
    lines: list[str] = []
    for each in item["people"]:
        safe = each["safe_contact"] or {}
        if each["role"] != "victim":
            lines += [f"{each['name']}: {text}" for field, value, text in _SAFE if safe.get(field) == value]
            lines += [f"{each['name']}: {label}: {safe[field]}" for field, label in _SAFE_WORDS if safe.get(field)]
    if told.get("afraid_of"):
        lines.append(f"Afraid of: {told['afraid_of']}")
    if told.get("not_safe_to_speak_to"):
        lines.append(f"Not safe to speak to: {told['not_safe_to_speak_to']}")
    return lines


def answers(item: Mapping[str, Any]) -> dict[str, list[str]]:
    """Which agencies know the family, which do not, and which have not answered. No answer is never a no."""
    found: dict[str, list[str]] = {"Known to": [], "Not known to": [], "Not yet answered": []}
    for each in item["research"]:
        column = "Not yet answered" if not each["answered"] else "Known to" if each["known"] else "Not known to"
        found[column].append(each["agency"])
    return found


def outcome(code: str | None) -> str:
    """An outcome in words; empty for none."""
    return Outcome(code).rule.label if code else ""


def capacity(meeting: Mapping[str, Any], forum: Forum) -> str:
    """How full a meeting is, and what becomes of a case more."""
    listed, places = meeting["listed"], meeting["capacity"]
    cases = f"{listed} {'case' if listed == 1 else 'cases'}"
    if places is None:
        return f"{cases}. This meeting takes as many as there are."
    if meeting["status"] != "scheduled":
        return f"{cases} of {places}." if listed <= places else f"{cases}, for {places} places."
    if listed > places:
        return (
            f"{cases}: {listed - places} more than its {places} places. Nobody is dropped. {_OVERFLOW[forum.overflow]}"
        )
    left = places - listed
    said = "It is full" if not left else f"{left} {'place is' if left == 1 else 'places are'} left"
    return f"{cases} of {places}. {said}. {_OVERFLOW[forum.overflow]}"


def about(person: Mapping[str, Any]) -> str:
    """Whom a risk can be named for, as a choice on a page: role, then name."""
    return f"{ROLES.get(person['role'], 'Other person')}: {person['name']}"


def those_at_risk(item: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Everybody for whom a risk can be named: each person of the case, and staff."""
    people = [(f"{each['role']}:{each['id']}", about(each)) for each in item["people"]]
    return [*people, (About.STAFF.value, "Staff who visit or call")]


def risks(item: Mapping[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    """The risks that were named, by the person whom they are about."""
    found: dict[str, list[dict[str, Any]]] = {}
    for each in item["risks"]:
        who = each["person"] or {"staff": "Staff"}.get(each["about"], ROLES.get(each["about"], "Others"))
        found.setdefault(who, []).append(each)
    return list(found.items())


def by_agency(items: Iterable[Mapping[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """What was promised at a meeting, by the agency that promised it, soonest first."""
    found: dict[str, list[dict[str, Any]]] = {}
    for item in items:
        for each in item["actions"]:
            if each["made_here"]:
                found.setdefault(each["agency"], []).append({**each, "reference": item["case"]["reference"]})
    return [(agency, sorted(owed, key=lambda one: one["due_on"])) for agency, owed in sorted(found.items())]


def brief(text: str | None) -> str:
    """The beginning of a text, as far as two lines hold it."""
    said = " ".join((text or "").split())
    return said if len(said) <= _BRIEF else said[:_BRIEF].rsplit(" ", 1)[0] + "…"


def _moment(at: str | datetime) -> datetime:
    return datetime.fromisoformat(at) if isinstance(at, str) else at
