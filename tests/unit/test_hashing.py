"""How passwords are hashed, and looked for among those stolen elsewhere."""

import asyncio
import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.passwords import Whose
from app.services.breached import BreachedFile
from app.services.passwords import MOST_WAITING, Busy, Cost, Judged, Passwords

CHEAP = Cost(passes=1, memory_kib=8, lanes=1)
SHAH = Whose(name="Imran Shah", email="i.shah@police.example")
GOOD = "kettle orbit plum"


def breached_file(folder: Path, words: list[str], ending: str = "\n") -> Path:
    hashes = (hashlib.sha1(word.encode(), usedforsecurity=False).hexdigest().upper() for word in words)
    lines = sorted(f"{each}:{n + 1}" for n, each in enumerate(hashes))
    path = folder / "breached.txt"
    path.write_bytes("".join(line + ending for line in lines).encode())
    return path


async def test_a_password_is_known_by_its_hash_and_no_other_is() -> None:
    made = Passwords(cost=CHEAP)
    kept = await made.make(GOOD)
    assert kept.startswith("$argon2id$")
    assert (await made.judge(GOOD, kept, known=True)).right
    assert not (await made.judge(GOOD + " ", kept, known=True)).right


async def test_the_same_password_from_another_keyboard_is_right() -> None:
    made = Passwords(cost=CHEAP)
    assert (await made.judge("caf\u00e9 orbit plum", await made.make("cafe\u0301 orbit plum"), known=True)).right


async def test_no_password_is_right_for_nobody() -> None:
    made = Passwords(cost=CHEAP)
    for typed in ("nobody", "", GOOD, "x" * 500):
        assert not (await made.judge(typed, None, known=True)).right


async def test_a_text_too_long_for_a_password_is_never_right() -> None:
    made = Passwords(cost=CHEAP)
    assert not (await made.judge("x" * 129, await made.make("x" * 129), known=True)).right


async def test_a_right_password_is_hashed_anew_when_hashes_have_become_dearer() -> None:
    kept = await Passwords(cost=CHEAP).make(GOOD)
    dearer = Passwords(cost=Cost(passes=2, memory_kib=16, lanes=1))
    judged = await dearer.judge(GOOD, kept, known=True)
    assert judged.stronger is not None
    assert (await dearer.judge(GOOD, judged.stronger, known=True)).stronger is None
    assert (await dearer.judge("wrong orbit plum", kept, known=True)).stronger is None


async def test_unless_told_otherwise_a_hash_costs_what_the_rfc_recommends() -> None:
    assert "m=65536,t=3,p=4" in await Passwords().make(GOOD)


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
async def test_a_password_stolen_elsewhere_is_refused(tmp_path: Path, ending: str) -> None:
    made = Passwords(breached_file(tmp_path, [f"word {n} of many" for n in range(50)], ending), cost=CHEAP)
    for n in range(50):
        told = await made.refusal(f"word {n} of many", SHAH)
        assert told is not None
        assert told.code == "breached"
    assert await made.refusal(GOOD, SHAH) is None


@given(st.sets(st.text(max_size=5), max_size=30), st.text(max_size=5))
def test_exactly_the_passwords_in_the_file_are_found(
    tmp_path_factory: pytest.TempPathFactory, words: set[str], other: str
) -> None:
    file = BreachedFile(breached_file(tmp_path_factory.getbasetemp(), list(words)))
    assert {word for word in {*words, other} if file.holds(word)} == words


def test_a_file_that_is_missing_empty_unsorted_or_something_else_is_told_of(tmp_path: Path) -> None:
    good = breached_file(tmp_path, [f"word {n}" for n in range(30)])
    assert BreachedFile(good).fault() is None
    lines = good.read_text().splitlines(keepends=True)
    for wrong, fault in (
        ("".join(reversed(lines)), "is not sorted by hash"),
        ("", "is empty"),
        ("hello\nworld\n", "is not in the form SHA1HEX:COUNT, with capital letters"),
    ):
        good.write_text(wrong)
        assert BreachedFile(good).fault() == fault
    good.unlink()
    assert BreachedFile(good).fault() == "cannot be read"


async def test_a_flood_of_strangers_is_sent_away_and_whoever_is_known_is_judged_all_the_same() -> None:
    made = Passwords(cost=CHEAP)
    kept = await made.make(GOOD)
    flood = [made.judge("a guess that is wrong", kept, known=False) for _ in range(MOST_WAITING + 1)]
    *answers, right = await asyncio.gather(*flood, made.judge(GOOD, kept, known=True), return_exceptions=True)
    assert [type(each) for each in answers[:-1]] == [Judged] * MOST_WAITING
    assert isinstance(answers[-1], Busy)
    assert isinstance(right, Judged)
    assert right.right
    assert (await made.judge(GOOD, kept, known=False)).right, "once the flood is over, strangers are judged again"
