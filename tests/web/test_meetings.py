"""Meetings on pages: which there are, one from its start to its minutes, and how one is planned and called off."""

import pytest

from app.db.session import Database
from tests.counted import counted
from tests.tabs import Tab, hidden, problems, sign_in
from tests.web.listed import CHILD, items_of, on_list, send
from tests.world import World


async def test_a_whole_meeting_is_run_on_pages(tab: Tab, world: World, database: Database) -> None:
    meeting, _ = await on_list(world)
    at = f"/meetings/{meeting}"
    await sign_in(tab, database, world["coordinator"])
    listing = await tab.get("/meetings")
    assert "Research is missing from 10 agencies" in listing.text
    shown = await tab.get(at)
    assert shown.status_code == 200
    assert shown.text.index("Families with children") < shown.text.index("Adults only")
    assert "10 agencies were reminded" in (await tab.get((await tab.post(f"{at}/chase")).headers["location"])).text
    assert (await send(tab, f"{at}/publish")).headers["location"] == at
    world.clock.set(2026, 11, 23, 9, 30)
    await sign_in(tab, database, world["coordinator"])
    run = await tab.get(f"{at}/run")
    assert "There is no quorum yet" in run.text
    refused = await tab.post(f"{at}/start", version=hidden(run, "version"))
    assert refused.status_code == 422
    assert "There is no quorum" in problems(refused)
    for who in ("safeguarding", "health_rep", "triage"):
        await tab.get(f"{at}/attendance")
        added = await tab.post(f"{at}/attendance/add", user_id=str(world[who].user_id), standing="present")
        assert added.status_code == 303, added.text
    statement = await tab.get(f"{at}/statement")
    await tab.post(f"{at}/statement", version=hidden(statement, "version"))
    run = await tab.get(f"{at}/run")
    assert "The quorum is met" in run.text
    assert (await tab.post(f"{at}/start", version=hidden(run, "version"))).status_code == 303
    for item in await items_of(world, meeting):
        path = f"{at}/items/{item['id']}"
        page = await tab.get(path)
        assert page.status_code == 200
        kept = {"version": hidden(page, "version"), "seen": hidden(page, "seen")}
        victim = next(each for each in item["people"] if each["role"] == "victim")
        risky = {"risk": "He has her work address.", "about": f"victim:{victim['id']}"}
        done = {"what": "Fit new locks at the home", "agency_id": str(world.agencies["housing"]), "by": "Friday"}
        noted = await tab.post(path, **kept, do="action", minutes="She spoke.", safety_plan="", **risky, **done)
        assert noted.headers["location"] == path, problems(noted)
        page = await tab.get(path)
        for words in ("He has her work address.", "Fit new locks", "Friday 27 November 2026", "She spoke."):
            assert words in page.text
        decided = await send(tab, f"{path}/outcome", outcome="plan_agreed")
        assert decided.status_code == 303, problems(decided)
    assert decided.headers["location"] == f"{at}/run"
    await tab.get(f"{at}/run")
    assert (await tab.post(f"{at}/end")).headers["location"] == f"{at}/minutes"
    minutes = await tab.get(f"{at}/minutes")
    assert "City Housing" in minutes.text
    assert (await send(tab, f"{at}/minutes")).status_code == 303
    assert "Plan agreed and monitored" in (await tab.get(f"{at}/minutes")).text


async def test_whoever_does_not_run_the_meeting_is_shown_nothing_to_run_it_with(
    tab: Tab, world: World, database: Database
) -> None:
    meeting, _ = await on_list(world)
    at = f"/meetings/{meeting}"
    await sign_in(tab, database, world["health_rep"])
    shown = await tab.get(at)
    assert "Your agency has 2 families to answer for" in shown.text
    for path in ("/publish", "/chase", "/lock", "/order", "/cancel", "/chair", "/add"):
        assert f'{at}{path}"' not in shown.text
    assert (await tab.post(f"{at}/chase")).status_code == 403
    assert (await tab.post(f"{at}/lock")).status_code == 403
    item = (await items_of(world, meeting))[0]["id"]
    assert (await tab.post(f"{at}/order", move=f"down:{item}")).status_code == 403
    page = await tab.get(f"{at}/items/{item}")
    assert 'name="minutes"' not in page.text
    told = {"risk": "He has a key.", "about": "staff", "do": "risk"}
    noted = await tab.post(f"{at}/items/{item}", version=hidden(page, "version"), seen=hidden(page, "seen"), **told)
    assert noted.status_code == 303, problems(noted)
    assert "He has a key. (Solent Hospitals)" in (await tab.get(f"{at}/items/{item}")).text


