"""Rosa's day: whom to look at, an attempt in two taps, their words, a plan on their own page, what stays private."""

import re
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI

from app.db.session import Database
from tests.counted import counted
from tests.tabs import Tab, places, problems, sign_in
from tests.world import World, referral_form


@pytest.fixture
async def tab(app: FastAPI, world: World, database: Database) -> AsyncIterator[Tab]:
    async with Tab(app) as made:
        await sign_in(made, database, world["idva"])
        yield made


async def client_of(world: World) -> str:
    """A case of which the world's IDVA is the IDVA."""
    case = (await world.refer())["case"]
    told = {"user_id": str(world["idva"].user_id)}
    answer = await world["coordinator"].request(
        "PUT", f"/cases/{case['id']}/idva", json=told, headers={"If-Match": "*"}
    )
    assert answer.status_code == 200, answer.text
    found: str = case["id"]
    return found


async def test_the_caseload_says_whom_to_look_at_and_by_when(tab: Tab, world: World, database: Database) -> None:
    world.clock.set(2026, 11, 21, 18, 45)
    case = await client_of(world)
    world.clock.set(2026, 11, 22, 8, 45)
    await sign_in(tab, database, world["idva"])
    page = (await tab.get("/caseload")).text
    assert "/caseload" in places(page)
    told = ("1 open client.", "New: first contact due", "Referred 14 hours ago; not tried yet", "about 100 a year")
    for words in told:
        assert words in page, words
    assert "due by 16:00 today" in page
    assert "You can call now" not in page
    assert f"/caseload/{case}" in page
    for hour, words in ((11, "until 14:00"), (17, "First contact overdue")):
        world.clock.set(2026, 11, 22, hour)
        await sign_in(tab, database, world["idva"])
        assert words in (await tab.get("/caseload")).text


async def test_an_empty_caseload_says_what_to_do(tab: Tab) -> None:
    assert "You have no clients." in (await tab.get("/caseload")).text
    assert "Your service has no clients." in (await tab.get("/caseload?whose=service")).text


async def test_an_attempt_is_logged_in_two_taps_and_the_safe_contact_box_stands_first(tab: Tab, world: World) -> None:
    case = await client_of(world)
    page = (await tab.get(f"/caseload/{case}")).text
    assert page.index("Before you call or write") < page.index("Log an attempt")
    assert "10:00 to 14:00" in page
    assert "07700" not in page
    answer = await tab.post(f"/caseload/{case}", outcome="no_answer", means="phone")
    assert answer.status_code == 303
    page = (await tab.get(answer.headers["location"])).text
    assert "The attempt is logged." in page
    assert "No answer" in page
    assert "Not reached yet" in page
    await tab.post(f"/caseload/{case}", outcome="reached", means="phone", note="Ten minutes.")
    page = (await tab.get(f"/caseload/{case}")).text
    assert ">Reached<" in page
    assert "Ten minutes." in page


async def test_an_attempt_that_says_nothing_is_asked_what_happened_and_keeps_what_was_typed(
    tab: Tab, world: World
) -> None:
    case = await client_of(world)
    await tab.get(f"/caseload/{case}")
    answer = await tab.post(f"/caseload/{case}", means="text", note="Kept.")
    assert (answer.status_code, problems(answer)) == (422, "Choose what happened")
    assert "Kept." in answer.text


async def test_where_it_was_not_safe_to_speak_the_next_page_asks_when_it_is(tab: Tab, world: World) -> None:
    case = await client_of(world)
    await tab.get(f"/caseload/{case}")
    answer = await tab.post(f"/caseload/{case}", outcome="unsafe", means="phone")
    assert answer.headers["location"] == f"/caseload/{case}/safe-times"


async def test_the_box_says_who_said_how_to_reach_them_and_when(tab: Tab, world: World) -> None:
    case = await client_of(world)
    paths = (f"/cases/{case}", f"/cases/{case}/contacts", f"/caseload/{case}")
    for path in paths:
        assert "Said in the referral by Officer, Wessex Police, " in (await tab.get(path)).text
    told = {"safe_to_call": "yes", "windows": [{"days": [1, 2], "starts": "09:00", "ends": "10:30"}]}
    answer = await world["idva"].request("PUT", f"/cases/{case}/safe-times", json=told, headers={"If-Match": "*"})
    assert answer.status_code == 200, answer.text
    for path in paths:
        page = (await tab.get(path)).text
        assert "Monday and Tuesday 09:00 to 10:30" in page
        assert "Said in the referral" not in page
        assert re.search(r"Said by [^<]+, their IDVA, \w+ \d+ November 2026, \d\d:\d\d\.<", page)
        assert "Referred again" not in page
    known = (await world["idva"].get(f"/cases/{case}")).json()["parties"][0]["person_reference"]
    again = referral_form(incident={"occurred_on": "2026-11-21", "narrative": "He came back."})
    again["victim"]["person_reference"] = known
    answer = await world["officer"].post("/referrals?submit=true", again)
    assert answer.json()["case"]["id"] == case, answer.text
    assert "Referred again" in (await tab.get(f"/cases/{case}")).text


