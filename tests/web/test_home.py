"""Home: what waits for whom, by the clock; and what a session opens, until it ends and not one request longer."""

import re
from html import unescape
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from fastapi import FastAPI
from starlette.requests import Request

from app.db.session import Database
from app.domain.notices import NoticeKind
from app.domain.sessions import SessionKey
from app.domain.work import Kind
from app.web import notice_words, work_words
from app.web.cookies import Cookie
from app.web.paths import opens
from tests.counted import counted
from tests.glass import used
from tests.tabs import Tab, hold, key_of, places, sign_in
from tests.world import SHARING, Person, World


async def test_home_says_who_is_signed_in_in_words(tab: Tab, world: World, database: Database) -> None:
    await sign_in(tab, database, world["coordinator"])
    page = await tab.get("/home")
    assert page.status_code == 200
    for words in ("Coordinator", "Community Safety", "MARAC coordinator", "Sign out"):
        assert words in page.text
    assert "marac_coordinator" not in page.text


async def test_each_role_is_led_to_what_it_may_do(tab: Tab, world: World, database: Database) -> None:
    seen = {}
    for who in ("officer", "police_admin", "partnership_admin"):
        await sign_in(tab, database, world[who])
        seen[who] = places((await tab.get("/home")).text)
    assert "/home" in seen["officer"]
    assert not seen["officer"] & {"/people", "/systems", "/single-sign-on", "/agencies"}
    assert not seen["police_admin"] & {"/single-sign-on", "/agencies"}
    assert not seen["police_admin"] & {"/refer", "/cases", "/actions"}
    assert seen["police_admin"] <= seen["partnership_admin"]


async def test_every_place_that_somebody_is_led_to_is_there_for_them(
    tab: Tab, world: World, database: Database
) -> None:
    for who in ("officer", "police_admin", "partnership_admin"):
        await sign_in(tab, database, world[who])
        for path in places((await tab.get("/home")).text):
            assert (await tab.get(path)).status_code == 200, (who, path)


def test_whatever_waits_leads_to_a_page_that_is_there(app: FastAPI) -> None:
    places = [each for table in (work_words.LISTS, work_words.PLACES) for paths in table.values() for each in paths]
    places += [each.path for each in notice_words.KINDS.values() if each.path]
    request = Request({"type": "http", "app": app})
    for path in places:
        plain = path.partition("?")[0].format(id=UUID(int=1), case=UUID(int=1), about=UUID(int=1))
        assert opens(request, plain), path


async def test_nobody_is_sent_to_sign_in(tab: Tab) -> None:
    answer = await tab.get("/home")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/home")


async def test_signing_out_ends_the_session_for_whoever_kept_a_copy_of_the_cookie(
    tab: Tab, world: World, database: Database
) -> None:
    key = await sign_in(tab, database, world["officer"])
    await tab.get("/home")
    answer = await tab.post("/sign-out")
    assert answer.status_code == 303
    assert Cookie.SESSION not in tab.client.cookies
    assert "You are signed out." in (await tab.get(answer.headers["location"])).text
    hold(tab, key)
    assert (await tab.get("/home")).status_code == 303


async def test_signing_out_twice_is_no_error(tab: Tab, world: World, database: Database) -> None:
    key = await sign_in(tab, database, world["officer"])
    await tab.get("/home")
    await tab.post("/sign-out")
    hold(tab, key)
    assert (await tab.post("/sign-out")).status_code == 303


async def test_another_site_cannot_sign_somebody_out(tab: Tab, world: World, database: Database) -> None:
    await sign_in(tab, database, world["officer"])
    assert (await tab.client.post("/sign-out", headers={"sec-fetch-site": "cross-site"})).status_code == 403
    assert (await tab.get("/home")).status_code == 200


async def test_a_session_left_alone_for_too_long_is_over(tab: Tab, world: World, database: Database) -> None:
    await sign_in(tab, database, world["officer"])
    world.clock.forward(minutes=29)
    assert (await tab.get("/home")).status_code == 200
    world.clock.forward(minutes=31)
    assert (await tab.get("/home")).status_code == 303


