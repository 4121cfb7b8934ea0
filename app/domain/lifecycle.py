"""The life of a case: one table of moves, and the outcomes of meetings that make them.

``docs/lifecycle.md`` is this module's ``page()``; renew it with
``python -m app.domain.lifecycle > docs/lifecycle.md``.
"""

import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from app.domain.actions import OUTSTANDING, ActionStanding, ActionStatus
from app.domain.errors import FieldProblem, IllegalMove


class State(StrEnum):
    DRAFT = "draft"
    REFERRED = "referred"
    AT_TRIAGE = "at_triage"
    PLAN_AGREED = "plan_agreed"
    LISTED_FOR_MARAC = "listed_for_marac"
    HEARD = "heard"
    MONITORED = "monitored"
    STEPPED_DOWN = "stepped_down"
    TRANSFERRED = "transferred"
    CLOSED = "closed"
    RE_REFERRED = "re_referred"


class Move(StrEnum):
    SUBMIT = "submit"
    LIST_FOR_TRIAGE = "list_for_triage"
    LIST_FOR_MARAC = "list_for_marac"
    SEND_TO_SUPPORT = "send_to_support"
    AGREE_PLAN = "agree_plan"
    SEND_TO_MARAC = "send_to_marac"
    DEFER = "defer"
    HEAR = "hear"
    MONITOR = "monitor"
    STEP_DOWN = "step_down"
    TRANSFER = "transfer"
    NO_FURTHER_ACTION = "no_further_action"
    CLOSE = "close"
    RE_REFER = "re_refer"


START = State.DRAFT

NOT_FOLLOWED = frozenset({State.STEPPED_DOWN, State.TRANSFERRED, State.CLOSED})
"""States in which no meeting and no plan follows the case."""

_ROUTED = {
    Move.LIST_FOR_TRIAGE: State.AT_TRIAGE,
    Move.LIST_FOR_MARAC: State.LISTED_FOR_MARAC,
    Move.SEND_TO_SUPPORT: State.STEPPED_DOWN,
    Move.TRANSFER: State.TRANSFERRED,
}
_FOLLOWED_UP = {
    Move.STEP_DOWN: State.STEPPED_DOWN,
    Move.TRANSFER: State.TRANSFERRED,
    Move.CLOSE: State.CLOSED,
    Move.RE_REFER: State.RE_REFERRED,
}

TABLE: Mapping[State, Mapping[Move, State]] = MappingProxyType(
    {
        State.DRAFT: {Move.SUBMIT: State.REFERRED},
        State.REFERRED: _ROUTED,
        State.RE_REFERRED: _ROUTED,
        State.AT_TRIAGE: {
            Move.AGREE_PLAN: State.PLAN_AGREED,
            Move.SEND_TO_MARAC: State.LISTED_FOR_MARAC,
            Move.SEND_TO_SUPPORT: State.STEPPED_DOWN,
            Move.DEFER: State.AT_TRIAGE,
            Move.TRANSFER: State.TRANSFERRED,
            Move.NO_FURTHER_ACTION: State.CLOSED,
        },
        State.LISTED_FOR_MARAC: {
            Move.HEAR: State.HEARD,
            Move.DEFER: State.LISTED_FOR_MARAC,
            Move.STEP_DOWN: State.STEPPED_DOWN,
            Move.TRANSFER: State.TRANSFERRED,
            Move.NO_FURTHER_ACTION: State.CLOSED,
        },
        State.PLAN_AGREED: {
            Move.MONITOR: State.MONITORED,
            Move.SEND_TO_MARAC: State.LISTED_FOR_MARAC,
            **_FOLLOWED_UP,
        },
        State.HEARD: {
            Move.MONITOR: State.MONITORED,
            Move.SEND_TO_MARAC: State.LISTED_FOR_MARAC,
            **_FOLLOWED_UP,
        },
        State.MONITORED: {Move.SEND_TO_MARAC: State.LISTED_FOR_MARAC, **_FOLLOWED_UP},
        State.STEPPED_DOWN: {
            Move.TRANSFER: State.TRANSFERRED,
            Move.CLOSE: State.CLOSED,
            Move.RE_REFER: State.RE_REFERRED,
        },
        State.TRANSFERRED: {Move.CLOSE: State.CLOSED, Move.RE_REFER: State.RE_REFERRED},
        State.CLOSED: {Move.RE_REFER: State.RE_REFERRED},
    }
)


