"""Referring somebody by its pages: saved at each step, and telling nobody what is not theirs to know."""

import re

import pytest
from fastapi import FastAPI

from app.db.session import Database
from app.services.people import ALWAYS_SAID
from tests.counted import counted
from tests.tabs import Tab, problems, sign_in, words
from tests.web.referring import HIM, INCIDENT, VICTIM, Form, fill_in, start, to
from tests.world import World


async def test_whoever_must_not_see_a_case_is_kept_from_it_from_its_first_moment(form: Form, world: World) -> None:
    await fill_in(form)
    rep, chair = world["health_rep"], world["chair"]
    page = await form.open("access")
    assert "Step " not in words(page), "nobody is led through it"
    assert f'value="{world["officer"].user_id}"' not in page, "nobody keeps themselves from what they send"
    await form.again("access", keep_from=str(rep.user_id), restricted_to=str(rep.user_id))
    page = words(await form.open("check"))
    assert "Who must not see it? Health Rep, " in page
    for said in ("Say why some people may not know of this case", "This person is to see the case and to be kept"):
        assert said in page, said
    because = "Her brother works there."
    await form.save("access", keep_from=str(rep.user_id), restricted_to=str(chair.user_id), because=because)
    assert "Still missing" not in words(await form.open("check"))
    await form.tab.post(f"{form.path}/send")
    seen = {
        who: (await world[who].get("/cases")).json()["items"]
        for who in ("officer", "chair", "health_rep", "coordinator")
    }
    assert {who: len(each) for who, each in seen.items()} == {
        "officer": 1,
        "chair": 1,
        "health_rep": 0,
        "coordinator": 0,
    }


async def test_a_family_is_referred_step_by_step_and_the_answer_says_where_it_goes_and_why(form: Form) -> None:
    await fill_in(form)
    assert "Nothing is missing" in words(await form.open())
    page = words(await form.open("check"))
    assert "Still missing" not in page
    for said in ("17 April 1991 (aged 35)", "former partner", "14 Invented Row", "15 of 27", "Isla", "daughter"):
        assert said in page
    sent = to(await form.tab.post(f"{form.path}/send"))
    result = words((await form.tab.get(sent)).text)
    for said in (
        "High risk",
        "HRDA, Monday 23 November 2026 at 09:30",
        "1 child: Children's Services told",
        "an adviser, who is to reach them by ",
        "Stalking",
    ):
        assert said in result
    assert "07700" not in result
    assert to(await form.tab.post(f"{form.path}/send")) == sent, "sent twice is sent once"
    for step in ("", "/victim", "/questions", "/check", "/children"):
        assert to(await form.tab.get(form.path + step)) == sent, "what is sent is not changed"


async def test_whatever_is_known_is_saved_and_the_rest_is_named_with_the_way_to_it(form: Form) -> None:
    await form.save("victim", known_as="Maya, blue door")
    page = await form.open("check")
    for said in (
        "Enter their date of birth",
        "Say whether it is safe to call them",
        "Add at least one person",
        "Say what happened",
        "Choose the lawful basis",
    ):
        assert said in words(page)
    assert f'href="{form.path}/victim?then=check#date_of_birth"' in page
    assert f'href="{form.path}/views?then=check#aware"' in page
    assert "known_as" not in words(page), "programs' words are for programs"
    refused = await form.tab.post(f"{form.path}/send")
    assert refused.status_code == 422
    assert "Enter their date of birth" in problems(refused)
    steps = words(await form.open())
    assert "The person at risk Incomplete" in steps
    assert "How to reach them safely Not started" in steps
    assert "Children Optional" in steps


async def test_a_step_opened_from_the_answers_leads_back_to_them(form: Form) -> None:
    assert to(await form.save("views?then=check", aware="yes")) == f"{form.path}/check"


