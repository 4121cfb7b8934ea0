from dataclasses import fields
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from app.domain.actions import OUTSTANDING, ActionStanding, ActionStatus
from app.domain.errors import IllegalMove
from app.domain.forums import LOCAL_CRITERIA, STANDARD_OUTCOMES, ForumKind
from app.domain.lifecycle import (
    OUTCOMES,
    START,
    TABLE,
    Move,
    Need,
    Outcome,
    OutcomeDetails,
    State,
    check_outcome,
    closes,
    diagram,
    legal_moves,
    may_close,
    next_state,
    page,
)

ROOT = Path(__file__).parents[3]
TODAY = date(2026, 11, 20)
CRITERIA = tuple(criterion.code for criterion in LOCAL_CRITERIA)
COMPLETE = OutcomeDetails(
    actions=1,
    criteria=("not_engaging",),
    reason="The family does not answer",
    until=date(2026, 11, 27),
    support="pippa",
    area="Anytown",
)
standings = st.lists(
    st.builds(ActionStanding, st.sampled_from(ActionStatus), st.none() | st.just(" ") | st.just("Tenancy ended"))
)


def reachable_from(start: State) -> set[State]:
    seen = {start}
    queue = [start]
    while queue:
        for target in TABLE[queue.pop()].values():
            if target not in seen:
                seen.add(target)
                queue.append(target)
    return seen


def outcome_codes(outcome: Outcome, details: OutcomeDetails, kind: ForumKind) -> dict[str, str]:
    problems = check_outcome(outcome, details, offered=STANDARD_OUTCOMES[kind], criteria=CRITERIA, today=TODAY)
    return {problem.pointer: problem.code for problem in problems}


@pytest.mark.parametrize("state", State)
def test_every_state_has_a_row_can_be_reached_and_has_a_way_to_closed(state: State) -> None:
    assert state in reachable_from(START)
    assert State.CLOSED in reachable_from(state)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("move", Move)
def test_a_move_in_the_table_is_made_and_any_other_is_refused_naming_the_legal_ones(state: State, move: Move) -> None:
    legal = legal_moves(state)
    if move in legal:
        assert next_state(state, move) is TABLE[state][move]
    else:
        with pytest.raises(IllegalMove) as refusal:
            next_state(state, move)
        assert refusal.value.legal == tuple(sorted(legal))
        assert all(option in str(refusal.value) for option in legal)


def test_every_move_is_in_the_table() -> None:
    assert {move for moves in TABLE.values() for move in moves} == set(Move)


class ACase(RuleBasedStateMachine):
    """A case taken through any moves at all, legal or not, with actions that come and go."""

    @initialize()
    def begin(self) -> None:
        self.state = START
        self.was_submitted = False
        self.actions: list[ActionStanding] = []

    @rule(status=st.sampled_from(ActionStatus), reason=st.sampled_from([None, "Tenancy ended"]))
    @precondition(lambda self: len(self.actions) < 4 and self.state is not State.CLOSED)
    def record_an_action(self, status: ActionStatus, reason: str | None) -> None:
        self.actions.append(ActionStanding(status, reason))

    @rule()
    @precondition(lambda self: self.state is not State.CLOSED)
    def settle_every_action(self) -> None:
        self.actions = [ActionStanding(ActionStatus.HANDED_OVER, "Tenancy ended") for _ in self.actions]

    @rule(move=st.sampled_from(Move))
    def make_a_move(self, move: Move) -> None:
        legal = legal_moves(self.state)
        if move not in legal:
            with pytest.raises(IllegalMove) as refusal:
                next_state(self.state, move)
            assert set(refusal.value.legal) == set(legal)
        elif not closes(self.state, move) or not may_close(self.actions):
            self.state = next_state(self.state, move)
            self.was_submitted = self.was_submitted or move is Move.SUBMIT

    @invariant()
    def nothing_is_owed_in_a_closed_case(self) -> None:
        if self.state is State.CLOSED:
            assert not any(action.status in OUTSTANDING for action in self.actions)

    @invariant()
    def there_is_always_a_next_move(self) -> None:
        assert legal_moves(self.state)

    @invariant()
    def only_a_submitted_case_leaves_draft_and_it_never_returns(self) -> None:
        assert self.was_submitted is (self.state is not State.DRAFT)


