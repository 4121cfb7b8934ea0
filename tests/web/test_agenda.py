"""The list of a meeting on pages: its order, what is put on it, what is pointed out, and what is sent of it."""

import re
from html import unescape

from app.db.session import Database
from tests.glass import restrict
from tests.tabs import Tab, hidden, problems, sign_in
from tests.web.listed import CHILD, items_of, on_list, send
from tests.world import SHARING, World, referral_form


async def test_before_it_is_sent_the_coordinator_sees_who_gets_what_and_who_is_kept_from_it(
    tab: Tab, world: World, database: Database
) -> None:
    meeting, (first, _) = await on_list(world)
    conflict = await world["mh_rep"].post(f"/cases/{first['case']['id']}/conflicts", {"because": "A relative."})
    assert conflict.status_code == 201
    await sign_in(tab, database, world["coordinator"])
    shown = await tab.get(f"/meetings/{meeting}/publish")
    assert "Mental Health Trust" in shown.text
    assert f"Mh Rep, Mental Health Trust, gets nothing of {first['case']['reference']}" in shown.text
    refused = await tab.post(f"/meetings/{meeting}/publish", version=hidden(shown, "version"), basis="")
    assert refused.status_code == 422
    assert "Choose the lawful basis" in problems(refused)
    assert (await world["coordinator"].get(f"/meetings/{meeting}")).json()["status"] == "scheduled"


async def test_an_agenda_that_changed_since_it_was_looked_at_is_looked_at_again(
    tab: Tab, world: World, database: Database
) -> None:
    meeting, _ = await on_list(world)
    await sign_in(tab, database, world["coordinator"])
    shown = await tab.get(f"/meetings/{meeting}/publish")
    locked = await world["chair"].post(f"/meetings/{meeting}/lock", headers={"If-Match": "*"})
    assert locked.status_code == 200
    late = await tab.post(f"/meetings/{meeting}/publish", version=hidden(shown, "version"), **SHARING)
    assert late.status_code == 422
    assert "This meeting has changed" in problems(late)


async def test_what_changed_after_the_agenda_was_sent_goes_out_beside_it(
    tab: Tab, world: World, database: Database
) -> None:
    meeting, _ = await on_list(world)
    await sign_in(tab, database, world["coordinator"])
    await send(tab, f"/meetings/{meeting}/publish")
    nothing = await send(tab, f"/meetings/{meeting}/publish")
    assert "Nothing has changed" in problems(nothing)
    item = (await items_of(world, meeting))[0]
    await world["health_rep"].post(f"/agenda-items/{item['id']}/risks", {"about": "staff", "risk": "A dog."})
    assert (await send(tab, f"/meetings/{meeting}/publish")).status_code == 303
    pack = await tab.get(f"/meetings/{meeting}/packs/2")
    assert "has new or changed: risks" in pack.text


async def test_a_case_is_moved_up_and_down_and_back_to_its_order_by_rule(
    tab: Tab, world: World, database: Database
) -> None:
    meeting, _ = await on_list(world)
    first, second = [each["id"] for each in await items_of(world, meeting)]
    await sign_in(tab, database, world["coordinator"])
    shown = await tab.get(f"/meetings/{meeting}")
    assert "Order by rule again" not in shown.text
    await tab.post(f"/meetings/{meeting}/order", move=f"down:{first}")
    assert [each["id"] for each in await items_of(world, meeting)] == [second, first]
    await tab.post(f"/meetings/{meeting}/order", move=f"up:{first}")
    assert [each["id"] for each in await items_of(world, meeting)] == [first, second]
    await tab.post(f"/meetings/{meeting}/order", move=f"up:{second}")
    assert "Order by rule again" in (await tab.get(f"/meetings/{meeting}")).text
    await tab.post(f"/meetings/{meeting}/order/rule")
    assert [each["id"] for each in await items_of(world, meeting)] == [first, second]
    assert (await tab.post(f"/meetings/{meeting}/order", move=f"up:{meeting}")).status_code == 404


async def test_one_perpetrator_in_two_cases_of_a_list_is_pointed_out(
    tab: Tab, world: World, database: Database
) -> None:
    meeting, (first, second) = await on_list(world)
    await sign_in(tab, database, world["coordinator"])
    shown = (await tab.get(f"/meetings/{meeting}")).text
    warning = re.search(r"The alleged perpetrator in (\S+) and (\S+) is one person", shown)
    assert warning is not None
    assert set(warning.groups()) == {first["case"]["reference"], second["case"]["reference"]}