def next_state(state: State, move: Move) -> State:
    """The state after the move. Raises IllegalMove, naming the legal moves, if the table has no such move."""
    moves = TABLE[state]
    if move not in moves:
        raise IllegalMove("case", state, move, moves)
    return moves[move]


def legal_moves(state: State) -> tuple[Move, ...]:
    """The moves that the table has from here, in the table's order."""
    return tuple(TABLE[state])


def closes(state: State, move: Move) -> bool:
    """True if the move ends the case, so that ``may_close`` must be asked first."""
    return TABLE[state].get(move) is State.CLOSED


def may_close(actions: Collection[ActionStanding]) -> tuple[FieldProblem, ...]:
    """What keeps a case from closing; empty when nothing does. Takes every action of the case.

    An action that is still owed keeps it open, and so does one that is no longer possible or was handed over
    without a reason.
    """
    owed = sum(action.status in OUTSTANDING for action in actions)
    unexplained = sum(
        action.status in (ActionStatus.NOT_POSSIBLE, ActionStatus.HANDED_OVER) and not (action.reason or "").strip()
        for action in actions
    )
    problems = []
    if owed:
        problems.append(
            FieldProblem(
                "/actions",
                "open_actions",
                f"{_count(owed, 'action is', 'actions are')} still open. Record each as done, or mark it "
                "no longer possible or handed over, with a reason.",
            )
        )
    if unexplained:
        problems.append(
            FieldProblem(
                "/actions",
                "reason_missing",
                f"{_count(unexplained, 'action has', 'actions have')} no reason. Say why each is no longer "
                "possible or was handed over.",
            )
        )
    return tuple(problems)


class Outcome(StrEnum):
    """How a meeting leaves a case. Which of them a forum offers is the forum's setting."""

    PLAN_AGREED = "plan_agreed"
    TO_MARAC = "to_marac"
    TO_SUPPORT = "to_support"
    HEARD_WITH_PLAN = "heard_with_plan"
    DEFERRED = "deferred"
    STEPPED_DOWN = "stepped_down"
    TRANSFERRED = "transferred"
    NO_FURTHER_ACTION = "no_further_action"

    @property
    def rule(self) -> "OutcomeRule":
        return OUTCOMES[self]


class Need(StrEnum):
    """What an outcome requires: each is a field of ``OutcomeDetails``."""

    ACTIONS = "actions"
    CRITERIA = "criteria"
    REASON = "reason"
    UNTIL = "until"
    SUPPORT = "support"
    AREA = "area"


@dataclass(frozen=True, slots=True)
class OutcomeRule:
    label: str
    move: Move
    needs: tuple[Need, ...]


OUTCOMES: Mapping[Outcome, OutcomeRule] = MappingProxyType(
    {
        Outcome.PLAN_AGREED: OutcomeRule("Plan agreed and monitored", Move.AGREE_PLAN, (Need.ACTIONS,)),
        Outcome.TO_MARAC: OutcomeRule("To MARAC", Move.SEND_TO_MARAC, (Need.CRITERIA, Need.REASON)),
        Outcome.TO_SUPPORT: OutcomeRule("To a support service", Move.SEND_TO_SUPPORT, (Need.SUPPORT, Need.REASON)),
        Outcome.HEARD_WITH_PLAN: OutcomeRule("Heard, with a plan", Move.HEAR, (Need.ACTIONS,)),
        Outcome.DEFERRED: OutcomeRule("Deferred to a named date", Move.DEFER, (Need.UNTIL,)),
        Outcome.STEPPED_DOWN: OutcomeRule("Stepped down", Move.STEP_DOWN, (Need.REASON,)),
        Outcome.TRANSFERRED: OutcomeRule("Transferred to another area", Move.TRANSFER, (Need.AREA, Need.REASON)),
        Outcome.NO_FURTHER_ACTION: OutcomeRule("No further action", Move.NO_FURTHER_ACTION, (Need.REASON,)),
    }
)


