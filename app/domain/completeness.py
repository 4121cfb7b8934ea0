"""What stands between a draft and a submitted referral: every missing or wrong field, named at once."""

import itertools
from collections.abc import Iterable, Iterator
from datetime import date, datetime

from pydantic import BaseModel

from app.domain.clock import local_date
from app.domain.errors import FieldProblem
from app.domain.fields import Known, pointer
from app.domain.matching import same_name, same_person
from app.domain.referrals import AssessmentForm, Child, Party, ReferralForm
from app.risk.instruments import Audience, Catalogue, Instrument, UnknownInstrumentError

EARLIEST = date(1900, 1, 1)
YOUNGEST_YOUNG_PERSON = 13


def complete(
    form: ReferralForm, catalogue: Catalogue, today: date, *, adult_from: int = 16
) -> tuple[FieldProblem, ...]:
    """All that must be mended before the form can be submitted; empty when nothing must.

    Needed: the referrer (name, role, a phone or email); the victim (a name, a date of birth or estimated age,
    whether it is safe to call, whether aware, and why not if not); one perpetrator or more (a name, the
    relationship); of each child a name and age; the incident; an assessment or professional judgement with its
    rationale. Why sharing is lawful is held against the register: see ``disclosures.check_sharing``. today: the date
    in London. adult_from: the age, in years, from which a victim belongs on the adult form.
    """
    checks = (
        _referrer(form, today),
        _victim(form),
        _perpetrators(form),
        _children(form),
        _incident(form),
        _grounds(form),
        _assessments(form, catalogue),
        _right_form(form, catalogue, today, adult_from),
        _same_people(form),
        _family(form),
        _dates(form, (), today),
    )
    found = dict.fromkeys(itertools.chain(*checks))
    return tuple(found)


def complete_assessment(told: AssessmentForm, catalogue: Catalogue, today: date) -> tuple[FieldProblem, ...]:
    """All that must be mended before questions asked again, outside a referral, can be kept."""
    problems = [*_assessment(told, catalogue, ()), *_dates(told, (), today)]
    if not told.answers:
        problems.append(_missing("Give the answer to at least one question.", "answers"))
    if told.assessed_at is None:
        problems.append(_missing("Enter when the questions were asked.", "assessed_at"))
    if told.assessed_by is None:
        problems.append(_missing("Enter who asked the questions.", "assessed_by"))
    return tuple(problems)


