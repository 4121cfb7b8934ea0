"""What the partnership's administrator is answered about rules by date."""

from datetime import date, datetime
from typing import Annotated, Generic, TypeVar

from pydantic import Field

from app.api.v1.shapes import Shape
from app.domain.idva_support import SupportRules
from app.domain.routing import RoutingRules
from app.risk.grading import GradingRules

V = TypeVar("V")


class RuleSet(Shape, Generic[V]):
    """One time that a rule was set from a day on. `taken_back`: from that day on what held before goes on instead.

    `set_by` null: when the partnership was set up.
    """

    version: str
    effective_from: date
    value: V
    because: str | None
    set_by: str | None
    set_at: datetime
    taken_back: bool


class GradingSet(RuleSet[GradingRules]):
    """Grading, from a day on."""


class RoutingSet(RuleSet[RoutingRules]):
    """Routing, from a day on."""


class SupportSet(RuleSet[SupportRules]):
    """The norms of IDVA support, from a day on."""


Version = Annotated[int, Field(description="How many changes there were: the ETag.")]


class GradingByDate(Shape):
    """What holds today, what is planned, and every change, the newest first."""

    rule: str
    version: Version
    holds: GradingSet | None
    planned: list[GradingSet]
    changes: list[GradingSet]


class RoutingByDate(Shape):
    """The same of routing."""

    rule: str
    version: Version
    holds: RoutingSet | None
    planned: list[RoutingSet]
    changes: list[RoutingSet]


class SupportByDate(Shape):
    """The same of IDVA support. `holds` null: the standard norms."""

    rule: str
    version: Version
    holds: SupportSet | None
    planned: list[SupportSet]
    changes: list[SupportSet]


class GradingPreview(Shape):
    """Of the assessments of so many days, how many would have been graded `up`, or `down`."""

    days: int
    assessments: int
    up: int
    down: int
