"""Cases as people work on them between meetings: the moves they make by hand, and the words for who may see one."""

from collections.abc import Collection, Mapping
from datetime import date
from types import MappingProxyType
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.domain.access import GrantReason
from app.domain.disclosures import Sharing
from app.domain.errors import FieldProblem
from app.domain.fields import Day, Form, Line, Long, Short
from app.domain.lifecycle import Move
from app.domain.routing import SupportKind
from app.risk.grading import add_months

FLAG_MONTHS = 12
"""Months for which those who worked on a case still see it once it has ended: their flags lapse then too."""

ByHand = Literal[Move.MONITOR, Move.STEP_DOWN, Move.TRANSFER, Move.CLOSE, Move.SEND_TO_MARAC]
"""Moves that are made outside a meeting. Meetings make the others, and only a new referral re-refers."""


class CaseMove(Form):
    """A move by hand. monitor needs review_on; transfer needs area and reason; send_to_marac needs criteria and
    reason; step_down and close need reason. support: the service that a case is stepped down to; left out, the
    partnership's usual one. sharing: needed when it opens the case to an agency that does not see it."""

    move: ByHand
    reason: Long = None
    review_on: Day | None = None
    area: Short = None
    support: SupportKind | None = None
    criteria: Annotated[tuple[Line, ...], Field(max_length=20)] = ()
    sharing: Sharing | None = None


class Allocation(Form):
    """user_id: somebody of this partnership who is an IDVA. sharing: needed when their agency does not see the case."""

    user_id: UUID
    sharing: Sharing | None = None


def check_move(told: CaseMove, *, criteria: Collection[str], today: date) -> tuple[FieldProblem, ...]:
    """What is missing or wrong for the move; empty when nothing is. ``criteria``: the partnership's, for MARAC.

    Whether the case may make the move is for ``lifecycle.next_state``, and whether it may close for ``may_close``.
    """
    problems = []
    if told.move is not Move.MONITOR and not told.reason:
        problems.append(FieldProblem("/reason", "required", "Give the reason for this."))
    if told.move is Move.MONITOR and told.review_on is None:
        problems.append(FieldProblem("/review_on", "required", "Give the day on which the case is reviewed."))
    if told.review_on is not None and not today < told.review_on <= add_months(today, 12):
        text = "Give a day after today and within the next 12 months."
        problems.append(FieldProblem("/review_on", "out_of_range", text))
    if told.move is Move.TRANSFER and not told.area:
        problems.append(FieldProblem("/area", "required", "Name the area that takes the case."))
    if told.move is Move.SEND_TO_MARAC and criteria and not told.criteria:
        text = "Choose at least one of the criteria for MARAC that this case meets."
        problems.append(FieldProblem("/criteria", "required", text))
    if any(code not in criteria for code in told.criteria):
        options = ", ".join(f"'{code}'" for code in criteria) or "none here"
        problems.append(FieldProblem("/criteria", "unknown", f"Use only this partnership's criteria: {options}."))
    return tuple(problems)


WHY_OPEN: Mapping[GrantReason, str] = MappingProxyType(
    {
        GrantReason.REFERRED: "Their agency referred the case.",
        GrantReason.ON_FORUM_LIST: "The case is, or was, on the list of a meeting that their agency sits on.",
        GrantReason.COORDINATES: "They coordinate the partnership's meetings.",
        GrantReason.ALLOCATED_IDVA: "They are, or were, the IDVA of the victim.",
        GrantReason.OWNS_ACTION: "They have, or had, an action to carry out.",
        GrantReason.OFFERED_SUPPORT: "Their service was asked to support the victim.",
        GrantReason.NAMED: "They are named on the list to which the case is, or was, restricted.",
        GrantReason.BREAK_GLASS: "They opened it in an emergency, to read it for some hours.",
    }
)
"""What each grant says to somebody who asks why another can see a case."""
