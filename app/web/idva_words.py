"""What an IDVA service does, in words; and who can read each thing that is written."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from app.domain.caseload import Why
from app.domain.clock import local_date
from app.domain.completeness import age_on
from app.domain.contact_attempts import AttemptOutcome, Means
from app.domain.disclosures import Item
from app.domain.due import say_day, say_due_by, say_due_on, say_moment, say_waited
from app.domain.idva_support import EndReason, Question, Reply, SupportOutcome
from app.domain.key_dates import DateKind
from app.domain.safe_times import Window, say
from app.domain.safety_plans import PlanStatus
from app.domain.severity import Abuse, Change, Severity, Stage
from app.web.case_words import Tag

OUTCOMES: Final[Mapping[str, str]] = {
    AttemptOutcome.REACHED: "Reached them",
    AttemptOutcome.NO_ANSWER: "No answer",
    AttemptOutcome.HUNG_UP: "Hung up",
    AttemptOutcome.UNSAFE: "Not safe to speak",
    AttemptOutcome.MESSAGE_LEFT: "Left a message, as agreed",
}
MEANS: Final[Mapping[str, str]] = {
    Means.PHONE: "Phone",
    Means.TEXT: "Text message",
    Means.IN_PERSON: "In person",
    Means.VIDEO: "Video call",
    Means.EMAIL: "Email",
    Means.LETTER: "Letter",
}
WHYS: Final[Mapping[str, str]] = {
    Why.OVERDUE: "First contact overdue",
    Why.NEW: "New: first contact due",
    Why.CALL_NOW: "You can call now",
    Why.ACTION_DUE: "Actions due",
    Why.DATE_AHEAD: "Dates ahead",
}
# After the number of clients.
COUNTED: Final[Mapping[str, str]] = {
    Why.OVERDUE: "not reached in time",
    Why.NEW: "new, to reach",
    Why.CALL_NOW: "you can call now",
    Why.ACTION_DUE: "with an action due",
    Why.DATE_AHEAD: "with a date ahead",
}
DATES: Final[Mapping[str, str]] = {
    DateKind.COURT: "Court hearing",
    DateKind.POLICE: "Police interview or bail date",
    DateKind.SOLICITOR: "Solicitor",
    DateKind.CHILDREN: "Children: conference or contact",
    DateKind.HOUSING: "Housing",
    DateKind.HEALTH: "Health",
    DateKind.ORDER_ENDS: "An order ends",
    DateKind.RELEASE: "Release from custody",
    DateKind.OTHER: "Something else",
}
STEPS: Final[Mapping[str, Tag]] = {
    PlanStatus.TO_DO: ("To do", "blue"),
    PlanStatus.DONE: ("Done", "green"),
    PlanStatus.DROPPED: ("Dropped", "grey"),
}
ABUSE: Final[Mapping[str, str]] = {
    Abuse.PHYSICAL: "Physical abuse",
    Abuse.SEXUAL: "Sexual abuse",
    Abuse.STALKING: "Harassment and stalking",
    Abuse.CONTROL: "Jealous and controlling behaviour",
    Abuse.ECONOMIC: "Economic abuse",
}
SEVERITIES: Final[Mapping[str, str]] = {
    Severity.NONE: "None",
    Severity.STANDARD: "Standard",
    Severity.MODERATE: "Moderate",
    Severity.HIGH: "High",
    Severity.NOT_KNOWN: "Not known",
}
STAGES: Final[Mapping[str, str]] = {
    Stage.START: "At the start",
    Stage.DURING: "On the way",
    Stage.END: "At the end",
}
CHANGES: Final[Mapping[str, Tag]] = {
    Change.STOPPED: ("Stopped", "green"),
    Change.LESS: ("Less", "turquoise"),
    Change.SAME: ("The same", "grey"),
    Change.MORE: ("More", "red"),
    Change.NOT_KNOWN: ("Not known", "grey"),
}
ENDS: Final[Mapping[str, str]] = {
    EndReason.GOALS_MET: "What they wanted has been done",
    EndReason.NO_LONGER_WANTED: "They no longer want support",
    EndReason.NOT_REACHED: "They could not be reached",
    EndReason.MOVED_AWAY: "They moved to another area",
    EndReason.ANOTHER_SERVICE: "Another service supports them",
    EndReason.DIED: "They died",
    EndReason.OTHER: "Another reason",
}
CAME_ABOUT: Final[Mapping[str, str]] = {
    SupportOutcome.RISK_REDUCED: "The risk is lower",
    SupportOutcome.ABUSE_STOPPED: "The abuse has stopped",
    SupportOutcome.LEFT_RELATIONSHIP: "They have left the relationship",
    SupportOutcome.SAFER_HOME: "Their home is safer",
    SupportOutcome.REHOUSED: "They have another home",
    SupportOutcome.COURT_ORDER: "A court order protects them",
    SupportOutcome.CRIMINAL_CASE: "There is a criminal case",
    SupportOutcome.CHILDREN_SAFER: "The children are safer",
    SupportOutcome.MONEY: "Help with money or debt",
    SupportOutcome.HEALTH: "Help with health, alcohol or drugs",
    SupportOutcome.COUNSELLING: "Counselling or a group",
}
QUESTIONS: Final[Mapping[str, str]] = {
    Question.SAFER: "Do they feel safer?",
    Question.LESS_AFRAID: "Are they less afraid?",
    Question.KNOWS_WHERE_TO_TURN: "Do they know where to turn if it starts again?",
    Question.BETTER_LIFE: "Is their life better?",
}
REPLIES: Final[Mapping[str, str]] = {
    Reply.YES: "Yes",
    Reply.NO: "No",
    Reply.NOT_SURE: "Not sure",
    Reply.NOT_ASKED: "Not asked",
}
# What an agency was told, as one says it to the person whom it is about.
TOLD: Final[Mapping[str, str]] = {
    Item.CASE: "what happened and how to help you",
    Item.REFERRAL: "that you were referred for help",
    Item.IDENTITIES: "your name and your family’s",
    Item.CONTACT_DETAILS: "how to reach you",
    Item.INCIDENT: "what happened",
    Item.HISTORY: "what happened before",
    Item.RISK_ASSESSMENT: "the answers to the safety questions",
    Item.RESEARCH: "what other services know",
    Item.HEALTH: "something about health",
    Item.OFFENCES: "something about offences",
    Item.CHILDREN: "something about the children",
    Item.VIEWS: "what you want",
    Item.AGENDA: "that you would be talked about at a meeting",
    Item.MINUTES: "what a meeting decided",
    Item.PLAN: "the plan to keep you safe",
    Item.OTHER: "something else: ask your IDVA",
}

DAYS: Final = (("1", "Mon"), ("2", "Tue"), ("3", "Wed"), ("4", "Thu"), ("5", "Fri"), ("6", "Sat"), ("7", "Sun"))
ANSWERS: Final = (("", "Nobody has said"), ("no", "No, never"), ("yes", "Yes"), ("dont_know", "Not known"))
CALLING: Final = (
    ("yes", "Yes, at the times below"),
    ("no", "No: do not call"),
    ("dont_know", "Not known"),
)


def due(at: str, now: datetime) -> str:
    """By when she is to be reached: ``due by 16:00 today``."""
    return say_due_by(datetime.fromisoformat(at), now)


def due_on(on: str, now: datetime) -> str:
    """Such as ``was due yesterday``."""
    return say_due_on(date.fromisoformat(on), local_date(now))


def at(moment: str | datetime, now: datetime) -> str:
    """Such as ``10:00 on Monday 23 November 2026``."""
    return say_moment(datetime.fromisoformat(moment) if isinstance(moment, str) else moment, now)


def on(day: str, now: datetime) -> str:
    """Such as ``tomorrow``, or the date."""
    return say_day(date.fromisoformat(day), local_date(now))


def waited(since: str, now: datetime) -> str:
    """Such as ``14 hours``."""
    return say_waited(datetime.fromisoformat(since), now)


def age(born: str | None, now: datetime) -> int | None:
    """In whole years; None if nobody knows."""
    return age_on(local_date(now), date.fromisoformat(born)) if born else None


def windows(kept: list[dict[str, Any]]) -> str:
    """Such as ``Monday to Friday 10:00 to 14:00``."""
    return say(Window.model_validate(each) for each in kept)


def key_date(told: Mapping[str, Any], now: datetime) -> str:
    """Such as ``Court hearing tomorrow at 10:00``."""
    when = on(told["held_on"], now)
    when = when if " " not in when else f"on {when}"
    return f"{DATES[told['kind']]} {when}{' at ' + told['starts'] if told['starts'] else ''}"
