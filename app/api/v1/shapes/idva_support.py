"""What is answered about an IDVA's support of a client."""

from datetime import date, datetime
from uuid import UUID

from app.api.v1.shapes import Named, Shape
from app.api.v1.shapes.client_voice import ClientWords
from app.api.v1.shapes.contact_attempts import ContactAttempt
from app.api.v1.shapes.key_dates import KeyDate
from app.api.v1.shapes.safe_times import Calls, SafeTime
from app.api.v1.shapes.safety_plans import PlanStep
from app.api.v1.shapes.severity import SeveritySeen
from app.domain.contacts import SafeContact
from app.domain.idva_support import EndReason, SupportOutcome
from app.domain.lifecycle import State
from app.risk.grading import Level
from app.risk.markers import Marker


class SupportedCase(Shape):
    """The case in short."""

    id: UUID
    reference: str
    state: State
    level: Level
    score: int | None
    markers: list[Marker]
    next_meeting_at: datetime | None


class Client(Shape):
    """The victim, as the one who is supported."""

    party_id: UUID
    name: str
    date_of_birth: date | None
    safe_contact: SafeContact | None


class Support(Shape):
    """The latest support. `reached_at`: of the first successful contact. `after`: what she answered at the end."""

    id: UUID
    version: int
    agency: Named
    idva: Named
    began_at: datetime
    contact_due_at: datetime
    reached_at: datetime | None
    ended_at: datetime | None
    end_reason: EndReason | None
    end_note: str | None
    outcomes: list[SupportOutcome]
    after: dict[str, str]


class RiskThen(Shape):
    """An assessment of the client in short, for before and after."""

    id: UUID
    instrument: str
    score: int
    unanswered: int
    level: Level
    assessed_at: datetime
    agency: str


class IdvaSupport(Shape):
    """What was done for a client. `attempts`: those of your own service. `supports`: whether you may write here."""

    case: SupportedCase
    client: Client
    support: Support | None
    supports: bool
    calls: Calls
    attempts: list[ContactAttempt]
    safe_times: list[SafeTime]
    safe_times_version: int
    voice: list[ClientWords]
    dates: list[KeyDate]
    plan: list[PlanStep]
    severity: list[SeveritySeen]
    assessments: list[RiskThen]


class SupportEnded(Shape):
    """How support ended."""

    id: UUID
    version: int
    ended_at: datetime
    end_reason: EndReason
    end_note: str | None
    outcomes: list[SupportOutcome]
    after: dict[str, str]
