"""The vault: what is sealed opens for its row, its owner and its key, and for nothing else."""

import os
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.db.vault import Enclosed, SealBroken, Sealed, Vault

OLD, NEW, INDEX = os.urandom(32), os.urandom(32), os.urandom(32)
VAULT = Vault({"old": OLD}, {"one": INDEX})
PARTNERSHIP, ROW, PARTY = uuid4(), uuid4(), uuid4()
PLACE = {"partnership_id": PARTNERSHIP, "row_id": ROW}


@given(st.binary(max_size=2_000))
def test_what_is_enclosed_opens_again_and_shows_nothing_meanwhile(plain: bytes) -> None:
    enclosed = VAULT.enclose(plain, **PLACE, belongs_to=PARTY)
    assert VAULT.disclose(enclosed, **PLACE, belongs_to=PARTY) == plain
    assert len(plain) < 8 or plain not in enclosed.data


@pytest.mark.parametrize(
    ("partnership", "row", "party"),
    [(uuid4(), ROW, PARTY), (PARTNERSHIP, uuid4(), PARTY), (PARTNERSHIP, ROW, uuid4())],
    ids=["partnership", "row", "person"],
)
def test_it_opens_for_no_other(partnership: UUID, row: UUID, party: UUID) -> None:
    enclosed = VAULT.enclose(b"14 Invented Row", **PLACE, belongs_to=PARTY)
    with pytest.raises(SealBroken):
        VAULT.disclose(enclosed, partnership_id=partnership, row_id=row, belongs_to=party)


@given(st.integers(min_value=0, max_value=200), st.integers(min_value=1, max_value=255))
def test_a_changed_bit_or_a_cut_end_breaks_the_seal(place: int, flip: int) -> None:
    sealed = VAULT.seal(b"14 Invented Row", **PLACE)
    changed = bytearray(sealed.data)
    changed[place % len(changed)] ^= flip
    for data in (bytes(changed), sealed.data[: place % len(changed)]):
        with pytest.raises(SealBroken):
            VAULT.open(Sealed("old", data), **PLACE)


def test_another_key_or_one_that_is_not_here_breaks_the_seal_and_says_nothing_of_it() -> None:
    sealed = VAULT.seal(b"14 Invented Row", **PLACE)
    for other in (Vault({"old": NEW}, {"one": INDEX}), Vault({"new": NEW}, {"one": INDEX})):
        with pytest.raises(SealBroken) as refused:
            other.open(sealed, **PLACE)
        assert "Invented" not in str(refused.value)


def test_changing_the_key_leaves_the_content_as_it_was_and_needs_the_new_key_alone() -> None:
    enclosed = VAULT.enclose(b"14 Invented Row", **PLACE, belongs_to=PARTY)
    both = Vault({"new": NEW, "old": OLD}, {"one": INDEX})
    anew = Enclosed(both.reseal(enclosed.key, **PLACE), enclosed.data)
    assert anew.key.key_id == "new"
    only_new = Vault({"new": NEW}, {"one": INDEX})
    assert only_new.disclose(anew, **PLACE, belongs_to=PARTY) == b"14 Invented Row"
    with pytest.raises(SealBroken):
        VAULT.disclose(anew, **PLACE, belongs_to=PARTY)


def test_a_number_has_one_digest_in_a_partnership_and_another_elsewhere_or_as_something_else() -> None:
    one = VAULT.blind("phone", "+447700900123", partnership_id=PARTNERSHIP)
    assert VAULT.blind("phone", "+447700900123", partnership_id=PARTNERSHIP) == one
    others = [
        VAULT.blind("phone", "+447700900123", partnership_id=uuid4()),
        VAULT.blind("email", "+447700900123", partnership_id=PARTNERSHIP),
        VAULT.blind("phone", "+447700900124", partnership_id=PARTNERSHIP),
        Vault({"old": OLD}, {"one": NEW}).blind("phone", "+447700900123", partnership_id=PARTNERSHIP),
    ]
    assert one.digest not in [each.digest for each in others]


def test_a_value_is_looked_for_under_every_key_of_the_index_and_kept_under_the_first() -> None:
    both = Vault({"old": OLD}, {"two": NEW, "one": INDEX})
    asked = {"kind": "email", "value": "a@b.example", "partnership_id": PARTNERSHIP}
    first = both.blind(**asked)  # type: ignore[arg-type]  # a mapping of both kinds
    assert first.key_id == "two"
    assert both.blinds(**asked) == [first.digest, VAULT.blind(**asked).digest]  # type: ignore[arg-type]  # as above
