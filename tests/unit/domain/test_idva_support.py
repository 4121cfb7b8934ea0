"""The clock of first contact, whom to look at today, before and after, and a plan without his name."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.caseload import Why, why_today
from app.domain.client_voice import VoiceForm
from app.domain.contact_attempts import AttemptForm, AttemptOutcome
from app.domain.idva_support import EndReason, SupportEnd, SupportRules, first_contact_due
from app.domain.key_dates import DateForm
from app.domain.safe_times import Window
from app.domain.safety_plans import LEFT_OUT, PlanItemForm, without_names
from app.domain.severity import Abuse, Change, Severity, SeverityForm, change, of_kinds

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
OPEN = Window(days=(1,), starts="10:00", ends="14:00")


def test_first_contact_is_due_by_four_on_the_next_day_whatever_day_that_is() -> None:
    at_night = datetime(2026, 11, 21, 3, 10, tzinfo=UTC)
    assert first_contact_due(at_night, SupportRules()) == datetime(2026, 11, 22, 16, tzinfo=UTC)


def test_the_clock_is_the_partnerships_to_set_and_keeps_to_londons_time() -> None:
    rules = SupportRules(contact_within_days=2, contact_by=time(12))
    assert first_contact_due(datetime(2026, 7, 1, 9, tzinfo=UTC), rules) == datetime(2026, 7, 3, 11, tzinfo=UTC)


def why(**changes: object) -> tuple[Why, ...]:
    facts = {
        "now": NOW,
        "contact_due_at": NOW + timedelta(hours=4),
        "reached_at": None,
        "last_outcome": None,
        "safe_to_call": "yes",
        "windows": (),
        "actions": 0,
        "dates": 0,
    }
    return why_today(**{**facts, **changes})  # type: ignore[arg-type]  # by name


def test_a_client_is_new_until_the_clock_runs_out_and_then_overdue_until_reached() -> None:
    assert why() == (Why.NEW,)
    assert why(contact_due_at=NOW - timedelta(minutes=1)) == (Why.OVERDUE,)
    assert why(reached_at=NOW, last_outcome=AttemptOutcome.REACHED) == ()


def test_an_open_window_counts_while_somebody_waits_and_calling_is_not_ruled_out() -> None:
    assert Why.CALL_NOW in why(windows=(OPEN,))
    assert Why.CALL_NOW in why(windows=(OPEN,), reached_at=NOW, last_outcome=AttemptOutcome.UNSAFE)
    assert Why.CALL_NOW not in why(windows=(OPEN,), last_outcome=AttemptOutcome.REACHED)
    assert Why.CALL_NOW not in why(windows=(OPEN,), safe_to_call="no")


def test_actions_and_dates_bring_somebody_back_to_the_top() -> None:
    assert why(reached_at=NOW, last_outcome=AttemptOutcome.REACHED, actions=1, dates=1) == (
        Why.ACTION_DUE,
        Why.DATE_AHEAD,
    )


severities = st.sampled_from(Severity)


@given(severities, severities)
def test_what_changed_one_way_changed_back_the_other_way_and_not_known_is_never_none(a: Severity, b: Severity) -> None:
    opposite = {Change.STOPPED: Change.MORE, Change.LESS: Change.MORE, Change.SAME: Change.SAME}
    forth = change(a, b)
    if Severity.NOT_KNOWN in (a, b):
        assert forth is Change.NOT_KNOWN
    elif forth in opposite:
        assert change(b, a) is opposite[forth]


def test_abuse_that_went_down_to_none_has_stopped() -> None:
    assert change(Severity.HIGH, Severity.NONE) is Change.STOPPED
    assert change(Severity.NONE, Severity.NONE) is Change.SAME


def test_what_is_kept_of_severity_is_what_was_said() -> None:
    form = SeverityForm(stage="start", physical="high")
    assert of_kinds(form.kinds)[Abuse.PHYSICAL] is Severity.HIGH
    assert of_kinds([])[Abuse.CONTROL] is Severity.NOT_KNOWN
    assert [each.code for each in SeverityForm(stage="start").problems()] == ["required"]


def test_support_that_ends_for_another_reason_says_which() -> None:
    assert [each.pointer for each in SupportEnd(reason=EndReason.OTHER).problems()] == ["/note"]
    told = SupportEnd(reason=EndReason.GOALS_MET, safer="yes")
    assert (told.problems(), told.after) == ((), {"safer": "yes"})


def test_an_attempt_was_made_in_the_past_and_not_long_ago() -> None:
    for at, wrong in ((NOW, 0), (NOW + timedelta(hours=1), 1), (NOW - timedelta(days=400), 1)):
        assert len(AttemptForm(outcome="reached", at=at).problems(NOW)) == wrong


@pytest.mark.parametrize(
    ("form", "wrong"),
    [
        ({}, ["/said"]),
        ({"declined": True}, []),
        ({"declined": True, "said": "Yes."}, ["/declined"]),
        ({"wishes": "A lock."}, []),
    ],
)
def test_they_say_something_or_do_not_want_to(form: dict[str, object], wrong: list[str]) -> None:
    assert [each.pointer for each in VoiceForm.model_validate(form).problems()] == wrong


def test_a_date_is_near_enough_to_matter_and_says_what_it_is() -> None:
    today = NOW.date()
    assert DateForm(kind="court", held_on=today).problems(today) == ()
    assert len(DateForm(kind="other", held_on=date(1990, 1, 1)).problems(today)) == 2


def test_a_step_says_what_will_be_done() -> None:
    assert [each.pointer for each in PlanItemForm(what=None).problems(NOW.date())] == ["/what"]
    assert [each.pointer for each in PlanItemForm(what="x", by_on=date(1990, 1, 1)).problems(NOW.date())] == ["/by_on"]


def test_his_name_is_left_out_of_the_plan_and_a_word_that_is_like_it_stays() -> None:
    assert without_names("Will Harrow must not know. I will go. Willow Road.", ["Will Harrow"]) == (
        f"{LEFT_OUT} must not know. I will go. Willow Road."
    )
    assert without_names("Tell Dale nothing.", ["Dale Harrow"]) == f"Tell {LEFT_OUT} nothing."
    assert without_names("Tell nobody.", []) == "Tell nobody."


@given(st.text(max_size=60), st.lists(st.text(max_size=12), max_size=3))
def test_no_name_breaks_a_plan(text: str, names: list[str]) -> None:
    assert isinstance(without_names(text, names), str)