async def test_what_cannot_be_is_said_at_its_field_and_nothing_typed_is_lost(form: Form) -> None:
    wrong = {**VICTIM, "date_of_birth-month": "13", "estimated_age": "old"}
    answer = await form.save("victim", **wrong)
    assert answer.status_code == 422
    assert "Date of birth: There is no such day" in problems(answer)
    assert "Age: Write it as a number of years" in problems(answer)
    assert 'href="#date_of_birth"' in answer.text
    assert 'value="Thornbury"' in answer.text
    assert 'value="old"' in answer.text
    answer = await form.save("victim", **{**VICTIM, "date_of_birth-year": "91"})
    assert "Date of birth: Write a day, a month and a year" in problems(answer)
    answer = await form.save("contact", phone_0="12", postcode_0="X", address_0="14 Invented Row")
    assert "Phone number: this cannot be a phone number" in problems(answer)
    assert "Postcode: this cannot be a UK postcode" in problems(answer)
    answer = await form.save("incident", **{**INCIDENT, "occurred_on-day": "30"})
    assert "When did it happen?: this date is in the future" in problems(answer)
    assert to(await form.save("judgement", level="", rationale="")) == f"{form.path}/views"
    assert "kept only with a judgement" in problems(await form.save("judgement", rationale="Her voice was hoarse."))


async def test_people_are_added_changed_and_removed_and_what_others_say_of_them_goes_too(
    form: Form, app: FastAPI, world: World
) -> None:
    assert to(await form.tab.get(f"{form.path}/perpetrators")).endswith("/perpetrators/perpetrator-1"), "one is needed"
    await form.save("perpetrators/perpetrator-1", **HIM)
    await form.save("perpetrators/perpetrator-2", known_as="His brother", relationship="brother-in-law")
    await form.save(
        "children/child-1", given_name="Isla", **{"to_perpetrator-2": "niece", "to_perpetrator-1": "daughter"}
    )
    await form.save("children/child-2", known_as="The baby", lives_with="perpetrator-2")
    assert "His brother" in words(await form.open("perpetrators"))
    assert "Everything on this referral about them goes" in await form.open("perpetrators/perpetrator-2/remove")
    await form.tab.post(f"{form.path}/perpetrators/perpetrator-2/remove")
    kept = await form.kept(app, world)
    assert [each["key"] for each in kept["perpetrators"]] == ["perpetrator-1"]
    assert kept["children"][0]["relationships"] == [{"to": "perpetrator-1", "relationship": "daughter"}]
    assert kept["children"][1]["lives_with"] == []


async def test_another_number_is_asked_for_without_losing_the_first(form: Form, app: FastAPI, world: World) -> None:
    more = to(await form.save("contact", phone_0="07700 900123", more="phones"))
    page = await form.open(more.removeprefix(form.path + "/"))
    assert re.search(r'<input autofocus[^>]*name="phone_1"', page), "and that is where one goes on"
    await form.again("contact", phone_0="07700 900123", phone_1="01632 960555", phone_1_safe="no", safe_to_call="no")
    phones = (await form.kept(app, world))["victim"]["contact"]["phones"]
    assert [(each["number"], each.get("safe")) for each in phones] == [("07700 900123", None), ("01632 960555", False)]


async def test_a_page_sent_twice_says_everything_once(form: Form, app: FastAPI, world: World) -> None:
    await form.open("children/child-1")
    for _ in range(2):  # the answer to the first was lost on the way
        to(await form.again("children/child-1", given_name="Isla"))
    assert len((await form.kept(app, world))["children"]) == 1


async def test_two_windows_on_two_steps_do_not_disturb_each_other(form: Form, app: FastAPI, world: World) -> None:
    await form.open("views")
    early = form.page
    await form.save("victim", **VICTIM)
    form.page = early
    to(await form.again("views", aware="no", why_not_told="She was asleep."))
    kept = await form.kept(app, world)
    assert (kept["victim"]["given_name"], kept["victim_view"]["aware"]) == ("Maya", "no")


async def test_two_windows_on_one_step_lose_nothing(form: Form) -> None:
    await form.open("incident")
    early = form.page
    await form.save("incident", **INCIDENT)
    form.page = early
    answer = form.page = await form.again("incident", narrative="She says that it was the second time.")
    assert answer.status_code == 412
    for said in ("changed in another window", "He held her by the neck", "She says that it was the second time."):
        assert said in words(answer.text)
    to(await form.again("incident", **{**INCIDENT, "narrative": "Both."}))
    assert "Both." in await form.open("incident")