async def test_the_session_of_one_secret_is_not_opened_by_another(tab: Tab, world: World, database: Database) -> None:
    key = await key_of(database, world["officer"])
    forged = SessionKey(key.partnership_id, key.user_id, key.session_id, bytes(32))
    hold(tab, forged)
    assert (await tab.get("/home")).status_code == 303


async def test_the_session_of_one_person_does_not_open_for_another(tab: Tab, world: World, database: Database) -> None:
    key = await key_of(database, world["officer"])
    forged = SessionKey(key.partnership_id, world["partnership_admin"].user_id, key.session_id, key.secret)
    hold(tab, forged)
    assert (await tab.get("/home")).status_code == 303


async def test_a_new_role_gives_a_new_session_and_ends_the_old(tab: Tab, world: World, database: Database) -> None:
    key = await sign_in(tab, database, world["officer"])
    admin, officer = world["police_admin"], world["officer"]
    world.clock.forward(minutes=1)
    given = await admin.post(f"/users/{officer.user_id}/roles", {"role": "idva"})
    assert given.status_code == 201
    page = await tab.get("/home")
    assert "IDVA" in page.text
    renewed = tab.client.cookies[Cookie.SESSION]
    assert renewed != key.text
    assert (await tab.get("/home")).status_code == 200
    assert tab.client.cookies[Cookie.SESSION] == renewed
    tab.client.cookies.clear()
    hold(tab, key)
    assert (await tab.get("/home")).status_code == 303


async def test_a_page_that_is_not_there_is_a_page(tab: Tab, world: World, database: Database) -> None:
    await sign_in(tab, database, world["officer"])
    answer = await tab.get("/nowhere")
    assert answer.status_code == 404
    assert "Page not found" in answer.text


_SPAN = re.compile(r'<section class="rt-span rt-span--(\w+)".*?</section>', re.S)
_HEAP = re.compile(r'<h3 class="rt-heap__heading">(.*?)</h3>(.*?)</ul>', re.S)


