"""Restricted cases: they exist for the people on their list, from the first moment, and for nobody else anywhere."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg

from tests.world import World, referral_form

NOWHERE = "00000000-0000-7000-8000-000000000000"


def ids(world: World, *who: str) -> list[str]:
    return [str(world[each].user_id) for each in who]


async def restrict(world: World, case_id: str, *named: str, by: str = "coordinator") -> dict[str, Any]:
    told = {
        "because": "His brother works in Housing.",
        "named": ids(world, *named),
        "sharing": world[by].sharing,
    }
    answer = await world[by].post(f"/cases/{case_id}/restriction", told)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def sees(world: World, who: str, case_id: str) -> bool:
    return (await world[who].get(f"/cases/{case_id}")).status_code == 200


async def test_from_the_moment_of_restricting_only_those_named_see_the_case(world: World) -> None:
    case = (await world.refer())["case"]
    assert await sees(world, "housing_rep", case["id"])
    made = await restrict(world, case["id"], "idva", "officer")
    assert [each["name"] for each in made["named"]] == ["Idva", "Officer", "Coordinator"]
    assert [each["may_lift"] for each in made["named"]] == [False, False, True]
    seen = {who: await sees(world, who, case["id"]) for who in world.people}
    assert {who for who, can in seen.items() if can} == {"idva", "officer", "coordinator"}
    for part in ("", "/timeline", "/access", "/trail", "/contacts", "/exclusions", "/restriction", "/assessments"):
        hidden = await world["housing_rep"].get(f"/cases/{case['id']}{part}")
        absent = await world["housing_rep"].get(f"/cases/{NOWHERE}{part}")
        assert (hidden.status_code, hidden.content) == (absent.status_code, absent.content), part


async def test_whoever_is_named_sees_the_case_though_nothing_else_opens_it(world: World) -> None:
    case = (await world.refer())["case"]
    assert not await sees(world, "nurse", case["id"])
    await restrict(world, case["id"], "nurse")
    assert await sees(world, "nurse", case["id"])
    rights = (await world["nurse"].get(f"/cases/{case['id']}/access")).json()
    assert {(each["person"], each["reason"]) for each in rights["items"]} == {
        ("Nurse", "named"),
        ("Coordinator", "named"),
    }


async def test_a_list_needs_a_reason_people_and_somebody_who_can_change_it(world: World) -> None:
    case = (await world.refer())["case"]
    path = f"/cases/{case['id']}/restriction"
    coordinator = world["coordinator"]
    assert (await coordinator.post(path, {})).json()["errors"][0]["pointer"] == "/because"
    told = {"because": "His brother works there.", "named": [NOWHERE, *ids(world, "police_admin", "idva", "idva")]}
    refused = await coordinator.post(path, told)
    assert [(each["pointer"], each["code"]) for each in refused.json()["errors"]] == [
        ("/named/0", "unknown_user"),
        ("/named/1", "unknown_user"),
        ("/named/3", "twice"),
    ]
    await coordinator.post(f"/cases/{case['id']}/exclusions", {"user_id": ids(world, "idva")[0], "because": "Cousin."})
    refused = await coordinator.post(path, {"because": "Kin.", "named": ids(world, "idva")})
    assert refused.json()["errors"][0]["code"] == "kept_apart"
    assert (await world["idva"].post(path, {"because": "Kin."})).status_code == 403
    await restrict(world, case["id"])
    again = await coordinator.post(path, {"because": "Kin.", "sharing": coordinator.sharing})
    assert again.status_code == 409


async def test_a_list_changes_at_once_and_never_falls_below_one_who_can_lift_it(world: World) -> None:
    case = (await world.refer())["case"]
    await restrict(world, case["id"], "idva", "chair")
    path = f"/cases/{case['id']}/restriction"

    async def rename(who: str, *named: str, version: int) -> Any:
        body = {"named": ids(world, *named), "sharing": world[who].sharing}
        return await world[who].put(f"{path}/names", body, version=version)

    assert (await rename("idva", "idva", version=1)).status_code == 403
    assert (await rename("coordinator", "idva", "chair", version=1)).json()["errors"][0]["code"] == "oneself"
    changed = await rename("chair", "chair", "nurse", version=1)
    assert changed.status_code == 200, changed.text
    assert (await rename("chair", "chair", version=1)).status_code == 412
    assert {who: await sees(world, who, case["id"]) for who in ("chair", "nurse", "idva", "coordinator")} == {
        "chair": True,
        "nurse": True,
        "idva": False,
        "coordinator": False,
    }
    last = await world["chair"].post(f"/cases/{case['id']}/conflicts", {})
    assert last.status_code == 409
    assert "only person" in last.json()["detail"]


async def test_of_two_who_take_each_other_off_a_list_one_stays(world: World) -> None:
    case = (await world.refer())["case"]
    await restrict(world, case["id"], "chair")
    path = f"/cases/{case['id']}/restriction/names"
    answers = await asyncio.gather(
        *(world[who].put(path, {"named": ids(world, who)}, version=1) for who in ("chair", "coordinator"))
    )
    assert sorted(each.status_code for each in answers) in ([200, 404], [200, 412])
    assert [await sees(world, who, case["id"]) for who in ("chair", "coordinator")].count(True) == 1


async def test_lifting_a_restriction_opens_what_was_open_and_ends_what_naming_opened(world: World) -> None:
    case = (await world.refer())["case"]
    world.clock.forward(minutes=5)
    await restrict(world, case["id"], "nurse")
    lifted = await world["coordinator"].post(f"/cases/{case['id']}/restriction/lift", {}, headers={"If-Match": '"1"'})
    assert (lifted.status_code, lifted.json()["restricted"]) == (200, False), lifted.text
    assert {who: await sees(world, who, case["id"]) for who in ("officer", "housing_rep", "nurse")} == {
        "officer": True,
        "housing_rep": True,
        "nurse": False,
    }
    assert (await world["coordinator"].get(f"/cases/{case['id']}/restriction")).status_code == 404


async def test_agencies_that_see_a_case_for_the_first_time_when_it_is_lifted_are_told_on_a_basis(world: World) -> None:
    access = {"restricted_to": ids(world, "coordinator"), "because": "His brother works in Housing."}
    case = (await world.refer(access=access))["case"]
    path = f"/cases/{case['id']}/restriction/lift"
    refused = await world["coordinator"].post(path, {}, headers={"If-Match": "*"})
    assert refused.json()["errors"][0]["pointer"].startswith("/sharing"), refused.text
    told = {"sharing": world["coordinator"].sharing}
    assert (await world["coordinator"].post(path, told, headers={"If-Match": "*"})).status_code == 200
    assert await sees(world, "housing_rep", case["id"])


async def test_agencies_that_saw_a_case_before_are_told_on_a_basis_of_what_happened_while_it_was_restricted(
    world: World, superuser: asyncpg.Connection
) -> None:
    case = (await world.refer())["case"]
    world.clock.forward(minutes=5)
    await restrict(world, case["id"], "nurse", "coordinator")
    world.clock.forward(minutes=5)
    promised = {
        "what": "Find her another place to live.",
        "agency_id": str(world["coordinator"].agency_id),
        "working_days": 1,
    }
    assert (await world["coordinator"].post(f"/cases/{case['id']}/actions", promised)).status_code == 201
    path, any_version = f"/cases/{case['id']}/restriction/lift", {"If-Match": "*"}
    refused = await world["coordinator"].post(path, {}, headers=any_version)
    assert refused.json()["errors"][0]["pointer"].startswith("/sharing"), refused.text
    told = {"sharing": world["coordinator"].sharing}
    assert (await world["coordinator"].post(path, told, headers=any_version)).status_code == 200
    row = await superuser.fetchrow(
        "SELECT to_agencies, to_users FROM disclosure WHERE case_id = $1 ORDER BY id DESC LIMIT 1", UUID(case["id"])
    )
    assert row is not None
    others = {agency for slug, agency in world.agencies.items() if slug != "council"}
    assert (set(row["to_agencies"]), row["to_users"]) == (others, [])


async def test_a_grant_made_while_a_case_is_being_restricted_opens_nothing(
    world: World, superuser: asyncpg.Connection
) -> None:
    for _ in range(5):
        case = (await world.refer(yes=8, victim=f"Maya Thornbury{_}"))["case"]
        offer = {
            "service": "early_help",
            "agency_id": str(world.agencies["children"]),
            "sharing": world["chair"].sharing,
        }
        _, offered = await asyncio.gather(
            restrict(world, case["id"]), world["chair"].post(f"/cases/{case['id']}/support-offers", offer)
        )
        assert offered.status_code in (201, 404, 409), offered.text
        assert not await sees(world, "triage", case["id"])
        live = "SELECT count(*) FROM case_grant WHERE case_id = $1 AND reason <> 'named' AND NOT suspended"
        assert await superuser.fetchval(live, UUID(case["id"])) == 0


async def test_a_case_restricted_at_referral_is_never_open_to_anybody_else(
    world: World, superuser: asyncpg.Connection
) -> None:
    access = {"restricted_to": ids(world, "coordinator", "idva"), "because": "His brother works in Housing."}
    sent = await world.refer(access=access)
    case_id = sent["case"]["id"]
    assert sent["restricted"] is True
    assert sent["route"]["forum_kind"] == "hrda"
    seen = {who for who in world.people if await sees(world, who, case_id)}
    assert seen == {"officer", "coordinator", "idva"}
    assert (await world["safeguarding"].get("/referrals")).json()["items"] == []
    kept = await superuser.fetchval("SELECT form::text FROM referral WHERE case_id = $1", UUID(case_id))
    assert "access" not in kept
    told = await superuser.fetch("SELECT to_agencies, to_users FROM disclosure WHERE case_id = $1", UUID(case_id))
    heard = {agency for each in told for agency in each["to_agencies"]}
    assert heard <= {world.agencies["council"], world.agencies["idva"]}


async def test_a_person_kept_from_a_referral_never_sees_it_while_their_colleagues_do(world: World) -> None:
    access = {"keep_from": ids(world, "housing_rep", "chair"), "because": "He is her brother."}
    sent = await world.refer(access=access)
    case_id = sent["case"]["id"]
    assert sent["restricted"] is False
    assert not await sees(world, "housing_rep", case_id)
    assert not await sees(world, "chair", case_id)
    assert await sees(world, "coordinator", case_id)
    listed = (await world["coordinator"].get(f"/cases/{case_id}/exclusions")).json()["items"]
    assert {each["person"]["name"] for each in listed} == {"Housing Rep", "Chair"}
    referral = (await world["idva"].get(f"/referrals/{sent['referral_id']}")).text
    assert str(world["chair"].user_id) not in referral


async def test_what_a_referral_says_of_who_may_know_is_checked(world: World) -> None:
    officer = world["officer"]

    async def refused(**access: Any) -> list[tuple[str, str]]:
        answer = await officer.post("/referrals?submit=true", referral_form(access=access))
        assert answer.status_code == 422, answer.text
        return [(each["pointer"], each["code"]) for each in answer.json()["errors"]]

    assert await refused(restricted_to=ids(world, "idva"), because="Kin.") == [
        ("/access/restricted_to", "nobody_to_lift")
    ]
    assert await refused(restricted_to=ids(world, "chair")) == [("/access/because", "required")]
    both = {"restricted_to": ids(world, "chair"), "keep_from": [*ids(world, "chair", "officer"), NOWHERE]}
    assert await refused(**both, because="Kin.") == [
        ("/access/keep_from/0", "named_and_kept"),
        ("/access/keep_from/1", "oneself"),
        ("/access/keep_from/2", "unknown_user"),
    ]


async def test_a_draft_that_says_who_may_not_know_is_its_authors_alone(world: World) -> None:
    access = {"keep_from": ids(world, "safeguarding"), "because": "She is his aunt."}
    draft = (await world["officer"].post("/referrals", referral_form(access=access))).json()
    path = f"/referrals/{draft['id']}"
    assert (await world["safeguarding"].get(path)).status_code == 404
    assert (await world["safeguarding"].post(f"{path}/submit")).status_code == 404
    assert (await world["officer"].put(path, referral_form(), version=1)).status_code == 200
    assert (await world["safeguarding"].get(path)).status_code == 200


async def test_a_draft_keeps_what_it_says_of_who_may_not_know_until_it_is_sent(world: World) -> None:
    access = {"restricted_to": ids(world, "coordinator"), "because": "She is his aunt."}
    draft = (await world["officer"].post("/referrals", referral_form(access=access))).json()
    shown = (await world["officer"].get(f"/referrals/{draft['id']}")).json()["form"]
    assert shown["access"] == access | {"keep_from": []}
    sent = (await world["officer"].post(f"/referrals/{draft['id']}/submit")).json()
    assert sent["restricted"] is True
    seen = {who for who in world.people if await sees(world, who, sent["case"]["id"])}
    assert seen == {"officer", "coordinator"}


async def test_a_referral_cannot_close_a_case_that_is_open_already(world: World) -> None:
    first = await world.refer()
    victim = referral_form()["victim"] | {"person_reference": first["people"][0]["person_reference"]}
    perpetrator = referral_form()["perpetrators"][0] | {"person_reference": first["people"][1]["person_reference"]}
    access = {"restricted_to": ids(world, "coordinator"), "because": "Kin."}
    form = referral_form(access=access) | {"victim": victim, "perpetrators": [perpetrator]}
    answer = await world["officer"].post("/referrals?submit=true", form)
    assert answer.json()["errors"][0]["code"] == "joins_case", answer.text
    await restrict(world, first["case"]["id"], "officer")
    joined = await world["officer"].post("/referrals?submit=true", form | {"access": None})
    assert (joined.json()["restricted"], joined.json()["case"]["joined"]) == (True, True), joined.text
    assert not await sees(world, "safeguarding", first["case"]["id"])


async def test_on_a_day_that_is_past_only_what_really_opened_the_case_counts(world: World) -> None:
    case = (await world.refer())["case"]
    path = f"/cases/{case['id']}/access"

    async def on(day: str, who: str = "coordinator") -> Any:
        answer = await world[who].get(f"{path}?on={day}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    world.clock.set(2026, 11, 23, 12)
    await restrict(world, case["id"], "officer")
    exclusion = {"user_id": ids(world, "officer")[0], "because": "He knows her."}
    world.clock.set(2026, 11, 25, 12)
    kept = (await world["coordinator"].post(f"/cases/{case['id']}/exclusions", exclusion)).json()
    world.clock.set(2026, 11, 27, 12)
    version = {"If-Match": '"1"'}
    assert (
        await world["coordinator"].post(f"/cases/{case['id']}/exclusions/{kept['id']}/end", headers=version)
    ).status_code == 200
    assert (
        await world["coordinator"].post(f"/cases/{case['id']}/restriction/lift", {}, headers=version)
    ).status_code == 200
    world.clock.set(2026, 11, 30)

    before = await on("2026-11-22")
    assert {each["reason"] for each in before["items"]} == {"referred", "coordinates", "on_forum_list"}
    assert (before["restricted"], before["kept_apart"]) == ([], [])
    first_day = await on("2026-11-23")
    assert {each["reason"] for each in first_day["items"]} == {"referred", "coordinates", "on_forum_list", "named"}
    lists = [each for each in first_day["items"] if each["reason"] == "on_forum_list"]
    assert {each["until"] for each in lists} == {"2026-11-23T12:00:00+00:00"}
    inside = await on("2026-11-24")
    assert {(each["person"], each["reason"]) for each in inside["items"]} == {
        ("Officer", "named"),
        ("Coordinator", "named"),
    }
    assert inside["restricted"] == [{"since": "2026-11-23T12:00:00+00:00", "until": "2026-11-27T12:00:00+00:00"}]
    apart = await on("2026-11-26")
    assert [each["person"] for each in apart["items"]] == ["Coordinator"]
    assert [(each["person"], each["kind"]) for each in apart["kept_apart"]] == [("Officer", "recorded")]
    assert (await on("2026-11-26", "idva"))["kept_apart"] == []
    again = await on("2026-11-28")
    assert {each["reason"] for each in again["items"]} == {"referred", "coordinates", "on_forum_list"}
    assert (await on("2026-11-28"))["items"] != (await on("2026-11-26"))["items"]


async def test_on_a_restricted_case_nobody_is_given_what_they_could_not_see(world: World) -> None:
    case = (await world.refer())["case"]
    await restrict(world, case["id"], "nurse")
    coordinator = world["coordinator"]
    idva = {"user_id": ids(world, "idva")[0], "sharing": coordinator.sharing}
    refused = await coordinator.put(f"/cases/{case['id']}/idva", idva, version="1")
    assert refused.json()["errors"][0]["code"] == "cannot_be_given", refused.text
    action = {
        "what": "Change the locks.",
        "agency_id": str(world.agencies["housing"]),
        "due_on": "2026-12-01",
        "sharing": coordinator.sharing,
    }
    refused = await coordinator.post(f"/cases/{case['id']}/actions", action)
    assert (refused.status_code, "on its list" in refused.json()["detail"]) == (409, True), refused.text
    ours = action | {"agency_id": str(world.agencies["health"])}
    assert (await coordinator.post(f"/cases/{case['id']}/actions", ours)).status_code == 201


async def test_a_restricted_case_takes_no_place_that_others_could_miss(
    world: World, superuser: asyncpg.Connection
) -> None:
    """The list is full for those who know of every case on it, and has room for whoever may not know of one."""
    one_place = "UPDATE forum SET settings = jsonb_set(settings, '{capacity}', '1') WHERE id = $1"
    await superuser.execute(one_place, world.forums["hrda"])
    access = {"restricted_to": ids(world, "coordinator"), "because": "His brother works in Housing."}
    hidden = await world.refer(victim="Ana Pereira", access=access)
    first = await world.refer("housing_rep", victim="Maya Thornbury")
    assert first["route"]["meeting_id"] == hidden["route"]["meeting_id"]
    assert first["route"]["placement"] == "listed"
    second = await world.refer("housing_rep", victim="Noor Hale")
    assert second["route"]["meeting_id"] != first["route"]["meeting_id"]
    assert any(each["rule"] == "route.capacity" for each in second["reasons"])
    listed = (await world["housing_rep"].get(f"/meetings/{first['route']['meeting_id']}")).json()
    assert listed["listed"] == 1
    also = await world.refer(victim="Lena Voss", access=access)
    assert also["route"]["meeting_id"] == hidden["route"]["meeting_id"], "beyond the places that there are"


async def test_listing_a_case_by_hand_leaves_no_trace_on_its_meeting(world: World) -> None:
    marac = (await world["chair"].get(f"/meetings?forum={world.forums['marac']}")).json()["items"][0]
    path = f"/meetings/{marac['id']}"
    case = (await world.refer())["case"]
    before = await world["housing_rep"].get(path)
    await restrict(world, case["id"], "chair")
    told = {
        "case_id": case["id"],
        "kind": "late",
        "reason": "It cannot wait.",
        "sharing": world["coordinator"].sharing,
    }
    added = await world["coordinator"].post(f"{path}/items", told, headers={"If-Match": "*"})
    assert added.status_code == 201, added.text
    assert (await world["chair"].get(path)).json()["listed"] == 1
    after = await world["housing_rep"].get(path)
    assert (after.content, after.headers["etag"]) == (before.content, before.headers["etag"])
