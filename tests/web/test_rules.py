"""Twice a year somebody changes a rule: they see what a change would have meant, and are asked once more."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI

from app.db.session import Database
from tests.counted import counted
from tests.tabs import Tab, problems, sign_in
from tests.world import World

TYPED = {
    "high_dash_27": "14",
    "high_dash_24": "14",
    "high_young_people": "14",
    "medium_at": "10",
    "escalation_events": "3",
    "escalation_months": "12",
    "repeat_months": "12",
    "repeat_definition": "any_abuse",
    "day": "1 December",
    "because": "Agreed in November.",
    "version": "1",
}


@pytest.fixture
async def tab(app: FastAPI, world: World, database: Database) -> AsyncIterator[Tab]:
    async with Tab(app) as made:
        await sign_in(made, database, world["partnership_admin"])
        yield made


async def test_a_change_is_told_before_it_is_saved_and_holds_once_somebody_is_sure(tab: Tab, world: World) -> None:
    await world.refer()
    page = (await tab.get("/rules")).text
    for words in ("Grading thresholds", "14 or more", "HRDA, then MARAC", "About 100 referrals a year"):
        assert words in page, words
    await tab.get("/rules/grading")
    typed = TYPED | {"high_dash_27": "20", "medium_at": "11", "escalation_events": "9"}
    page = (await tab.post("/rules/grading", **typed)).text
    assert "20 or more" in page
    assert "Of the last 90 days’ 1 assessment, <strong>1</strong> would have been graded differently" in page
    assert "0 up, 1 down" in page
    assert "From Tuesday 1 December 2026" not in (await tab.get("/rules")).text
    saved = await tab.post("/rules/grading", **typed, sure="yes")
    assert saved.headers["location"] == "/rules"
    page = (await tab.get("/rules")).text
    assert "From Tuesday 1 December 2026" in page
    assert "Why: Agreed in November." in page


async def test_what_contradicts_itself_is_named_where_it_was_typed(tab: Tab) -> None:
    await tab.get("/rules/grading")
    refused = await tab.post("/rules/grading", **TYPED | {"medium_at": "15", "day": "1 December"})
    assert refused.status_code == 422
    assert "Medium risk must not begin above high risk." in problems(refused)
    for day, words in (("some day", "Write the day as"), ("1 January 2020", "Choose today or a later day.")):
        refused = await tab.post("/rules/grading", **TYPED | {"day": day})
        assert words in problems(refused)


@pytest.mark.parametrize(
    ("path", "typed", "order"),
    [
        ("/rules/grading", TYPED | {"medium_at": "", "day": "", "because": ""}, ["Medium risk", "which day", "why"]),
        ("/rules/grading", TYPED | {"medium_at": "15", "day": "1 January 2020"}, ["Medium risk", "Choose today"]),
        ("/words/help", {"text": "", "effective_from": "2020-01-01", "because": "x"}, ["what it is", "Choose today"]),
        ("/words/help", {"text": "x", "effective_from": "", "because": ""}, ["which day", "why"]),
        ("/forums/add", {"starts_at": "", "because": ""}, ["what it is", "its name", "when it sits", "why"]),
    ],
)
async def test_faults_are_named_in_the_order_of_the_page(
    tab: Tab, path: str, typed: dict[str, str], order: list[str]
) -> None:
    await tab.get(path)
    said = problems(await tab.post(path, **typed))
    places = [said.index(words) for words in order]
    assert places == sorted(places), said


async def test_a_planned_change_is_taken_back(tab: Tab) -> None:
    await tab.get("/rules/grading")
    await tab.post("/rules/grading", **TYPED | {"medium_at": "8"}, sure="yes")
    page = "/rules/grading/take-back/2026-12-01"
    assert "Take back the change from Tuesday 1 December 2026?" in (await tab.get(page)).text
    assert "Say why" in problems(await tab.post(page, day="2026-12-01", because=""))
    assert (await tab.post(page, day="2026-12-01", because="More time.")).status_code == 303
    shown = (await tab.get("/rules")).text
    assert "Taken back: version 2" in shown
    assert (await tab.get(page)).status_code == 409


async def test_somebody_elses_change_in_between_is_noticed(tab: Tab) -> None:
    await tab.get("/rules/idva_support")
    typed = {"contact_within_days": "1", "contact_by": "12:00", "referrals_a_year": "90", "day": "today"}
    for version, status in (("0", 303), ("0", 412)):
        done = await tab.post("/rules/idva_support", **typed, because="x", version=version, sure="yes")
        assert done.status_code == status


async def test_the_pathway_is_changed_with_every_choice_shown(tab: Tab) -> None:
    page = (await tab.get("/rules/routing")).text
    assert "Straight to MARAC" in page
    typed = {
        "pathway": "marac_only",
        "refer_under_threshold": "repeat",
        "medium_support": "early_help",
        "medium_accept_days": "2",
        "standard_support": "pippa",
        "standard_accept_days": "5",
        "day": "tomorrow",
        "because": "Agreed.",
        "version": "1",
    }
    page = (await tab.post("/rules/routing", **typed)).text
    assert "Straight to MARAC" in page
    assert "Early help" in page
    assert (await tab.post("/rules/routing", **typed, sure="yes")).status_code == 303


async def test_nobody_else_sees_the_rules_pages(tab: Tab, world: World, database: Database) -> None:
    await sign_in(tab, database, world["coordinator"])
    for page in ("/rules", "/rules/grading", "/rules/grading/take-back/2026-12-01", "/forums", "/forums/add"):
        assert (await tab.get(page)).status_code == 403, page


async def test_the_page_asks_for_all_rules_at_once(tab: Tab, monkeypatch: pytest.MonkeyPatch) -> None:
    async with counted(monkeypatch) as statements:
        await tab.get("/rules")
    assert statements() == 2  # the rules, and that somebody looked
