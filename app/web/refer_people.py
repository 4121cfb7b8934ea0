"""What a referral asks of each person on it: who they are, and how to reach whoever is at risk."""

from collections.abc import Mapping
from typing import Any, Final

from app.domain.referrals import Party, ReferralForm
from app.web.forms import Typed
from app.web.refer_fields import KNOWN, YES_NO, Field, Group, Kind

# As many as one page can show and a person fill in; the form itself takes more.
_MOST: Final = 12
_SEX: Final = (("female", "Female"), ("male", "Male"), ("other", "Other"), ("not_known", "Not known"))
_AGE_HINT: Final = "If nobody knows the date of birth: about how old, in years"


def called(party: Party | None, otherwise: str) -> str:
    """Somebody's name as far as it is known."""
    return (party.name if party else None) or otherwise


def _names(heard: str = "If you only heard part of a name, or a nickname") -> tuple[Field, ...]:
    return (
        Field("given_name", ("given_name",), "First name"),
        Field("family_name", ("family_name",), "Last name"),
        Field("known_as", ("known_as",), "Name as you heard it", hint=heard),
        Field("date_of_birth", ("date_of_birth",), "Date of birth", Kind.DATE, hint="For example, 27 3 1991"),
        Field("estimated_age", ("estimated_age",), "Age", Kind.AGE, hint=_AGE_HINT, short=True),
    )


_SEX_FIELD: Final = Field("sex", ("sex",), "Sex", Kind.CHOICE, items=_SEX)
_ALSO: Final = Group(
    (
        Field("aliases", ("aliases",), "Other names they use or used", Kind.LINES, hint="One on each line", rows=2),
        Field("dob_variant", ("dob_variants", 0), "Another date of birth that they gave", Kind.DATE),
        Field("interpreter_needed", ("interpreter_needed",), "Do they need an interpreter?", Kind.CHOICE, items=KNOWN),
        Field("language", ("language",), "Language"),
        Field("note", ("note",), "Anything else about them", Kind.TEXT, rows=3),
    ),
    title="Other names, language and notes",
    folded=True,
)
_THEMSELVES: Final = Group(
    (
        Field("ethnicity", ("diversity", "ethnicity"), "Ethnicity"),
        Field(
            "minoritised",
            ("diversity", "minoritised_ethnicity"),
            "Do they belong to a minoritised ethnic group?",
            Kind.FLAG,
            items=YES_NO,
        ),
        Field("disabled", ("diversity", "disabled"), "Are they disabled?", Kind.FLAG, items=YES_NO),
        Field("disability", ("diversity", "disability"), "Disability, and what helps"),
        Field("lgbt", ("diversity", "lgbt"), "Are they LGBT+?", Kind.FLAG, items=YES_NO),
        Field("sexual_orientation", ("diversity", "sexual_orientation"), "Sexual orientation"),
        Field("gender_identity", ("diversity", "gender_identity"), "Gender identity"),
        Field("religion", ("diversity", "religion"), "Religion"),
        Field(
            "no_recourse",
            ("diversity", "no_recourse_to_public_funds"),
            "Are they without recourse to public funds?",
            Kind.FLAG,
            items=YES_NO,
        ),
    ),
    title="As they describe themselves",
    hint="Partnerships count these without names. Leave out whatever nobody said.",
    folded=True,
)


def several(part: Mapping[str, Any], typed: Typed, name: str) -> int:
    """How many entries of a list to show: those there are, those that were shown before, one more if asked for."""
    here: Any = part
    for step in name.split("/"):
        here = here.get(step) or {} if isinstance(here, Mapping) else {}
    last = name.rpartition("/")[2]
    before = next(iter(typed.get(f"many_{last}", ())), "")
    more = len(here) + 1 if last in typed.get("more", ()) else 1
    return min(_MOST, max(len(here), more, int(before) if before.isdecimal() and len(before) < 3 else 0))


def numbered(text: str, n: int, many: int) -> str:
    """What an entry of a list is called: with its number, counted from 1, unless it is the only one."""
    return f"{text} {n + 1}" if many > 1 else text


def _phones(part: Mapping[str, Any], typed: Typed) -> tuple[Group, ...]:
    many = several(part, typed, "contact/phones")
    return tuple(
        Group(
            (
                Field(
                    f"phone_{n}",
                    ("contact", "phones", n, "number"),
                    numbered("Phone number", n, many),
                    hint="With its area code" if n == 0 else "",
                    type="tel",
                ),
                Field(
                    f"phone_{n}_kind",
                    ("contact", "phones", n, "kind"),
                    "Whose or what it is",
                    hint="Such as own mobile, work, a friend's",
                ),
                Field(
                    f"phone_{n}_safe",
                    ("contact", "phones", n, "safe"),
                    "Is it safe to call this number?",
                    Kind.FLAG,
                    items=YES_NO,
                ),
            ),
            title=numbered("Phone", n, many),
            add="phones" if n == many - 1 else "",
        )
        for n in range(many)
    )


