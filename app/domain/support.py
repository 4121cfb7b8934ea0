"""Offers of support below high risk: nobody is turned away by a score, and no offer lapses unanswered."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.domain.disclosures import Sharing
from app.domain.fields import Line
from app.domain.routing import SupportKind


class OfferStatus(StrEnum):
    """offered: to be answered by a date. accepted: the agency has the case. declined: to be offered again."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"


STANDING = frozenset({OfferStatus.OFFERED, OfferStatus.ACCEPTED})
"""The offers on which somebody has the case, or is being asked to."""


class OfferForm(BaseModel):
    """An offer of support. Without `agency_id` it goes to the agency that has the service.

    sharing: needed when that agency does not see the case yet.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    service: SupportKind
    agency_id: UUID | None = None
    sharing: Sharing | None = None


class DeclineForm(BaseModel):
    """Why an agency cannot take a case on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: Annotated[Line, Field(description="So that the coordinator can find another service.")]
