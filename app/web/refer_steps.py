"""The steps of a referral: what each asks, of which part of the form, and in which words."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from app.domain.referrals import ReferralForm
from app.web import refer_people
from app.web.forms import Typed
from app.web.refer_fields import KNOWN, YES_NO, Field, Group, Kind
from app.web.refer_people import numbered, several

PARTY_LISTS: Final = {"perpetrators": "perpetrator", "children": "child", "others": "other"}
"""The lists of people on the form, and what a key of each begins with."""


class Slug(StrEnum):
    """The steps that are one page of fields, as addresses have them."""

    VICTIM = "victim"
    CONTACT = "contact"
    INCIDENT = "incident"
    HISTORY = "history"
    JUDGEMENT = "judgement"
    VIEWS = "views"
    ACCESS = "access"
    SHARING = "sharing"
    YOU = "you"


class People(StrEnum):
    """The steps that list people, each with a page of their own."""

    PERPETRATORS = "perpetrators"
    CHILDREN = "children"
    OTHERS = "others"


@dataclass(frozen=True, slots=True)
class StepPage:
    """A page of fields. lead: what to know before filling it in. part: the form's part that it fills in.

    needs: a field that must be there when anything is, and what to say of it.
    """

    title: str
    part: tuple[str, ...]
    groups: Callable[[ReferralForm, Mapping[str, Any], Typed], tuple[Group, ...]]
    lead: str = ""
    needs: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """A line of the list of steps. slug: its address. roots: pointers of the form that it fills in.

    aside: hardly ever needed, so that nobody is led through it.
    """

    slug: str
    name: str
    roots: tuple[str, ...]
    optional: bool = False
    aside: bool = False


TASKS: Final = (
    Task("victim", "The person at risk", ("/victim",)),
    Task("contact", "How to reach them safely", ("/victim/safe_contact", "/victim/contact")),
    Task("perpetrators", "Who causes the harm", ("/perpetrators",)),
    Task("children", "Children", ("/children",), optional=True),
    Task("others", "Anybody else in the home", ("/others",), optional=True),
    Task("incident", "What happened", ("/incident",)),
    Task("history", "Earlier abuse and referrals", ("/events", "/earlier_marac"), optional=True),
    Task("questions", "The risk questions", ("/assessment", "/screens")),
    Task("judgement", "Your professional judgement", ("/professional_judgement",), optional=True),
    Task("views", "What they know and want", ("/victim_view",)),
    Task("access", "Who must not see this", ("/access",), optional=True, aside=True),
    Task("sharing", "Why it is lawful to share this", ("/sharing",)),
    Task("you", "Who refers", ("/referrer",)),
)
ORDER: Final = (*(task.slug for task in TASKS if not task.aside), "check")


def task_of(pointer: str) -> Task | None:
    """The step at which something at this pointer is filled in."""
    fitting = [
        (len(root), task) for task in TASKS for root in task.roots if pointer == root or pointer.startswith(root + "/")
    ]
    return max(fitting, key=lambda each: each[0])[1] if fitting else None


def after(slug: str) -> str:
    """The step behind this one."""
    slugs = [task.slug for task in TASKS]
    behind = slugs[slugs.index(slug) + 1 :]
    return next((each for each in behind if each in ORDER), "check")


def place_of(slug: str) -> str:
    """Which step it is; empty for one that nobody is led through."""
    return f"Step {ORDER.index(slug) + 1} of {len(ORDER) - 1}" if slug in ORDER else ""


def entries(groups: Iterable[Group]) -> tuple[Field, ...]:
    """Every field of these groups."""
    return tuple(field for group in groups for field in group.fields)


def _incident(_form: ReferralForm, _part: Mapping[str, Any], _typed: Typed) -> tuple[Group, ...]:
    return (
        Group(
            (
                Field(
                    "occurred_on",
                    ("occurred_on",),
                    "When did it happen?",
                    Kind.DATE,
                    hint="If it is not certain, the likeliest day",
                ),
                Field(
                    "narrative",
                    ("narrative",),
                    "What happened?",
                    Kind.TEXT,
                    hint="Facts first, then what you think. Give the police reference if there is one, and no address.",
                    rows=8,
                ),
                Field(
                    "reported_to_police", ("reported_to_police",), "Do the police know of it?", Kind.FLAG, items=YES_NO
                ),
                Field(
                    "would_be_crime",
                    ("would_be_crime",),
                    "In your view, could it be a crime?",
                    Kind.FLAG,
                    hint="Whether or not anybody was charged",
                    items=YES_NO,
                ),
            )
        ),
    )


def _history(_form: ReferralForm, part: Mapping[str, Any], typed: Typed) -> tuple[Group, ...]:
    many = several(part, typed, "events")
    return (
        *(
            Group(
                (
                    Field(
                        f"event_{n}_on",
                        ("events", n, "occurred_on"),
                        "When was it?",
                        Kind.DATE,
                        hint="If it is not certain, the likeliest day",
                    ),
                    Field(
                        f"event_{n}_kind",
                        ("events", n, "kind"),
                        "What was it?",
                        hint="Such as threats by text, or a push",
                    ),
                    Field(
                        f"event_{n}_crime",
                        ("events", n, "would_be_crime"),
                        "In your view, could it be a crime?",
                        Kind.FLAG,
                        items=YES_NO,
                    ),
                    Field(
                        f"event_{n}_police",
                        ("events", n, "reported_to_police"),
                        "Do the police know of it?",
                        Kind.FLAG,
                        items=YES_NO,
                    ),
                ),
                title=numbered("Earlier abuse", n, many),
                add="events" if n == many - 1 else "",
            )
            for n in range(many)
        ),
        Group(
            (
                Field(
                    "marac_known",
                    ("earlier_marac", "known"),
                    "Have they been at a MARAC before?",
                    Kind.CHOICE,
                    items=KNOWN,
                ),
                Field("marac_on", ("earlier_marac", "last_referral_on"), "When were they last referred?", Kind.DATE),
                Field(
                    "marac_same",
                    ("earlier_marac", "same_perpetrator"),
                    "Was it about the same person causing harm?",
                    Kind.FLAG,
                    items=YES_NO,
                ),
                Field("marac_area", ("earlier_marac", "area"), "In which area?"),
            ),
            title="Earlier MARAC",
        ),
    )


def _judgement(_form: ReferralForm, _part: Mapping[str, Any], _typed: Typed) -> tuple[Group, ...]:
    levels = (("high", "Yes, it is high"), ("medium", "Yes, it is medium"))
    return (
        Group(
            (
                Field(
                    "level",
                    ("level",),
                    "Is the risk higher than the answers show?",
                    Kind.CHOICE,
                    items=(("", "No, or I am not sure"), *levels),
                ),
                Field(
                    "rationale",
                    ("rationale",),
                    "Why?",
                    Kind.TEXT,
                    hint="What you saw, heard or know that the questions do not show. It is needed if you said yes.",
                    rows=6,
                ),
            )
        ),
    )


def _views(_form: ReferralForm, _part: Mapping[str, Any], _typed: Typed) -> tuple[Group, ...]:
    return (
        Group(
            (
                Field("aware", ("aware",), "Do they know of this referral?", Kind.CHOICE, items=KNOWN),
                Field("why_not_told", ("why_not_told",), "If not, why not?", Kind.TEXT, rows=2),
                Field(
                    "consents",
                    ("consents",),
                    "Do they agree with it?",
                    Kind.CHOICE,
                    hint="Recorded, and respected as far as is safe. It is not the ground on which this is shared.",
                    items=KNOWN,
                ),
                Field(
                    "views",
                    ("views",),
                    "What do they say, and what do they want to happen?",
                    Kind.TEXT,
                    hint="In their own words where you can",
                ),
                Field("afraid_of", ("afraid_of",), "Who or what are they afraid of?", Kind.TEXT, rows=2),
                Field(
                    "not_safe_to_speak_to",
                    ("not_safe_to_speak_to",),
                    "Who is it not safe to speak to?",
                    Kind.TEXT,
                    hint="Such as a relative. If they work for one of the agencies, choose “Who must not see this” "
                    "in the list of steps as well",
                    rows=2,
                ),
            )
        ),
    )


def _access(_form: ReferralForm, _part: Mapping[str, Any], _typed: Typed) -> tuple[Group, ...]:
    return (
        Group(
            (
                Field(
                    "because",
                    ("because",),
                    "Why may they not see it?",
                    Kind.TEXT,
                    hint="Only coordinators and chairs who see the case read this",
                    rows=3,
                ),
            )
        ),
        Group(
            (Field("keep_from", ("keep_from",), "Who must not see it?", Kind.MANY),),
            title="Keep somebody from it",
            hint="For them it does not exist, whatever else would open it. They are not told.",
            folded=True,
        ),
        Group(
            (Field("restricted_to", ("restricted_to",), "Who may see it?", Kind.MANY),),
            title="Open it to a few people only",
            hint="For everybody else it does not exist. You are on the list yourself. Choose at least one MARAC "
            "coordinator or chair, who can change it later.",
            folded=True,
        ),
    )


def _sharing(_form: ReferralForm, _part: Mapping[str, Any], _typed: Typed) -> tuple[Group, ...]:
    return (
        Group(
            (
                Field("basis", ("basis",), "Lawful basis", Kind.CHOICE),
                Field("necessity", ("necessity",), "Why is it necessary to share this?", Kind.TEXT, rows=4),
                Field(
                    "proportionality",
                    ("proportionality",),
                    "Why this much, with these people, and no more?",
                    Kind.TEXT,
                    rows=3,
                ),
                Field(
                    "onward",
                    ("onward",),
                    "What may those who receive it not do with it?",
                    Kind.TEXT,
                    hint="Leave this empty if the sharing agreement says enough",
                    rows=2,
                ),
            )
        ),
    )


def _you(_form: ReferralForm, _part: Mapping[str, Any], _typed: Typed) -> tuple[Group, ...]:
    return (
        Group(
            (
                Field("name", ("name",), "Name"),
                Field("role", ("role",), "Job", hint="Such as police constable or health visitor"),
                Field("phone", ("phone",), "Work phone", type="tel"),
                Field("email", ("email",), "Work email", type="email"),
            )
        ),
    )


STEPS: Final[Mapping[Slug, StepPage]] = {
    Slug.VICTIM: StepPage(
        "Who is at risk?", ("victim",), refer_people.victim, "Fill in what you know. You can come back to any page."
    ),
    Slug.CONTACT: StepPage(
        "How can they be reached safely?",
        ("victim",),
        refer_people.contact,
        "Numbers and addresses are sealed. Whoever needs one must say why, and it is recorded.",
    ),
    Slug.INCIDENT: StepPage("What happened?", ("incident",), _incident),
    Slug.HISTORY: StepPage(
        "What happened before?",
        (),
        _history,
        "Any abuse in the last 12 months, whether or not anybody reported it. Several events, or an earlier referral, "
        "can make the risk high by themselves.",
    ),
    Slug.JUDGEMENT: StepPage(
        "Your professional judgement",
        ("professional_judgement",),
        _judgement,
        "Your judgement can raise the grade that the answers give. It never lowers it.",
        ("level", "Choose yes, or clear the reason: it is kept only with a judgement"),
    ),
    Slug.VIEWS: StepPage(
        "What do they know and want?", ("victim_view",), _views, "The person who causes harm is never told."
    ),
    Slug.ACCESS: StepPage(
        "Must somebody not see this?",
        ("access",),
        _access,
        "For when somebody in the family, or close to them, works for one of the agencies. Leave it empty otherwise.",
    ),
    Slug.SHARING: StepPage("Why is it lawful to share this?", ("sharing",), _sharing),
    Slug.YOU: StepPage(
        "Who refers?", ("referrer",), _you, "Those who work on this will ask you if something is unclear."
    ),
}
PEOPLE: Final[Mapping[People, StepPage]] = {
    People.PERPETRATORS: StepPage(
        "Who causes the harm?", (), refer_people.perpetrator, "They are never told of this referral."
    ),
    People.CHILDREN: StepPage(
        "A child", (), refer_people.child, "A child who sees or hears abuse, or lives with it, is a victim too."
    ),
    People.OTHERS: StepPage("Somebody else", (), refer_people.other),
}
