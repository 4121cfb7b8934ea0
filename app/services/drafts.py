"""Drafts of referrals as their pages need them: each page is one of these, in one transaction."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from app.db import drafts as queries
from app.db import referrals as referral_queries
from app.db.partnerships import load_facts
from app.db.session import UnitOfWork
from app.domain.access import Verb
from app.domain.clock import local_date
from app.domain.completeness import YOUNGEST_YOUNG_PERSON, age_on, complete
from app.domain.disclosures import Nature, check_sharing
from app.domain.errors import FieldProblem, Invalid, NotFound
from app.domain.exclusions import MAY_BE_NAMED
from app.domain.idva_support import first_contact_due
from app.domain.lawful_bases import Purpose, Register
from app.domain.people import PersonSearch
from app.domain.referrals import AssessmentForm, ReferralForm, Referrer, Victim
from app.risk.grading import GradingRules
from app.risk.instruments import Audience, Instrument, UnknownInstrumentError
from app.risk.markers import Marker
from app.risk.scoring import VICTIM, Answer, AnswerValue, Score, markers_raised, prompted, score
from app.services import idva_support, people, recognition, restrictions
from app.services.assessments import recent_by_person, recent_since
from app.services.lawful_bases import register_of
from app.services.referrals import create, draft_to_change, restored, revise

# Wrong however much of the form is still to come.
_NEVER_RIGHT = frozenset({"in_the_future", "before_1900"})
_ADULT = "dash-27"
_YOUNG = "young-people"


@dataclass(frozen=True, slots=True)
class Draft:
    """A referral as it stands. status: draft, submitted or withdrawn."""

    id: UUID
    status: str
    version: int
    form: ReferralForm


@dataclass(frozen=True, slots=True)
class Counted:
    """What the answers come to. high_at: yes answers from which the score alone is high risk; None for a screen."""

    score: Score
    high_at: int | None
    markers: dict[Marker, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Checked:
    """A draft with all that stands between it and being sent. asked: with the answers that it takes over.

    counted None: no question has been answered. people: who can be kept from the case, by id, if anybody is.
    """

    draft: Draft
    asked: AssessmentForm | None
    problems: tuple[FieldProblem, ...]
    instrument: Instrument | None
    counted: Counted | None
    register: Register
    people: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Adopted:
    """Whose answers are taken over instead of asking again."""

    id: UUID
    agency: str
    answers: Mapping[int, Answer]


@dataclass(frozen=True, slots=True)
class Asking:
    """The questions of one instrument, with the answers so far: the draft's own over those that it adopts.

    others: instruments that fit the victim's age as well. recent: what was asked of the victim lately, as far as the
    actor may see. follow: screens that the answers prompt.
    """

    draft: Draft
    instrument: Instrument
    told: AssessmentForm
    answers: Mapping[int, Answer]
    counted: Counted
    adopted: Adopted | None
    others: tuple[Instrument, ...]
    recent: tuple[dict[str, Any], ...]
    follow: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hearers:
    """Agencies that sit on a forum."""

    forum: str
    agencies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sharing:
    """A draft, on what it may be shared, and who hears of it at each forum."""

    draft: Draft
    register: Register
    hearers: tuple[Hearers, ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of a referral. told: agencies that were told of it, by name and kind. contact_due: by when an IDVA is
    to reach a high-risk victim.
    """

    form: ReferralForm
    result: dict[str, Any]
    told: tuple[dict[str, str], ...]
    contact_due: datetime


async def may_refer(uow: UnitOfWork) -> None:
    """Raise Forbidden unless the actor may refer."""
    uow.actor.must(Verb.REFER)


async def begin(uow: UnitOfWork) -> UUID:
    """Keep a new draft that says who refers, as far as it is known. Returns its id."""
    row = await uow.one(queries.REFERRER, id=uow.actor.user)
    referrer = Referrer(name=row["name"], role=row["job_title"], email=row["email"])
    if row["last"]:
        last = Referrer.model_validate_json(row["last"])
        referrer = last.model_copy(update={"name": row["name"]})
    made = await create(uow, ReferralForm(referrer=referrer))
    return UUID(orjson.loads(made.body)["id"])


async def opened(uow: UnitOfWork, referral_id: UUID) -> Draft:
    """A referral. Raises NotFound."""
    uow.actor.must(Verb.REFER)
    row = await uow.row(referral_queries.ONE, id=referral_id)
    if row is None:
        raise NotFound("referral")
    uow.record("referral.read", case_id=row["case_id"], subjects=[referral_id])
    return Draft(referral_id, row["status"], row["version"], restored(uow, row))