async def test_one_family_in_two_cases_and_somebody_at_the_table_of_the_same_name_are_pointed_out(
    tab: Tab, world: World, database: Database
) -> None:
    sent = await world.refer(victim="Maya Rep", children=[CHILD])
    meeting, case = sent["route"]["meeting_id"], sent["case"]
    people = (await world["coordinator"].get(f"/cases/{case['id']}")).json()["parties"]
    him = next(each for each in people if each["role"] == "perpetrator")
    accused = referral_form(victim="Dale Harrow", sharing=world["officer"].sharing)
    accused["victim"] |= {"person_reference": him["person_reference"], "date_of_birth": him["date_of_birth"]}
    accused["perpetrators"] = [{"given_name": "Maya", "family_name": "Rep", "relationship": "former partner"}]
    answer = await world["officer"].post("/referrals?submit=true", accused)
    assert answer.status_code in (200, 201), answer.text
    await sign_in(tab, database, world["coordinator"])
    shown = unescape((await tab.get(f"/meetings/{meeting}")).text)
    assert "have somebody in common: one family, or people who each say that the other causes harm" in shown
    assert "Health Rep, " in shown
    await world["coordinator"].post(
        f"/cases/{case['id']}/exclusions", {"user_id": str(world["health_rep"].user_id), "because": "Her cousin."}
    )
    kept = unescape((await tab.get(f"/meetings/{meeting}")).text)
    told = re.findall(rf"Health Rep, [^<]+ and [^<]+ in <a [^>]+>{case['reference']}", kept)
    assert told == [], "nobody is pointed out who is kept from the case already"
    assert "Housing Rep, " in kept
    await restrict(world, case)
    alone = unescape((await tab.get(f"/meetings/{meeting}")).text)
    told = re.findall(rf"Rep, [^<]+ and [^<]+ in <a [^>]+>{case['reference']}", alone)
    assert (told, case["reference"] in alone) == ([], True), "to ask who is not named would tell them of it"
    await sign_in(tab, database, world["housing_rep"])
    assert "The same family name" not in (await tab.get(f"/meetings/{meeting}")).text


async def test_a_case_is_put_on_a_list_by_its_reference(tab: Tab, world: World, database: Database) -> None:
    meeting, made = await on_list(world, 1)
    await sign_in(tab, database, world["coordinator"])
    path = f"/forums/{world.forums['marac']}/sittings?from=2026-12-10&to=2026-12-10"
    marac = (await world["coordinator"].get(path)).json()["items"][0]["meeting_id"]
    page = await tab.get(f"/meetings/{marac}/add")
    assert page.status_code == 200
    unknown = await tab.post(f"/meetings/{marac}/add", reference="C-00000000", kind="late", reason="Urgent", **SHARING)
    assert "There is no case with that reference that you can see" in problems(unknown)
    wanted = {"reference": made[0]["case"]["reference"].lower(), "kind": "late", "reason": "Urgent", **SHARING}
    added = await tab.post(f"/meetings/{marac}/add", **wanted)
    assert added.headers["location"] == f"/meetings/{marac}"
    again = await tab.post(f"/meetings/{marac}/add", **wanted)
    assert "on this list already" in problems(again)
    assert "17 places are left" in (await tab.get(f"/meetings/{marac}")).text
    assert made[0]["case"]["reference"] not in (await tab.get(f"/meetings/{meeting}")).text


async def test_a_document_is_asked_for_waited_for_and_fetched_by_nobody_else(
    tab: Tab, world: World, database: Database
) -> None:
    meeting, _ = await on_list(world, 1)
    await sign_in(tab, database, world["coordinator"])
    await send(tab, f"/meetings/{meeting}/publish")
    world.clock.forward(minutes=20)
    unconfirmed = await tab.get(f"/meetings/{meeting}/export")
    assert unconfirmed.headers["location"] == f"/confirm?next=/meetings/{meeting}/export"
    await sign_in(tab, database, world["coordinator"])
    assert "The agenda, as it was sent" in (await tab.get(f"/meetings/{meeting}/export")).text
    asked = await tab.post(f"/meetings/{meeting}/export", document="agenda", format="ics")
    assert asked.status_code == 303, problems(asked)
    await world.app.state.exports.idle()
    ready = await tab.get(asked.headers["location"])
    assert "Your document is ready" in ready.text
    file = await tab.get(f"{asked.headers['location']}/file")
    assert file.content.startswith(b"BEGIN:VCALENDAR")
    assert file.headers["content-disposition"].startswith("attachment")
    await sign_in(tab, database, world["chair"])
    assert (await tab.get(asked.headers["location"])).status_code == 404
