"""Twice a year somebody changes when a forum meets or who sits on it, and is told first what becomes of the diary."""

from collections.abc import AsyncIterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import asyncpg
import pytest
from fastapi import FastAPI

from app.db.session import Database
from tests.counted import counted
from tests.glass import keep_from, restrict
from tests.tabs import Tab, problems, sign_in
from tests.world import World


class Fields(HTMLParser):
    """What the fields of a page's forms hold; of several of one name, the last."""

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[str, str] = {}
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "select":
            self._select = told["name"]
        elif tag == "option" and "selected" in told:
            self.held[self._select] = told["value"]
        elif tag == "input" and (told.get("type") not in ("radio", "checkbox") or "checked" in told):
            self.held[told["name"]] = told.get("value", "")


@pytest.fixture
async def tab(app: FastAPI, world: World, database: Database) -> AsyncIterator[Tab]:
    async with Tab(app) as made:
        await sign_in(made, database, world["partnership_admin"])
        yield made


async def form_of(tab: Tab, path: str) -> dict[str, str]:
    """What a form shows, to be sent again."""
    fields = Fields()
    fields.feed((await tab.get(path)).text)
    return {name: value for name, value in fields.held.items() if name != "csrf"}


async def test_the_list_says_when_each_sits_and_who_is_on_it(tab: Tab, world: World) -> None:
    page = (await tab.get("/forums")).text
    for words in ("Every working day, at 09:30", "Every 2 weeks on Thursday, at 09:30", "No limit"):
        assert words in page, words
    assert f"/forums/{world.forums['marac']}" in page


async def test_bank_holidays_are_shown_by_name(tab: Tab, world: World) -> None:
    page = (await tab.get(f"/forums/{world.forums['hrda']}")).text
    assert "Christmas Day" in page
    assert "Bank holiday" in page


async def test_new_days_are_told_with_what_becomes_of_the_diary_and_saved_once_sure(tab: Tab, world: World) -> None:
    path = f"/forums/{world.forums['marac']}/change"
    typed = await form_of(tab, path)
    assert (typed["every"], typed["weeks"], typed["first"]) == ("weeks", "2", "26 November 2026")
    typed |= {"first": "22 December 2026", "day": "11 December", "because": "Agreed in November."}
    page = (await tab.post(path, **typed)).text
    assert "Every 2 weeks on Tuesday, at 09:30" in page
    assert "sittings will be called off: Thursday 24 December 2026;" in page
    assert "sittings will be added: Tuesday 22 December 2026;" in page
    assert "Tuesday" not in (await tab.get(f"/forums/{world.forums['marac']}")).text
    assert (await tab.post(path, **typed, sure="yes")).status_code == 303
    page = (await tab.get(f"/forums/{world.forums['marac']}")).text
    assert "Tuesday 22 December 2026" in page
    assert "Thursday 24 December 2026" not in page
    assert "Changed its settings from Friday 11 December 2026. Agreed in November." in page


async def test_the_other_week_is_a_change_too(tab: Tab, world: World) -> None:
    path = f"/forums/{world.forums['marac']}/change"
    typed = await form_of(tab, path) | {"first": "17 December 2026", "day": "11 December", "because": "Agreed."}
    page = (await tab.post(path, **typed)).text
    assert "Thursday 17 December 2026" in page
    assert "Save it from Friday 11 December 2026" in page


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"every": "day"}, "Choose at least one day of the week."),
        ({"every": "month"}, "Choose which week of the month."),
        ({"first": "26 December 2026"}, "choose a day from Monday to Friday."),
        ({"place_other": "1"}, "Give each part of the agenda a place of its own."),
        ({"day": "whenever"}, "Write the day as"),
        ({"day": "1 January 2020"}, "Choose today or a later day."),
        ({"capacity": "none"}, "Most cases: this must be a whole number."),
    ],
)
async def test_what_is_wrong_is_named_and_what_was_typed_is_kept(
    tab: Tab, world: World, changed: dict[str, str], said: str
) -> None:
    path = f"/forums/{world.forums['marac']}/change"
    typed = await form_of(tab, path) | {"day": "tomorrow", "because": "Agreed."} | changed
    refused = await tab.post(path, **typed)
    assert refused.status_code == 422
    assert said in problems(refused)
    assert 'value="Agreed."' in refused.text