async def amend(uow: UnitOfWork, referral_id: UUID, change: Callable[[ReferralForm], ReferralForm]) -> Draft:
    """Change a draft as it stands at this moment, whoever wrote to it meanwhile; nothing changed is nothing done.

    ``change`` gives the whole form as it should be. It raises Stale when what it changes is not what it was, and
    Invalid for what cannot be. A day that cannot be right, whatever else is still missing, is Invalid as well.
    """
    uow.actor.must(Verb.REFER)
    row = await draft_to_change(uow, referral_id)
    before = restored(uow, row)
    after = change(before)
    if after == before:
        return Draft(referral_id, row["status"], row["version"], before)
    impossible = [each for each in complete(after, uow.catalogue, local_date(uow.now)) if each.code in _NEVER_RIGHT]
    if impossible:
        raise Invalid(impossible)
    written = await revise(uow, referral_id, after, None)
    assert written.version is not None  # noqa: S101  # a referral has one
    return Draft(referral_id, "draft", written.version, after)


async def checked(uow: UnitOfWork, referral_id: UUID) -> Checked:
    """A draft, and everything that must be mended before it can be sent."""
    draft = await opened(uow, referral_id)
    facts = await load_facts(uow)
    known, unknown = await recognition.referenced(uow, draft.form)
    form, unadopted = await recognition.adopted(uow, draft.form, known)
    unfounded = check_sharing(form.sharing, facts.register, purpose=Purpose.PROTECT, nature=Nature.BOTH)
    missing = complete(form, uow.catalogue, local_date(uow.now))
    instrument = _instrument(uow, form.assessment)
    counted = None
    if instrument is not None and form.assessment is not None and form.assessment.answers:
        counted = _count(instrument, form.assessment.risk_answers(), facts.grading)
    _, unfit = await restrictions.asked_for(uow, form.access)
    problems = (*missing, *unfounded, *unknown, *unadopted, *unfit)
    named = await _people(uow) if form.access else {}
    return Checked(draft, form.assessment, problems, instrument, counted, facts.register, named)


async def known(uow: UnitOfWork, referral_id: UUID, key: str) -> tuple[Draft, list[dict[str, Any]]]:
    """People in cases that this actor sees who may be this one of the draft's, as ``people.search`` has them."""
    draft = await opened(uow, referral_id)
    party = next((each for each in draft.form.parties if each.key == key), None)
    if party is None or not party.all_names:
        return draft, []
    told = PersonSearch(
        given_name=party.given_name,
        family_name=party.family_name,
        known_as=party.known_as,
        aliases=party.aliases,
        date_of_birth=party.date_of_birth,
        dob_variants=party.dob_variants,
    )
    found = await people.search(uow, told)
    return draft, orjson.loads(found.body)["items"]


async def asking(uow: UnitOfWork, referral_id: UUID, screen: str | None = None) -> Asking:
    """The questions to ask of the draft's victim; with ``screen``, those of that screen. Raises NotFound."""
    draft = await opened(uow, referral_id)
    form = draft.form
    facts = await load_facts(uow)
    fitting = fitting_instruments(uow, form)
    adopted = None
    if screen is None:
        told = form.assessment or AssessmentForm()
        instrument = _instrument(uow, form.assessment) or fitting[0]
        adopted = await _adopted(uow, told)
    else:
        told = next((each for each in form.screens if each.instrument == screen), AssessmentForm(instrument=screen))
        found = _instrument(uow, told)
        if found is None or found.audience is not Audience.ANYONE:
            raise NotFound("set of questions")
        instrument = found
    given = {number: each for number, each in told.risk_answers().items() if number in instrument.numbers}
    answers = {**(adopted.answers if adopted else {}), **given}
    return Asking(
        draft,
        instrument,
        told,
        answers,
        _count(instrument, answers, facts.grading),
        adopted,
        tuple(each for each in fitting if each.id != instrument.id) if screen is None else (),
        await _asked_recently(uow, form.victim) if screen is None and not told.answers and adopted is None else (),
        tuple(each for each in prompted(instrument, answers) if each != instrument.id),
    )


async def adopt(uow: UnitOfWork, referral_id: UUID, assessment_id: UUID) -> Draft:
    """Take over an earlier assessment's answers instead of asking again. Raises Invalid when it is of somebody else."""
    row = await uow.row(queries.ADOPTED, id=assessment_id)
    if row is None:
        raise NotFound("assessment")
    taken = AssessmentForm(
        instrument=row["instrument"],
        version=row["instrument_version"],
        assessed_at=row["assessed_at"],
        assessed_by=row["assessor"],
        adopted_from=assessment_id,
    )
    draft = await amend(uow, referral_id, lambda form: form.model_copy(update={"assessment": taken}))
    people_known, unknown = await recognition.referenced(uow, draft.form)
    problems = [*unknown, *(await recognition.adopted(uow, draft.form, people_known))[1]]
    if problems:
        raise Invalid(problems)
    uow.record("assessment.read", case_id=row["case_id"], subjects=[row["person_id"]])
    return draft


