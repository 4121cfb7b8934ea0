"""From rows to what is circulated: codes become words, and anything that looks like a contact detail is withheld."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from app.domain.agenda_order import Slot
from app.domain.agendas import (
    AgendaSection,
    EarlierMeeting,
    FrozenAction,
    FrozenItem,
    FrozenParty,
    FrozenResearch,
    FrozenRisk,
    KnownHere,
    MinutesItem,
    without_contact_details,
)
from app.domain.clock import local_date, say_date
from app.domain.lifecycle import Outcome
from app.risk.instruments import Catalogue
from app.risk.markers import Marker

_ROLES = {"perpetrator": "alleged_perpetrator"}
_SAFE = (
    ("safe_to_call", "no", "Do not call."),
    ("voicemail", "no", "Do not leave a voicemail."),
    ("message", "no", "Do not send a message."),
    ("letter", "no", "Do not send a letter."),
    ("email", "no", "Do not send an email."),
)
_SAFE_WORDS = (
    ("when", "When to call"),
    ("who_must_not_know", "Must not know"),
    ("say", "What to say"),
    ("note", "Note"),
)
_DECLINED = "They were asked, and did not want to say."
_CHANGED = {
    "research": "research",
    "risks": "risks",
    "open_actions": "open actions",
    "parties": "people",
    "summary": "what happened",
    "victim_words": "what the victim says",
    "victim_wishes": "what the victim wants",
    "safe_contact": "safe contact",
    "idva": "IDVA",
}


def frozen_item(row: dict[str, Any], slot: Slot, held_on: date, catalogue: Catalogue) -> FrozenItem:
    """One case of the list as it stands, in its place."""
    case, told, asked = row["case"], row["referral"] or {}, row["assessment"]
    voice = row["voice"] or {}
    return FrozenItem(
        position=slot.position,
        offset_minutes=slot.offset,
        minutes=slot.minutes,
        section=AgendaSection(slot.section),
        case_reference=case["reference"],
        case_id=case["id"],
        level=case["level"],
        score=_score(asked, catalogue),
        grounds=tuple(each.replace("_", " ") for each in case["grounds"]),
        markers=tuple(Marker(each).label for each in case["markers"]),
        repeat=case["repeat"],
        reasons=tuple(each["text"] for each in (asked["reasons"] if asked else ())),
        summary=_clean(told.get("narrative")),
        parties=_parties(row, held_on),
        referrer_agency=case["referred_by"],
        referred_on=local_date(datetime.fromisoformat(told["submitted_at"])) if told else None,
        idva=case["idva"],
        victim_words=_DECLINED if voice.get("declined") else _clean(voice.get("said")),
        # What an IDVA wrote down with them takes the place of what the referral said for them.
        victim_wishes=_clean(voice.get("wishes") or told.get("views")),
        safe_contact=_safe_contact(row["people"], told),
        research=_research(row["research"]),
        risks=_risks(row["risks"]),
        open_actions=frozen_actions(row, (each for each in row["actions"] if each["status"] in ("open", "not_done"))),
        earlier_meetings=tuple(
            EarlierMeeting(on=each["on"], forum=each["forum"], outcome=_outcome(each["outcome"]))
            for each in row["earlier"]
        ),
    )


def minutes_item(row: dict[str, Any], slot: Slot, held_on: date) -> MinutesItem:
    """One case as it was heard."""
    said = [each for each in (row["minutes"], row["safety_plan"] and f"Safety plan: {row['safety_plan']}") if each]
    outcome = _outcome(row["outcome"])
    if outcome and row["deferred_to"]:
        outcome = f"{outcome}: {say_date(date.fromisoformat(row['deferred_to']))}"
    return MinutesItem(
        position=slot.position,
        case_reference=row["case"]["reference"],
        case_id=row["case"]["id"],
        parties=_parties(row, held_on),
        discussion=_clean("\n\n".join(said) or None),
        risks=_risks(row["risks"]),
        actions=frozen_actions(row, (each for each in row["actions"] if each["here"])),
        outcome=outcome,
        outcome_reason=_clean(row["outcome_reason"]),
        safe_contact=_safe_contact(row["people"], row["referral"] or {}),
    )


def frozen_actions(row: dict[str, Any], actions: Iterable[dict[str, Any]]) -> tuple[FrozenAction, ...]:
    """Actions of one case, in words."""
    return tuple(
        FrozenAction(
            case_reference=row["case"]["reference"],
            what=without_contact_details(each["what"]),
            agency=each["agency"],
            owner=each["owner"],
            due=each["due_on"],
            status=each["status"],
        )
        for each in actions
    )


def changes_between(before: FrozenItem | None, after: FrozenItem) -> str | None:
    """What an addendum says of one case, or None when nothing changed. Its place on the agenda does not count."""
    if before is None:
        return f"{after.case_reference} is added to the list."
    places = {"position", "offset_minutes", "minutes", "section"}
    old, new = before.model_dump(exclude=places), after.model_dump(exclude=places)
    changed = dict.fromkeys(_CHANGED.get(name, "risk level") for name in new if old[name] != new[name])
    return f"{after.case_reference} has new or changed: {', '.join(changed)}." if changed else None


def clean_row(row: dict[str, Any]) -> dict[str, Any]:
    """The same for a screen: free text that people typed loses anything that looks like a contact detail."""
    told = row["referral"]
    if told:
        row["referral"] = told | {
            name: _clean(told[name]) for name in ("narrative", "views", "afraid_of", "not_safe_to_speak_to")
        }
    voice = row["voice"]
    if voice:
        row["voice"] = voice | {name: _clean(voice[name]) for name in ("said", "wishes")}
    for each in row["research"]:
        each["facts"], each["opinion"] = _clean(each["facts"]), _clean(each["opinion"])
    for each in row["risks"]:
        each["risk"] = _clean(each["risk"])
    for each in row["actions"]:
        each["what"] = _clean(each["what"])
    for each in row["people"]:
        safe = each["safe_contact"] or {}
        each["safe_contact"] = {name: _clean(value) for name, value in safe.items()} or None
    return row


def _clean(text: str | None) -> str | None:
    return without_contact_details(text) if text else None


def _score(asked: dict[str, Any] | None, catalogue: Catalogue) -> str | None:
    if asked is None:
        return None
    questions = len(catalogue.get(asked["instrument"], asked["version"]).questions)
    return f"{asked['score']} of {questions}, {asked['unanswered']} not answered"


def _parties(row: dict[str, Any], held_on: date) -> tuple[FrozenParty, ...]:
    return tuple(_party(each, held_on) for each in row["people"])


def _party(each: dict[str, Any], held_on: date) -> FrozenParty:
    born = date.fromisoformat(each["date_of_birth"]) if each["date_of_birth"] else None
    age = held_on.year - born.year - ((held_on.month, held_on.day) < (born.month, born.day)) if born else None
    notes = f"Interpreter: {each['language'] or 'language not said'}" if each["interpreter_needed"] == "yes" else None
    return FrozenParty(
        role=_ROLES.get(each["role"], each["role"]),
        name=each["name"],
        aliases=tuple(each["aliases"]),
        date_of_birth=born,
        age=age,
        relationship=_clean(each["relationship"]),
        notes=notes,
    )


def _safe_contact(people: list[dict[str, Any]], told: dict[str, Any]) -> tuple[str, ...]:
    lines: list[str] = []
    for each in people:
        safe = each["safe_contact"] or {}
        who = "" if each["role"] == "victim" else f"{each['name']}: "
        lines += [f"{who}{text}" for field, value, text in _SAFE if safe.get(field) == value]
        lines += [f"{who}{label}: {safe[field]}" for field, label in _SAFE_WORDS if safe.get(field)]
    if told.get("afraid_of"):
        lines.append(f"Afraid of: {told['afraid_of']}")
    if told.get("not_safe_to_speak_to"):
        lines.append(f"Not safe to speak to: {told['not_safe_to_speak_to']}")
    return tuple(lines)


def _research(rows: list[dict[str, Any]]) -> tuple[FrozenResearch, ...]:
    answers = {True: KnownHere.YES, False: KnownHere.NO, None: KnownHere.NOT_ANSWERED}
    return tuple(
        FrozenResearch(
            agency=each["agency"],
            known=answers[each["known"]],
            facts=_clean(each["facts"]),
            opinion=_clean(each["opinion"]),
        )
        for each in rows
    )


def _risks(rows: list[dict[str, Any]]) -> tuple[FrozenRisk, ...]:
    named: dict[tuple[str, str], list[str]] = {}
    for each in rows:
        person = each["person"] or each["about"].capitalize()
        named.setdefault((person, each["about"]), []).append(without_contact_details(each["risk"]))
    return tuple(
        FrozenRisk(person=person, role=_ROLES.get(about, about), risks=tuple(risks))
        for (person, about), risks in named.items()
    )


def _outcome(code: str | None) -> str | None:
    return Outcome(code).rule.label if code else None
