"""A day of each role, from sign-in to sign-out, as it is lived: by real clicks, one browser window to a day.

What a day does not do itself, another test does: a referral page by page and by keyboard (test_refer), a plan as it is
said (test_meeting_day), a new way to sign in (test_sign_in, test_passkeys). What a day begins with is sent by programs.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import expect

from tests.accounts import PASSWORD, account_of
from tests.browser.conftest import Windows
from tests.browser.sittings import move
from tests.browser.windows import DESKTOP, PHONE, Window
from tests.world import World, referral_form

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


async def press(window: Window, name: str, rest: str = "") -> None:
    """Press the first button that begins with this, and wait for the page that it leads to."""
    async with window.page.expect_navigation():
        await window.page.get_by_role("button", name=re.compile(f"^{re.escape(name)}{rest}")).first.click()


async def follow(window: Window, name: str) -> None:
    """Follow the first link that begins with this."""
    async with window.page.expect_navigation():
        await window.page.get_by_role("link", name=re.compile(f"^{re.escape(name)}")).first.click()


async def menu(window: Window, place: str) -> None:
    """Go to a place of the navigation, which a phone folds away."""
    if not await window.page.locator("nav").get_by_role("link", name=place).first.is_visible():
        await window.page.get_by_text("Menu", exact=True).click()
    async with window.page.expect_navigation():
        await window.page.locator("nav").get_by_role("link", name=place, exact=True).first.click()


async def says(window: Window, *words: str) -> None:
    text = " ".join((await window.page.inner_text("main")).split())
    for each in words:
        assert each in text, f"{each!r} is not on {window.path}: {text[:2000]}"


async def gives_idva(world: World, case: str) -> None:
    told = {"user_id": str(world["idva"].user_id)}
    answer = await world["coordinator"].request("PUT", f"/cases/{case}/idva", json=told, headers={"If-Match": "*"})
    assert answer.status_code == 200, answer.text


async def test_an_officer_sends_at_night_what_he_began_in_the_car(windows: Windows, world: World) -> None:
    await world["officer"].post("/referrals", referral_form(yes=9, sharing=world["officer"].sharing))
    async with a_day(windows, world, "officer", (3, 10), size=PHONE) as window:
        await says(window, "Refer somebody", "1 referral that you have not sent")
        await follow(window, "Maya Thornbury")
        await follow(window, "Your professional judgement")
        await window.page.get_by_label("Yes, it is high").check()
        await window.page.get_by_label("Why?").fill("Her voice was hoarse, and he has said when he will come back.")
        await press(window, "Save and continue")
        await window.go(re.sub(r"/[^/]+$", "/check", window.path))
        await says(window, "Her voice was hoarse", "9 of 27")
        await press(window, "Send the referral")
        await says(
            window,
            "High risk: your professional judgement",
            "Listed for HRDA, Tuesday 24 November 2026 at 09:30",
            "IDVA",
        )
        await window.check()


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

        await window.go(f"/caseload/{case}/words")
        await page.get_by_label("In their own words").fill("I want him to leave me alone.")
        await press(window, "Save their words")
        await says(window, "I want him to leave me alone.")
        await window.go(f"/caseload/{case}/safety-plan")
        await page.get_by_label("What will be done?").fill("Keep a bag with my papers at my sister’s")
        await press(window, "Add the step")
        await follow(window, "Show or print it for them")
        await says(window, "Keep a bag with my papers at my sister’s")
        await window.check()
        await window.page.go_back()
    seen = (await world["chair"].get(f"/cases/{case}/contacts")).json()["items"][0]
    assert seen["safe_contact_said"]["how"] == "idva"


async def test_a_chair_runs_todays_list_to_its_minutes(windows: Windows, world: World) -> None:
    meeting = (await world.refer(victim="Ana Pereira"))["route"]["meeting_id"]
    for verb, body in (("lock", None), ("publish", {"sharing": world["coordinator"].sharing})):
        await move(world, meeting, verb, body)
    async with a_day(windows, world, "chair", (9, 30)) as window:
        page = window.page
        await follow(window, "HRDA, Monday 23 November 2026")
        await press(window, "Go to the meeting")
        await follow(window, "Confidentiality statement")
        await press(window, "I have read this, and accept it")
        await window.go(f"/meetings/{meeting}/run")
        await page.get_by_label("Why does it start without a quorum?").fill("By telephone.")
        await press(window, "Start the meeting")
        await press(window, "Next case: Ana Pereira")
        await page.locator("#what").fill("Fit new locks at the home")
        await page.locator("#agency_id").select_option(label="City Housing")
        await page.locator("#by").fill("2 days")
        await press(window, "Decide the outcome")
        await page.get_by_label("Plan agreed and monitored").check()
        await press(window, "Record the outcome")
        await press(window, "End the meeting")
        await says(window, "What each agency promised", "Fit new locks at the home", "Plan agreed and monitored")
        await press(window, "Issue the minutes")
        await says(window, "The minutes are issued.")
        await window.check()
    issued = (await world["coordinator"].get(f"/meetings/{meeting}")).json()
    assert issued["status"] == "minutes_issued"


async def test_a_coordinator_sends_an_agenda_and_takes_it_to_the_room(windows: Windows, world: World) -> None:
    meeting = (await world.refer(victim="Ana Pereira"))["route"]["meeting_id"]
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
        await window.go(f"/meetings/{meeting}")
        await window.check()


async def test_an_agencys_representative_answers_at_lunch_and_reports_an_action(windows: Windows, world: World) -> None:
    case = (await world.refer(victim="Ana Pereira"))["case"]["id"]
    rep = world["mh_rep"]
    promised = {"what": "Offer him an assessment at the clinic", "agency_id": str(rep.agency_id), "working_days": 2}
    answer = await rep.post(f"/cases/{case}/actions", {**promised, "owner_id": str(rep.user_id)})
    assert answer.status_code == 201, answer.text
    async with a_day(windows, world, "mh_rep", (8, 30)) as window:
        await says(window, "1 research return to give", "1 action of yours")
        await follow(window, "1 research return to give")
        await follow(window, "Known: write a return")
        await window.page.get_by_label("Yes", exact=True).check()
        await window.page.locator("#facts").fill("Seen by the crisis team on 3 November, at the request of his GP.")
        await window.page.locator("#shared_facts").fill("Seen by the crisis team this month.")
        await press(window, "Release to the meeting")
        await says(window, "Nothing waits for you")
        await menu(window, "Actions")
        await follow(window, "Offer him an assessment")
        await window.page.locator("#reason").fill("He came, and comes again on Thursday.")
        await press(window, "Mark as done")
        await says(window, "The action is done.", "Your agency has no actions here.")
        await window.check()
        await menu(window, "Home")
        await says(window, "Today 1 meeting HRDA, Monday 23 November 2026 1 case at 09:30 today Who you are here")


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
        await window.go("/oversight/trail")
        await window.page.get_by_text("Show only some").click()
        await window.page.locator("#verb").select_option(label="Signing in")
        await press(window, "Show")
        await says(window, "Signed in")


async def test_an_administrator_brings_in_an_agency_and_somebody_of_it(windows: Windows, world: World) -> None:
    async with a_day(windows, world, "partnership_admin", (11, 0)) as window:
        await window.go("/agencies/add")
        await window.page.get_by_label("Name").fill("Harbourside Refuge")
        await window.page.get_by_label("Kind").select_option(index=1)
        await press(window, "Add it")
        await says(window, "Harbourside Refuge")
        await window.go("/people/invite")
        await window.page.get_by_label("Name", exact=True).fill("Ann Weaver")
        await window.page.get_by_label("Email address").fill("ann.weaver@refuge.example")
        await window.page.get_by_label("Agency", exact=True).select_option(label="Harbourside Refuge")
        await window.page.get_by_label("Practitioner", exact=True).check()
        await press(window, "Invite them")
        await expect(window.page.get_by_role("heading", level=1)).to_have_text("Ann Weaver")
        await says(window, "Harbourside Refuge")
        await window.check()