async def apart(uow: UnitOfWork, referral_id: UUID) -> tuple[Draft, dict[str, str]]:
    """A draft, and who can be kept from its case or named for it: name and agency, by id."""
    draft = await opened(uow, referral_id)
    return draft, await _people(uow)


async def _people(uow: UnitOfWork) -> dict[str, str]:
    rows = await uow.rows(queries.PEOPLE, roles=sorted(MAY_BE_NAMED))
    return {str(row["id"]): f"{row['name']}, {row['agency']}" for row in rows if row["id"] != uow.actor.user}


async def sharing(uow: UnitOfWork, referral_id: UUID) -> Sharing:
    """What the page about sharing shows."""
    draft = await opened(uow, referral_id)
    rows = await uow.rows(queries.HEARERS, now=uow.now)
    order = {"hrda": 0, "marac": 1}
    rows.sort(key=lambda row: (order.get(row["kind"], 2), row["forum"]))
    hearers = tuple(Hearers(row["forum"], tuple(row["agencies"])) for row in rows)
    return Sharing(draft, await register_of(uow), hearers)


async def sent(uow: UnitOfWork, referral_id: UUID) -> Sent | None:
    """What came of a referral; None while it is not sent."""
    uow.actor.must(Verb.READ)
    row = await uow.row(referral_queries.ONE, id=referral_id)
    if row is None:
        raise NotFound("referral")
    uow.record("referral.read", case_id=row["case_id"], subjects=[referral_id])
    if row["status"] != "submitted":
        return None
    told = await uow.row(queries.TOLD, case_id=row["case_id"], id=referral_id)
    agencies = orjson.loads((told["agencies"] if told else None) or "[]")
    due = first_contact_due(row["submitted_at"], await idva_support.rules(uow))
    return Sent(restored(uow, row), orjson.loads(row["result"]), tuple(agencies), due)


def fitting_instruments(uow: UnitOfWork, form: ReferralForm) -> tuple[Instrument, ...]:
    """The instruments for somebody of the victim's age, the usual one first."""
    age = _age(uow, form.victim)
    audiences = {Audience.ADULT, Audience.YOUNG_PERSON}
    if age is None or age > 17:
        audiences.remove(Audience.YOUNG_PERSON)
    elif YOUNGEST_YOUNG_PERSON <= age < 16:
        audiences.remove(Audience.ADULT)
    fitting = [each for each in uow.catalogue if each.audience in audiences]
    usual = _ADULT if Audience.ADULT in audiences else _YOUNG
    return tuple(sorted(fitting, key=lambda each: (each.id != usual, each.id)))


def _age(uow: UnitOfWork, victim: Victim | None) -> int | None:
    if victim is None:
        return None
    today = local_date(uow.now)
    return age_on(today, victim.date_of_birth) if victim.date_of_birth else victim.estimated_age


def _instrument(uow: UnitOfWork, told: AssessmentForm | None) -> Instrument | None:
    try:
        return uow.catalogue.get(told.instrument or "", told.version) if told else None
    except UnknownInstrumentError:
        return None


def _count(instrument: Instrument, answers: Mapping[int, Answer], rules: GradingRules) -> Counted:
    fitting = {number: each for number, each in answers.items() if number in instrument.numbers}
    high_at = rules.high_at.get(instrument.id, instrument.high_at)
    return Counted(score(instrument, fitting), high_at, markers_raised(instrument, fitting))


async def _adopted(uow: UnitOfWork, told: AssessmentForm) -> Adopted | None:
    """The answers beneath the draft's own, if whoever reads the draft sees the assessment that they are from."""
    if told.adopted_from is None:
        return None
    row = await uow.row(queries.ADOPTED, id=told.adopted_from)
    if row is None:
        return None
    uow.record("assessment.read", case_id=row["case_id"], subjects=[row["person_id"]])
    answers = {
        int(number): Answer(AnswerValue(each["value"]), each.get("note"), each.get("source") or VICTIM)
        for number, each in row["answers"].items()
    }
    return Adopted(row["id"], row["agency"], answers)


async def _asked_recently(uow: UnitOfWork, victim: Victim | None) -> tuple[dict[str, Any], ...]:
    if victim is None or victim.person_reference is None:
        return ()
    row = await uow.row(queries.ASKED, reference=victim.person_reference, since=recent_since(uow.now))
    if row is None:
        return ()
    lines = orjson.loads(row["recent"] or "[]")
    found = recent_by_person(lines, uow.now).get(str(row["person_id"]), [])
    if found:
        uow.record("assessment.listed", subjects=[UUID(each["case_id"]) for each in found])
    usable = (each for each in found if each["superseded_by"] is None)
    return tuple(each for each in usable if uow.catalogue.get(each["instrument"]).audience is not Audience.ANYONE)
