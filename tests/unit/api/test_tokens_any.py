"""Any text at all is a token of ours or is refused, and no change to a token leaves it one."""

import json
from datetime import datetime, timedelta
from uuid import UUID

from hypothesis import example, given
from hypothesis import strategies as st

from app.api.tokens import Claims, issue, verify
from app.domain.errors import Unauthenticated
from tests.unit.api.forge import GOOD_CLAIMS, KEYS, NOW, SECONDS, TOKEN, b64, client_claims, header, token

A_CLIENTS = client_claims()
EXTRA = ("client_id", "scope", "note")


def said_by(text: str, now: datetime = NOW) -> Claims | None:
    """What a token says; None when it is refused. Any other error fails the test."""
    try:
        return verify(KEYS, text, now)
    except Unauthenticated:
        return None


@given(st.text())
@example(TOKEN[:-1])
@example("\x00")
@example(header(kid="\ud800"))
def test_any_text_is_refused_and_never_raises_anything_else(text: str) -> None:
    assert said_by(text) is None


@given(st.lists(st.binary(max_size=90), min_size=1, max_size=6))
def test_any_bytes_in_the_shape_of_a_token_are_refused(segments: list[bytes]) -> None:
    assert said_by(".".join(b64(segment) for segment in segments)) is None


@given(st.sampled_from([TOKEN, A_CLIENTS]), st.data())
def test_a_token_with_any_one_character_changed_is_refused(good: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(good) - 1))
    other = data.draw(st.characters() | st.sampled_from(good))
    changed = good[:at] + other + good[at + 1 :]
    assert (said_by(changed) is None) == (changed != good)


@given(st.sampled_from([TOKEN, A_CLIENTS]), st.data())
def test_a_token_with_any_run_of_characters_cut_moved_or_doubled_is_refused(good: str, data: st.DataObject) -> None:
    ends = st.integers(0, len(good))
    start, end = sorted((data.draw(ends), data.draw(ends)))
    to = data.draw(st.integers(0, len(good) - (end - start)))
    rest = good[:start] + good[end:]
    cut, moved = rest, rest[:to] + good[start:end] + rest[to:]
    doubled = good[:end] + good[start:end] + good[end:]
    for changed in (cut, moved, doubled):
        assert (said_by(changed) is None) == (changed != good)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(sorted([*GOOD_CLAIMS, *EXTRA])), json_values, min_size=1))
def test_any_truly_signed_claims_are_understood_or_refused(changes: dict[str, object]) -> None:
    """Even a token that we signed by mistake gives good claims or the refusal, never another error."""
    said = said_by(token(payload=json.dumps(GOOD_CLAIMS | changes).encode()))
    if said is not None:
        assert said.issued_at <= NOW + timedelta(seconds=30)
        assert NOW < said.expires_at <= said.issued_at + timedelta(hours=8)
        assert (said.client_id is None) == (not said.scopes)


@given(st.integers(-120, 120), st.integers(1, 700), st.booleans())
def test_a_partner_systems_token_is_never_good_for_more_than_ten_minutes(early: int, life: int, client: bool) -> None:
    times = {"iat": SECONDS + early, "nbf": SECONDS + early, "exp": SECONDS + early + life}
    good = early <= 30 and early + life > 0 and (life <= 600 or not client)
    made = client_claims(**times) if client else token(payload=json.dumps(GOOD_CLAIMS | times).encode())
    assert (said_by(made) is not None) == good


@given(st.binary(max_size=200))
def test_any_truly_signed_payload_is_refused_unless_it_holds_the_claims(payload: bytes) -> None:
    assert said_by(token(payload=payload)) is None


scope_texts = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters='"\\'), min_size=1)


@given(
    st.uuids(),
    st.uuids(),
    st.uuids(),
    st.none() | st.uuids(),
    st.frozensets(scope_texts, min_size=1, max_size=5),
    st.integers(1, 480),
    st.datetimes(datetime(1971, 1, 1), datetime(9998, 1, 1)),  # noqa: DTZ001  # hypothesis asks for bounds without a zone
    st.floats(0, 0.999),
)
def test_what_goes_into_a_token_comes_out_of_it_for_as_long_as_it_lasts(
    user: UUID,
    partnership: UUID,
    session: UUID,
    client: UUID | None,
    scopes: frozenset[str],
    minutes: int,
    naive: datetime,
    share: float,
) -> None:
    now = naive.replace(tzinfo=NOW.tzinfo)
    minutes = max(minutes, 10) if client is None else (minutes - 1) % 10 + 1
    held = scopes if client else frozenset[str]()
    made = issue(
        KEYS,
        user_id=user,
        partnership_id=partnership,
        session_id=session,
        now=now,
        minutes=minutes,
        client_id=client,
        scopes=held,
    )
    begun = now.replace(microsecond=0)
    said = said_by(made, begun + timedelta(minutes=minutes) * share)
    assert said is not None
    assert (said.user_id, said.partnership_id, said.session_id) == (user, partnership, session)
    assert (said.client_id, said.scopes) == (client, held)
    assert (said.issued_at, said.expires_at) == (begun, begun + timedelta(minutes=minutes))
    assert said_by(made, said.expires_at) is None
