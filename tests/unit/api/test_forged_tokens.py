"""Whatever is wrong with a token, the answer is the same 401, and never a 500."""

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import pytest
from fastapi import FastAPI

from app.api.tokens import generate_pem, verify
from app.db.signet import new_seal_key
from app.db.transaction import Unavailable
from app.domain.errors import Unauthenticated
from app.main import create_app
from app.settings import Settings, new_contact_key
from tests.unit.api.forge import KEYS, NOW, TOKEN, USER, claims, client_claims, token
from tests.unit.api.forgeries import FAMILIES, REFUSED

Ask = Callable[[str], Awaitable[tuple[int, dict[str, Any]]]]


class Nowhere:
    """In the database's place: a token that is believed gets as far as here, and no further."""

    async def run(self, *_: object, **__: object) -> None:
        """Answer 503."""
        raise Unavailable

    run_as_system = run


@pytest.fixture(scope="module")
def service() -> FastAPI:
    """The service as it is composed in production, on no database."""
    made = create_app(
        Settings(
            database_url="postgresql://nobody@database.invalid/none",
            token_keys={"unused": generate_pem()},
            contact_keys={"unused": new_contact_key()},
            index_keys={"unused": new_contact_key()},
            seal_keys={"unused": new_seal_key()},
        ),
        clock=lambda: NOW,
    )
    made.state.token_keys = KEYS
    made.state.database = Nowhere()
    return made


@pytest.fixture
def ask(service: FastAPI) -> Ask:
    """Sends a token as raw bytes, as an attacker can, whatever an HTTP client would make of it."""

    async def asked(text: str) -> tuple[int, dict[str, Any]]:
        sent = b"Bearer " + text.encode("utf-8", "surrogatepass")
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": "GET",
            "scheme": "https",
            "path": "/api/v1/me",
            "raw_path": b"/api/v1/me",
            "query_string": b"",
            "root_path": "",
            "headers": [(b"host", b"roundtable.test"), (b"authorization", sent)],
        }
        said: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            said.append(message)

        await service(scope, receive, send)
        return said[0]["status"], orjson.loads(said[1]["body"])

    return asked


@pytest.mark.parametrize("good", [TOKEN, token(), claims(), client_claims()])
async def test_a_good_token_gets_as_far_as_the_database(ask: Ask, good: str) -> None:
    """The forgeries differ from these by a single thing each, so each is refused for that thing."""
    assert verify(KEYS, good, NOW).user_id == USER
    assert (await ask(good))[0] == 503


def test_no_forgery_hides_another_of_its_name() -> None:
    assert len(REFUSED) == sum(len(each) for each in FAMILIES.values())


@pytest.mark.parametrize("forged", REFUSED.values(), ids=[ascii(name) for name in REFUSED])
def test_what_is_not_whole_ours_and_in_date_is_refused(forged: str) -> None:
    with pytest.raises(Unauthenticated):
        verify(KEYS, forged, NOW)


@pytest.mark.parametrize("family", FAMILIES)
async def test_whatever_was_forged_the_service_answers_the_same_401(ask: Ask, family: str) -> None:
    answers = {name: await ask(forged) for name, forged in FAMILIES[family].items()}
    problem = {
        "type": "urn:roundtable:problem:unauthenticated",
        "title": "Sign in again",
        "status": 401,
        "code": "unauthenticated",
        "detail": Unauthenticated().message,
    }
    assert {name: answer for name, answer in answers.items() if answer != (401, problem)} == {}


@pytest.mark.parametrize("space", [" ", "\n", "\t", "\r\n", "\xa0", "\u2028"])
@pytest.mark.parametrize("place", ["before", "after"])
def test_a_token_in_white_space_is_not_that_token(space: str, place: str) -> None:
    """A header's own blanks are trimmed before this; a token that holds some came another way."""
    with pytest.raises(Unauthenticated):
        verify(KEYS, space + TOKEN if place == "before" else TOKEN + space, NOW)


@pytest.mark.parametrize("thing", [None, b"", TOKEN.encode(), 7, [TOKEN], {"token": TOKEN}])
def test_what_is_not_text_is_refused(thing: Any) -> None:
    with pytest.raises(Unauthenticated):
        verify(KEYS, thing, NOW)