def _addresses(part: Mapping[str, Any], typed: Typed, *, folded: bool = False) -> tuple[Group, ...]:
    many = several(part, typed, "contact/addresses")
    return tuple(
        Group(
            (
                Field(
                    f"address_{n}",
                    ("contact", "addresses", n, "lines"),
                    numbered("Address", n, many),
                    Kind.LINES,
                    hint="As on an envelope, without the postcode",
                    rows=3,
                ),
                Field(f"postcode_{n}", ("contact", "addresses", n, "postcode"), "Postcode", short=True),
                Field(
                    f"address_{n}_current",
                    ("contact", "addresses", n, "current"),
                    "Do they live there now?",
                    Kind.FLAG,
                    items=YES_NO,
                ),
                Field(
                    f"address_{n}_safe",
                    ("contact", "addresses", n, "safe"),
                    "Is it safe to write or go there?",
                    Kind.FLAG,
                    items=YES_NO,
                ),
            ),
            title=numbered("Address", n, many),
            folded=folded,
            add="addresses" if n == many - 1 else "",
        )
        for n in range(many)
    )


def victim(_form: ReferralForm, _part: Mapping[str, Any], _typed: Typed) -> tuple[Group, ...]:
    """What is asked of who is at risk, but for how to reach them."""
    return (Group((*_names(), _SEX_FIELD)), _ALSO, _THEMSELVES)


def contact(_form: ReferralForm, part: Mapping[str, Any], typed: Typed) -> tuple[Group, ...]:
    """How the person at risk can be reached, and what is safe: safety first."""
    safe = ("safe_contact",)
    return (
        Group(
            (
                Field("safe_to_call", (*safe, "safe_to_call"), "Is it safe to call them?", Kind.CHOICE, items=KNOWN),
                Field("when", (*safe, "when"), "When is it safe?", hint="Such as 10:00 to 14:00, on weekdays"),
                Field(
                    "who_must_not_know",
                    (*safe, "who_must_not_know"),
                    "Who must not know?",
                    Kind.TEXT,
                    hint="Such as anybody who looks at their phone",
                    rows=2,
                ),
                Field(
                    "say",
                    (*safe, "say"),
                    "What should a caller say?",
                    Kind.TEXT,
                    hint="Such as: say it is the surgery; hang up if somebody else answers",
                    rows=2,
                ),
            )
        ),
        Group(
            (
                Field("voicemail", (*safe, "voicemail"), "May we leave a voicemail?", Kind.CHOICE, items=KNOWN),
                Field("message", (*safe, "message"), "May we send a text message?", Kind.CHOICE, items=KNOWN),
                Field("letter", (*safe, "letter"), "May we send a letter?", Kind.CHOICE, items=KNOWN),
                Field("email_safe", (*safe, "email"), "May we send an email?", Kind.CHOICE, items=KNOWN),
                Field("safe_note", (*safe, "note"), "Anything else about reaching them", Kind.TEXT, rows=2),
            ),
            title="Messages and letters",
            hint="What is left open counts as not known: then nobody will send anything.",
        ),
        *_phones(part, typed),
        *_addresses(part, typed),
        Group(
            (
                Field("email", ("contact", "emails", 0, "address"), "Email address", type="email"),
                Field(
                    "email_0_safe",
                    ("contact", "emails", 0, "safe"),
                    "Is it safe to write to it?",
                    Kind.FLAG,
                    items=YES_NO,
                ),
            ),
            title="Email",
            folded=True,
        ),
    )


def perpetrator(_form: ReferralForm, part: Mapping[str, Any], typed: Typed) -> tuple[Group, ...]:
    """What is asked of who causes harm: who they are to the person at risk, and where they can be found."""
    return (
        Group(
            (
                *_names("If nobody knows the name, say what is known, such as: new boyfriend"),
                Field(
                    "relationship",
                    ("relationship",),
                    "What are they to the person at risk?",
                    hint="Such as husband, former partner, son",
                ),
                Field(
                    "lives_with_victim", ("lives_with_victim",), "Do they live together now?", Kind.CHOICE, items=KNOWN
                ),
                _SEX_FIELD,
            )
        ),
        _ALSO,
        *_addresses(part, typed, folded=True),
    )


def child(form: ReferralForm, _part: Mapping[str, Any], _typed: Typed) -> tuple[Group, ...]:
    """What is asked of a child: whose, with whom they live, and their school."""
    adults = [
        ("victim", called(form.victim, "the person at risk")),
        *((each.key, called(each, "the person who causes harm")) for each in form.perpetrators),
    ]
    homes = (*adults, *((each.key, called(each, "somebody else in the home")) for each in form.others))
    return (
        Group(
            (
                *_names(),
                *(
                    Field(
                        f"to_{key}",
                        ("relationships", ("to", key), "relationship"),
                        f"What is the child to {name}?",
                        hint="Such as daughter, stepson",
                    )
                    for key, name in adults
                ),
                Field("lives_with", ("lives_with",), "Who does the child live with?", Kind.MANY, items=homes),
                Field(
                    "school",
                    ("contact", "schools", 0, "name"),
                    "School, nursery or childminder",
                    hint="It is told before the next school day, where that is agreed",
                ),
                Field("town", ("contact", "schools", 0, "town"), "Its town"),
                _SEX_FIELD,
            )
        ),
        _ALSO,
    )


def other(_form: ReferralForm, _part: Mapping[str, Any], _typed: Typed) -> tuple[Group, ...]:
    """What is asked of anybody else who matters to the case."""
    return (
        Group(
            (
                *_names(),
                Field(
                    "relationship",
                    ("relationship",),
                    "What are they to the person at risk?",
                    hint="Such as mother, lodger, friend",
                ),
                Field("in_household", ("in_household",), "Do they live in the home?", Kind.FLAG, items=YES_NO),
            )
        ),
        _ALSO,
    )