async def test_safe_times_take_the_place_of_what_the_referral_said_everywhere(tab: Tab, world: World) -> None:
    case = await client_of(world)
    await tab.get(f"/caseload/{case}/safe-times")
    half = await tab.post(f"/caseload/{case}/safe-times", version="0", safe_to_call="yes", from_1="09:00")
    assert half.status_code == 422
    assert "Choose the days on which this time is safe" in problems(half)
    answer = await tab.post(
        f"/caseload/{case}/safe-times",
        version="0",
        safe_to_call="yes",
        days_1="1",
        from_1="09:00",
        to_1="11:30",
        say="Hang up if a man answers.",
        letter="no",
    )
    assert answer.status_code == 303, problems(answer)
    page = (await tab.get(f"/caseload/{case}")).text
    for words in ("Monday 09:00 to 11:30", "Hang up if a man answers.", "The next safe time begins at 09:00"):
        assert words in page, words
    shown = (await world["coordinator"].get(f"/cases/{case}")).json()
    assert shown["parties"][0]["safe_contact"]["when"] == "Monday 09:00 to 11:30"
    form = (await tab.get(f"/caseload/{case}/safe-times")).text
    assert 'value="09:00"' in form
    stale = await tab.post(f"/caseload/{case}/safe-times", version="0", safe_to_call="no", note="Kept.")
    assert stale.status_code == 422
    assert "Kept." in stale.text


async def test_their_words_are_kept_in_versions_and_go_with_the_agenda(tab: Tab, world: World) -> None:
    case = await client_of(world)
    assert "everybody whose agency gets the agenda" in (await tab.get(f"/caseload/{case}/words")).text
    answer = await tab.post(f"/caseload/{case}/words", version="0", said="I am afraid of the nights.", wishes="A lock.")
    assert answer.status_code == 303, problems(answer)
    both = await tab.post(f"/caseload/{case}/words", version="1", said="More.", declined="yes")
    assert "Not both." in problems(both)
    await tab.post(f"/caseload/{case}/words", version="1", said="I am less afraid.", wishes="A lock.")
    page = (await tab.get(f"/caseload/{case}/words")).text
    assert page.index("I am less afraid.") < page.index("I am afraid of the nights.")


async def test_the_plan_is_theirs_on_a_page_that_names_no_case_and_nobody_who_hurt_them(tab: Tab, world: World) -> None:
    case = await client_of(world)
    reference = (await world["idva"].get(f"/cases/{case}")).json()["reference"]
    await tab.get(f"/caseload/{case}/safety-plan")
    step = "Keep a bag at my sister’s, and tell Dale nothing. Harrow must not see it."
    assert (await tab.post(f"/caseload/{case}/safety-plan", what=step, who="Me")).status_code == 303
    plan = (await tab.get(f"/caseload/{case}/safety-plan")).text
    change = re.search(rf'/caseload/{case}/safety-plan/[0-9a-f-]{{36}}"', plan)
    assert change
    page = (await tab.get(f"/caseload/{case}/my-plan")).text
    assert "<title>My plan</title>" in page
    assert "Exit this page" in page
    assert "Keep a bag at my sister’s" in page
    for word in (reference, "Dale", "Harrow", "Maya", "Thornbury", "Roundtable", "MARAC", "victim", "perpetrator"):
        assert word not in page, word
    assert "Community Safety" in page
    path = change[0].rstrip('"')
    await tab.get(path)
    done = await tab.post(path, version="1", what="Keep a bag.", who="Me", status="done")
    assert done.status_code == 303, problems(done)
    assert "<h2" in (await tab.get(f"/caseload/{case}/my-plan")).text


