"""Forms as browsers send them: what is refused, what is said of it, and what is shown again."""

from enum import StrEnum
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, SecretStr
from starlette.exceptions import HTTPException

from app.domain.errors import FieldProblem, Invalid
from app.domain.fields import Email, Flag, Form, Line, Short
from app.web import forms
from app.web.forms import blank, fill, read


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Invitation(Form):
    email: Email = Field(title="Email address")
    name: Line = Field(title="Name")
    note: Short = None
    number: int | None = None
    colours: tuple[Colour, ...] = Field(default=(), title="Colours")
    keep: Flag = False
    password: SecretStr | None = None


SENT = {"email": ("rosa@idva.example",), "name": ("Rosa",)}


def test_a_form_becomes_what_the_domain_takes() -> None:
    sent = {**SENT, "number": ("7",), "colours": ("red", "blue"), "keep": ("yes",), "csrf": ("x",), "next": ("/home",)}
    form = fill(Invitation, sent, {})
    assert form.problems == ()
    assert form.value == Invitation(
        email="rosa@idva.example", name="Rosa", number=7, colours=(Colour.RED, Colour.BLUE), keep=True
    )


def test_a_box_left_unticked_and_a_field_left_blank_are_nothing() -> None:
    form = fill(Invitation, {**SENT, "number": ("  ",), "note": ("",)}, {})
    assert form.value is not None
    assert (form.value.number, form.value.note, form.value.colours, form.value.keep) == (None, None, (), False)


def test_an_empty_field_is_asked_for_in_the_forms_own_words() -> None:
    form = fill(Invitation, {"email": ("",)}, {"name": "Enter their name"})
    assert form.value is None
    assert form.error("name") == {"text": "Enter their name"}
    assert {"text": "Enter their name", "href": "#name"} in form.summary


def test_each_problem_names_its_field_since_the_summary_stands_apart_from_it() -> None:
    form = fill(Invitation, {**SENT, "name": ("x" * 300,), "email": ("nobody",)}, {})
    assert [each["text"] for each in form.summary] == [
        "Email address: this cannot be an email address. Write it like name@example.org.",
        "Name: shorten this to 200 characters or fewer.",
    ]


def test_what_was_typed_is_shown_again_but_never_a_secret() -> None:
    form = fill(Invitation, {**SENT, "email": ("nobody",), "password": ("correct horse",)}, {})
    assert form.text("email") == "nobody"
    assert "password" not in form.typed
    assert "correct horse" not in repr(form)


def test_a_field_sent_twice_is_refused_and_not_chosen_from() -> None:
    form = fill(Invitation, {**SENT, "email": ("a@b.example", "c@d.example")}, {})
    assert form.value is None
    assert form.error("email") == {"text": "This was sent twice. Fill it in once."}


def test_a_field_that_no_form_has_is_refused_and_linked_to_nothing() -> None:
    form = fill(Invitation, {**SENT, "admin": ("yes",)}, {})
    assert form.value is None
    assert "href" not in form.summary[0]


def test_a_wrong_choice_among_several_is_linked_to_the_first_of_them() -> None:
    form = fill(Invitation, {**SENT, "colours": ("red", "mauve")}, {})
    assert [each["href"] for each in form.summary] == ["#colours"]
    assert form.chosen("colours") == ("red", "mauve")


def test_what_a_service_finds_wrong_is_shown_beside_what_was_typed() -> None:
    form = fill(Invitation, SENT, {}).refused(Invalid([FieldProblem("/email", "taken", "Somebody has this.")]))
    assert form.value is None
    assert form.error("email") == {"text": "Somebody has this."}
    assert form.text("name") == "Rosa"


def test_a_blank_form_shows_what_it_is_given() -> None:
    form = blank(Invitation, email="rosa@idva.example", colours=["red"])
    assert (form.text("email"), form.text("name"), form.chosen("colours")) == ("rosa@idva.example", "", ("red",))


@given(st.dictionaries(st.text(min_size=1), st.lists(st.text(), min_size=1, max_size=3), max_size=5))
def test_whatever_a_browser_can_type_is_read_as_it_was_typed(fields: dict[str, list[str]]) -> None:
    pairs = [(name, value) for name, values in fields.items() for value in values]
    found = read(urlencode(pairs).encode())
    assert found == {name: tuple(values) for name, values in fields.items()}


@given(st.dictionaries(st.text(), st.lists(st.text(), min_size=1, max_size=3), max_size=5))
def test_any_form_at_all_is_either_taken_or_explained(fields: dict[str, list[str]]) -> None:
    form = fill(Invitation, {name: tuple(values) for name, values in fields.items()}, {})
    assert (form.value is None) == bool(form.problems)


@given(st.binary(max_size=200))
def test_any_bytes_at_all_are_either_fields_or_refused_as_unreadable(body: bytes) -> None:
    try:
        fields = read(body)
    except HTTPException as refused:
        fields = {}
        status = refused.status_code
    else:
        status = 400
    assert status == 400
    assert all(isinstance(value, str) for values in fields.values() for value in values)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"a=" + b"x" * forms.LARGEST_FORM, 413),
        (b"&".join(b"a=1" for _ in range(forms.MOST_FIELDS + 1)), 400),
        (b"name=%ff", 400),
        ("name=é".encode("latin-1"), 400),
    ],
    ids=["too large", "too many fields", "no UTF-8", "not encoded"],
)
def test_what_no_browser_sends_is_refused(body: bytes, status: int) -> None:
    with pytest.raises(HTTPException) as refused:
        read(body)
    assert refused.value.status_code == status