def words_of(html: str) -> str:
    """What somebody reads there."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def waiting(page: str) -> dict[str, dict[str, str]]:
    """What waits, as the page says it: by span of time and heading, the lines."""
    return {
        span[1]: {words_of(heading): words_of(lines) for heading, lines in _HEAP.findall(span[0])}
        for span in _SPAN.finditer(page)
    }


async def home_of(tab: Tab, database: Database, person: Person) -> dict[str, dict[str, str]]:
    await sign_in(tab, database, person)
    page = await tab.get("/home")
    assert page.status_code == 200
    return waiting(page.text)


async def promise(world: World, case_id: str, **changes: Any) -> dict[str, Any]:
    form = {"what": "Fit new locks at the home", "agency_id": str(world.agencies["housing"]), "due_on": "2026-11-23"}
    answer = await world["coordinator"].post(f"/cases/{case_id}/actions", {**form, "sharing": SHARING, **changes})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_for_somebody_new_nothing_waits_and_referring_comes_first(
    tab: Tab, world: World, database: Database
) -> None:
    assert await home_of(tab, database, world["officer"]) == {}
    page = (await tab.get("/home")).text
    assert "Nothing waits for you today." in page
    assert "What you might do next" in page
    assert page.index("Refer somebody") < page.index("Nothing waits")


async def test_an_administrator_for_whom_nothing_waits_is_shown_two_next_steps(
    tab: Tab, world: World, database: Database
) -> None:
    await home_of(tab, database, world["police_admin"])
    page = (await tab.get("/home")).text
    assert "Refer somebody" not in page
    assert 'href="/people/invite"' in page


async def test_an_action_moves_from_later_to_this_week_to_today_to_overdue(
    tab: Tab, world: World, database: Database
) -> None:
    case = (await world.refer(yes=4))["case"]
    await promise(world, case["id"], owner_id=str(world["housing_rep"].user_id))
    seen = []
    for day in (15, 17, 23, 24):
        world.clock.set(2026, 11, day, 23, 30)
        found = await home_of(tab, database, world["housing_rep"])
        seen += [(span, heaps["1 action of yours"]) for span, heaps in found.items() if "1 action of yours" in heaps]
    assert [span for span, _ in seen] == ["later", "week", "today", "overdue"]
    assert [line.rpartition("due ")[2] for _, line in seen] == [
        "Monday 23 November 2026",
        "Monday 23 November 2026",
        "today",
        "yesterday",
    ]
    assert f"Maya Thornbury, {case['reference']}" in seen[0][1]


async def test_an_action_of_a_colleague_is_told_of_at_the_desk_and_to_no_practitioner(
    tab: Tab, world: World, database: Database
) -> None:
    case = (await world.refer(yes=4))["case"]
    await promise(world, case["id"])
    at_desk = await home_of(tab, database, world["housing_rep"])
    assert list(at_desk["week"]) == ["1 other action of your agency"]
    assert await home_of(tab, database, world["housing"]) == {}
    assert await home_of(tab, database, world["mh_rep"]) == {}


async def test_research_is_due_by_the_time_that_its_meeting_begins(tab: Tab, world: World, database: Database) -> None:
    await world.refer()
    found = await home_of(tab, database, world["mh_rep"])
    assert found["week"]["1 research return to give"].endswith("due by 09:30 on Monday 23 November 2026")
    world.clock.set(2026, 11, 23, 9, 45)
    late = await home_of(tab, database, world["mh_rep"])
    assert late["overdue"]["1 research return to give"].endswith("was due by 09:30 today")
    assert list(late["today"]) == ["1 meeting"]
    assert late["today"]["1 meeting"].endswith("1 case at 09:30 today")


async def test_a_draft_waits_for_its_author_and_their_desk(tab: Tab, world: World, database: Database) -> None:
    answer = await world["officer"].post("/referrals", {"victim": {"given_name": "Ana", "family_name": "Pereira"}})
    assert answer.status_code == 201
    world.clock.forward(hours=14)
    mine = await home_of(tab, database, world["officer"])
    assert mine == {"today": {"1 referral that you have not sent": "Ana Pereira waiting 14 hours"}}
    theirs = await home_of(tab, database, world["safeguarding"])
    assert theirs["today"]["1 referral that a colleague has not sent"] == "Ana Pereira By Officer waiting 14 hours"
    assert await home_of(tab, database, world["nurse"]) == {}


async def test_a_service_is_asked_for_its_answer(tab: Tab, world: World, database: Database) -> None:
    await world.refer(yes=4)
    found = await home_of(tab, database, world["advocate"])
    assert found["week"]["1 request for support to answer"].startswith("Maya Thornbury")
    page = await tab.get("/support")
    assert page.status_code == 200
    assert "Maya Thornbury" in page.text
    assert "Maya Thornbury" not in (await tab.get("/support?status=accepted")).text


async def test_a_high_risk_case_waits_for_the_service_that_has_idvas(
    tab: Tab, world: World, database: Database
) -> None:
    await world.refer()
    found = await home_of(tab, database, world["idva"])
    assert list(found["today"]) == ["1 high-risk case without an IDVA"]
    assert "without an IDVA" not in str(await home_of(tab, database, world["coordinator"]))


async def test_a_new_client_is_to_be_reached_in_time(
    tab: Tab, world: World, database: Database, superuser: asyncpg.Connection
) -> None:
    case = (await world.refer())["case"]
    told = {"user_id": str(world["idva"].user_id), "sharing": SHARING}
    version = (await world["coordinator"].get(f"/cases/{case['id']}")).json()["version"]
    answer = await world["coordinator"].put(f"/cases/{case['id']}/idva", told, version)
    assert answer.status_code == 200, answer.text
    found = await home_of(tab, database, world["idva"])
    assert "1 client to reach for the first time" in {heading for heaps in found.values() for heading in heaps}
    await superuser.execute("UPDATE idva_support SET reached_at = now() WHERE case_id = $1", case["id"])
    assert "to reach" not in str(await home_of(tab, database, world["idva"]))


async def test_whoever_runs_meetings_sees_what_is_to_be_sent_and_pairs_that_may_be_one_person(
    tab: Tab, world: World, database: Database
) -> None:
    await world.refer()
    await world.refer("nurse", yes=16)
    found = await home_of(tab, database, world["coordinator"])
    assert found["week"]["1 agenda to send out"].startswith("HRDA, Monday 23 November 2026")
    assert "2 pairs of records that may be one person" in found["today"]
    assert "pairs" not in str(await home_of(tab, database, world["chair"]))


async def test_an_auditor_has_emergencies_to_review_and_is_told_of_them(
    tab: Tab, world: World, database: Database
) -> None:
    case = (await world.refer())["case"]
    await used(world, "nurse", case)
    found = await home_of(tab, database, world["auditor"])
    reviews = [lines for heaps in found.values() for heading, lines in heaps.items() if "to review" in heading]
    assert len(reviews) == 1
    assert reviews[0].startswith(f"{case['reference']} Opened by Nurse, Solent Hospitals")
    assert "1 notice to read" in found["today"]
    assert "Maya" not in str(found)


async def test_a_count_opens_onto_its_list(tab: Tab, world: World, database: Database) -> None:
    await world.refer()
    await world.refer(victim="Ana Pereira", yes=4)
    for who in ("mh_rep", "coordinator", "idva", "advocate", "safeguarding"):
        await sign_in(tab, database, world[who])
        page = (await tab.get("/home")).text
        for path in re.findall(r'rt-heap__heading"><a class="govuk-link" href="([^"]+)"', page):
            assert (await tab.get(path)).status_code == 200, (who, path)


async def test_home_takes_one_statement_however_much_waits(
    tab: Tab, world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = {}
    for families in (1, 4):
        for number in range(families):
            case = (await world.refer(victim=f"Ana Pereira{'abcd'[number] * families}"))["case"]
            await promise(world, case["id"])
        for who in ("housing_rep", "coordinator"):
            await sign_in(tab, database, world[who])
            await tab.get("/home")
            async with counted(monkeypatch) as statements:
                await tab.get("/home")
                sent[who, families] = statements()
    # What waits, and the entry in the trail; records that may be one person are judged by rules, and cost one more, as
    # do cases past the time to be kept.
    assert sent == {("housing_rep", 1): 2, ("housing_rep", 4): 2, ("coordinator", 1): 4, ("coordinator", 4): 4}


async def test_whose_work_was_shown_is_in_the_trail(
    tab: Tab, world: World, database: Database, superuser: asyncpg.Connection
) -> None:
    case = (await world.refer())["case"]
    await home_of(tab, database, world["mh_rep"])
    subjects = await superuser.fetchval(
        "SELECT subjects FROM audit WHERE verb = 'work.listed' AND actor_id = $1", world["mh_rep"].user_id
    )
    assert [str(each) for each in subjects] == [case["id"]]


def test_all_that_can_wait_has_words_and_a_list() -> None:
    everything = set(Kind)
    assert set(work_words.COUNTED) == set(work_words.LISTS) == set(work_words.PLACES) == everything
    assert set(notice_words.KINDS) == set(NoticeKind)


async def test_a_notice_is_read_once_and_then_stays_as_read(tab: Tab, world: World, database: Database) -> None:
    case = (await world.refer())["case"]
    await used(world, "nurse", case)
    await sign_in(tab, database, world["auditor"])
    page = (await tab.get("/notices")).text
    assert case["reference"] in page
    assert page.count("Mark as read") == 1
    (notice,) = re.findall(r'action="(/notices/[^"]+/seen)"', page)
    assert (await tab.post(notice)).headers["location"] == "/notices"
    after = (await tab.get("/notices")).text
    assert "Mark as read" not in after
    assert "Read by Auditor" in after
    assert "notice" not in str(waiting((await tab.get("/home")).text))
    await sign_in(tab, database, world["nurse"])
    assert (await tab.get("/notices")).text.count("rt-notice") == 0
    assert (await tab.post(notice)).status_code == 404
