"""Where a browser may be sent on to: only within this service."""

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.paths import HOME, local

OURS = "https://roundtable.example"


@pytest.mark.parametrize("path", ["/", "/home", "/people/0192?role=chair", "/account/passkeys", "/a%20b"])
def test_a_path_of_ours_is_followed(path: str) -> None:
    assert local(path) == path


@pytest.mark.parametrize(
    "path",
    [
        None,
        "",
        "home",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/a//evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/\n/evil.example",
        " /home",
        "/home\r\nSet-Cookie: a=b",
        "/home#x",
        "/hôme",
        "/" + "a" * 600,
    ],
)
def test_anything_else_is_home(path: str | None) -> None:
    assert local(path) == HOME


@given(st.text(alphabet="/\\.:@?#%\t\r\n abch", max_size=12))
def test_whatever_is_followed_leads_to_us(path: str) -> None:
    there = urlsplit(urljoin(f"{OURS}/sign-in", local(path)))
    assert f"{there.scheme}://{there.netloc}" == OURS