@dataclass(frozen=True, slots=True)
class OutcomeDetails:
    """What was said with an outcome.

    actions: how many the plan holds. criteria: codes of the forum's escalation criteria. reason: the reason
    or rationale. until: the date to which the case is deferred. support: the kind of support service.
    area: where the case goes.
    """

    actions: int = 0
    criteria: tuple[str, ...] = ()
    reason: str | None = None
    until: date | None = None
    support: str | None = None
    area: str | None = None


_MISSING: Mapping[Need, str] = MappingProxyType(
    {
        Need.ACTIONS: "Record at least one action, so that there is a plan, or choose another outcome.",
        Need.CRITERIA: "Choose at least one of the criteria for MARAC that this case meets.",
        Need.REASON: "Give the reason for this outcome.",
        Need.UNTIL: "Give the date to which the case is deferred.",
        Need.SUPPORT: "Choose the support service.",
        Need.AREA: "Name the area that takes the case.",
    }
)


def check_outcome(
    outcome: Outcome,
    details: OutcomeDetails,
    *,
    offered: Collection[Outcome],
    criteria: Collection[str],
    today: date,
) -> tuple[FieldProblem, ...]:
    """Everything wrong with an outcome at a meeting; empty when it can be recorded.

    ``offered`` and ``criteria`` are the forum's: the outcomes it may reach, and its codes for escalation.
    Whether the case may make the outcome's move is for ``next_state``.
    """
    if outcome not in offered:
        options = ", ".join(f"'{option}'" for option in offered)
        return (
            FieldProblem("/outcome", "not_offered", f"This forum cannot reach this outcome. Choose from: {options}."),
        )
    problems = [
        FieldProblem(f"/{need}", "required", _MISSING[need])
        for need in outcome.rule.needs
        if not _given(getattr(details, need))
    ]
    if any(code not in criteria for code in details.criteria):
        options = ", ".join(f"'{code}'" for code in criteria)
        problems.append(FieldProblem("/criteria", "unknown", f"Use only the criteria of this forum: {options}."))
    if details.until is not None and details.until <= today:
        problems.append(FieldProblem("/until", "not_in_future", "Give a date after today."))
    return tuple(problems)


def diagram() -> str:
    """The table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", f"    [*] --> {START}"]
    for state, moves in TABLE.items():
        by_target: dict[State, list[Move]] = {}
        for move, target in moves.items():
            by_target.setdefault(target, []).append(move)
        lines += [f"    {state} --> {target}: {', '.join(names)}" for target, names in by_target.items()]
    return "\n".join([*lines, f"    {State.CLOSED} --> [*]"])


def page() -> str:
    """``docs/lifecycle.md``: the diagram, the table and the outcomes."""
    moves = [f"| {state} | {move} | {target} |" for state, row in TABLE.items() for move, target in row.items()]
    outcomes = [
        f"| {rule.label} | {outcome} | {rule.move} | {', '.join(rule.needs)} |" for outcome, rule in OUTCOMES.items()
    ]
    return "\n".join(
        [
            "# The life of a case",
            "",
            "Generated from `app/domain/lifecycle.py`; a test fails when the two differ. To renew it:",
            "`python -m app.domain.lifecycle > docs/lifecycle.md`",
            "",
            "```mermaid",
            diagram(),
            "```",
            "",
            "A case closes only when each of its actions is done, or is marked no longer possible or handed",
            "over, with a reason. A move that is not in the table is refused, and those that are get named.",
            "",
            "## Moves",
            "",
            "| From | Move | To |",
            "|---|---|---|",
            *moves,
            "",
            "## Outcomes of a meeting",
            "",
            "Which of these a forum offers is a setting of the forum.",
            "",
            "| Outcome | Code | Move | Requires |",
            "|---|---|---|---|",
            *outcomes,
            "",
        ]
    )


def _given(value: object) -> bool:
    return bool(value.strip()) if isinstance(value, str) else bool(value)


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


if __name__ == "__main__":
    sys.stdout.write(page())
