"""Codes from an app, and recovery codes."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.authenticators import (
    RECOVERY_BYTES,
    as_digits,
    as_recovery_code,
    enrolment_uri,
    in_fours,
    recovery_code,
    step_of,
)

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NOW = datetime(2026, 11, 21, 9, 0, 10, tzinfo=UTC)
STEP = int(NOW.timestamp()) // 30


def code_at(moment: datetime) -> str:
    return pyotp.TOTP(SECRET).at(moment)


@pytest.mark.parametrize(("seconds", "taken"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_code_holds_for_its_step_and_one_either_way(seconds: int, taken: bool) -> None:
    step = step_of(SECRET, code_at(NOW + timedelta(seconds=seconds)), NOW, None)
    assert step == (STEP + seconds // 30 if taken else None)


def test_a_code_works_once_and_no_earlier_one_works_after_it() -> None:
    assert step_of(SECRET, code_at(NOW), NOW, STEP) is None
    assert step_of(SECRET, code_at(NOW - timedelta(seconds=30)), NOW, STEP) is None
    assert step_of(SECRET, code_at(NOW + timedelta(seconds=30)), NOW, STEP) == STEP + 1


@given(st.text(max_size=12))
def test_no_other_text_is_a_code(text: str) -> None:
    codes = {code_at(NOW + timedelta(seconds=30 * n)) for n in (-1, 0, 1)}
    assert (step_of(SECRET, text, NOW, None) is not None) == (text in codes)


@pytest.mark.parametrize(
    ("typed", "digits"), [("123 456", "123456"), (" 123-456 ", "123456"), ("12345", None), ("١٢٣٤٥٦", None)]
)
def test_digits_are_taken_with_the_spaces_that_apps_show(typed: str, digits: str | None) -> None:
    assert as_digits(typed) == digits


@given(st.binary(min_size=RECOVERY_BYTES, max_size=RECOVERY_BYTES))
def test_a_recovery_code_is_read_back_however_it_is_typed(drawn: bytes) -> None:
    code = recovery_code(drawn)
    plain = code.replace("-", "")
    assert len(plain) == 16
    assert [len(part) for part in code.split("-")] == [4, 4, 4, 4]
    misread = plain.lower().replace("0", "o").replace("1", "l")
    assert {as_recovery_code(each) for each in (code, plain, code.lower(), f" {in_fours(misread)} ")} == {plain}


@given(st.lists(st.binary(min_size=RECOVERY_BYTES, max_size=RECOVERY_BYTES), unique=True, min_size=2, max_size=5))
def test_different_draws_are_different_codes(drawn: list[bytes]) -> None:
    assert len({recovery_code(each) for each in drawn}) == len(drawn)


@given(st.text(max_size=30))
def test_what_is_no_recovery_code_is_never_taken_for_digits_as_well(text: str) -> None:
    assert as_recovery_code(text) is None or as_digits(text) is None


def test_the_square_tells_the_app_whose_account_it_is() -> None:
    told = pyotp.parse_uri(enrolment_uri(SECRET, email="i.shah@police.example"))
    assert (told.secret, told.issuer, told.name) == (SECRET, "Roundtable", "i.shah@police.example")
