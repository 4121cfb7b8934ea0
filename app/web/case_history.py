"""What happened to a case, and who looked at it, in sentences."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.web.case_words import LEVELS, MOVES, REASONS, SERVICES, day, moment, outcome

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of the timeline. because: what was given as the reason. reasons: what the rules said."""

    what: str
    who: str
    at: str
    because: str | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Looked:
    """What somebody did at one moment: ``what`` in short sentences."""

    who: str
    at: str
    what: tuple[str, ...]


def _level(data: Data) -> str:
    now, before = data.get("level"), data.get("level_before")
    if now is None:
        return ""
    words = LEVELS[now][0].lower()
    return f": it is {words} now" if now != before else f": still {words}"


def _place(data: Data) -> str:
    name, starts, by = data.get("name"), data.get("starts_at"), data.get("accept_by")
    if starts:
        return f"{name}, {moment(starts)}"
    if by:
        return f"{SERVICES.get(name or '', name or 'a support service')}, to be accepted by {day(by)}"
    return name or "where it was"


def _routed(data: Data) -> str:
    if data.get("kind") == "forum":
        return f"Put on the list: {_place(data)}"
    if data.get("kind") == "support":
        return f"Offered to {_place(data)}"
    return "Kept where it was"


def _moved(data: Data) -> str:
    if "move" not in data:
        return f"Moved to another meeting: {_place(data)}"
    said = MOVES.get(data["move"], data["move"].replace("_", " "))
    more = f": {_place(data['route'])}" if data.get("route") else ""
    if data.get("review_on"):
        more = f": {day(data['review_on'])}"
    if data.get("area"):
        more = f": {data['area']}"
    return f"{said}{more}"


def _decided(data: Data) -> str:
    more = f" ({_place(data['route'])})" if data.get("route") else ""
    return f"{data.get('forum', 'The meeting')} decided: {outcome(data['outcome']).lower()}{more}"


_RESEARCH: Final = {"True": ": the family is known to them", "False": ": the family is not known to them"}


def _research(data: Data) -> str:
    known = _RESEARCH.get(str(data.get("known")), "")
    return f"{data['agency']} shared its research{known}"


_CONTACT: Final[Mapping[str, str]] = {
    "reached": "they spoke",
    "no_answer": "no answer",
    "hung_up": "they hung up",
    "unsafe": "it was not safe to speak",
    "message_left": "a message was left, as agreed",
}
_KINDS: Final[Mapping[str, Callable[[Data], str]]] = {
    "case.referred": lambda d: f"Referred by {d['agency']}",
    "case.re_referred": lambda d: f"Referred again by {d['agency']}",
    "case.routed": _routed,
    "case.listed": lambda _: "Put on a meeting’s list",
    "case.moved": _moved,
    "case.decided": _decided,
    "case.idva_allocated": lambda d: f"{d['idva']} became the victim’s IDVA",
    "case.restricted": lambda _: "Restricted to named people",
    "case.restriction_lifted": lambda _: "The restriction was lifted",
    "case.person_joined": lambda d: f"The {d['role']} was found to be somebody already known",
    "case.regraded": lambda d: f"Graded again{_level(d)}",
    "case.assessed": lambda d: f"Risk assessed again{_level(d)}",
    "case.assessment_corrected": lambda d: f"An assessment was corrected{_level(d)}",
    "case.assessment_adopted": lambda d: f"Another agency’s assessment was adopted{_level(d)}",
    "risk.named": lambda d: f"A risk was named at {d.get('forum', 'a meeting')}",
    "action.promised": lambda d: f"An action was promised by {d['agency']}",
    "action.done": lambda _: "An action was done",
    "action.not_done": lambda _: "An action was reported as not done",
    "action.not_possible": lambda _: "An action is no longer possible",
    "action.handed_over": lambda d: f"An action was handed over to {d.get('agency', 'another agency')}",
    "action.reopened": lambda _: "An action was opened again",
    "support.offered": _routed,
    "support.accepted": lambda d: f"{d['agency']} accepted the case",
    "support.declined": lambda d: f"{d['agency']} could not take the case on",
    "client.contact_attempted": lambda d: f"The IDVA tried to reach the victim: {_CONTACT[d['outcome']]}",
    "client.safe_times_set": lambda _: "The IDVA said anew how the victim can be reached safely",
    "client.words_written": lambda d: (
        "The victim was asked for their own words, and did not want to say"
        if d["declined"]
        else "The victim’s own words were written down"
    ),
    "client.date_added": lambda d: f"A date was added: {day(d['on'])}",
    "client.date_changed": lambda d: f"A date was changed: {day(d['on'])}",
    "client.date_dropped": lambda d: f"A date will not take place: {day(d['on'])}",
    "client.plan_changed": lambda _: "The safety plan was changed",
    "client.severity_recorded": lambda _: "How severe the abuse is was recorded",
    "client.support_ended": lambda d: f"{d['agency']} ended its support",
    "research.released": _research,
    "agenda.published": lambda _: "The agenda with this case was circulated",
    "agenda.addendum_published": lambda _: "A change to the agenda was circulated",
    "minutes.issued": lambda _: "The minutes were circulated",
}


def happened(event: Mapping[str, Any]) -> Happened:
    """One event of the timeline."""
    kind, data = event["kind"], event["data"]
    say = _KINDS.get(kind)
    who = ", ".join(filter(None, (event["actor"], event["agency"]))) or "Roundtable"
    reasons = tuple(each["text"] for each in event["reasons"])
    return Happened(say(data) if say else plain(kind), who, moment(event["at"]), data.get("reason"), reasons)