async def test_a_date_is_skipped_from_its_line_and_put_back(tab: Tab, world: World) -> None:
    here = f"/forums/{world.forums['marac']}"
    assert f"{here}/skip?day=2026-12-24" in (await tab.get(here)).text
    assert 'value="24 December 2026"' in (await tab.get(f"{here}/skip?day=2026-12-24")).text
    done = await tab.post(f"{here}/skip", day="24 December 2026", because="Too near to Christmas.")
    assert done.headers["location"] == here
    page = (await tab.get(here)).text
    assert "The forum does not sit on Thursday 24 December 2026." in page
    assert "Does not sit" in page
    again = await tab.post(f"{here}/skip", day="24 December 2026", because="x")
    assert problems(again) == "This date is skipped already."
    assert (await tab.post(f"{here}/sit", day="24 December 2026", because="The hall is free.")).status_code == 303
    assert "Does not sit" not in (await tab.get(here)).text


async def test_a_new_agency_is_led_to_the_forums_that_it_should_sit_on(tab: Tab, world: World) -> None:
    await tab.get("/agencies/add")
    made = await tab.post("/agencies/add", name="Northgate Refuge", kind="refuge")
    page = (await tab.get(made.headers["location"])).text
    assert "It sits on no forum yet" in page
    assert "Invite its administrator" in page
    agency = made.headers["location"].rpartition("/")[2]
    add = f"/forums/{world.forums['marac']}/agencies/add"
    assert f"{add}?agency={agency}" in page
    assert f'<option value="{agency}" selected>' in (await tab.get(f"{add}?agency={agency}")).text
    typed = {"agency_id": agency, "day": "1 December", "because": "They house the families."}
    assert "No case that is listed now is new to it." in (await tab.post(add, **typed)).text
    done = await tab.post(add, **typed, sure="yes")
    assert done.status_code == 303
    assert "Since 1 December 2026" in (await tab.get(done.headers["location"])).text
    assert "since 1 December 2026" in (await tab.get(made.headers["location"])).text
    twice = await tab.post(add, agency_id=agency, day="2 December", because="x")
    assert problems(twice).startswith("This agency sits on the forum on that day")


async def test_a_seat_is_ended_from_a_day(tab: Tab, world: World) -> None:
    here, housing = f"/forums/{world.forums['marac']}", world.agencies["housing"]
    page = (await tab.get(f"{here}/agencies/{housing}/end")).text
    assert "End the seat of City Housing" in page
    assert (await tab.post(f"{here}/agencies/{housing}/end", day="1 January 2027", because="x")).status_code == 303
    assert "until 1 January 2027" in (await tab.get(here)).text


async def test_a_forum_is_added_closed_and_opened_again(tab: Tab, world: World) -> None:
    await tab.get("/forums/add")
    typed: dict[str, Any] = {
        "kind": "stalking_clinic",
        "name": "Stalking clinic",
        "every": "month",
        "week": "first",
        "weekday": "monday",
        "starts_at": "14:00",
        "members": str(world.agencies["police"]),
        "because": "Asked for by the police.",
    }
    nobody = {name: each for name, each in typed.items() if name != "members"}
    assert "Choose at least one agency" in problems(await tab.post("/forums/add", **nobody))
    made = await tab.post("/forums/add", **typed)
    here = made.headers["location"]
    assert "The first Monday of each month, at 14:00" in (await tab.get(here)).text
    await tab.get(f"{here}/close")
    assert (await tab.post(f"{here}/close", because="Merged.")).status_code == 303
    assert "This forum is closed" in (await tab.get(here)).text
    assert "Closed" in (await tab.get("/forums")).text
    await tab.get(f"{here}/close")
    assert (await tab.post(f"{here}/reopen", because="Needed after all.")).status_code == 303
    assert "Monday 4 January 2027" in (await tab.get(here)).text


async def test_the_last_way_for_high_risk_is_not_closed(tab: Tab, world: World) -> None:
    marac, hrda = (f"/forums/{world.forums[each]}/close" for each in ("marac", "hrda"))
    await tab.get(marac)
    assert (await tab.post(marac, because="Merged.")).status_code == 303
    await tab.get(hrda)
    assert "nowhere else to go" in problems(await tab.post(hrda, because="Merged."))


