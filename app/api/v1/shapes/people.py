"""What is answered about people already known, and about records that may be one person."""

from datetime import date
from uuid import UUID

from app.api.v1.shapes import Page, ReasonShape, Shape
from app.api.v1.shapes.assessments import CaseAfter, RecentAssessment
from app.api.v1.shapes.referrals import RouteShape
from app.domain.lifecycle import State


class CaseOfPerson(Shape):
    """A case that you can see and that the person is in."""

    id: UUID
    reference: str
    state: State
    role: str


class PersonFound(Shape):
    """Somebody who may be the one told of. Give `person_reference` in the referral to link them."""

    person_reference: str
    name: str
    aliases: list[str]
    date_of_birth: date | None
    why: list[str]
    cases: list[CaseOfPerson]
    asked_recently: list[RecentAssessment]


class PeopleFound(Shape):
    """Likeliest first. `said` is the same whether anyone was found or not."""

    items: list[PersonFound]
    said: str


class MatchedParty(Shape):
    """One of two records, in its case."""

    party_id: UUID
    case_id: UUID
    case_reference: str
    role: str
    name: str
    aliases: list[str]
    date_of_birth: date | None
    dob_variants: list[date]
    person_reference: str


class Match(Shape):
    """Two records in two cases that may be one person, and why."""

    party: MatchedParty
    other: MatchedParty
    why: list[str]


class MatchPage(Page):
    """Pairs not yet decided, newest first. A page may hold few, or none, while `next` is set: go on."""

    items: list[Match]


class MatchDecided(Shape):
    """The decision, and what it did. `case` and `route` are null unless a case was graded again."""

    party_id: UUID
    other_party_id: UUID
    same: bool
    person_reference: str | None
    case: CaseAfter | None
    route: RouteShape | None
    reasons: list[ReasonShape]