async def test_dates_are_added_put_right_and_dropped(tab: Tab, world: World) -> None:
    case = await client_of(world)
    await tab.get(f"/caseload/{case}/dates")
    missing = await tab.post(f"/caseload/{case}/dates", kind="", held_on="")
    assert "Choose what it is" in problems(missing)
    await tab.post(f"/caseload/{case}/dates", kind="court", held_on="2026-11-22", starts="10:00")
    assert "Court hearing tomorrow at 10:00" in (await tab.get(f"/caseload/{case}")).text
    page = (await tab.get("/caseload")).text
    assert "Dates ahead" in page
    found = re.search(rf'/caseload/{case}/dates/[0-9a-f-]{{36}}"', (await tab.get(f"/caseload/{case}/dates")).text)
    assert found
    path = found[0].rstrip('"')
    await tab.get(path)
    answer = await tab.post(path, version="1", kind="court", held_on="2026-11-22", dropped="yes")
    assert answer.status_code == 303
    assert "Will not take place" in (await tab.get(f"/caseload/{case}/dates")).text
    assert "Dates ahead" not in (await tab.get("/caseload")).text


async def test_before_and_after_are_told_kind_by_kind(tab: Tab, world: World) -> None:
    case = await client_of(world)
    await tab.get(f"/caseload/{case}/change")
    await tab.post(f"/caseload/{case}/change", stage="start", physical="high", control="moderate")
    await tab.post(f"/caseload/{case}/change", stage="end", physical="none", control="moderate")
    page = (await tab.get(f"/caseload/{case}/change")).text
    assert page.count(">Stopped<") == 1
    assert page.count(">The same<") == 1
    assert ">Not known<" in page


async def test_private_notes_say_who_reads_them_and_are_no_part_of_the_case(
    tab: Tab, world: World, database: Database
) -> None:
    case = await client_of(world)
    page = (await tab.get(f"/caseload/{case}/notes")).text
    assert "the IDVAs of Harbour IDVA Service who work on this case, and nobody else" in page
    await tab.post(f"/caseload/{case}/notes", note="Thinking of her aunt’s house.")
    assert "Thinking of her aunt’s house." in (await tab.get(f"/caseload/{case}/notes")).text
    await sign_in(tab, database, world["coordinator"])
    assert (await tab.get(f"/caseload/{case}/notes")).status_code == 403
    page = (await tab.get(f"/caseload/{case}")).text
    assert "Private notes" not in page
    assert "Log an attempt" not in page
    assert (await tab.get(f"/caseload/{case}/my-plan")).status_code == 403


async def test_a_case_that_is_hidden_has_no_page_here(tab: Tab, world: World, database: Database) -> None:
    case = await client_of(world)
    await sign_in(tab, database, world["nurse"])
    for part in ("", "/words", "/safety-plan", "/dates", "/change", "/attempts", "/safe-times", "/end"):
        assert (await tab.get(f"/caseload/{case}{part}")).status_code == 404, part


async def test_support_ends_and_the_case_goes_on(tab: Tab, world: World) -> None:
    case = await client_of(world)
    await tab.get(f"/caseload/{case}/end")
    other = await tab.post(f"/caseload/{case}/end", version="1", reason="other")
    assert "Say in words why support ends." in problems(other)
    answer = await tab.post(
        f"/caseload/{case}/end", version="1", reason="goals_met", outcomes="safer_home", safer="yes"
    )
    assert answer.status_code == 303, problems(answer)
    page = (await tab.get(f"/caseload/{case}")).text
    assert "supported them until" in page
    assert "Log an attempt" not in page
    assert "You have no clients." in (await tab.get("/caseload")).text
    assert "Their home is safer" in (await tab.get(f"/caseload/{case}/change")).text
    assert (await tab.get(f"/caseload/{case}/end")).status_code == 403


async def test_a_page_asks_no_more_when_there_is_more_to_show(
    tab: Tab, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = await client_of(world)
    pages = {"/caseload": 2, f"/caseload/{case}": 6, f"/caseload/{case}/words": 4, f"/caseload/{case}/notes": 6}

    async def sent(path: str) -> int:
        async with counted(monkeypatch) as statements:
            assert (await tab.get(path)).status_code == 200
        return statements()

    before = {path: await sent(path) for path in pages}
    assert before == pages
    for number in range(4):
        await world["idva"].post(f"/cases/{case}/contact-attempts", {"outcome": "no_answer"})
        await world["idva"].post(f"/cases/{case}/safety-plan", {"what": f"Step {number}"})
        await world["idva"].put(f"/cases/{case}/client-voice", {"said": f"Version {number}"}, number)
    assert {path: await sent(path) for path in pages} == before


async def test_the_case_leads_to_what_its_idva_does(tab: Tab, world: World) -> None:
    case = await client_of(world)
    assert f'href="/caseload/{case}"' in (await tab.get(f"/cases/{case}")).text
