from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import strategies as st

from app.domain.actions import (
    ActionStatus,
    ActionUpdate,
    NewAction,
    check_action,
    check_update,
    due_on,
)

TODAY = date(2026, 11, 20)
HOUSING = UUID(int=1)
HEALTH = UUID(int=2)
LOCKS = "Fit new locks and confirm with the IDVA"
dates = st.dates(date(2020, 1, 1), date(2035, 1, 1))


def codes(action: NewAction) -> dict[str, str]:
    return {problem.pointer: problem.code for problem in check_action(action, TODAY)}


def update_codes(update: ActionUpdate, current: ActionStatus = ActionStatus.OPEN) -> dict[str, str]:
    return {problem.pointer: problem.code for problem in check_update(update, current, HOUSING)}


def test_a_specific_action_with_an_owner_and_a_date_can_be_recorded() -> None:
    assert codes(NewAction(LOCKS, HOUSING, due=TODAY)) == {}
    assert codes(NewAction(LOCKS, HOUSING, due_in_working_days=0)) == {}


def test_everything_wrong_with_an_action_is_named_at_once() -> None:
    assert codes(NewAction("  ", None)) == {"/what": "required", "/due": "required", "/owner_agency": "required"}


@pytest.mark.parametrize(
    "what",
    ["Safeguard", "monitor", "Continue to monitor the family", "Ongoing support as needed", "Do it", "???????????"],
)
def test_an_action_nobody_could_tell_is_done_is_too_vague(what: str) -> None:
    assert codes(NewAction(what, HOUSING, due=TODAY)) == {"/what": "too_vague"}


def test_the_word_monitor_is_welcome_in_a_specific_action() -> None:
    assert codes(NewAction("Monitor attendance weekly with the head teacher", HOUSING, due=TODAY)) == {}


def test_an_action_in_another_alphabet_is_not_vague() -> None:
    assert codes(NewAction("تغيير أقفال المنزل", HOUSING, due=TODAY)) == {}


def test_an_action_has_one_kind_of_due_date_within_the_next_year() -> None:
    assert codes(NewAction(LOCKS, HOUSING, due=TODAY, due_in_working_days=1)) == {"/due": "one_of"}
    assert codes(NewAction(LOCKS, HOUSING, due=TODAY - timedelta(1))) == {"/due": "in_the_past"}
    assert codes(NewAction(LOCKS, HOUSING, due=date.max)) == {"/due": "too_far"}
    assert codes(NewAction(LOCKS, HOUSING, due_in_working_days=-1)) == {"/due_in_working_days": "out_of_range"}
    assert codes(NewAction(LOCKS, HOUSING, due_in_working_days=10**9)) == {"/due_in_working_days": "out_of_range"}


def test_too_long_a_text_is_refused() -> None:
    assert codes(NewAction("locks " * 400, HOUSING, due=TODAY)) == {"/what": "too_long"}


def test_an_action_due_in_working_days_skips_the_weekend() -> None:
    assert due_on(NewAction(LOCKS, HOUSING, due_in_working_days=1), TODAY) == date(2026, 11, 23)
    assert due_on(NewAction(LOCKS, HOUSING, due=TODAY), TODAY) == TODAY
    with pytest.raises(ValueError, match="no due date"):
        due_on(NewAction(LOCKS, HOUSING), TODAY)


def test_an_action_is_done_without_saying_why() -> None:
    assert update_codes(ActionUpdate(ActionStatus.DONE)) == {}


@pytest.mark.parametrize("status", [ActionStatus.NOT_DONE, ActionStatus.NOT_POSSIBLE])
def test_an_action_not_done_or_no_longer_possible_says_why(status: ActionStatus) -> None:
    assert update_codes(ActionUpdate(status, reason=" ")) == {"/reason": "required"}
    assert update_codes(ActionUpdate(status, reason="The tenancy has ended")) == {}


def test_an_action_is_handed_over_to_another_agency_with_a_reason() -> None:
    assert update_codes(ActionUpdate(ActionStatus.HANDED_OVER)) == {"/reason": "required", "/handed_to": "required"}
    assert update_codes(ActionUpdate(ActionStatus.HANDED_OVER, "Moved", HOUSING)) == {"/handed_to": "same_agency"}
    assert update_codes(ActionUpdate(ActionStatus.HANDED_OVER, "Moved", HEALTH)) == {}


def test_an_action_can_be_handed_over_again() -> None:
    update = ActionUpdate(ActionStatus.HANDED_OVER, "Moved again", HEALTH)
    assert update_codes(update, ActionStatus.HANDED_OVER) == {}


def test_only_a_handed_over_action_names_a_new_owner() -> None:
    assert update_codes(ActionUpdate(ActionStatus.DONE, handed_to=HEALTH)) == {"/handed_to": "not_expected"}


def test_an_update_that_changes_nothing_is_refused() -> None:
    assert update_codes(ActionUpdate(ActionStatus.DONE), ActionStatus.DONE) == {"/status": "unchanged"}