def age_on(day: date, born: date) -> int:
    """Whole years. Someone born on 29 February turns a year older on 1 March in other years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _missing(text: str, *place: str | int) -> FieldProblem:
    return FieldProblem(pointer(*place), "missing", text)


def _places(form: ReferralForm) -> Iterator[tuple[tuple[str | int, ...], Party]]:
    if form.victim:
        yield ("victim",), form.victim
    for field in ("perpetrators", "children", "others"):
        for index, party in enumerate(getattr(form, field)):
            yield (field, index), party


def _referrer(form: ReferralForm, today: date) -> Iterator[FieldProblem]:
    referrer = form.referrer
    if referrer is None or referrer.name is None:
        yield _missing("Enter the name of the person who refers.", "referrer", "name")
    if referrer is None or referrer.role is None:
        yield _missing("Enter the role of the person who refers, such as 'health visitor'.", "referrer", "role")
    if referrer is None or (referrer.phone is None and referrer.email is None):
        yield _missing("Enter a work phone or email for the person who refers.", "referrer", "phone")
    if referrer is None:
        return
    born = referrer.date_of_birth
    if born and EARLIEST <= born <= today and age_on(today, born) < 18:
        text = "The person who refers must be an adult. Enter the professional who is making this referral."
        yield FieldProblem("/referrer/date_of_birth", "child_as_referrer", text)
    for child in form.children:
        same = referrer.name is not None and same_name(child, referrer.name)
        if same and (born is None or born in child.all_dates_of_birth):
            text = (
                "The person who refers has the same name as a child on this form. Enter the professional's "
                "name; if the two only share a name, give the referrer's date of birth."
            )
            yield FieldProblem("/referrer/name", "child_as_referrer", text)


def _victim(form: ReferralForm) -> Iterator[FieldProblem]:
    victim, view = form.victim, form.victim_view
    if victim is None or victim.name is None:
        yield _missing("Enter the victim's name, or the name as it was heard in 'known_as'.", "victim", "given_name")
    if victim is None or (victim.date_of_birth is None and victim.estimated_age is None):
        text = "Enter the victim's date of birth, or an estimated age if nobody knows it."
        yield _missing(text, "victim", "date_of_birth")
    safe = victim.safe_contact if victim else None
    if safe is None or safe.safe_to_call is None:
        text = "Say whether it is safe to call the victim: yes, no or dont_know."
        yield _missing(text, "victim", "safe_contact", "safe_to_call")
    if view is None or view.aware is None:
        text = "Say whether the victim knows of this referral: yes, no or dont_know."
        yield _missing(text, "victim_view", "aware")
    elif view.aware is Known.NO and view.why_not_told is None:
        yield _missing("Say why the victim has not been told.", "victim_view", "why_not_told")


def _perpetrators(form: ReferralForm) -> Iterator[FieldProblem]:
    if not form.perpetrators:
        text = "Add at least one perpetrator. If the name is not known, say what is known in 'known_as'."
        yield _missing(text, "perpetrators")
    for index, perpetrator in enumerate(form.perpetrators):
        if perpetrator.name is None:
            text = "Enter the perpetrator's name, or what is known of it in 'known_as'."
            yield _missing(text, "perpetrators", index, "given_name")
        if perpetrator.relationship is None:
            text = "Say what the perpetrator is to the victim, such as 'former partner'."
            yield _missing(text, "perpetrators", index, "relationship")


def _children(form: ReferralForm) -> Iterator[FieldProblem]:
    for index, child in enumerate(form.children):
        if child.name is None:
            text = "Enter the child's name, or what is known of it in 'known_as'."
            yield _missing(text, "children", index, "given_name")
        if child.date_of_birth is None and child.estimated_age is None:
            text = "Enter the child's date of birth, or an estimated age if nobody knows it."
            yield _missing(text, "children", index, "date_of_birth")


def _incident(form: ReferralForm) -> Iterator[FieldProblem]:
    if form.incident is None or form.incident.occurred_on is None:
        yield _missing("Enter the date of the incident that led to this referral.", "incident", "occurred_on")
    if form.incident is None or form.incident.narrative is None:
        yield _missing("Describe what happened.", "incident", "narrative")
    for index, event in enumerate(form.events):
        if event.occurred_on is None:
            text = "Enter the date of this event; if it is not certain, the likeliest day."
            yield _missing(text, "events", index, "occurred_on")


def _grounds(form: ReferralForm) -> Iterator[FieldProblem]:
    judged, asked = form.professional_judgement, form.assessment
    if judged is not None and judged.rationale is None:
        text = "Professional judgement needs a rationale: say what makes the risk this high."
        yield _missing(text, "professional_judgement", "rationale")
    if judged is None and (asked is None or not asked.answers):
        text = "Answer the risk questions, or use professional judgement and say why."
        yield _missing(text, "assessment", "answers")


def _assessments(form: ReferralForm, catalogue: Catalogue) -> Iterator[FieldProblem]:
    if form.assessment is not None:
        if form.assessment.assessed_at is None:
            yield _missing("Enter when the questions were asked.", "assessment", "assessed_at")
        if form.assessment.assessed_by is None:
            yield _missing("Enter who asked the questions.", "assessment", "assessed_by")
        yield from _assessment(form.assessment, catalogue, ("assessment",))
        instrument = _instrument(form.assessment, catalogue)
        if instrument and instrument.audience is Audience.ANYONE:
            text = f"'{instrument.title}' only adds to another assessment. Put it under 'screens'."
            yield FieldProblem("/assessment/instrument", "wrong_form", text)
    for index, screen in enumerate(form.screens):
        yield from _assessment(screen, catalogue, ("screens", index))


def _assessment(told: AssessmentForm, catalogue: Catalogue, place: tuple[str | int, ...]) -> Iterator[FieldProblem]:
    known = ", ".join(catalogue.ids())
    if told.instrument is None:
        yield _missing(f"Say which questions were asked. Use one of: {known}.", *place, "instrument")
        return
    instrument = _instrument(told, catalogue)
    if instrument is None:
        versions = catalogue.versions(told.instrument)
        field, choice = ("version", ", ".join(versions)) if versions else ("instrument", known)
        text = f"That {field} is not known here. Use one of: {choice}."
        yield FieldProblem(pointer(*place, field), f"unknown_{field}", text)
        return
    for number in sorted(told.answers.keys() - instrument.numbers):
        text = f"There is no question {number} here. The questions are numbered 1 to {len(instrument.questions)}."
        yield FieldProblem(pointer(*place, "answers", number), "unknown_question", text)


def _instrument(told: AssessmentForm, catalogue: Catalogue) -> Instrument | None:
    try:
        return catalogue.get(told.instrument or "", told.version)
    except UnknownInstrumentError:
        return None


def _right_form(form: ReferralForm, catalogue: Catalogue, today: date, adult_from: int) -> Iterator[FieldProblem]:
    victim = form.victim
    born = victim.date_of_birth if victim else None
    if born and EARLIEST <= born <= today:
        age = age_on(today, born)
    elif victim and born is None and victim.estimated_age is not None:
        age = victim.estimated_age
    else:
        return
    instrument = _instrument(form.assessment, catalogue) if form.assessment else None
    place = "/victim/date_of_birth" if born else "/victim/estimated_age"
    if age < YOUNGEST_YOUNG_PERSON:
        text = (
            "This child is under 13, and this form is not for referring a child under 13 as the victim. Refer "
            "to children's services, and name the child under 'children' on a referral of the adult victim."
        )
        yield FieldProblem(place, "wrong_form", text)
    elif age < adult_from and (instrument is None or instrument.audience is Audience.ADULT):
        text = (
            f"The victim is under {adult_from}. Use the young people's form for 13 to 17: set "
            "'assessment.instrument' to 'young-people'."
        )
        yield FieldProblem(place, "wrong_form", text)
    elif age > 17 and instrument is not None and instrument.audience is Audience.YOUNG_PERSON:
        text = "The young people's form is for 13 to 17, and the victim is 18 or over. Use 'dash-27' or 'dash-24'."
        yield FieldProblem("/assessment/instrument", "wrong_form", text)


def _same_people(form: ReferralForm) -> Iterator[FieldProblem]:
    for (_, first), (place, second) in itertools.combinations(_places(form), 2):
        reference = first.person_reference is not None and first.person_reference == second.person_reference
        if not reference and not same_person(first, second):
            continue
        where = pointer(*place, "person_reference" if reference else "date_of_birth")
        if first.key == "victim" and place[0] == "perpetrators":
            text = "This perpetrator is also the victim of this referral. Correct whichever of the two is wrong."
            yield FieldProblem(where, "perpetrator_is_victim", text)
        else:
            text = f"This is the same person as {_called(first)}. Remove one of the two, or correct it."
            yield FieldProblem(where, "duplicate_party", text)


def _called(party: Party) -> str:
    return "the victim" if party.key == "victim" else f"'{party.key}'"


def _family(form: ReferralForm) -> Iterator[FieldProblem]:
    keys = {party.key for party in form.parties}
    for index, child in enumerate(form.children):
        for where, key in _pointed_at(child):
            if key not in keys or key == child.key:
                text = "Nobody else on this form has that key. Use the key of another person on the form."
                yield FieldProblem(pointer("children", index, *where), "unknown_party", text)


def _pointed_at(child: Child) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for index, relationship in enumerate(child.relationships):
        yield ("relationships", index, "to"), relationship.to
    for index, key in enumerate(child.lives_with):
        yield ("lives_with", index), key


# Days that may lie ahead: a tenancy that is to end.
_MAY_BE_AHEAD = frozenset({"until", "since"})


def _dates(value: object, place: tuple[str | int, ...], today: date) -> Iterator[FieldProblem]:
    """Every date of the form, wherever it is, so that no new field escapes the rule."""
    inside: Iterable[tuple[str | int, object]]
    if isinstance(value, BaseModel):
        inside = vars(value).items()
    elif isinstance(value, tuple):
        inside = enumerate(value)
    elif isinstance(value, dict):
        inside = value.items()
    else:
        if isinstance(value, date):
            yield from _date(value, place, today)
        return
    for key, each in inside:
        if each is not None and type(each) is not str:
            yield from _dates(each, (*place, key), today)


def _date(value: date, place: tuple[str | int, ...], today: date) -> Iterator[FieldProblem]:
    # The first and last years that exist cannot be moved to another zone, and need not be.
    day = date(value.year, value.month, value.day)
    if isinstance(value, datetime) and 1900 < value.year < 9999:
        day = local_date(value)
    if day < EARLIEST:
        yield FieldProblem(pointer(*place), "before_1900", "This date is before 1900. Check the year.")
    elif day > today and place[-1] not in _MAY_BE_AHEAD:
        yield FieldProblem(pointer(*place), "in_the_future", "This date is in the future. Check the date.")
