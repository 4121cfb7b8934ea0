"""What may be done on the pages of a case, by whom, and what they say when it cannot be."""

import re
from typing import Any
from uuid import uuid4

from app.db.session import Database
from tests.tabs import Tab, hidden, problems, read, see, sign_in
from tests.world import SHARING, World


async def test_a_number_is_shown_on_one_press_and_who_asked_is_in_the_trail(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["coordinator"])
    page = await tab.get(f"/cases/{case['id']}")
    hidden = dict(re.findall(r'<input type="hidden" name="(parties|reason|basis)" value="([^"]+)"', page.text))
    said = read(await tab.post(f"/cases/{case['id']}/contacts", **hidden))
    assert "07700 900123" in said
    assert "Shown to you until 03:25" in said
    assert "asked for contact details: to reach the victim" in (await see(tab, f"/cases/{case['id']}/trail")).lower()
    assert "07700" not in await see(tab, f"/cases/{case['id']}")


async def test_another_reason_must_be_said(tab: Tab, world: World, database: Database, case: dict[str, Any]) -> None:
    await sign_in(tab, database, world["coordinator"])
    page = await tab.get(f"/cases/{case['id']}/contacts")
    parties = re.findall(r'name="parties"[^>]* value="([^"]+)"', page.text)
    answer = await tab.post(f"/cases/{case['id']}/contacts", parties=parties[0], reason="other", basis="public_task")
    assert problems(answer) == "Say why"
    assert "07700" not in answer.text


async def test_contact_details_ask_first_who_one_is_when_that_was_long_ago(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["coordinator"])
    await tab.get("/cases")
    world.clock.forward(minutes=25)
    answer = await tab.post(f"/cases/{case['id']}/contacts", parties=str(uuid4()), reason="contact_victim")
    assert answer.headers["location"] == f"/confirm?next=/cases/{case['id']}/contacts"


