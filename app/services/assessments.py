"""Assessments: asked once, never changed, corrected by a new one, and seen before anyone asks again."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from app.db import assessments as queries
from app.db.ids import new_id
from app.db.json import to_json
from app.db.partnerships import load_facts
from app.db.session import UnitOfWork
from app.db.tables.cases import assessment
from app.domain import assessments as domain
from app.domain.access import Verb
from app.domain.assessments import RECENT_HOURS, Adoption, AskedAgain, Assessment, Correction, asked_recently
from app.domain.clock import local, local_date, say_date
from app.domain.completeness import complete_assessment
from app.domain.disclosures import Sharing
from app.domain.errors import Conflict, FieldProblem, Invalid, NotFound
from app.domain.referrals import AnswerForm, AssessmentForm
from app.risk.grading import Grade, GradingFacts, Ground, Level, ProfessionalJudgement, grade
from app.risk.instruments import UnknownInstrumentError
from app.risk.scoring import VICTIM, Answer, AnswerValue, prompted
from app.services import authority
from app.services.cases import to_change
from app.services.once import Document
from app.services.regrading import regrade


def record_assessment(
    uow: UnitOfWork,
    case_id: UUID,
    person_id: UUID,
    form: AssessmentForm,
    graded: Grade,
    *,
    referral_id: UUID | None = None,
    judgement: str | None = None,
    corrects: UUID | None = None,
    correction_reason: str | None = None,
) -> UUID:
    """Write one assessment down for good. Returns its id. The form must be complete."""
    score = graded.score
    assert score is not None  # noqa: S101  # a complete form was scored
    instrument = uow.catalogue.get(form.instrument or "", form.version)
    answers = {str(number): each.model_dump(mode="json", exclude_none=True) for number, each in form.answers.items()}
    return uow.add(
        assessment,
        case_id=case_id,
        person_id=person_id,
        referral_id=referral_id,
        instrument=instrument.id,
        instrument_version=instrument.version,
        answers=answers,
        score=score.yes,
        unanswered=score.unanswered,
        could_reach=score.could_reach,
        actuarial=graded.actuarial,
        level=graded.level,
        grounds=list(graded.grounds),
        markers=list(graded.markers),
        reasons=graded.reasons,
        judgement=judgement,
        assessed_at=form.assessed_at or uow.now,
        assessor=form.assessed_by or uow.actor.name,
        place=form.place,
        answered_by=form.source,
        agency_id=uow.actor.agency,
        recorded_by=uow.actor.user,
        corrects=corrects,
        adopted_from=form.adopted_from,
        correction_reason=correction_reason,
        created_at=uow.now,
    )


async def listed(uow: UnitOfWork, case_id: UUID) -> Document:
    """A case's assessments, newest first, and what anyone asked its people in the last days, in any case."""
    uow.actor.must(Verb.READ)
    row = await uow.row(queries.LIST, id=case_id, since=recent_since(uow.now))
    if row is None:
        raise NotFound("case")
    people = orjson.loads(row["people"] or "[]")
    lines = [line for person in people for line in person.pop("recent") or ()]
    recent = recent_by_person(lines, uow.now)
    asked = [{**each, "assessments": recent[each["person_id"]]} for each in people if each["person_id"] in recent]
    uow.record("assessment.listed", case_id=case_id, subjects=_ids(lines, "case_id"))
    return Document(b'{"items":%b,"asked_recently":%b}' % (row["items"].encode(), to_json(asked)))


async def read(uow: UnitOfWork, assessment_id: UUID) -> Document:
    """One assessment with its answers."""
    uow.actor.must(Verb.READ)
    row = await uow.row(queries.ONE, id=assessment_id)
    if row is None:
        raise NotFound("assessment")
    uow.record("assessment.read", case_id=row["case_id"], subjects=[row["person_id"]])
    return Document(row["body"].encode())


async def ask(uow: UnitOfWork, case_id: UUID, told: AskedAgain) -> Document:
    """Keep questions that were asked again in an open case, and let the case rise to what they say."""
    await authority.must(uow, Verb.ASSESS, case_id)
    case = await to_change(uow, case_id)
    problems = list(complete_assessment(told, uow.catalogue, local_date(uow.now)))
    if told.adopted_from is not None:
        text = "Leave this out. To take another agency's answers, use its assessment's 'adopt'."
        problems.append(FieldProblem("/adopted_from", "not_here", text))
    judged = told.professional_judgement
    if judged is not None and judged.rationale is None:
        text = "Professional judgement needs a rationale: say what makes the risk this high."
        problems.append(FieldProblem("/professional_judgement/rationale", "missing", text))
    person_id = case["victim_person_id"]
    if told.party_id is not None:
        party = await uow.row(queries.PARTY, case_id=case_id, id=told.party_id)
        if party is None:
            text = "There is nobody with this id in the case. Leave it out for the victim."
            problems.append(FieldProblem("/party_id", "unknown_party", text))
        else:
            person_id = party["person_id"]
    if problems:
        raise Invalid(problems)
    judgement = ProfessionalJudgement(judged.rationale, judged.level) if judged and judged.rationale else None
    return await _keep(uow, case, person_id, told, judgement, "case.assessed", sharing=told.sharing)


