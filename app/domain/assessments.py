"""Assessments: what was asked and answered, once, for ever. A correction is a new one that points at the old."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.domain.disclosures import Sharing
from app.domain.errors import Conflict
from app.domain.fields import Form, Line
from app.domain.referrals import AnswerForm, AssessmentForm, Judgement, QuestionNumber
from app.risk.scoring import Answer

RECENT_HOURS = 72
"""For how long an assessment is shown to anyone about to ask the same person again."""


class AskedAgain(AssessmentForm):
    """Questions asked again, outside a referral. party_id: whom in the case they are about; None: the victim.

    sharing: needed when the case rises and so opens to an agency that does not see it.
    """

    party_id: UUID | None = None
    professional_judgement: Judgement | None = None
    sharing: Sharing | None = None


class Correction(Form):
    """answers: all of them, as they should have been. reason: why they were wrong. sharing: as when asking again."""

    answers: Annotated[dict[QuestionNumber, AnswerForm], Field(min_length=1, max_length=200)]
    reason: Line
    sharing: Sharing | None = None


class Adoption(Form):
    """changed: only the answers that have changed since they were given. sharing: as when asking again."""

    changed: Annotated[dict[QuestionNumber, AnswerForm], Field(max_length=200)] = Field(default_factory=dict)
    sharing: Sharing | None = None


@dataclass(frozen=True, slots=True)
class Assessment:
    """One set of answers of one person to one version of one instrument.

    person, agency: ids. assessed_at: when it was asked, aware. corrects: the assessment that this replaces.
    adopted_from: the assessment of another agency whose answers were taken instead of asking again.
    """

    id: UUID
    person: UUID
    agency: UUID
    instrument: str
    version: str
    answers: Mapping[int, Answer]
    assessed_at: datetime
    assessed_by: str
    place: str | None = None
    source: str | None = None
    corrects: UUID | None = None
    adopted_from: UUID | None = None

    def __post_init__(self) -> None:
        if self.assessed_at.tzinfo is None:
            raise ValueError("assessed_at must be aware")
        if self.corrects == self.id or self.adopted_from == self.id:
            raise ValueError("an assessment cannot correct or adopt itself")
        object.__setattr__(self, "answers", MappingProxyType(dict(self.answers)))


@dataclass(frozen=True, slots=True)
class Asked:
    """An assessment as shown to someone about to ask. superseded_by: the correction that replaced it."""

    assessment: Assessment
    superseded_by: UUID | None


def correct(
    old: Assessment,
    *,
    id: UUID,  # noqa: A002 - the field's own name
    answers: Mapping[int, Answer],
    by: str,
    agency: UUID,
) -> Assessment:
    """A new assessment with other answers to the same questions, of the same asking. The old one stays.

    Raises Conflict unless the agency that made the assessment corrects it; another adopts it instead.
    """
    if agency != old.agency:
        raise Conflict("Only the agency that made an assessment can correct it. Adopt it, then change your own.")
    return replace(old, id=id, answers=answers, assessed_by=by, corrects=old.id)


def adopt(
    old: Assessment,
    *,
    id: UUID,  # noqa: A002 - the field's own name
    changed: Mapping[int, Answer],
    by: str,
    agency: UUID,
) -> Assessment:
    """Another agency's answers taken instead of asking again, with those that changed since.

    It keeps the time of asking, so that adopting never makes old answers look new.
    """
    answers = {**old.answers, **changed}
    return replace(old, id=id, agency=agency, answers=answers, assessed_by=by, corrects=None, adopted_from=old.id)


def asked_recently(assessments: Iterable[Assessment], now: datetime) -> dict[UUID, tuple[Asked, ...]]:
    """By person: what was asked in the last RECENT_HOURS (the boundary included), newest first.

    Superseded ones are kept and marked. Persons who were asked nothing are left out.
    """
    known = list(assessments)
    replaced = {each.corrects: each.id for each in known if each.corrects is not None}
    since = now - timedelta(hours=RECENT_HOURS)
    recent = [each for each in known if since <= each.assessed_at <= now]
    recent.sort(key=lambda each: (each.assessed_at, each.corrects is not None, each.id), reverse=True)
    groups: dict[UUID, list[Asked]] = {}
    for each in recent:
        groups.setdefault(each.person, []).append(Asked(each, replaced.get(each.id)))
    return {person: tuple(asked) for person, asked in groups.items()}