async def test_what_may_be_done_is_offered_to_whom_it_is_allowed(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    offered = {}
    for who in ("officer", "coordinator", "health_rep"):
        await sign_in(tab, database, world[who])
        offered[who] = set(
            re.findall(rf'href="/cases/{case["id"]}/([a-z/_-]+)"', (await tab.get(f"/cases/{case['id']}")).text)
        )
    steers = {"idva"}
    works = {"actions/add", "risks/add"}
    assert offered["coordinator"] >= steers | works
    assert not offered["officer"] & (steers | works)
    assert offered["health_rep"] >= works
    assert not offered["health_rep"] & steers


async def test_a_form_that_is_not_allowed_is_refused_even_if_its_address_is_known(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["officer"])
    assert (await tab.get(f"/cases/{case['id']}/idva")).status_code == 403


async def test_the_victim_is_given_an_idva(tab: Tab, world: World, database: Database, case: dict[str, Any]) -> None:
    await sign_in(tab, database, world["coordinator"])
    page = await tab.get(f"/cases/{case['id']}/idva")
    told = {"user_id": str(world["idva"].user_id), "version": hidden(page, "version")}
    assert (await tab.post(f"/cases/{case['id']}/idva", **told)).status_code == 303
    assert "Idva became the victim’s IDVA" in await see(tab, f"/cases/{case['id']}/timeline")


async def test_whoever_is_overtaken_keeps_what_they_typed_and_hears_by_whom(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    path = f"/cases/{case['id']}/moves/send_to_marac"
    await sign_in(tab, database, world["coordinator"])
    before = hidden(await tab.get(path), "version")
    version = (await world["chair"].get(f"/cases/{case['id']}")).json()["version"]
    told_idva = {"user_id": str(world["idva"].user_id)}
    allocated = await world["chair"].put(f"/cases/{case['id']}/idva", told_idva, version=version)
    assert allocated.status_code == 200, allocated.text
    told = {"criteria": "not_engaging", "reason": "She has not answered for a week.", **SHARING}
    answer = await tab.post(path, version=before, **told)
    assert "Chair changed this case at" in problems(answer)
    assert "She has not answered for a week." in answer.text
    assert (await tab.post(path, version=hidden(answer, "version"), **told)).status_code == 303
    assert "Listed for MARAC" in await see(tab, f"/cases/{case['id']}")


async def test_a_move_that_lacks_its_reason_says_so_in_the_words_of_the_page(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["coordinator"])
    path = f"/cases/{case['id']}/moves/transfer"
    answer = await tab.post(path, version=hidden(await tab.get(path), "version"))
    assert problems(answer) == "Give the reason Enter the area that takes the case"


async def test_an_action_is_promised_and_stands_in_the_plan(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["health_rep"])
    path = f"/cases/{case['id']}/actions/add"
    await tab.get(path)
    vague = await tab.post(
        path, what="Monitor and review", agency_id=str(world.agencies["health"]), due_on="2026-11-27"
    )
    assert "Be more specific" in problems(vague)
    told = {"what": "Photograph her injuries", "agency_id": str(world.agencies["health"]), "due_on": "2026-11-27"}
    assert (await tab.post(path, **told)).status_code == 303
    said = await see(tab, f"/cases/{case['id']}/plan")
    assert "Photograph her injuries" in said
    assert "Friday 27 November 2026" in said


async def test_an_action_for_an_agency_that_does_not_see_the_case_asks_for_a_basis(
    tab: Tab, world: World, database: Database
) -> None:
    case = (await world.refer(yes=4))["case"]
    await sign_in(tab, database, world["coordinator"])
    path = f"/cases/{case['id']}/actions/add"
    await tab.get(path)
    told = {"what": "Fit new locks at the home", "agency_id": str(world.agencies["housing"]), "due_on": "2026-11-27"}
    answer = await tab.post(path, **told)
    assert "Choose the lawful basis for telling those who do not see this case yet" in problems(answer)
    assert (await tab.post(path, **told, **SHARING)).status_code == 303


async def test_an_agency_says_itself_who_does_its_action_unless_the_meeting_is_run(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    path = f"/cases/{case['id']}/actions/add"
    told = {
        "what": "Fit new locks at the home",
        "agency_id": str(world.agencies["housing"]),
        "owner_id": str(world["housing_rep"].user_id),
        "due_on": "2026-11-27",
    }
    for who, may in (("health_rep", False), ("chair", True)):
        await sign_in(tab, database, world[who])
        assert (f'value="{told["owner_id"]}"' in (await tab.get(path)).text) is may
        answer = await tab.post(path, **told)
        assert answer.status_code == (303 if may else 422)
        assert may or "another agency chooses its own people" in problems(answer)


async def test_a_risk_is_named_for_the_meeting(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["health_rep"])
    page = await tab.get(f"/cases/{case['id']}/risks/add")
    item = re.search(r'name="item_id" value="([^"]+)"', page.text)
    whom = re.search(r'value="(child [^"]+)"', page.text)
    assert item
    assert whom
    told = {"item_id": item[1], "whom": whom[1], "risk": "He collects Leo from school."}
    assert (await tab.post(f"/cases/{case['id']}/risks/add", **told)).status_code == 303
    assert "Leo Thornbury: He collects Leo from school." in await see(tab, f"/cases/{case['id']}/meetings")


async def test_what_was_told_on_the_telephone_is_written_down_and_put_right(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["officer"])
    path = f"/cases/{case['id']}/sharing"
    await tab.get(f"{path}/told")
    empty = problems(await tab.post(f"{path}/told"))
    assert "Choose what it was about" in empty
    told = {"to_outside": "Her GP", "items": "incident", "purpose": "protect", "channel": "phone", "nature": "fact"}
    answer = await tab.post(f"{path}/told", **told)
    assert "Choose the lawful basis" in problems(answer)
    assert (await tab.post(f"{path}/told", **told, **SHARING)).status_code == 303
    page = await tab.get(path)
    assert "Her GP" in read(page)
    wrong = re.search(r"sharing/told\?corrects=([0-9a-f-]+)", page.text)
    assert wrong
    right = {**told, "to_outside": "Her midwife", "corrects": wrong[1]}
    assert (await tab.post(f"{path}/told", **right, **SHARING)).status_code == 303
    assert "Put right since" in await see(tab, path)


async def test_what_an_agency_decided_to_keep_is_read_by_no_other(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    path = f"/cases/{case['id']}/sharing"
    await sign_in(tab, database, world["health_rep"])
    await tab.get(f"{path}/kept")
    told = {"to_agencies": str(world.agencies["police"]), "items": "health", "purpose": "assess_risk"}
    assert problems(await tab.post(f"{path}/kept", **told)) == "Say why"
    assert (await tab.post(f"{path}/kept", **told, because="It would frighten her off.")).status_code == 303
    assert "It would frighten her off." in await see(tab, path)
    await sign_in(tab, database, world["officer"])
    assert "frighten" not in await see(tab, path)


async def test_a_service_that_was_asked_takes_the_case_on_or_says_why_not(
    tab: Tab, world: World, database: Database
) -> None:
    cases = [(await world.refer(yes=4, victim=name))["case"]["id"] for name in ("Ana Pereira", "Joy Adu")]
    await sign_in(tab, database, world["advocate"])
    said = []
    for case_id, answer in zip(cases, ("accept", "decline"), strict=True):
        page = await tab.get(f"/cases/{case_id}/plan")
        offer = re.search(r'/support/([0-9a-f-]+)/accept"', page.text)
        assert offer
        path, version = f"/cases/{case_id}/support/{offer[1]}/{answer}", hidden(page, "version")
        reason = {}
        if answer == "decline":
            await tab.get(f"{path}?version={version}")
            assert "Say why" in problems(await tab.post(path, version=version, reason=""))
            reason = {"reason": "We are full."}
        assert (await tab.post(path, version=version, **reason)).status_code == 303
        await sign_in(tab, database, world["coordinator"])
        said.append(await see(tab, f"/cases/{case_id}/plan"))
        await sign_in(tab, database, world["advocate"])
    assert "Accepted" in said[0]
    assert "We are full." in said[1]


async def test_the_questions_are_asked_again_and_the_case_rises_to_what_they_say(
    tab: Tab, world: World, database: Database
) -> None:
    case = (await world.refer(yes=4))["case"]
    await sign_in(tab, database, world["officer"])
    path = f"/cases/{case['id']}/questions"
    await tab.get(path)
    assert "Give the answer to at least one question." in problems(await tab.post(path, instrument="dash-27"))
    told = {f"q{n}": "yes" if n < 20 else "no" for n in range(1, 28)}
    told |= {"instrument": "dash-27", "n18": "Twice, with a belt."}
    lacking = await tab.post(path, **told)
    assert "Choose the lawful basis" in problems(lacking)
    assert "Twice, with a belt." in lacking.text
    assert (await tab.post(path, **told, **SHARING)).status_code == 303
    said = await see(tab, f"/cases/{case['id']}/risk")
    assert "High risk" in said
    assert "Score 19" in said


async def test_what_another_agency_asked_a_moment_ago_is_taken_over_in_one_press(
    tab: Tab, world: World, database: Database, case: dict[str, Any]
) -> None:
    await sign_in(tab, database, world["health_rep"])
    page = await tab.get(f"/cases/{case['id']}/questions")
    assert "Already asked on Saturday 21 November 2026 at 02:40 by Imran Shah, Wessex Police." in read(page)
    found = re.search(r'name="assessment" value="([^"]+)"', page.text)
    assert found
    assert (await tab.post(f"/cases/{case['id']}/questions/adopt", assessment=found[1])).status_code == 303
    assert "Answers adopted" in await see(tab, f"/cases/{case['id']}/risk")
    assert "Already asked" not in await see(tab, f"/cases/{case['id']}/questions")
