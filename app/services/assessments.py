"""Assessments: asked once, never changed, corrected by a new one, and seen before anyone asks again."""

from uuid import UUID

from app.db.session import UnitOfWork
from app.db.tables.cases import assessment
from app.domain.referrals import AssessmentForm
from app.risk.grading import Grade


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
