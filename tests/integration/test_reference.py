"""Who asks, who works in the partnership, and the rules that decisions are made by."""

from tests.world import AGENCIES, World


async def test_me_says_who_asks_and_what_their_roles_allow(world: World) -> None:
    officer = (await world["officer"].get("/me")).json()
    assert (officer["name"], officer["agency"]["name"], officer["roles"]) == (
        "Officer",
        "Wessex Police",
        ["practitioner"],
    )
    assert "refer" in officer["may"]
    assert "manage_case" not in officer["may"]
    assert "join_people" in (await world["coordinator"].get("/me")).json()["may"]


async def test_agencies_are_listed_by_name(world: World) -> None:
    names = [each["name"] for each in (await world["nurse"].get("/agencies")).json()["items"]]
    assert names == sorted(name for name, _, _ in AGENCIES.values())


async def test_users_can_be_narrowed_to_a_role_and_an_agency(world: World) -> None:
    idvas = (await world["coordinator"].get("/users?role=idva")).json()["items"]
    assert [(each["name"], each["roles"]) for each in idvas] == [("Idva", ["idva"])]
    police = (await world["coordinator"].get(f"/users?agency={world.agencies['police']}")).json()["items"]
    assert {each["name"] for each in police} == {"Officer", "Safeguarding", "Police Admin"}


async def test_users_page_without_gap_or_repeat(world: World) -> None:
    everyone = (await world["nurse"].get("/users?limit=200")).json()["items"]
    assert len(everyone) == sum(len(people) for _, _, people in AGENCIES.values())
    seen, cursor = [], ""
    while True:
        page = (await world["nurse"].get(f"/users?limit=4{cursor}")).json()
        seen += page["items"]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == everyone


async def test_forums_show_their_settings_and_members(world: World) -> None:
    forums = {each["settings"]["kind"]: each for each in (await world["nurse"].get("/forums")).json()["items"]}
    assert forums["hrda"]["id"] == str(world.forums["hrda"])
    assert len(forums["marac"]["members"]) == len(AGENCIES)


async def test_the_partnership_names_the_versions_of_its_rules(world: World) -> None:
    shown = (await world["nurse"].get("/partnership")).json()
    assert shown["rules"]["grading"]["value"]["high_at"] == {"dash-27": 14}
    assert shown["rules"]["routing"]["value"]["pathway"] == "hrda_then_marac"
    assert shown["rules"]["grading"]["version"] == "1"


async def test_nothing_is_answered_without_a_token(world: World) -> None:
    for path in ("/me", "/agencies", "/users", "/forums", "/partnership"):
        assert (await world["nurse"].client.get(f"/api/v1{path}")).status_code == 401