async def test_a_daily_forums_page_asks_no_more_than_another(
    tab: Tab, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for forum in ("hrda", "marac"):
        async with counted(monkeypatch) as statements:
            await tab.get(f"/forums/{world.forums[forum]}")
        assert statements() == 5, forum


async def test_an_agency_stays_chosen_while_whoever_seats_it_shows_who_they_are(tab: Tab, world: World) -> None:
    world.clock.forward(minutes=16)
    path = f"/forums/{world.forums['marac']}/agencies/add?agency={world.agencies['housing']}"
    asked = await tab.get(path)
    assert asked.headers["location"] == f"/confirm?next={quote(path)}"


async def test_the_page_that_seats_an_agency_says_how_many_cases_that_opens(
    tab: Tab, world: World, superuser: asyncpg.Connection
) -> None:
    hrda, agency = world.forums["hrda"], world.agencies["housing"]
    await world["partnership_admin"].post(
        f"/forums/{hrda}/seats/{agency}/end",
        {"from_day": "2026-11-21", "because": "Merged."},
        headers={"If-Match": "*"},
    )
    world.clock.forward(minutes=1)
    await world.refer()
    add = f"/forums/{hrda}/agencies/add"
    await tab.get(add)
    shown = (await tab.post(add, agency_id=str(agency), day="today", because="They are back.")).text
    assert "Its people will see 1 case that is listed already" in shown
    await superuser.execute(
        "UPDATE lawful_basis SET effective_until = '2026-11-21' WHERE partnership_id = $1", world.partnership_id
    )
    shown = (await tab.post(add, agency_id=str(agency), day="today", because="They are back.")).text
    assert "1 case that is listed stays closed to it" in shown
    assert "It opens when it is next listed." in shown


async def test_a_forum_is_called_something_else_and_says_what_it_was_called(tab: Tab, world: World) -> None:
    here = f"/forums/{world.forums['marac']}"
    assert "What is it?" in (await tab.get(f"{here}/name")).text
    done = await tab.post(f"{here}/name", name="Wessex MARAC", kind="marac", because="There are two areas now.")
    page = (await tab.get(done.headers["location"])).text
    assert '<h1 class="govuk-heading-l">Wessex MARAC</h1>' in page
    assert "Changed its name from MARAC to Wessex MARAC. There are two areas now." in page


async def test_the_kind_of_a_forum_that_was_used_stays_and_the_page_says_why(tab: Tab, world: World) -> None:
    await world.refer()
    page = (await tab.get(f"/forums/{world.forums['hrda']}/name")).text
    assert "It is of the kind HRDA, and stays that: a case was listed at it" in page
    assert 'type="radio"' not in page


async def test_a_saturday_asks_whether_that_is_meant(tab: Tab, world: World) -> None:
    here = f"/forums/{world.forums['hrda']}"
    typed = {"day": "28 November 2026", "because": "A family that cannot wait."}
    await tab.get(f"{here}/sit")
    asked = await tab.post(f"{here}/sit", **typed)
    assert problems(asked).startswith("Saturday 28 November 2026 is at a weekend.")
    assert "Yes, on a Saturday" in asked.text
    assert (await tab.post(f"{here}/sit", **typed, closed_day="yes")).status_code == 303
    assert "The forum sits on Saturday 28 November 2026." in (await tab.get(here)).text


async def test_closing_a_forum_tells_first_what_it_leaves(tab: Tab, world: World) -> None:
    made = await world["partnership_admin"].post(
        "/forums",
        {
            "kind": "hrda",
            "name": "Second HRDA",
            "cadence": {"every": "day"},
            "starts_at": "14:00",
            "members": [str(world.agencies["police"])],
            "because": "Too many cases.",
        },
    )
    assert made.status_code == 201, made.text
    await world.refer()
    close = f"/forums/{world.forums['hrda']}/close"
    shown = (await tab.get(close)).text
    assert "Monday 23 November 2026: <b>1 case listed</b>" in shown
    refused = await tab.post(close, because="Merged.")
    assert problems(refused).startswith("1 case is listed at its meetings to come.")
    assert (await tab.post(close, because="Merged.", cases_left="yes")).status_code == 303
    assert "This forum is closed" in (await tab.get(f"/forums/{world.forums['hrda']}")).text


async def test_no_page_counts_a_case_that_the_administrator_may_not_know_of(tab: Tab, world: World) -> None:
    hrda, agency = f"/forums/{world.forums['hrda']}", world.agencies["housing"]
    await world["partnership_admin"].post(
        f"{hrda}/seats/{agency}/end", {"from_day": "2026-11-21", "because": "Merged."}, headers={"If-Match": "*"}
    )
    world.clock.forward(minutes=1)
    await keep_from(world, (await world.refer())["case"], "partnership_admin")
    await restrict(world, (await world.refer(victim="Somebody Else"))["case"])
    await tab.get(f"{hrda}/agencies/add")
    shown = (await tab.post(f"{hrda}/agencies/add", agency_id=str(agency), day="today", because="They are back.")).text
    assert "No case that is listed now is new to it." in shown
    assert "listed</b>" not in (await tab.get(f"{hrda}/close")).text
    assert "What is it?" in (await tab.get(f"{hrda}/name")).text
