"""What happened to a case, and who looked at it, in sentences."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.web.case_words import LEVELS, MOVES, REASONS, SERVICES, day, moment, outcome
from app.web.trail_words import VERBS

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
HAPPENED: Final[Mapping[str, Callable[[Data], str]]] = {
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
    say = HAPPENED.get(kind)
    who = ", ".join(filter(None, (event["actor"], event["agency"]))) or "Roundtable"
    reasons = tuple(each["text"] for each in event["reasons"])
    return Happened(say(data) if say else _plain(kind), who, moment(event["at"]), data.get("reason"), reasons)


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
    why = REASONS.get(purpose or "") if verb == "contact.released" else None
    return f"{VERBS.get(verb) or _plain(verb)}{f': {why.lower()}' if why else ''}"


def _plain(code: str) -> str:
    """A code that an earlier version wrote down and this one has no words for, as near to words as it comes."""
    return code.replace(".", ": ").replace("_", " ").capitalize()
