"""The key under which a page seals what was typed on it: for whoever it was drawn for, and for nobody else."""

import re

import pytest

from app.db.session import Database
from tests.tabs import Tab, sign_in
from tests.world import World

_SEAL = re.compile(r'data-salt="([^"]+)" data-key="([^"]+)"')


async def drawn(tab: Tab) -> tuple[str, str]:
    """The salt and the key of a page."""
    found = _SEAL.search((await tab.get("/home")).text)
    assert found
    return found[1], found[2]


async def asked(tab: Tab, salt: str) -> str:
    headers = {"x-csrf-token": tab.csrf, "accept": "application/json"}
    answer = await tab.client.post("/stay/typed", json={"salt": salt}, headers=headers)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["key"])


async def test_whoever_signs_in_again_is_given_the_key_of_their_page(
    tab: Tab, world: World, database: Database
) -> None:
    await sign_in(tab, database, world["officer"])
    salt, key = await drawn(tab)
    await tab.post("/sign-out")
    await sign_in(tab, database, world["officer"])
    again = await drawn(tab)
    assert again[0] != salt
    assert again[1] != key
    assert await asked(tab, salt) == key


async def test_a_colleague_who_signs_in_after_them_is_given_another(tab: Tab, world: World, database: Database) -> None:
    await sign_in(tab, database, world["officer"])
    salt, key = await drawn(tab)
    await sign_in(tab, database, world["safeguarding"])
    await drawn(tab)
    assert await asked(tab, salt) != key


@pytest.mark.parametrize("salt", ["", "short", "x" * 65, "a" * 20 + "\0"])
async def test_what_is_no_salt_is_refused(salt: str, tab: Tab, world: World, database: Database) -> None:
    await sign_in(tab, database, world["officer"])
    await drawn(tab)
    headers = {"x-csrf-token": tab.csrf, "accept": "application/json"}
    assert (await tab.client.post("/stay/typed", json={"salt": salt}, headers=headers)).status_code == 422


async def test_who_is_signed_out_is_given_no_key_and_their_pages_hold_none(
    tab: Tab, world: World, database: Database
) -> None:
    await sign_in(tab, database, world["officer"])
    salt, _ = await drawn(tab)
    token = tab.csrf
    await tab.post("/sign-out")
    assert not _SEAL.search((await tab.get("/sign-in")).text)
    headers = {"x-csrf-token": token, "accept": "application/json"}
    assert (await tab.client.post("/stay/typed", json={"salt": salt}, headers=headers)).status_code in (401, 403)
