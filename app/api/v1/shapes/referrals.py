"""What is answered about referrals."""

from datetime import date, datetime
from uuid import UUID

from app.api.v1.shapes import Page, ReasonShape, Shape
from app.domain.contacts import MaskedContact
from app.domain.lifecycle import State
from app.domain.referrals import ReferralForm
from app.risk.grading import Ground, Level


class MarkerShape(Shape):
    """A critical marker, and what to do tonight."""

    code: str
    label: str
    tonight: str


class CaseReached(Shape):
    """The case a referral opened or joined."""

    id: UUID
    reference: str
    state: State
    joined: bool


class RouteShape(Shape):
    """Where a case was sent: a meeting of a forum, or an offer of support."""

    kind: str
    name: str | None
    forum_kind: str | None = None
    forum_id: UUID | None = None
    meeting_id: UUID | None = None
    agenda_item_id: UUID | None = None
    starts_at: datetime | None = None
    placement: str | None = None
    support_offer_id: UUID | None = None
    accept_by: date | None = None


class PersonReached(Shape):
    """The reference of a person on the form, to be used in later referrals."""

    key: str
    person_reference: str


class ReferralResult(Shape):
    """What became of a referral, and why. `route` is null when the case already waits on a list.

    `restricted`: the case exists for those on its list only.
    """

    referral_id: UUID
    case: CaseReached
    level: Level
    actuarial: Level
    score: int | None
    unanswered: int | None
    could_reach: int | None
    out_of: int | None
    grounds: list[Ground]
    repeat: bool
    markers: list[MarkerShape]
    route: RouteShape | None
    reasons: list[ReasonShape]
    people: list[PersonReached]
    restricted: bool


class GivenHere(Shape):
    """That this referral told where somebody can be found. Masked: ask for a release on the case to see it."""

    party_id: UUID
    name: str
    contact: MaskedContact


class Referral(Shape):
    """A referral with its form. Once sent, `contacts` shows masked what contact details it gave."""

    id: UUID
    status: str
    version: int
    case_id: UUID | None
    form: ReferralForm
    contacts: list[GivenHere] | None
    result: ReferralResult | None


class ReferralLine(Shape):
    """A referral in a list."""

    id: UUID
    status: str
    case_id: UUID | None
    victim: str | None
    author: str
    created_at: datetime
    updated_at: datetime
    submitted_at: datetime | None


class ReferralPage(Page):
    """A page of referrals."""

    items: list[ReferralLine]
