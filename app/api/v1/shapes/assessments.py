"""What is answered about assessments."""

from datetime import datetime
from uuid import UUID

from app.api.v1.shapes import Named, ReasonShape, Shape
from app.api.v1.shapes.referrals import MarkerShape, RouteShape
from app.domain.lifecycle import State
from app.domain.referrals import AnswerForm
from app.risk.grading import Ground, Level
from app.risk.instruments import Audience
from app.risk.markers import Marker


class AssessmentSummary(Shape):
    """An assessment without its answers."""

    id: UUID
    case_id: UUID
    person_id: UUID
    instrument: str
    instrument_version: str
    score: int
    unanswered: int
    could_reach: int
    level: Level
    actuarial: Level
    markers: list[Marker]
    assessed_at: datetime
    assessor: str
    agency_id: UUID
    agency: str
    corrects: UUID | None
    adopted_from: UUID | None


class RecentAssessment(AssessmentSummary):
    """An assessment of the last 72 hours, in words for somebody about to ask. superseded_by: its correction."""

    superseded_by: UUID | None
    sentence: str


class AskedRecently(Shape):
    """What one person was asked in the last 72 hours, newest first, by anyone."""

    person_id: UUID
    person_reference: str
    name: str
    assessments: list[RecentAssessment]


class CaseAssessments(Shape):
    """All assessments of a case, newest first; and what its people were asked lately, in any case you can see."""

    items: list[AssessmentSummary]
    asked_recently: list[AskedRecently]


class AssessmentShape(Shape):
    """One assessment with its answers, by question number. It never changes: a correction is another one."""

    id: UUID
    case_id: UUID
    person_reference: str
    instrument: str
    instrument_version: str
    answers: dict[str, AnswerForm]
    score: int
    unanswered: int
    could_reach: int
    level: Level
    actuarial: Level
    grounds: list[Ground]
    markers: list[Marker]
    reasons: list[ReasonShape]
    judgement: str | None
    assessed_at: datetime
    assessor: str
    place: str | None
    answered_by: str | None
    agency: Named
    recorded_by: str
    recorded_at: datetime
    corrects: UUID | None
    correction_reason: str | None
    corrected_by: UUID | None
    adopted_from: UUID | None


class CaseAfter(Shape):
    """The case once the assessment was taken into account."""

    id: UUID
    reference: str
    state: State
    level: Level
    version: int


class AssessmentResult(Shape):
    """What the answers came to, and what they did to the case. `route` is null when the case stayed where it was;
    `prompted` names instruments worth asking next."""

    id: UUID
    level: Level
    actuarial: Level
    score: int
    unanswered: int
    could_reach: int
    out_of: int
    grounds: list[Ground]
    markers: list[MarkerShape]
    prompted: list[str]
    case: CaseAfter
    route: RouteShape | None
    reasons: list[ReasonShape]


class InstrumentLine(Shape):
    """An instrument, at its newest version."""

    id: str
    version: str
    title: str
    audience: Audience
    high_at: int | None
    questions: int
    versions: list[str]


class Instruments(Shape):
    """Every instrument that can be used here."""

    items: list[InstrumentLine]
