"""What is answered about offers of support."""

from datetime import date, datetime
from uuid import UUID

from app.api.v1.shapes import Named, Page, Shape
from app.domain.routing import SupportKind
from app.domain.support import OfferStatus
from app.risk.grading import Level
from app.risk.markers import Marker


class CaseOffered(Shape):
    """The case that is offered, as far as a service needs it to answer."""

    id: UUID
    reference: str
    victim_name: str
    level: Level
    markers: list[Marker]


class SupportOffer(Shape):
    """An offer of a case to a support service. `late`: not answered on the day after `accept_by`, in London."""

    id: UUID
    version: int
    case: CaseOffered
    service: SupportKind
    agency: Named
    status: OfferStatus
    accept_by: date
    late: bool
    offered_at: datetime
    answered_at: datetime | None
    answered_by: str | None
    reason: str | None


class SupportOfferPage(Page):
    """A page of offers of support."""

    items: list[SupportOffer]
