"""What is answered about cases."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.api.v1.shapes import Named, Page, ReasonShape, Shape
from app.api.v1.shapes.referrals import MarkerShape, RouteShape
from app.domain.access import GrantReason
from app.domain.contacts import SafeContact
from app.domain.exclusions import ExclusionKind
from app.domain.lifecycle import Move, State
from app.risk.grading import Ground, Level
from app.risk.markers import Marker


class MeetingAhead(Shape):
    """The next meeting a case is listed for."""

    id: UUID
    starts_at: datetime


class CaseLine(Shape):
    """A case in a list."""

    id: UUID
    reference: str
    state: State
    version: int
    victim_name: str
    level: Level
    score: int | None
    grounds: list[Ground]
    markers: list[Marker]
    repeat: bool
    children: int
    pathway: str
    referring_agency: str
    idva: str | None
    next_meeting: MeetingAhead | None
    review_on: date | None
    opened_at: datetime
    updated_at: datetime


class CasePage(Page):
    """A page of cases, newest first."""

    items: list[CaseLine]


class PartyShape(Shape):
    """Somebody in a case: who they are, and in words how to reach them safely. Never where they are."""

    id: UUID
    key: str
    role: str
    name: str
    person_reference: str
    relationship: str | None
    aliases: list[str]
    date_of_birth: date | None
    dob_variants: list[date]
    estimated_age: int | None
    sex: str | None
    interpreter_needed: str | None
    language: str | None
    safe_contact: SafeContact | None


class AssessmentLine(Shape):
    """An assessment in a list."""

    id: UUID
    person_id: UUID
    instrument: str
    instrument_version: str
    score: int
    unanswered: int
    could_reach: int
    level: Level
    actuarial: Level
    assessed_at: datetime
    assessor: str
    agency: str
    corrects: UUID | None
    adopted_from: UUID | None


class ActionOwed(Shape):
    """An action of the plan that is still owed."""

    id: UUID
    what: str
    agency: str
    owner: str | None
    due_on: date
    overdue: bool
    status: str


class NextMeeting(Shape):
    """The next meeting a case is listed for, by name."""

    id: UUID
    name: str
    starts_at: datetime
    status: str


class MeetingOfCase(Shape):
    """A meeting that the case is, or was, on the list of."""

    id: UUID
    agenda_item_id: UUID
    name: str
    forum_kind: str
    starts_at: datetime
    status: str
    item_status: str
    outcome: str | None
    outcome_reason: str | None


class OfferOfCase(Shape):
    """An offer of support."""

    id: UUID
    service: str
    agency: str
    status: str
    accept_by: date
    version: int


class ReferralOfCase(Shape):
    """A referral that opened the case or joined it."""

    id: UUID
    agency: str
    submitted_at: datetime | None


class OtherCase(Shape):
    """Another case of the same victim that you can see."""

    id: UUID
    reference: str
    state: State
    level: Level
    opened_at: datetime
    closed_at: datetime | None


class Case(Shape):
    """Everything on a case's page. Contact details are asked for apart, with a reason.

    `restricted`: it exists for those on its list only.
    """

    id: UUID
    reference: str
    state: State
    version: int
    victim_name: str
    level: Level
    score: int | None
    grounds: list[Ground]
    markers: list[MarkerShape]
    repeat: bool
    children: int
    pathway: str
    referring_agency: Named
    idva: Named | None
    restricted: bool
    next_meeting: NextMeeting | None
    review_on: date | None
    opened_at: datetime
    updated_at: datetime
    last_referred_at: datetime
    heard_at: datetime | None
    closed_at: datetime | None
    transferred_to: str | None
    parties: list[PartyShape]
    assessments: list[AssessmentLine]
    actions: list[ActionOwed]
    meetings: list[MeetingOfCase]
    support_offers: list[OfferOfCase]
    referrals: list[ReferralOfCase]
    other_cases: list[OtherCase]
    legal_moves: list[Move]


class Event(Shape):
    """Something that happened to a case. `data` depends on `kind`; a decision carries its reasons."""

    id: UUID
    at: datetime
    kind: str
    actor: str | None
    agency: str | None
    data: dict[str, Any]
    reasons: list[ReasonShape]


class Timeline(Page):
    """A page of what happened, newest first."""

    items: list[Event]


class Access(Shape):
    """One right to see the case: a person's, or that of all at an agency's desk or in a role there.

    `since`, `until`: when it really opened the case. A right that a restriction interrupted is there once a span.
    """

    agency: str
    person: str | None
    desk: str | None
    reason: GrantReason
    why: str
    since: datetime
    until: datetime | None
    given_by: str | None


class RestrictedSpan(Shape):
    """A time in which only those named could see the case."""

    since: datetime
    until: datetime | None


class KeptApart(Shape):
    """Somebody who was kept from the case, whatever else would have opened it to them."""

    person: str
    agency: str
    kind: ExclusionKind
    since: datetime
    until: datetime | None


class CaseAccess(Shape):
    """Everyone who can see a case, or could on that day, and why.

    `kept_apart` is only filled for those who keep people apart. It matters beside a desk's right: whoever is on it
    could not see the case although they sit at that desk.
    """

    on: date
    items: list[Access]
    restricted: list[RestrictedSpan]
    kept_apart: list[KeptApart]


class Look(Shape):
    """One line of the trail: who read or changed something, and when."""

    id: UUID
    at: datetime
    actor: str | None
    agency: str | None
    roles: list[str]
    verb: str
    purpose: str | None


class Trail(Page):
    """A page of the trail, newest first."""

    items: list[Look]


class CaseMoved(Shape):
    """Where a move left the case, and what can come next."""

    id: UUID
    reference: str
    state: State
    version: int
    route: RouteShape | None
    reasons: list[ReasonShape]
    legal_moves: list[Move]


class IdvaAllocated(Shape):
    """The IDVA who now stands beside the victim."""

    id: UUID
    reference: str
    version: int
    idva: Named