async def correct(uow: UnitOfWork, assessment_id: UUID, told: Correction) -> Document:
    """Put right what one's own agency wrote down. The old assessment stays, and points nowhere else."""
    case, row = await _to_build_on(uow, assessment_id)
    _check_numbers(uow, row, told.answers, "answers")
    new = domain.correct(
        _value(row), id=new_id(), answers=_answers(told.answers), by=uow.actor.name, agency=uow.actor.agency
    )
    stands = row["judgement"] and Ground.PROFESSIONAL_JUDGEMENT in row["grounds"]
    judgement = ProfessionalJudgement(row["judgement"]) if stands else None
    return await _keep(
        uow,
        case,
        row["person_id"],
        _form(new),
        judgement,
        "case.assessment_corrected",
        new.corrects,
        told.reason,
        sharing=told.sharing,
    )


async def adopt(uow: UnitOfWork, assessment_id: UUID, told: Adoption) -> Document:
    """Take another agency's answers instead of asking again, with those that have changed since."""
    case, row = await _to_build_on(uow, assessment_id)
    if row["agency_id"] == uow.actor.agency:
        raise Conflict("Your own agency made this assessment. Correct it, or ask again if things have changed.")
    if row["adopted"]:
        raise Conflict("Your agency has already adopted this assessment. Correct your own, or ask again.")
    _check_numbers(uow, row, told.changed, "changed")
    new = domain.adopt(
        _value(row), id=new_id(), changed=_answers(told.changed), by=uow.actor.name, agency=uow.actor.agency
    )
    return await _keep(uow, case, row["person_id"], _form(new), None, "case.assessment_adopted", sharing=told.sharing)


async def instruments(uow: UnitOfWork) -> Document:
    """Every instrument, at its newest version."""
    uow.actor.must(Verb.LOOK_UP)
    items = [
        {
            **each.model_dump(mode="json", include={"id", "version", "title", "audience", "high_at"}),
            "questions": len(each.questions),
            "versions": uow.catalogue.versions(each.id),
        }
        for each in uow.catalogue
    ]
    return Document(to_json({"items": items}))


async def instrument(uow: UnitOfWork, instrument_id: str, version: str | None) -> Document:
    """One instrument with its questions. Raises NotFound."""
    uow.actor.must(Verb.LOOK_UP)
    try:
        found = uow.catalogue.get(instrument_id, version)
    except UnknownInstrumentError:
        raise NotFound("instrument") from None
    return Document(found.model_dump_json().encode())


def recent_since(now: datetime) -> datetime:
    """From when on an assessment is recent."""
    return now - timedelta(hours=RECENT_HOURS)


def recent_by_person(lines: Iterable[dict[str, Any]], now: datetime) -> dict[str, list[dict[str, Any]]]:
    """Recent assessments, as the database lists them, by person id: newest first, each with a sentence."""
    shown = {UUID(line["id"]): line for line in lines}
    groups = asked_recently([_value_of_line(line) for line in shown.values()], now)
    return {
        str(person): [
            {
                **shown[each.assessment.id],
                "superseded_by": each.superseded_by,
                "sentence": _sentence(each.assessment, shown),
            }
            for each in asked
        ]
        for person, asked in groups.items()
    }


