"""What may be a password."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, TypeAdapter, ValidationError

from app.domain.passwords import LONGEST, SHORTEST, Typed, Whose, normalised, refusal

TYPED: TypeAdapter[SecretStr] = TypeAdapter(Typed)
SHAH = Whose(name="Imran Shah", email="i.shah@police.example")


def code(password: str, whose: Whose = SHAH) -> str | None:
    problem = refusal(password, whose)
    return problem.code if problem else None


@pytest.mark.parametrize(
    "password",
    [
        "kettle orbit plum sand",
        "four words in Welsh: pedwar gair",
        "830192847562x",
        "密码要足够长才能安全使用吧",
        "  twelve with spaces  ",
        "x" + "q7v1" * 30,
        "correct horse battery staple",
    ],
)
def test_any_long_password_that_nobody_would_guess_is_good(password: str) -> None:
    assert code(password) is None


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "Password1234",
        "P@ssw0rd1234",
        "passwordpassword",
        "!!!password!!!",
        "123456789012",
        "210987654321",
        "abcdefghijklm",
        "aaaaaaaaaaaa",
        "abcabcabcabc",
        "letmeinletmein",
        "qwertyuiop99",
        "1qaz2wsx3edc",
        "Manchester2026",
        "ｐａｓｓｗｏｒｄ１２３４",
    ],
)
def test_a_common_password_is_refused_however_it_is_decorated(password: str) -> None:
    assert code(password) == "common"


@pytest.mark.parametrize(
    "password", ["Imran and the kettle", "orbit-i.shah-plum", "my Roundtable plum", "imranshah plum!"]
)
def test_a_password_may_not_hold_the_name_the_email_or_the_service(password: str) -> None:
    assert code(password) == "about_you"


def test_a_short_name_is_no_reason_to_refuse_the_words_that_it_is_part_of() -> None:
    assert code("meandering brook", Whose(name="Ann Dee", email="ad@x.example")) is None


@given(st.text(max_size=SHORTEST - 1).filter(lambda text: len(normalised(text)) < SHORTEST))
def test_fewer_than_twelve_characters_are_never_enough(password: str) -> None:
    assert code(password) == "too_short"


@given(st.text(min_size=LONGEST + 1, max_size=300).filter(lambda text: len(normalised(text)) > LONGEST))
def test_more_than_128_characters_are_told_so_and_never_cut(password: str) -> None:
    assert code(password) == "too_long"


@given(st.text(alphabet="Imranhpswo1234 !é", max_size=20))
def test_a_refusal_never_repeats_the_password(typed: str) -> None:
    password = f"§{typed}"  # a sign that no sentence of ours holds
    problem = refusal(password, SHAH)
    assert problem is None or "§" not in problem.message


def test_a_keyboard_that_composes_letters_otherwise_types_the_same_password() -> None:
    assert normalised("cafe\u0301 orbit plum") == normalised("caf\u00e9 orbit plum")


def test_what_was_typed_is_neither_trimmed_nor_changed() -> None:
    assert TYPED.validate_python("  a\u0301 \r\n").get_secret_value() == "  a\u0301 \r\n"


def test_half_a_character_is_refused() -> None:
    with pytest.raises(ValidationError):
        TYPED.validate_python("kettle orbit \ud800 plum")
