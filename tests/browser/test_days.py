"""A day of each role, from sign-in to sign-out, as it is lived: by real clicks, one browser window to a day.

What a day does not do itself, another test does: the same without JavaScript (test_refer, test_meeting_day), a new way
to sign in (test_sign_in, test_passkeys). What a day begins with is sent by programs. From Home on, everybody goes by
what they see, and never by an address.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import expect

from tests.accounts import PASSWORD, account_of
from tests.browser.conftest import Windows
from tests.browser.going import follow, lunch_hour, menu, outcome, plan_as_it_is_said, press, says
from tests.browser.keyboard import Keys, first_pages, incident, last_pages, questions, who_she_is
from tests.browser.sittings import CHILD, move
from tests.browser.windows import DESKTOP, PHONE, Window
from tests.world import World

MONDAY = (2026, 11, 23)


@asynccontextmanager
async def a_day(
    windows: Windows, world: World, who: str, at: tuple[int, int], *, size: Any = DESKTOP, **more: Any
) -> AsyncIterator[Window]:
    """Somebody signs in at that time on Monday, does what follows, and signs out for good."""
    world.clock.set(*MONDAY, *at)
    account = await account_of(world, who)
    async with windows(size=size, **more) as window:
        await window.go(f"/sign-in?partnership={account.slug}")
        for name, value in (("email", account.email), ("password", PASSWORD), ("code", account.code)):
            await window.page.fill(f"#{name}", value)
        await press(window, "Sign in", "$")
        assert window.path == "/home"
        yield window
        await press(window, "Sign out")
        await window.go("/home")
        assert window.path.startswith("/sign-in"), "whoever signed out is nobody"


async def gives_idva(world: World, case: str) -> None:
    told = {"user_id": str(world["idva"].user_id)}
    answer = await world["coordinator"].request("PUT", f"/cases/{case}/idva", json=told, headers={"If-Match": "*"})
    assert answer.status_code == 200, answer.text


async def test_an_officer_refers_by_keyboard_on_a_phone_and_two_lost_connections_lose_nothing(
    windows: Windows, world: World
) -> None:
    lost = ("ERR_INTERNET_DISCONNECTED", "status of 422", "status of 412")
    async with a_day(windows, world, "officer", (3, 10), size=PHONE, expected=lost) as window:
        keys, page = Keys(window), window.page
        await keys.press("Refer somebody")
        await keys.press("Start a referral")
        await who_she_is(keys)

        # The signal goes as the page is saved: it says so, keeps everything, and goes on by itself when it is back.
        await window.context.set_offline(True)
        await keys.to("Save and continue")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("status")).to_contain_text("No connection. What you typed is kept")
        async with page.expect_navigation(url="**/contact"):
            await window.context.set_offline(False)
        await says(window, "Every new name is checked against earlier records. Carry on.")

        # Called away, and back to it from Home.
        await keys.to("Menu")
        await page.keyboard.press("Enter")
        await keys.press("Home")
        await says(window, "Refer somebody", "1 referral that you have not sent")
        await follow(window, "Maya Thornbury")
        await keys.press("Next: How to reach them safely")
        await first_pages(keys)

        # It goes again, and the page is opened anew before anything was saved.
        await incident(keys)
        here = window.path
        await window.context.set_offline(True)
        with pytest.raises(Exception, match="ERR_INTERNET_DISCONNECTED"):
            await page.reload()
        await window.context.set_offline(False)
        await window.go(here)
        assert await page.input_value("#narrative") == "He held her by the neck in the kitchen."
        assert await page.input_value("#occurred_on-year") == "2026"
        await keys.press("Save and continue")
        await keys.press("Save and continue")

        panel = page.locator("[data-label=Strangulation]")
        await questions(keys, range(1, 18))
        await expect(panel).to_be_hidden()
        await questions(keys, [18])
        await expect(panel).to_be_visible()
        assert "medical check tonight" in await panel.inner_text()
        await questions(keys, range(19, 28))
        score = page.locator("#score")
        await expect(score).to_contain_text("Score 9 of 27. 5 not answered: could reach 14.")
        await expect(score).to_contain_text("Critical markers: 4.")
        await window.check()
        await keys.press("Save and continue")
        await last_pages(keys, window, "Listed for HRDA, Tuesday 24 November 2026 at 09:30")
        assert await page.evaluate("Object.keys(sessionStorage)") == []
        assert await page.evaluate("Object.keys(localStorage)") == []


async def test_an_idva_reaches_a_client_and_speaks_for_them(windows: Windows, world: World) -> None:
    case = (await world.refer())["case"]["id"]
    await gives_idva(world, case)
    async with a_day(windows, world, "idva", (10, 15), size=PHONE) as window:
        page = window.page
        await says(window, "1 client to reach for the first time")
        await menu(window, "Caseload")
        await follow(window, "Maya Thornbury")
        assert window.path == f"/caseload/{case}"
        await says(window, "Before you call or write to Maya Thornbury", "You can call now, until 14:00", "ending 23")
        await page.get_by_label("Reached them").check()
        await press(window, "Log it")
        await says(window, "Reached")

        await follow(window, "Change how they are reached")
        await page.locator("[name=safe_to_call][value=yes]").check()
        await page.locator("[name=days_1][value='2']").check()
        await page.locator("#from_1").fill("9")
        await page.locator("#to_1").fill("11.30")
        await page.get_by_label("What to say").fill("Hang up if a man answers.")
        await press(window, "Save how they are reached")
        await says(window, "Tuesday 09:00 to 11:30", "Hang up if a man answers.", "Said by Idva, Harbour IDVA Service")

        await follow(window, "Their words")
        await page.get_by_label("In their own words").fill("I want him to leave me alone.")
        await press(window, "Save their words")
        await says(window, "I want him to leave me alone.")
        await follow(window, "Safety plan")
        await page.get_by_label("What will be done?").fill("Keep a bag with my papers at my sister’s")
        await press(window, "Add the step")
        await follow(window, "Show or print it for them")
        await says(window, "Keep a bag with my papers at my sister’s")
        await window.check()
        await follow(window, "Back")
    seen = (await world["chair"].get(f"/cases/{case}/contacts")).json()["items"][0]
    assert seen["safe_contact_said"]["how"] == "idva"


async def test_a_chair_runs_todays_list_to_its_minutes_and_types_the_plan_as_it_is_said(
    windows: Windows, world: World
) -> None:
    meeting = (await world.refer(victim="Ana Pereira", children=[CHILD]))["route"]["meeting_id"]
    await world.refer(victim="Joan Mercer")
    for verb, body in (("lock", None), ("publish", {"sharing": world["coordinator"].sharing})):
        await move(world, meeting, verb, body)
    async with a_day(windows, world, "chair", (9, 30)) as window:
        page = window.page
        await follow(window, "HRDA, Monday 23 November 2026")
        await press(window, "Go to the meeting")
        await follow(window, "Confidentiality statement")
        await press(window, "I have read this, and accept it")
        await says(window, "Chair, Community Safety: accepted at 09:30")
        await press(window, "Back to the meeting")
        await page.get_by_label("Why does it start without a quorum?").fill("By telephone.")
        await press(window, "Start the meeting")
        await press(window, "Next case: Ana Pereira")
        await plan_as_it_is_said(window)
        await press(window, "Decide the outcome")
        await outcome(window)
        await follow(window, "HRDA, Monday 23 November 2026")
        await says(window, "Agencies that came only for the children may leave")
        await press(window, "Next case: Joan Mercer")
        await press(window, "Decide the outcome")
        await page.get_by_label("No further action").check()
        await page.get_by_label("Reason").fill("She has moved away, and he does not know where.")
        await press(window, "Record the outcome")
        await press(window, "End the meeting")
        await says(window, "What each agency promised", "Fit new locks at the home", "Plan agreed and monitored")
        await press(window, "Issue the minutes")
        await says(window, "The minutes are issued.")
        await window.check()
    issued = (await world["coordinator"].get(f"/meetings/{meeting}")).json()
    assert issued["status"] == "minutes_issued"


async def test_a_coordinator_sends_an_agenda_and_takes_it_to_the_room(windows: Windows, world: World) -> None:
    await world.refer(victim="Ana Pereira")
    async with a_day(windows, world, "coordinator", (8, 0)) as window:
        await says(window, "1 agenda to send out", "due by 09:30 today")
        await menu(window, "Meetings")
        await follow(window, "HRDA: Monday 23 November 2026")
        await says(window, "Missing from")
        await press(window, "Remind those whose research is missing")
        await press(window, "Look at what is sent")
        await says(window, "What each agency gets", "1 of 1", "Who is kept from it")
        await press(window, "Send the agenda")
        await says(window, "Agenda, version 1")
        await press(window, "Download")
        for field, value in (("document", "agenda"), ("format", "pdf")):
            await window.page.locator(f"[name={field}][value={value}]").check()
        await press(window, "Make it")
        await world.app.state.exports.idle()
        await window.page.reload()
        async with window.page.expect_download() as found:
            await window.page.get_by_role("button", name="Download it").click()
        assert (await found.value).suggested_filename.endswith(".pdf")
        await follow(window, "Meeting", "$")
        await says(window, "Agenda, version 1")
        await window.check()


async def test_an_agencys_representative_answers_at_lunch_and_reports_an_action(windows: Windows, world: World) -> None:
    made = [await world.refer(victim=f"Ana Pereira{n}") for n in range(3)]
    rep = world["mh_rep"]
    promised = {"what": "Offer him an assessment at the clinic", "agency_id": str(rep.agency_id), "working_days": 2}
    answer = await rep.post(f"/cases/{made[0]['case']['id']}/actions", {**promised, "owner_id": str(rep.user_id)})
    assert answer.status_code == 201, answer.text
    async with a_day(windows, world, "mh_rep", (8, 30), size=PHONE) as window:
        await says(window, "3 research returns to give", "1 action of yours")
        await follow(window, "3 research returns to give")
        await lunch_hour(window, 3)
        await menu(window, "Actions")
        await follow(window, "Offer him an assessment")
        await window.page.locator("#reason").fill("He came, and comes again on Thursday.")
        await press(window, "Mark as done")
        await says(window, "The action is done.", "Your agency has no actions here.")
        await window.check()
        await menu(window, "Home")
        await says(window, "Today 1 meeting HRDA, Monday 23 November 2026 3 cases at 09:30 today Who you are here")
        for verb, body in (("lock", None), ("publish", {"sharing": world["coordinator"].sharing})):
            await move(world, made[0]["route"]["meeting_id"], verb, body)
        await follow(window, "HRDA, Monday 23 November 2026")
        await press(window, "Go to the meeting")
        await follow(window, "Confidentiality statement")
        await press(window, "I have read this, and accept it")
        await says(window, "Mh Rep, Mental Health Trust: accepted at 08:30")
        await window.check()


async def test_an_information_governance_lead_answers_a_complaint(windows: Windows, world: World) -> None:
    case = (await world.refer())["case"]
    await world["housing_rep"].get(f"/cases/{case['id']}")
    async with a_day(windows, world, "auditor", (14, 0)) as window:
        await follow(window, "Find out who looked at a case")
        await window.page.get_by_label("Reference of a case or a person").fill(case["reference"])
        await window.page.get_by_label("Agency").select_option(label="City Housing")
        await press(window, "Look")
        await says(
            window,
            "The trail of this case holds",
            "Who could see it, and why",
            "Housing Rep, City Housing: 1 entry",
            "Opened the case",
            "What was sent where, and on what basis",
        )
        assert "Maya" not in await window.page.inner_text("main"), "who looked is told, and nothing of the case"
        await window.check()
        await menu(window, "Oversight")
        await follow(window, "Everything that anybody did")
        await window.page.get_by_text("Show only some").click()
        await window.page.locator("#verb").select_option(label="Signing in")
        await press(window, "Show")
        await says(window, "Signed in")


async def test_an_administrator_brings_in_an_agency_and_a_forum_and_changes_a_rule_from_a_day_on(
    windows: Windows, world: World
) -> None:
    async with a_day(windows, world, "partnership_admin", (11, 0)) as window:
        page = window.page
        await menu(window, "Administration")
        await follow(window, "Agencies")
        await press(window, "Add an agency")
        await page.get_by_label("Name").fill("Harbourside Refuge")
        await page.get_by_label("Kind").select_option(index=1)
        await press(window, "Add it")
        await says(window, "Harbourside Refuge")
        await menu(window, "Administration")
        await follow(window, "People")
        await press(window, "Invite somebody")
        await page.get_by_label("Name", exact=True).fill("Ann Weaver")
        await page.get_by_label("Email address").fill("ann.weaver@refuge.example")
        await page.get_by_label("Agency", exact=True).select_option(label="Harbourside Refuge")
        await page.get_by_label("Practitioner", exact=True).check()
        await press(window, "Invite them")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Ann Weaver")
        await says(window, "Harbourside Refuge")
        await window.check()

        await menu(window, "Administration")
        await follow(window, "Forums")
        await press(window, "Add a forum")
        await page.get_by_label("MATAC").check()
        await page.get_by_label("Name", exact=True).fill("MATAC South")
        await page.get_by_label("Every so many weeks").check()
        await page.get_by_label("Every how many weeks?").fill("4")
        await page.get_by_label("The first of these sittings").fill("3 December 2026")
        await page.get_by_label("At what time?").fill("10:00")
        await page.get_by_label("Harbourside Refuge").check()
        await page.get_by_label("Why?").fill("Agreed by the steering group.")
        await press(window, "Add it")
        await says(window, "MATAC South", "Harbourside Refuge", "Thursday 3 December 2026")
        await window.check()

        await menu(window, "Administration")
        await follow(window, "Rules")
        await press(window, "Change grading thresholds")
        await page.get_by_label("Medium risk from").fill("8")
        await page.get_by_label("From which day?").fill("1 January 2027")
        await page.get_by_label("Why?").fill("Agreed by the steering group.")
        await press(window, "Continue")
        await says(window, "Grading thresholds, from Friday 1 January 2027", "Medium risk 10 or more 8 or more")
        await window.check()
        await press(window, "Save it from Friday 1 January 2027")
        await says(window, "From Friday 1 January 2027", "Agreed by the steering group.")
        await window.check()