async def _keep(
    uow: UnitOfWork,
    case: Any,
    person_id: UUID,
    form: AssessmentForm,
    judgement: ProfessionalJudgement | None,
    kind: str,
    corrects: UUID | None = None,
    correction_reason: str | None = None,
    *,
    sharing: Sharing | None,
) -> Document:
    """Grade, write down, and let the case rise. Only the victim's answers grade a case; anyone's raise markers."""
    facts = await load_facts(uow, case["id"])
    instrument = uow.catalogue.get(form.instrument or "", form.version)
    asked = GradingFacts(instrument=instrument, answers=form.risk_answers(), judgement=judgement)
    graded = grade(asked, facts.grading, local_date(uow.now))
    assessment_id = record_assessment(
        uow,
        case["id"],
        person_id,
        form,
        graded,
        judgement=judgement.rationale if judgement else None,
        corrects=corrects,
        correction_reason=correction_reason,
    )
    counted = graded.score
    assert counted is not None  # noqa: S101  # an instrument was given
    of_victim = person_id == case["victim_person_id"]
    said = {"assessment_id": str(assessment_id), "instrument": instrument.id, "reason": correction_reason}
    after = await regrade(
        uow,
        case,
        graded if of_victim else replace(graded, level=Level.STANDARD, grounds=(), repeat=False),
        facts,
        kind=kind,
        said=said,
        sharing=sharing,
        score=counted.yes if of_victim and instrument.high_at is not None else None,
    )
    body = {
        "id": assessment_id,
        "level": graded.level,
        "actuarial": graded.actuarial,
        "score": counted.yes,
        "unanswered": counted.unanswered,
        "could_reach": counted.could_reach,
        "out_of": counted.out_of,
        "grounds": graded.grounds,
        "markers": [{"code": m, "label": m.label, "tonight": m.tonight} for m in graded.markers],
        "prompted": prompted(instrument, asked.answers),
        "case": {
            "id": case["id"],
            "reference": case["reference"],
            "state": after.state,
            "level": after.level,
            "version": after.version,
        },
        "route": after.as_data(),
        "reasons": after.reasons,
    }
    return Document(to_json(body), location=f"/api/v1/assessments/{assessment_id}", case_id=case["id"])


async def _to_build_on(uow: UnitOfWork, assessment_id: UUID) -> tuple[Any, Any]:
    """The assessment and its case, which is held against anybody else. Raises NotFound, or Conflict if corrected."""
    uow.actor.must(Verb.ASSESS)
    case_id = await uow.value(queries.CASE_OF, id=assessment_id)
    if case_id is None:
        raise NotFound("assessment")
    await authority.must(uow, Verb.ASSESS, case_id, noun="assessment")
    case = await to_change(uow, case_id)
    row = await uow.row(queries.TO_BUILD_ON, id=assessment_id, agency=uow.actor.agency)
    if row is None:
        raise NotFound("assessment")
    if row["corrected"]:
        raise Conflict("This assessment has been corrected. Use the one that corrects it.")
    return case, row


def _check_numbers(uow: UnitOfWork, row: Any, answers: Mapping[int, AnswerForm], field: str) -> None:
    numbers = uow.catalogue.get(row["instrument"], row["instrument_version"]).numbers
    text = f"There is no question with this number. The questions are numbered 1 to {len(numbers)}."
    problems = [FieldProblem(f"/{field}/{n}", "unknown_question", text) for n in sorted(answers.keys() - numbers)]
    if problems:
        raise Invalid(problems)


def _answers(told: Mapping[int, AnswerForm]) -> dict[int, Answer]:
    return {number: Answer(each.value, each.note, each.source or VICTIM) for number, each in told.items()}


def _value(row: Any) -> Assessment:
    return Assessment(
        id=row["id"],
        person=row["person_id"],
        agency=row["agency_id"],
        instrument=row["instrument"],
        version=row["instrument_version"],
        answers={
            int(number): Answer(AnswerValue(each["value"]), each.get("note"), each.get("source") or VICTIM)
            for number, each in row["answers"].items()
        },
        assessed_at=row["assessed_at"],
        assessed_by=row["assessor"],
        place=row["place"],
        source=row["answered_by"],
        corrects=row["corrects"],
        adopted_from=row["adopted_from"],
    )


def _value_of_line(line: Mapping[str, Any]) -> Assessment:
    return Assessment(
        id=UUID(line["id"]),
        person=UUID(line["person_id"]),
        agency=UUID(line["agency_id"]),
        instrument=line["instrument"],
        version=line["instrument_version"],
        answers={},
        assessed_at=datetime.fromisoformat(line["assessed_at"]),
        assessed_by=line["assessor"],
        corrects=UUID(line["corrects"]) if line["corrects"] else None,
    )


def _form(value: Assessment) -> AssessmentForm:
    return AssessmentForm(
        instrument=value.instrument,
        version=value.version,
        answers={n: AnswerForm(value=a.value, note=a.note, source=a.source) for n, a in value.answers.items()},
        assessed_at=value.assessed_at,
        assessed_by=value.assessed_by,
        place=value.place,
        source=value.source,
        adopted_from=value.adopted_from,
    )


def _sentence(value: Assessment, shown: Mapping[UUID, Mapping[str, Any]]) -> str:
    at = local(value.assessed_at)
    return f"Already asked on {say_date(at.date())} at {at:%H:%M} by {value.assessed_by}, {shown[value.id]['agency']}."


def _ids(lines: Iterable[Mapping[str, Any]], name: str) -> list[UUID]:
    return [UUID(each) for each in dict.fromkeys(line[name] for line in lines)]