async def test_a_case_that_somebody_does_not_see_is_on_no_page_of_theirs(
    tab: Tab, world: World, database: Database
) -> None:
    meeting, (first, second) = await on_list(world)
    item = next(each for each in await items_of(world, meeting) if each["case"]["id"] == first["case"]["id"])["id"]
    await sign_in(tab, database, world["health_rep"])
    page = await tab.get(f"/meetings/{meeting}/items/{item}/conflict")
    assert page.status_code == 200
    declared = await tab.post(f"/meetings/{meeting}/items/{item}/conflict", because="She is my neighbour.")
    assert declared.headers["location"] == f"/meetings/{meeting}/run"
    for path in ("", "/run"):
        shown = (await tab.get(f"/meetings/{meeting}{path}")).text
        assert first["case"]["reference"] not in shown
        assert "Thornbury0" not in shown
        assert second["case"]["reference"] in shown
    assert (await tab.get(f"/meetings/{meeting}/items/{item}")).status_code == 404
    assert (await tab.get(f"/research/{item}")).status_code == 404
    assert first["case"]["reference"] not in (await tab.get("/research")).text


async def test_words_that_somebody_was_overtaken_in_are_kept_beside_the_others(
    tab: Tab, world: World, database: Database
) -> None:
    meeting, _ = await on_list(world, 1)
    at = f"/meetings/{meeting}"
    await sign_in(tab, database, world["coordinator"])
    await send(tab, f"{at}/publish")
    world.clock.set(2026, 11, 23, 9, 30)
    started = await world["chair"].post(f"{at}/start", {"reason": "Snow"}, headers={"If-Match": "*"})
    assert started.status_code == 200, started.text
    await sign_in(tab, database, world["coordinator"])
    path = f"{at}/items/{(await items_of(world, meeting))[0]['id']}"
    page = await tab.get(path)
    mine = {"version": hidden(page, "version"), "seen": hidden(page, "seen"), "do": "save"}
    theirs = {"minutes": "Written by the chair."}
    item = path.removeprefix(f"{at}/items/")
    wrote = await world["chair"].request("PUT", f"/agenda-items/{item}/minutes", json=theirs, headers={"If-Match": "*"})
    assert wrote.status_code == 200
    untouched = await tab.post(path, **mine, minutes="", safety_plan="", risk="A dog.", about="staff")
    assert untouched.status_code == 303, "whoever wrote no words is not in anybody's way"
    overtaken = await tab.post(path, **mine, minutes="Written by me.", safety_plan="")
    assert overtaken.status_code == 412
    for words in ("Written by me.", "It now says: Written by the chair."):
        assert words in overtaken.text
    again = {"version": hidden(overtaken, "version"), "seen": hidden(overtaken, "seen"), "do": "save"}
    assert (await tab.post(path, **again, minutes="Both of us.", safety_plan="")).status_code == 303
    assert "Both of us." in (await tab.get(path)).text


async def test_an_action_that_lacks_something_keeps_all_that_was_typed(
    tab: Tab, world: World, database: Database
) -> None:
    meeting, _ = await on_list(world, 1)
    await sign_in(tab, database, world["coordinator"])
    path = f"/meetings/{meeting}/items/{(await items_of(world, meeting))[0]['id']}"
    page = await tab.get(path)
    kept = {"version": hidden(page, "version"), "seen": hidden(page, "seen")}
    refused = await tab.post(path, **kept, do="action", what="Fit new locks at the home", agency_id="", by="soonish")
    assert refused.status_code == 422
    assert "Choose who will do it." in problems(refused)
    assert "Write when, such as tomorrow" in problems(refused)
    assert "Fit new locks at the home" in refused.text
    assert "soonish" in refused.text
    vague = {"what": "Monitor the case", "agency_id": str(world.agencies["housing"]), "by": "3 days"}
    assert "Be more specific" in problems(await tab.post(path, **kept, do="action", **vague))


