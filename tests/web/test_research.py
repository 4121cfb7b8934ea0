"""Research on pages: one press for a family that is not known, and returns that nobody sees before their release."""

import re
from urllib.parse import urlencode

import httpx

from app.db.session import Database
from tests.tabs import Tab, hidden, problems, sign_in
from tests.world import SHARING, World


def asked(page: httpx.Response) -> list[str]:
    """The families that wait, by the buttons beside them."""
    return re.findall(r'name="item" value="([^"]+)"', page.text)


async def listed(world: World, families: int) -> str:
    """Families on one list; its meeting."""
    made = [await world.refer(victim=f"Maya Thornbury{n}") for n in range(families)]
    meeting: str = made[0]["route"]["meeting_id"]
    return meeting


async def test_not_known_takes_one_press_for_each_family(tab: Tab, world: World, database: Database) -> None:
    await listed(world, 3)
    await sign_in(tab, database, world["mh_rep"])
    page = await tab.get("/research")
    for left in (2, 1, 0):
        done = await tab.post("/research/not-known", item=asked(page)[0], **SHARING)
        assert done.headers["location"] == "/research"
        page = await tab.get("/research")
        assert len(asked(page)) == left
    assert "Nothing waits for you" in page.text
    assert (await tab.get("/research?answered=yes")).text.count("Answered: not known") == 3


async def test_all_that_are_left_are_answered_at_once(tab: Tab, world: World, database: Database) -> None:
    await listed(world, 3)
    await sign_in(tab, database, world["mh_rep"])
    page = await tab.get("/research")
    encoded = urlencode({"csrf": tab.csrf, **SHARING, "all": "yes", "every": asked(page)}, doseq=True)
    headers = {"content-type": "application/x-www-form-urlencoded"}
    done = await tab.client.post("/research/not-known", content=encoded, headers=headers)
    assert done.status_code == 303, problems(done)
    assert "3 families answered" in (await tab.get("/research")).text


async def test_the_basis_is_proposed_in_sight_and_never_filled_in_unseen(
    tab: Tab, world: World, database: Database
) -> None:
    await listed(world, 1)
    await sign_in(tab, database, world["mh_rep"])
    page = await tab.get("/research")
    assert "Not known is shared on this basis: Public task" in page.text
    refused = await tab.post("/research/not-known", item=asked(page)[0])
    assert refused.status_code == 422
    assert "Choose the lawful basis" in problems(refused)
    assert len(asked(await tab.get("/research"))) == 1


async def test_a_return_is_read_by_nobody_else_until_it_is_released_and_then_only_what_is_shared(
    tab: Tab, world: World, database: Database
) -> None:
    meeting = await listed(world, 1)
    await sign_in(tab, database, world["mh_rep"])
    (item,) = asked(await tab.get("/research"))
    page = await tab.get(f"/research/{item}")
    for words in ("Only your agency can read this", "Wessex Police", "Harbour IDVA Service"):
        assert words in page.text
    told = {"known": "yes", "facts": "Seen twice.", "opinion": "Unwell.", "shared_facts": "Known since May."}
    kept = await tab.post(f"/research/{item}", **told, version=hidden(page, "version"), do="keep")
    assert kept.headers["location"] == f"/research/{item}", problems(kept)
    async with Tab(world.app) as other:
        await sign_in(other, database, world["coordinator"])
        before = (await other.get(f"/meetings/{meeting}/items/{item}")).text
        assert "Known since May." not in before
        page = await tab.get(f"/research/{item}")
        lacking = {**told, **SHARING, "version": hidden(page, "version"), "do": "release"}
        refused = await tab.post(f"/research/{item}", **lacking)
        assert "Say why your agency keeps it" in problems(refused)
        assert "Seen twice." in refused.text
        done = await tab.post(f"/research/{item}", **lacking, kept_because="It would not help.")
        assert done.headers["location"] == "/research", problems(done)
        after = (await other.get(f"/meetings/{meeting}/items/{item}")).text
    assert "Known since May." in after
    for words in ("Seen twice.", "Unwell.", "It would not help."):
        assert words not in after


async def test_of_two_colleagues_who_write_one_return_neither_loses_a_word(
    tab: Tab, world: World, database: Database
) -> None:
    await listed(world, 1)
    await sign_in(tab, database, world["mh_rep"])
    (item,) = asked(await tab.get("/research"))
    await tab.get(f"/research/{item}")
    first = await tab.post(f"/research/{item}", version="0", do="keep", known="yes", facts="Hers.")
    assert first.status_code == 303
    second = await tab.post(f"/research/{item}", version="0", do="keep", known="yes", facts="His.")
    assert second.status_code == 412
    for words in ("His.", "What your colleague wrote", "Hers."):
        assert words in second.text


async def test_a_family_that_is_not_known_has_no_facts(tab: Tab, world: World, database: Database) -> None:
    await listed(world, 1)
    await sign_in(tab, database, world["mh_rep"])
    (item,) = asked(await tab.get("/research"))
    await tab.get(f"/research/{item}")
    refused = await tab.post(f"/research/{item}", version="0", do="keep", known="no", facts="Seen twice.")
    assert refused.status_code == 422
    assert "marked as not known" in problems(refused)


async def test_those_who_do_not_sit_at_meetings_have_no_research(tab: Tab, world: World, database: Database) -> None:
    await sign_in(tab, database, world["nurse"])
    assert (await tab.get("/research")).status_code == 403