async def test_two_windows_that_each_add_a_child_add_two(form: Form, app: FastAPI, world: World) -> None:
    await form.open("children/child-1")
    early = form.page
    await form.save("children/child-1", given_name="Isla")
    form.page = early
    to(await form.again("children/child-1", given_name="Rory"))
    assert [each["given_name"] for each in (await form.kept(app, world))["children"]] == ["Isla", "Rory"]


async def test_of_people_in_cases_that_one_does_not_see_a_page_says_what_it_says_of_nobody(
    tab: Tab, world: World, database: Database
) -> None:
    await world.refer(victim="Maya Thornbury")  # the nurse's agency sits at the meeting, and she is not at its desk
    await sign_in(tab, database, world["nurse"])
    said = []
    for name in ("Maya", "Nobody"):
        form = await start(tab)
        match = await tab.get(to(await form.save("victim", **{**VICTIM, "given_name": name})))
        assert to(match) == f"{form.path}/contact"
        page = words((await tab.get(to(match))).text)
        assert ALWAYS_SAID in page
        said.append(page)
    assert said[0] == said[1]


async def test_whoever_refers_is_asked_who_they_are_once(form: Form) -> None:
    await fill_in(form)
    await form.tab.post(f"{form.path}/send")
    second = await start(form.tab)
    assert "Who refers Done" in words(await second.open())
    assert 'value="Police constable"' in await second.open("you")


async def test_a_draft_is_found_again_and_a_deleted_one_is_not(form: Form) -> None:
    await form.save("victim", **VICTIM)
    page = await form.tab.get("/refer")
    assert "Maya Thornbury" in words(page.text)
    assert "Maya" not in page.text[: page.text.index("</title>")]
    await form.open("withdraw")
    to(await form.again("withdraw"))
    assert "Maya Thornbury" not in words((await form.tab.get("/refer")).text)


async def test_a_draft_is_nobodys_but_its_agencys(form: Form, world: World, database: Database, app: FastAPI) -> None:
    await form.save("victim", **VICTIM)
    async with Tab(app) as other:
        await sign_in(other, database, world["nurse"])
        await other.get("/refer")
        for step in ("", "/victim", "/questions", "/sharing", "/check", "/sent", "/match/victim"):
            assert (await other.get(form.path + step)).status_code == 404
        assert (await other.post(f"{form.path}/victim", given_name="X")).status_code == 404
        assert (await other.post(f"{form.path}/send")).status_code == 404


async def test_who_may_not_refer_is_not_led_there(tab: Tab, world: World, database: Database) -> None:
    await sign_in(tab, database, world["auditor"])
    assert (await tab.get("/refer")).status_code == 403
    assert 'href="/refer"' not in (await tab.get("/home")).text


async def test_a_script_is_told_where_to_go_or_that_something_needs_mending(form: Form) -> None:
    await form.open("incident")
    form.tab.client.headers["accept"] = "application/json"
    kept = await form.again("incident", narrative="Half a sent", keep="yes")
    assert kept.json().keys() == {"base"}
    sent = await form.again("incident", narrative="Half a sentence.", base=kept.json()["base"])
    assert sent.json()["to"] == f"{form.path}/history"
    assert (await form.again("incident", narrative="From an old page.")).status_code == 412
    assert (await form.again("incident", **{"occurred_on-day": "x"})).status_code == 422


async def test_a_page_is_a_few_statements_however_much_is_filled_in(
    form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill_in(form)
    taken = {}
    for step in ("", "victim", "children", "questions", "sharing", "check", "match/victim"):
        async with counted(monkeypatch) as statements:
            await form.tab.get(f"{form.path}/{step}".rstrip("/"))
            taken[step] = statements()
    # What the page shows, the rules and the register where it counts or proposes, and the trail.
    assert taken == {"": 3, "victim": 2, "children": 2, "questions": 3, "sharing": 4, "check": 3, "match/victim": 3}
    async with counted(monkeypatch) as statements:
        await form.tab.post(f"{form.path}/send")
        sent = statements()
        await form.tab.get(f"{form.path}/sent")
    assert statements() - sent == 4