async def test_to_marac_only_with_criteria_and_a_reason(tab: Tab, world: World, database: Database) -> None:
    meeting, _ = await on_list(world, 1)
    at = f"/meetings/{meeting}"
    await sign_in(tab, database, world["coordinator"])
    await send(tab, f"{at}/publish")
    world.clock.set(2026, 11, 23, 9, 30)
    await world["chair"].post(f"{at}/start", {"reason": "Snow"}, headers={"If-Match": "*"})
    await sign_in(tab, database, world["coordinator"])
    path = f"{at}/items/{(await items_of(world, meeting))[0]['id']}/outcome"
    refused = await send(tab, path, outcome="to_marac")
    assert refused.status_code == 422
    assert "Choose at least one of the criteria for MARAC" in problems(refused)
    assert "Give the reason for this outcome" in problems(refused)
    told = {"outcome": "to_marac", "criteria": "particularly_complex", "reason": "Three agencies disagree."}
    assert (await send(tab, path, **told)).headers["location"] == f"{at}/run"
    shown = (await tab.get(f"{at}/run")).text
    assert "To MARAC" in shown
    assert "End the meeting" in shown


async def test_a_meeting_is_called_off_with_a_reason_and_nobody_is_dropped(
    tab: Tab, world: World, database: Database
) -> None:
    meeting, _ = await on_list(world, 1)
    await sign_in(tab, database, world["coordinator"])
    refused = await send(tab, f"/meetings/{meeting}/cancel", reason="")
    assert "Say why the meeting is cancelled" in problems(refused)
    assert (await send(tab, f"/meetings/{meeting}/cancel", reason="Snow")).status_code == 303
    shown = (await tab.get(f"/meetings/{meeting}")).text
    assert "Cancelled: Snow" in shown
    case = (await world["coordinator"].get("/cases")).json()["items"][0]
    assert case["next_meeting"]["starts_at"].startswith("2026-11-24")


async def test_a_reminder_says_only_that_something_waits(tab: Tab, world: World, database: Database) -> None:
    meeting, made = await on_list(world, 1)
    await sign_in(tab, database, world["coordinator"])
    await tab.get(f"/meetings/{meeting}")
    await tab.post(f"/meetings/{meeting}/chase")
    (notice,) = (await world["mh_rep"].get("/notices")).json()["items"]
    assert (notice["kind"], notice["about"], notice["case"]) == ("research.waits", meeting, None)
    assert made[0]["case"]["reference"] not in str(notice)


async def test_an_extra_meeting_is_planned_by_the_date_as_people_write_it(
    tab: Tab, world: World, database: Database
) -> None:
    await sign_in(tab, database, world["coordinator"])
    await tab.get("/meetings/plan")
    marac = str(world.forums["marac"])
    refused = await tab.post("/meetings/plan", forum_id=marac, day="3/12/2026")
    assert "tick that this is an extra meeting" in problems(refused)
    made = await tab.post("/meetings/plan", forum_id=marac, day="3 December", extra="yes")
    assert made.status_code == 303
    assert "Extra meeting" in (await tab.get(made.headers["location"])).text


async def test_a_calendar_of_a_forum_names_nobody(tab: Tab, world: World, database: Database) -> None:
    await on_list(world, 1)
    await sign_in(tab, database, world["mh_rep"])
    made = await tab.get(f"/meetings/calendars/{world.forums['hrda']}.ics")
    assert made.headers["content-type"].startswith("text/calendar")
    assert b"Thornbury" not in made.content


async def test_twenty_two_cases_take_no_more_statements_than_one(
    tab: Tab, world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sign_in(tab, database, world["coordinator"])
    meeting, _ = await on_list(world, 1)
    item = (await items_of(world, meeting))[0]["id"]
    paths: tuple[str, ...] = (
        "/meetings",
        f"/meetings/{meeting}",
        f"/meetings/{meeting}/run",
        f"/meetings/{meeting}/items/{item}",
    )
    paths += (f"/meetings/{meeting}/publish", "/research", f"/research/{item}")
    taken: list[list[int]] = []
    for more in (0, 21):
        for n in range(more):
            await world.refer(victim=f"Ana Pereira{n}", children=[CHILD])
        taken.append([])
        for path in paths:
            async with counted(monkeypatch) as statements:
                shown = await tab.get(path)
                assert shown.status_code == 200
                taken[-1].append(statements())
    assert taken[0] == taken[1]
    # The meeting, what stands beside it, what was sent and the list, and what writes the trail; a page that shares
    # something reads the register, and one that says who will hear of it asks who sees each case.
    assert dict(zip(paths, taken[1], strict=True)) == dict(zip(paths, (2, 6, 6, 7, 11, 3, 8), strict=True))
    assert "22 cases" in (await tab.get(f"/meetings/{meeting}")).text
