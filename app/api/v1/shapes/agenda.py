"""What is sent and answered about agendas and what is circulated of them."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.api.v1.shapes import ReasonShape, Shape
from app.api.v1.shapes.meetings import ForumNamed
from app.domain.actions import ActionStatus
from app.domain.agenda_order import Section
from app.domain.contacts import SafeContact
from app.domain.disclosures import Sharing
from app.domain.fields import Form, Long
from app.domain.lifecycle import Outcome, State
from app.domain.meetings import MeetingStatus
from app.domain.risks import About
from app.risk.grading import Ground, Level
from app.risk.markers import Marker


class OrderForm(Form):
    """Every item of the list, in the order wanted."""

    items: Annotated[tuple[UUID, ...], Field(max_length=500)]


class AddCaseForm(Form):
    """A case to put on the list by hand: `late`, or for `review` as it reaches 12 months.

    `sharing` is needed when an agency that sits there does not see the case yet.
    """

    case_id: UUID
    kind: Literal["late", "review"] = "late"
    reason: Long = None
    sharing: Sharing | None = None


class CirculationForm(Form):
    """Why it is lawful to tell every agency that sees a case what is circulated of it."""

    sharing: Sharing | None = None


class AgendaAction(Shape):
    """An action in an agenda. `made_here`: promised at this item."""

    id: UUID
    what: str
    agency: str
    owner: str | None
    due_on: date
    status: ActionStatus
    made_here: bool


class UnfinishedAction(AgendaAction):
    """An action from before this meeting, with its case."""

    case_id: UUID
    case_reference: str


class AgendaCase(Shape):
    """The case of an item, in short."""

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
    referred_by: str
    idva: str | None


class AgendaPerson(Shape):
    """Somebody in the case; never with a contact detail."""

    id: UUID
    role: str
    name: str
    aliases: list[str]
    date_of_birth: date | None
    relationship: str | None
    language: str | None
    interpreter_needed: str | None
    safe_contact: SafeContact | None


class AgendaReferral(Shape):
    """What the latest referral says."""

    submitted_at: datetime
    narrative: str | None
    occurred_on: date | None
    views: str | None
    afraid_of: str | None
    not_safe_to_speak_to: str | None


class AgendaVoice(Shape):
    """What the victim says and wants, as their IDVA wrote it down. `declined`: asked, they did not want to say."""

    said: str | None
    wishes: str | None
    declined: bool
    written_at: datetime


class AgendaAssessment(Shape):
    """The latest assessment in short."""

    instrument: str
    version: str
    score: int
    unanswered: int
    reasons: list[ReasonShape]


class AgendaResearch(Shape):
    """What an agency released. `answered` is false until it did."""

    agency: str
    answered: bool
    known: bool | None
    facts: str | None
    opinion: str | None
    released_at: datetime | None


class AgendaRisk(Shape):
    """A risk that was named."""

    id: UUID
    about: About
    party_id: UUID | None
    person: str | None
    risk: str
    agency: str
    named_at: datetime


class EarlierHearing(Shape):
    """A meeting that decided this case before."""

    on: date
    forum: str
    outcome: Outcome


class AgendaItem(Shape):
    """One case at one meeting, in its place. `pinned`: put there by hand."""

    id: UUID
    version: int
    kind: str
    status: str
    position: int
    pinned: bool
    section: Section
    starts_at: datetime
    minutes: str | None
    running_minutes: int
    case: AgendaCase
    people: list[AgendaPerson]
    referral: AgendaReferral | None
    voice: AgendaVoice | None
    assessment: AgendaAssessment | None
    research: list[AgendaResearch]
    risks: list[AgendaRisk]
    actions: list[AgendaAction]
    earlier: list[EarlierHearing]
    listed_because: list[ReasonShape]
    safety_plan: str | None
    outcome: Outcome | None
    outcome_reason: str | None
    criteria: list[str]
    deferred_to: date | None
    decided_at: datetime | None


class Agenda(Shape):
    """The agenda as it stands: unfinished actions first, then each case with its time."""

    meeting_id: UUID
    forum: ForumNamed
    date: date
    status: MeetingStatus
    version: int
    starts_at: datetime
    ends_at: datetime
    total_minutes: int
    unfinished_actions: list[UnfinishedAction]
    items: list[AgendaItem]


class PackLine(Shape):
    """Something that was circulated: the agenda, an addendum, or the minutes."""

    version: int
    kind: Literal["agenda", "addendum", "minutes"]
    published_at: datetime
    published_by: str


class Packs(Shape):
    """Everything that was circulated, oldest first."""

    items: list[PackLine]