TestACase = ACase.TestCase
TestACase.settings = settings(max_examples=40, deadline=None)


@given(standings)
def test_a_case_closes_when_each_action_is_done_or_explained_away(actions: list[ActionStanding]) -> None:
    explained = [
        action.status is ActionStatus.DONE or (action.status not in OUTSTANDING and (action.reason or "").strip() != "")
        for action in actions
    ]
    assert (may_close(actions) == ()) is all(explained)


def test_an_action_reported_as_not_done_still_keeps_the_case_open() -> None:
    (problem,) = may_close([ActionStanding(ActionStatus.NOT_DONE, "No time")])
    assert problem.code == "open_actions"
    assert problem.message.startswith("1 action is still open.")


def test_only_closing_moves_ask_about_actions() -> None:
    assert closes(State.MONITORED, Move.CLOSE)
    assert closes(State.AT_TRIAGE, Move.NO_FURTHER_ACTION)
    assert not closes(State.MONITORED, Move.STEP_DOWN)
    assert not closes(State.DRAFT, Move.CLOSE)


@pytest.mark.parametrize(
    ("kind", "state"), [(ForumKind.HRDA, State.AT_TRIAGE), (ForumKind.MARAC, State.LISTED_FOR_MARAC)]
)
def test_every_outcome_of_a_forum_is_a_legal_move_for_a_case_on_its_list(kind: ForumKind, state: State) -> None:
    for outcome in STANDARD_OUTCOMES[kind]:
        assert outcome.rule.move in legal_moves(state)
        assert outcome_codes(outcome, COMPLETE, kind) == {}


@pytest.mark.parametrize("kind", [ForumKind.HRDA, ForumKind.MARAC])
def test_an_outcome_names_everything_that_it_lacks_at_once(kind: ForumKind) -> None:
    for outcome in STANDARD_OUTCOMES[kind]:
        assert outcome_codes(outcome, OutcomeDetails(reason=" "), kind) == {
            f"/{need}": "required" for need in outcome.rule.needs
        }


def test_to_marac_needs_a_criterion_of_the_forum_and_a_reason() -> None:
    details = OutcomeDetails(criteria=("bored",), reason="Further discussion is needed")
    assert outcome_codes(Outcome.TO_MARAC, details, ForumKind.HRDA) == {"/criteria": "unknown"}


def test_a_case_is_deferred_to_a_later_day() -> None:
    assert outcome_codes(Outcome.DEFERRED, OutcomeDetails(until=TODAY), ForumKind.HRDA) == {"/until": "not_in_future"}


def test_an_outcome_of_another_forum_is_refused_naming_those_on_offer() -> None:
    (problem,) = check_outcome(
        Outcome.TO_MARAC, COMPLETE, offered=STANDARD_OUTCOMES[ForumKind.MARAC], criteria=CRITERIA, today=TODAY
    )
    assert problem.code == "not_offered"
    assert all(outcome in problem.message for outcome in STANDARD_OUTCOMES[ForumKind.MARAC])


def test_every_outcome_has_a_rule_and_every_need_is_a_field() -> None:
    assert set(OUTCOMES) == set(Outcome)
    assert {field.name for field in fields(OutcomeDetails)} == set(Need)


def test_the_diagram_shows_every_move() -> None:
    drawn = diagram()
    for state, moves in TABLE.items():
        for move, target in moves.items():
            assert any(
                line.strip().startswith(f"{state} --> {target}: ") and move in line for line in drawn.splitlines()
            )


def test_the_page_on_the_lifecycle_is_up_to_date() -> None:
    assert (ROOT / "docs" / "lifecycle.md").read_text(encoding="utf-8") == page(), (
        "Run: python -m app.domain.lifecycle > docs/lifecycle.md"
    )
