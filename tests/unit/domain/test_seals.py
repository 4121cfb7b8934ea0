"""Heads: what an agency keeps can be read back however it was kept, and a root stands for all that came before."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.seals import FIRST_ROOT, ChainHead, Head, HeadUnreadable, packed, read_heads, root_after

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HERE = UUID(int=7)

moments = st.datetimes(datetime(2020, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # zoned by strategy
a_hash = st.binary(min_size=32, max_size=32)
heads = st.builds(
    Head,
    partnership_id=st.uuids(),
    number=st.integers(1, 2**40),
    at=moments,
    entries=st.integers(1, 2**40),
    root=a_hash,
    public_key=a_hash,
    signature=st.binary(min_size=64, max_size=64),
)
chains = st.lists(
    st.builds(ChainHead, chain=st.uuids(), seq=st.integers(1, 2**60), hash=a_hash),
    min_size=1,
    max_size=5,
    unique_by=lambda head: head.chain,
)


def root_of(listed: list[ChainHead], previous: bytes = FIRST_ROOT, number: int = 1) -> bytes:
    return root_after(previous, partnership_id=HERE, number=number, at=NOON, entries=9, heads=packed(listed))


@given(st.lists(heads, min_size=1, max_size=3), st.sampled_from(["", "> ", "    "]))
def test_heads_kept_in_a_mail_or_a_file_of_many_are_read_back(kept: list[Head], quoted: str) -> None:
    text = "Dear colleague,\r\n" + "\r\nPortsmouth\r\n".join(each.text().replace("\n", "\r\n") for each in kept)
    assert read_heads(quoted + text.replace("\n", f"\n{quoted}")) == tuple(kept)


@given(heads)
def test_a_head_is_short_and_what_is_signed_stands_in_it(head: Head) -> None:
    assert head.text().startswith(head.said.decode())
    assert len(head.text()) < 400


@pytest.mark.parametrize("line", ["partnership", "number", "at", "entries", "root", "key", "signature"])
def test_a_head_that_lost_or_mangled_a_line_is_refused(line: str) -> None:
    whole = Head(HERE, 1, NOON, 9, bytes(32), bytes(32), bytes(64)).text()
    without = "\n".join(each for each in whole.split("\n") if not each.startswith(f"{line}:"))
    mangled = "\n".join(f"{line}: ?" if each.startswith(f"{line}:") else each for each in whole.split("\n"))
    for text in (without, mangled, ""):
        with pytest.raises(HeadUnreadable):
            read_heads(text)


@given(chains, chains)
def test_a_root_tells_any_two_lists_apart_and_not_their_order(one: list[ChainHead], other: list[ChainHead]) -> None:
    assert root_of(one) == root_of(one[::-1])
    assert (root_of(one) == root_of(other)) == (packed(one) == packed(other))


@given(chains, a_hash)
def test_a_root_stands_for_every_seal_before_it(listed: list[ChainHead], other: bytes) -> None:
    assert root_of(listed, root_of(listed), 2) != root_of(listed, other, 2)
    assert root_of(listed, number=2) != root_of(listed)
