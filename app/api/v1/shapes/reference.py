"""What is answered about the partnership and who works in it."""

from datetime import date
from uuid import UUID

from app.api.v1.shapes import Named, Page, Shape
from app.domain.access import Role, Verb
from app.domain.forums import Forum
from app.domain.idva_support import SupportRules
from app.domain.routing import RoutingRules
from app.risk.grading import GradingRules


class OwnAgency(Named):
    """The agency one works for."""

    kind: str


class Me(Shape):
    """Who asks. `may`: what their roles allow; which cases they see is decided for each case."""

    id: UUID
    name: str
    job_title: str | None
    is_system: bool
    agency: OwnAgency
    partnership: Named
    roles: list[Role]
    may: list[Verb]


class Agency(Shape):
    """An agency of the partnership."""

    id: UUID
    name: str
    slug: str
    kind: str


class Agencies(Shape):
    """The partnership's agencies, by name."""

    items: list[Agency]


class User(Shape):
    """Somebody who works in the partnership, or a partner system."""

    id: UUID
    name: str
    job_title: str | None
    is_system: bool
    agency: Named
    roles: list[Role]


class UserPage(Page):
    """A page of users."""

    items: list[User]


class ForumShape(Shape):
    """A forum: its settings, and the agencies that sit on it today."""

    id: UUID
    version: int
    settings: Forum
    members: list[Named]


class Forums(Shape):
    """The partnership's forums, by name."""

    items: list[ForumShape]


class ConfidentialityRule(Shape):
    """The statement that everyone at a meeting accepts."""

    statement: str
    version: str


class GradingInForce(Shape):
    """The rules that grade, since when."""

    version: str
    effective_from: date
    value: GradingRules


class RoutingInForce(Shape):
    """The rules that route, since when."""

    version: str
    effective_from: date
    value: RoutingRules


class SupportInForce(Shape):
    """The norms of IDVA support, since when."""

    version: str
    effective_from: date
    value: SupportRules


class Rules(Shape):
    """The rules in force today. Without `idva_support`, the standard norms hold."""

    grading: GradingInForce
    routing: RoutingInForce
    idva_support: SupportInForce | None = None


class Partnership(Shape):
    """The partnership and its rules."""

    id: UUID
    name: str
    marking: str
    confidentiality: ConfidentialityRule
    demo: bool
    rules: Rules | None
