"""Rules in words: what each sets, as labels and values, for the page and for checking before they are saved."""

from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Any, Final

from app.domain.clock import say_date
from app.domain.routing import Pathway, SupportKind
from app.domain.rules import Rule
from app.risk.grading import Ground, RepeatDefinition

TITLES: Final = {
    Rule.GRADING: "Grading thresholds",
    Rule.ROUTING: "Pathway and support",
    Rule.IDVA_SUPPORT: "IDVA support",
}
ABOUT: Final = {
    Rule.GRADING: "From which score a case is high or medium risk, and what counts as escalation or a repeat.",
    Rule.ROUTING: "Which meeting a high-risk referral goes to first, and who supports the others.",
    Rule.IDVA_SUPPORT: "How soon an IDVA is to reach a client, and how many clients one can carry.",
}
PATHWAYS: Final = (
    (Pathway.HRDA_THEN_MARAC, "HRDA, then MARAC", "The next working day’s HRDA. It sends on to MARAC what needs it."),
    (Pathway.MARAC_ONLY, "Straight to MARAC", "The next MARAC whose list is not closed."),
)
SUPPORT: Final = (
    (SupportKind.ADVOCACY_WORKER, "Advocacy worker"),
    (SupportKind.PIPPA, "PIPPA, the single point of contact for professionals"),
    (SupportKind.GP_IRIS, "GP with IRIS"),
    (SupportKind.VICTIM_SUPPORT, "Victim support"),
    (SupportKind.EARLY_HELP, "Early help"),
)
REPEATS: Final = (
    (RepeatDefinition.ANY_ABUSE, "Any abuse", "Any instance between the same people, criminal or not."),
    (RepeatDefinition.WOULD_BE_CRIME, "Only what would be a crime", "The older, narrower definition."),
)
UNDER_THRESHOLD: Final = (
    (Ground.POTENTIAL_ESCALATION, "Potential escalation"),
    (Ground.REPEAT, "A repeat"),
)


def lines(rule: Rule, value: Mapping[str, Any], checklists: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, str]]:
    """What a rule says, each as its name and its value. checklists: their titles and own thresholds, by id."""
    match rule:
        case Rule.GRADING:
            return [
                *((f"High risk: {title}", f"{high} or more") for title, high in _high(value, checklists)),
                ("Medium risk", f"{value['medium_at']} or more"),
                (
                    "Potential escalation",
                    f"{value['escalation_events']} events in {value['escalation_months']} months",
                ),
                ("Repeat", f"Within {value['repeat_months']} months of the last referral"),
                ("What counts as a repeat", _word(REPEATS, value["repeat_definition"])),
            ]
        case Rule.ROUTING:
            under = [words.lower() for code, words in UNDER_THRESHOLD if code in value["refer_under_threshold"]]
            return [
                ("High-risk referrals", _word(PATHWAYS, value["pathway"])),
                ("To a meeting although the score is lower", " and ".join(under).capitalize() or "Nothing"),
                ("Medium risk", _support(value, "medium")),
                ("Standard risk", _support(value, "standard")),
            ]
        case Rule.IDVA_SUPPORT:
            by = time.fromisoformat(str(value["contact_by"]))
            return [
                ("First contact", f"By {by:%H:%M}, {_days_after(value['contact_within_days'])}"),
                ("Caseload", f"About {value['referrals_a_year']} referrals a year for one IDVA"),
            ]


def changed(before: Sequence[tuple[str, str]], after: Sequence[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """What differs: its name, as it is, and as it is to be."""
    was = dict(before)
    return [(name, was.get(name, "Not set"), value) for name, value in after if was.get(name) != value]


def since(set_once: Mapping[str, Any]) -> str:
    """From which day, in words."""
    return say_date(date.fromisoformat(set_once["effective_from"]))


def _high(value: Mapping[str, Any], checklists: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, int]]:
    """A checklist that a rule does not name keeps the threshold of its own data."""
    set_here: Mapping[str, int] = value["high_at"]
    known = [(each["title"], set_here.get(code, each["high_at"])) for code, each in checklists.items()]
    return known + [(code, high) for code, high in set_here.items() if code not in checklists]


def _word(choices: Sequence[tuple[Any, ...]], code: str) -> str:
    return next((str(each[1]) for each in choices if each[0] == code), code)


def _support(value: Mapping[str, Any], level: str) -> str:
    days = value[f"{level}_accept_days"]
    who = _word(SUPPORT, value[f"{level}_support"])
    return f"{who}, to accept it within {days} working day{'' if days == 1 else 's'}"


def _days_after(days: int) -> str:
    if days == 0:
        return "on the day of the referral"
    return "on the day after the referral" if days == 1 else f"{days} days after the referral"
