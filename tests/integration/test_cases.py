"""Cases: who finds which in a list, what a case's page shows, and the moves people make between meetings."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg

from app.db import cases as queries
from app.domain.access import DESK_ROLES
from tests.integration import test_meetings as meetings
from tests.integration.test_agenda import decide, item_of
from tests.world import SHARING, Person, World, referral_form

NOWHERE = "0193e0a0-0000-7000-8000-000000000000"


async def move(who: Person, case: dict[str, Any], **told: Any) -> Any:
    version = told.pop("version", None)
    headers = {"If-Match": f'"{version}"'} if version is not None else {"If-Match": "*"}
    return await who.post(f"/cases/{case['id']}/moves", {"sharing": who.sharing, **told}, headers=headers)


async def stepped_down(world: World) -> dict[str, Any]:
    case: dict[str, Any] = (await world.refer(yes=4))["case"]
    return case


async def verbs(world: World, case_id: str) -> list[str]:
    trail = (await world["coordinator"].get(f"/cases/{case_id}/trail")).json()
    return [each["verb"] for each in trail["items"]]


async def test_a_list_shows_newest_first_and_pages_without_gap_or_repeat(world: World) -> None:
    made = [(await world.refer(victim=f"Victim Number{n}"))["case"]["id"] for n in range(5)]
    first = (await world["coordinator"].get("/cases?limit=3")).json()
    second = (await world["coordinator"].get(f"/cases?limit=3&cursor={first['next']}")).json()
    assert [each["id"] for each in first["items"] + second["items"]] == made[::-1]
    assert second["next"] is None


async def test_a_case_opened_to_somebody_for_three_reasons_is_listed_once(world: World) -> None:
    case = (await world.refer("advocate"))["case"]
    listed = (await world["advocate"].get("/cases")).json()["items"]
    assert [each["id"] for each in listed] == [case["id"]]


async def test_a_list_holds_only_what_its_reader_may_see(world: World) -> None:
    below = await stepped_down(world)
    on_list = (await world.refer(victim="Other Person"))["case"]
    everyone = {each["id"] for each in (await world["coordinator"].get("/cases")).json()["items"]}
    housing = {each["id"] for each in (await world["housing_rep"].get("/cases")).json()["items"]}
    assert everyone == {below["id"], on_list["id"]}
    assert housing == {on_list["id"]}
    assert (await world["nurse"].get("/cases")).json() == {"items": [], "next": None}


async def test_filters_narrow_a_list(world: World) -> None:
    low, high = await stepped_down(world), (await world.refer(victim="Other Person", yes=18))["case"]
    coordinator = world["coordinator"]

    async def found(query: str) -> set[str]:
        return {each["id"] for each in (await coordinator.get(f"/cases?{query}")).json()["items"]}

    assert await found("level=high") == {high["id"]}
    assert await found("state=stepped_down") == {low["id"]}
    assert await found("marker=strangulation") == {high["id"]}
    assert await found("repeat=true") == set()
    assert await found("idva=me") == set()
    assert await found("idva=none") == {low["id"], high["id"]}
    assert (await coordinator.get("/cases?level=extreme")).status_code == 422


async def test_a_case_is_new_at_todays_hrda_until_it_is_put_off(world: World) -> None:
    sent = await world.refer()
    case, hrda = sent["case"]["id"], sent["route"]["meeting_id"]
    coordinator = world["coordinator"]

    async def new() -> list[str]:
        return [each["id"] for each in (await coordinator.get("/cases?new=hrda_today")).json()["items"]]

    assert await new() == []
    world.clock.set(2026, 11, 23, 9, 30)
    assert await new() == [case]
    for step in ("lock", "publish"):
        await meetings.move(coordinator, hrda, step)
    await meetings.move(coordinator, hrda, "start", {"reason": "By telephone."})
    await decide(coordinator, await item_of(coordinator, hrda, case), outcome="deferred", until="2026-11-24")
    world.clock.set(2026, 11, 24, 9)
    assert (await coordinator.get(f"/cases/{case}")).json()["next_meeting"]["starts_at"].startswith("2026-11-24")
    assert await new() == []


async def test_the_list_starts_from_the_index_on_grants(world: World, superuser: asyncpg.Connection) -> None:
    case = UUID((await world.refer())["case"]["id"])
    coordinator, roles = world["coordinator"], sorted(DESK_ROLES)
    bound = {"partnership": world.partnership_id, "before": UUID(int=2**128 - 1), "limit": 50}
    transaction = superuser.transaction()
    await transaction.start()
    # Enough rows of others that PostgreSQL has a reason to choose.
    await superuser.execute(
        "INSERT INTO case_grant (partnership_id, id, case_id, principal, agency_id, desk, reason, from_at)"
        " SELECT $1::uuid, gen_random_uuid(), $2::uuid, gen_random_uuid(), $3::uuid, 'desk', 'referred', now()"
        " FROM generate_series(1, 20000)",
        world.partnership_id,
        case,
        world.agencies["police"],
    )
    await superuser.execute("ANALYZE case_grant")
    await superuser.execute("SET LOCAL ROLE roundtable_app")
    await superuser.fetchrow("SELECT * FROM enter($1, $2, $3)", world.partnership_id, coordinator.user_id, roles)
    arguments = [bound[name] for name in queries.LIST.names]
    plan = "\n".join(row[0] for row in await superuser.fetch("EXPLAIN " + queries.LIST.text, *arguments))
    await transaction.rollback()
    assert "ix_case_grant_principal" in plan
    assert "Seq Scan on case_grant" not in plan


async def test_every_case_that_a_list_showed_is_in_its_trail(world: World) -> None:
    case = (await world.refer())["case"]
    await world["housing_rep"].get("/cases")
    trail = (await world["coordinator"].get(f"/cases/{case['id']}/trail")).json()["items"]
    looked = [(each["verb"], each["agency"], each["actor"]) for each in trail]
    assert ("case.listed", "City Housing", "Housing Rep") in looked


async def test_a_cases_page_shows_people_plan_and_markers_but_no_contact_details(world: World) -> None:
    child = {"given_name": "Isla", "family_name": "Thornbury", "date_of_birth": "2019-05-02"}
    case = (await world.refer(yes=18, children=[child]))["case"]
    shown = await world["chair"].get(f"/cases/{case['id']}")
    body = shown.json()
    assert shown.headers["etag"] == f'"{body["version"]}"'
    assert [each["role"] for each in body["parties"]] == ["victim", "child", "perpetrator"]
    assert body["parties"][0]["safe_contact"]["say"] == "Say: the surgery."
    assert body["parties"][2]["relationship"] == "former partner"
    assert next(each for each in body["markers"] if each["code"] == "strangulation")["tonight"].startswith("Ask for a")
    assert body["assessments"][0]["score"] == 18
    assert body["meetings"][0]["forum_kind"] == "hrda"
    assert "send_to_marac" in body["legal_moves"]
    assert "07700" not in shown.text
    assert "Invented Row" not in shown.text
    assert "case.read" in await verbs(world, case["id"])


async def test_a_hidden_case_and_one_that_does_not_exist_are_one_answer(world: World) -> None:
    case = await stepped_down(world)
    for part in ("", "/timeline", "/access", "/trail", "/contacts", "/assessments"):
        hidden = await world["nurse"].get(f"/cases/{case['id']}{part}")
        absent = await world["nurse"].get(f"/cases/{NOWHERE}{part}")
        assert (hidden.status_code, hidden.content) == (absent.status_code, absent.content) == (404, absent.content)


async def test_the_timeline_pages_newest_first_with_reasons(world: World) -> None:
    case = (await world.refer())["case"]
    path = f"/cases/{case['id']}/timeline"
    whole = (await world["chair"].get(path)).json()["items"]
    assert [each["kind"] for each in whole] == ["case.routed", "case.referred"]
    assert all(each["reasons"] for each in whole)
    first = (await world["chair"].get(f"{path}?limit=1")).json()
    second = (await world["chair"].get(f"{path}?limit=1&cursor={first['next']}")).json()
    assert first["items"] + second["items"] == whole


async def test_who_can_see_a_case_is_answered_with_reasons_and_for_past_days(world: World) -> None:
    case = await stepped_down(world)
    now = (await world["coordinator"].get(f"/cases/{case['id']}/access")).json()
    assert {(each["agency"], each["reason"]) for each in now["items"]} == {
        ("Wessex Police", "referred"),
        ("Community Safety", "coordinates"),
        ("Aurora Advocacy", "offered_support"),
    }
    assert all(each["why"].endswith(".") for each in now["items"])
    before = await world["coordinator"].get(f"/cases/{case['id']}/access?on=2026-11-20")
    assert before.json() == {"on": "2026-11-20", "items": [], "restricted": [], "kept_apart": []}
    same_day = await world["coordinator"].get(f"/cases/{case['id']}/access?on=2026-11-21")
    assert same_day.json()["items"] == now["items"]
    assert (await world["coordinator"].get(f"/cases/{case['id']}/access?on=2026-11-22")).status_code == 422


async def test_closing_needs_a_reason_and_ends_the_case(world: World) -> None:
    case = await stepped_down(world)
    refused = await move(world["coordinator"], case, move="close")
    assert refused.json()["errors"][0]["pointer"] == "/reason"
    closed = await move(world["coordinator"], case, move="close", reason="Support is in place.")
    assert (closed.status_code, closed.json()["state"]) == (200, "closed"), closed.text
    assert closed.json()["legal_moves"] == ["re_refer"]
    shown = (await world["coordinator"].get(f"/cases/{case['id']}")).json()
    assert (shown["closed_at"], shown["version"]) == ("2026-11-21T03:10:00+00:00", closed.json()["version"])


async def test_a_closed_case_stays_in_sight_until_flags_lapse_after_twelve_months(world: World) -> None:
    case = await stepped_down(world)
    await move(world["coordinator"], case, move="close", reason="Support is in place.")
    rights = (await world["coordinator"].get(f"/cases/{case['id']}/access")).json()["items"]
    until = {each["reason"]: each["until"] for each in rights}
    assert until == {
        "referred": "2027-11-21T00:00:00+00:00",
        "offered_support": "2027-11-21T00:00:00+00:00",
        "coordinates": None,
    }


async def test_an_illegal_move_is_refused_with_the_legal_ones_named(world: World) -> None:
    case = (await world.refer())["case"]
    refused = await move(world["coordinator"], case, move="monitor", review_on="2026-12-21")
    assert refused.status_code == 409
    assert refused.json()["code"] == "illegal_move"
    assert "agree_plan" in refused.json()["legal"]


async def test_moves_that_meetings_and_referrals_make_are_not_made_by_hand(world: World) -> None:
    case = await stepped_down(world)
    for name in ("re_refer", "hear", "agree_plan", "nonsense"):
        refused = await move(world["coordinator"], case, move=name, reason="Because.")
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == "/move"


async def test_sending_to_marac_needs_criteria_and_lists_the_case_there(world: World) -> None:
    case = (await world.refer())["case"]
    coordinator = world["coordinator"]
    refused = await move(coordinator, case, move="send_to_marac")
    assert {each["pointer"] for each in refused.json()["errors"]} == {"/reason", "/criteria"}
    told: dict[str, Any] = {"move": "send_to_marac", "reason": "Three agencies disagree.", "criteria": ["not_engaging"]}
    unknown = await move(coordinator, case, **{**told, "criteria": ["because"]})
    assert unknown.json()["errors"][0]["code"] == "unknown"
    sent = (await move(coordinator, case, **told)).json()
    assert sent["state"] == "listed_for_marac"
    assert sent["route"]["forum_kind"] == "marac"
    shown = (await coordinator.get(f"/cases/{case['id']}")).json()
    assert shown["next_meeting"]["id"] == sent["route"]["meeting_id"]
    assert [each["forum_kind"] for each in shown["meetings"]] == ["marac", "hrda"]


async def test_transferring_a_listed_case_names_the_area_and_gives_its_place_back(world: World) -> None:
    case = (await world.refer())["case"]
    coordinator = world["coordinator"]
    await move(coordinator, case, move="send_to_marac", reason="Complex.", criteria=["particularly_complex"])
    assert (await move(coordinator, case, move="transfer", reason="Moved.")).json()["errors"][0]["pointer"] == "/area"
    moved = await move(coordinator, case, move="transfer", reason="Moved.", area="Dorset")
    assert moved.json()["state"] == "transferred"
    shown = (await coordinator.get(f"/cases/{case['id']}")).json()
    assert (shown["transferred_to"], shown["next_meeting"]) == ("Dorset", None)
    assert {each["item_status"] for each in shown["meetings"]} == {"withdrawn"}


async def test_stepping_down_offers_the_case_to_a_service(world: World) -> None:
    case = (await world.refer())["case"]
    coordinator = world["coordinator"]
    await move(coordinator, case, move="send_to_marac", reason="Complex.", criteria=["not_engaging"])
    down = (await move(coordinator, case, move="step_down", reason="Safe now.", support="victim_support")).json()
    assert (down["state"], down["route"]["kind"], down["route"]["name"]) == (
        "stepped_down",
        "support",
        "victim_support",
    )
    offers = (await coordinator.get(f"/cases/{case['id']}")).json()["support_offers"]
    assert [each["status"] for each in offers] == ["offered"]


async def test_a_case_that_leaves_a_list_unheard_closes_to_those_who_only_sat_there(world: World) -> None:
    case, triage = (await world.refer())["case"], world["triage"]
    path = f"/cases/{case['id']}"
    sent = await move(triage, case, move="send_to_marac", reason="Complex.", criteria=["not_engaging"])
    assert sent.status_code == 200, sent.text
    rights = (await world["coordinator"].get(f"{path}/access")).json()["items"]
    assert len([each for each in rights if each["reason"] == "on_forum_list"]) == len(world.agencies)
    down = await move(triage, case, move="step_down", reason="Safe now.", support="pippa")
    assert down.status_code == 200, down.text
    for who in ("triage", "probation_rep", "health_rep", "mh_rep"):
        assert (await world[who].get(path)).status_code == 404, who
    for who in ("officer", "safeguarding", "coordinator", "advocate"):
        assert (await world[who].get(path)).status_code == 200, who
    assert (await verbs(world, case["id"])).count("case.moved") == 2


async def test_a_transferred_case_lapses_for_those_who_worked_on_it_and_closes_to_those_who_had_not_heard_it(
    world: World,
) -> None:
    case, triage = (await world.refer())["case"], world["triage"]
    moved = await move(triage, case, move="transfer", reason="Moved.", area="Dorset")
    assert moved.status_code == 200, moved.text
    assert (await triage.get(f"/cases/{case['id']}")).status_code == 404
    rights = (await world["coordinator"].get(f"/cases/{case['id']}/access")).json()["items"]
    assert {each["reason"]: each["until"] for each in rights} == {
        "referred": "2027-11-21T00:00:00+00:00",
        "coordinates": None,
    }


async def test_a_case_with_an_open_action_does_not_close(world: World) -> None:
    case = await stepped_down(world)
    made = await world["coordinator"].post(
        f"/cases/{case['id']}/actions",
        {
            "what": "Change the locks of the front and back door",
            "agency_id": str(world.agencies["housing"]),
            "due_on": "2026-11-30",
            "sharing": SHARING,
        },
    )
    assert made.status_code == 201, made.text
    refused = await move(world["coordinator"], case, move="close", reason="Support is in place.")
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "open_actions")
    assert (await world["coordinator"].get(f"/cases/{case['id']}")).json()["actions"][0]["agency"] == "City Housing"


async def test_only_those_who_manage_cases_move_them(world: World) -> None:
    case = (await world.refer())["case"]
    refused = await move(world["housing_rep"], case, move="close", reason="No.")
    assert refused.status_code == 403


async def test_a_move_says_which_version_it_moves(world: World) -> None:
    case = await stepped_down(world)
    coordinator = world["coordinator"]
    path = f"/cases/{case['id']}/moves"
    told = {"move": "close", "reason": "Support is in place."}
    assert (await coordinator.post(path, told)).status_code == 428
    assert (await move(coordinator, case, version=9, **told)).status_code == 412
    version = (await coordinator.get(f"/cases/{case['id']}")).json()["version"]
    both = await asyncio.gather(*(move(coordinator, case, version=version, **told) for _ in range(2)))
    assert sorted(each.status_code for each in both) == [200, 412]
    assert (await verbs(world, case["id"])).count("case.moved") == 1


async def test_an_allocated_idva_sees_the_case_and_the_one_before_no_longer(world: World) -> None:
    case = await stepped_down(world)
    idva, path = world["idva"], f"/cases/{case['id']}"
    assert (await idva.get(path)).status_code == 404
    coordinator = world["coordinator"]
    wrong = await coordinator.put(f"{path}/idva", {"user_id": str(world["nurse"].user_id)}, "*")
    assert wrong.status_code in (412, 422)
    version = (await coordinator.get(path)).json()["version"]
    refused = await coordinator.put(f"{path}/idva", {"user_id": str(world["nurse"].user_id)}, version)
    assert refused.json()["errors"][0]["code"] == "not_an_idva"
    done = await coordinator.put(f"{path}/idva", {"user_id": str(idva.user_id), "sharing": SHARING}, version)
    assert done.json()["idva"]["name"] == "Idva"
    assert (await idva.get(path)).json()["idva"]["id"] == str(idva.user_id)
    assert [each["id"] for each in (await idva.get("/cases?idva=me")).json()["items"]] == [case["id"]]
    again = await coordinator.put(f"{path}/idva", {"user_id": str(idva.user_id)}, version + 1)
    assert again.json()["version"] == version + 1
    assert (await world["officer"].put(f"{path}/idva", {"user_id": str(idva.user_id)}, version + 1)).status_code == 403


async def test_an_idva_takes_a_case_on_for_their_own_service_and_from_no_other(
    world: World, superuser: asyncpg.Connection
) -> None:
    case, idva = (await world.refer())["case"], world["idva"]
    path, other = f"/cases/{case['id']}/idva", world["recovery_rep"]
    await superuser.execute("UPDATE user_role SET role = 'idva' WHERE user_id = $1", other.user_id)

    async def gives(who: Person, to: Person) -> int:
        told = {"user_id": str(to.user_id)}
        return (await who.request("PUT", path, json=told, headers={"If-Match": "*"})).status_code

    assert await gives(idva, other) == 403
    assert await gives(idva, idva) == 200
    assert await gives(other, other) == 403
    assert await gives(world["chair"], other) == 200
    assert await gives(idva, idva) == 403


async def test_an_idva_who_is_replaced_after_the_case_has_ended_loses_it_at_once(
    world: World, superuser: asyncpg.Connection
) -> None:
    case, coordinator = await stepped_down(world), world["coordinator"]
    path = f"/cases/{case['id']}"
    await superuser.execute("UPDATE user_role SET role = 'idva' WHERE user_id = $1", world["recovery_rep"].user_id)

    async def allocate(who: str) -> None:
        version = (await coordinator.get(path)).json()["version"]
        done = await coordinator.put(f"{path}/idva", {"user_id": str(world[who].user_id), "sharing": SHARING}, version)
        assert done.status_code == 200, done.text

    await allocate("idva")
    await move(coordinator, case, move="transfer", reason="Moved.", area="Dorset")
    assert (await world["idva"].get(path)).status_code == 200
    await allocate("recovery_rep")
    assert (await world["recovery_rep"].get(path)).status_code == 200
    assert (await world["idva"].get(path)).status_code == 404


async def test_a_second_referral_of_a_closed_case_is_seen_as_one_case(world: World) -> None:
    first = await world.refer(yes=4)
    await move(world["coordinator"], first["case"], move="close", reason="Support is in place.")
    people = {each["key"]: each["person_reference"] for each in first["people"]}
    form = referral_form(yes=16)
    form["victim"]["person_reference"] = people["victim"]
    form["perpetrators"][0]["person_reference"] = people["perpetrator-1"]
    again = (await world["officer"].post("/referrals?submit=true", form)).json()
    assert again["case"]["id"] == first["case"]["id"]
    shown = (await world["coordinator"].get(f"/cases/{first['case']['id']}")).json()
    assert len(shown["referrals"]) == 2
    assert len(shown["assessments"]) == 2