_VERBS: Final = {
    "case.read": "Opened the case",
    "case.listed": "Saw it in a list",
    "case.timeline_read": "Read the timeline",
    "case.trail_read": "Read who has looked",
    "case.access_read": "Read who can see it",
    "case.meetings_read": "Read what meetings said of it",
    "contact.listed": "Saw which contact details there are",
    "contact.released": "Asked for contact details",
    "contact.read": "Saw contact details",
    "assessment.listed": "Read the assessments",
    "assessment.read": "Read an assessment’s answers",
    "action.listed": "Read the actions",
    "action.read": "Read an action",
    "disclosures.read": "Read what was shared",
    "disclosures.listed": "Saw it in a list of what was shared",
    "disclosures.read_of_person": "Read what was shared about a person",
    "disclosures.printed": "Printed what was shared about a person",
    "information.shared": "Shared information",
    "agenda.read": "Read it on an agenda",
    "minutes.read": "Read it in minutes",
    "pack.read": "Read it in an agenda pack",
    "people.searched": "Found it by a search",
    "research.listed": "Saw it in a list of research to return",
    "research.read": "Read their own research",
    "research.written": "Wrote their own research",
    "restriction.read": "Read whom it is restricted to",
    "restriction.changed": "Changed whom it is restricted to",
    "exclusion.declared": "Declared a conflict of interest",
    "exclusion.recorded": "Kept somebody from the case",
    "exclusion.ended": "Let somebody see the case again",
    "exclusion.listed": "Read who is kept from it",
    "break_glass.used": "Opened it in an emergency",
    "break_glass.ended": "Gave it up early",
    "break_glass.read": "Read of an emergency",
    "break_glass.listed": "Saw it in a list of emergencies",
    "break_glass.reviewed": "Reviewed an emergency",
    "audit.read": "Read the trail",
    "audit.explained": "Listed on the server who could see it and who looked",
    "referral.read": "Read a referral",
    "referral.listed": "Saw it in a list of referrals",
    "work.listed": "Saw it in what waits for them",
    "support.listed": "Saw it in a list of offers",
    "caseload.listed": "Saw it in a caseload",
    "idva_support.read": "Read what the IDVA does for the victim",
    "privileged_note.read": "Read the IDVA service’s private notes",
    "privileged_note.written": "Wrote a private note of the IDVA service",
    "safety_plan.printed": "Opened the safety plan as the victim reads it",
    "answer.repeated": "Sent the same thing twice",
}


_CHANGES: Final = {
    "case.referred": "Referred it",
    "case.re_referred": "Referred it again",
    "case.routed": "Had the rules find its place",
    "case.moved": "Moved it on",
    "case.decided": "Recorded what a meeting decided",
    "case.idva_allocated": "Gave the victim an IDVA",
    "case.restricted": "Restricted it to named people",
    "case.restriction_lifted": "Lifted the restriction",
    "case.person_joined": "Joined two records of one person",
    "case.regraded": "Had it graded again",
    "case.assessed": "Assessed the risk again",
    "case.assessment_corrected": "Corrected an assessment",
    "case.assessment_adopted": "Adopted another agency’s answers",
    "risk.named": "Named a risk",
    "item.minuted": "Wrote its minutes",
    "action.promised": "Wrote down an action",
    "action.done": "Reported an action as done",
    "action.not_done": "Reported an action as not done",
    "action.not_possible": "Reported an action as no longer possible",
    "action.handed_over": "Handed an action over",
    "action.reopened": "Opened an action again",
    "support.offered": "Asked a support service",
    "support.accepted": "Took the case on",
    "support.declined": "Could not take the case on",
    "client.contact_attempted": "Logged an attempt to reach the victim",
    "client.safe_times_set": "Said anew how the victim can be reached",
    "client.words_written": "Wrote down the victim’s own words",
    "client.date_added": "Added a date",
    "client.date_changed": "Changed a date",
    "client.date_dropped": "Dropped a date",
    "client.plan_changed": "Changed the safety plan",
    "client.severity_recorded": "Recorded how severe the abuse is",
    "client.support_ended": "Ended their support",
    "research.released": "Shared their research",
    "agenda.published": "Circulated the agenda with it",
    "agenda.addendum_published": "Circulated a change to the agenda",
    "minutes.issued": "Circulated its minutes",
}


def looked(lines: Iterable[Mapping[str, Any]]) -> list[Looked]:
    """The trail, a line for each moment at which somebody did something."""
    found: list[Looked] = []
    for line in lines:
        who = ", ".join(filter(None, (line["actor"], line["agency"]))) or "Roundtable"
        at, what = moment(line["at"]), _looked(line)
        if found and (found[-1].who, found[-1].at) == (who, at):
            if what not in found[-1].what:
                found[-1] = Looked(who, at, (*found[-1].what, what))
        else:
            found.append(Looked(who, at, (what,)))
    return found


def _looked(line: Mapping[str, Any]) -> str:
    verb, purpose = line["verb"], line["purpose"]
    if verb in _VERBS:
        why = REASONS.get(purpose or "") if verb == "contact.released" else None
        return f"{_VERBS[verb]}{f': {why.lower()}' if why else ''}"
    return _CHANGES.get(verb) or plain(verb)


def plain(code: str) -> str:
    """A code for which there are no words yet, as near to words as it comes."""
    return code.replace(".", ": ").replace("_", " ").capitalize()
