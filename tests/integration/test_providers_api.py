"""Identity providers as programs keep them: the same rules as on the pages. Nothing answers at these providers."""

from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from app.db.ids import new_id
from app.db.session import Credentials
from app.domain.providers import BACK, ChangedProvider, Trust
from app.domain.sessions import ConfirmFirst, Lifetimes
from app.services import providers, sessions
from app.web.visit import credentials_of
from tests.openid.arranged import shown_provider
from tests.world import World

LIST = "/identity-providers"


@pytest.fixture
async def kept(world: World) -> str:
    """A provider that there is."""
    return f"{LIST}/{await shown_provider(world)}"


def rule(world: World, **changes: Any) -> dict[str, Any]:
    agency = str(world.agencies["police"])
    return {"claim": "groups", "one_of": ["ops"], "agency_id": agency, "roles": ["practitioner"], **changes}


async def test_a_provider_is_shown_without_its_secret_and_with_where_it_sends_people_back_to(
    world: World, kept: str
) -> None:
    admin = world["partnership_admin"]
    shown = (await admin.get(kept)).json()
    assert shown["comes_back_to"] == f"{BACK}/{shown['id']}"
    assert "secret" not in str(shown)
    assert (await admin.get(LIST)).json()["items"] == [shown]


async def test_what_is_changed_is_changed_once_and_only_of_what_was_seen(world: World, kept: str) -> None:
    admin = world["partnership_admin"]
    told = {"name": "Police", "client_id": "us"}
    assert (await admin.put(kept, told)).status_code == 428
    changed = await admin.put(kept, told, version=1)
    assert (changed.json()["client_id"], changed.headers["etag"]) == ("us", '"2"')
    assert (await admin.put(kept, told, version=1)).status_code == 412


async def test_a_new_secret_replaces_the_old_and_none_leaves_it(
    world: World, kept: str, superuser: asyncpg.Connection
) -> None:
    admin, query = world["partnership_admin"], "SELECT sealed FROM openid_provider WHERE id = $1"
    provider_id = UUID(kept.rpartition("/")[2])
    before = await superuser.fetchval(query, provider_id)
    await admin.put(kept, {"name": "Police", "client_id": "us"}, version=1)
    assert await superuser.fetchval(query, provider_id) == before
    await admin.put(kept, {"name": "P", "client_id": "us", "client_secret": "another"}, version=2)
    assert await superuser.fetchval(query, provider_id) != before


async def test_rules_give_no_more_than_an_agency_may_and_name_agencies_of_this_partnership(
    world: World, kept: str
) -> None:
    admin = world["partnership_admin"]
    for wrong, pointer in (
        ({"rules": [rule(world, roles=["partnership_administrator"])]}, "/rules/0/roles"),
        ({"rules": [rule(world), rule(world, agency_id=str(uuid4()))]}, "/rules/1/agency_id"),
        ({"second_factor": "when_said"}, "/amr"),
    ):
        refused = await admin.put(f"{kept}/trust", wrong, version=1)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)
    done = await admin.put(f"{kept}/trust", {"rules": [rule(world)]}, version=1)
    assert [each["one_of"] for each in done.json()["trust"]["rules"]] == [["ops"]]
    assert done.json()["trust"]["second_factor"] == "never"


async def test_one_that_was_switched_off_is_not_changed_any_more(world: World, kept: str) -> None:
    admin = world["partnership_admin"]
    assert (await admin.post(f"{kept}/end")).json()["ended_at"]
    assert (await admin.post(f"{kept}/end")).status_code == 409
    assert (await admin.put(kept, {"name": "P", "client_id": "us"}, version=2)).status_code == 409
    assert (await admin.put(f"{kept}/trust", {}, version=2)).status_code == 409


@pytest.mark.parametrize("issuer", ["http://p.example", "https://localhost/x", "nonsense", "https://169.254.169.254/x"])
async def test_an_address_that_may_not_be_asked_is_refused_at_its_field(world: World, issuer: str) -> None:
    told = {"id": str(new_id()), "name": "P", "issuer": issuer, "client_id": "us", "client_secret": "x"}
    refused = await world["partnership_admin"].post(LIST, told)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/issuer")
    assert (await world["partnership_admin"].get(LIST)).json()["items"] == []


async def test_in_a_session_that_was_not_confirmed_none_is_added_or_changed_and_one_is_still_switched_off(
    world: World, kept: str
) -> None:
    provider_id = UUID(kept.rpartition("/")[2])
    who = Credentials(world.partnership_id, world["partnership_admin"].user_id)
    key = await world.database.run(who, sessions.begin, world.clock(), new_id(), ["passkey"], "Firefox", Lifetimes())
    world.clock.forward(minutes=16)
    browser, now = credentials_of(key), world.clock()
    with pytest.raises(ConfirmFirst):
        await world.database.run(browser, providers.trusted, now, new_id(), provider_id, None, Trust())
    told = ChangedProvider(name="P", client_id="us")
    with pytest.raises(ConfirmFirst):
        await world.database.run(browser, providers.changed, now, new_id(), provider_id, None, told)
    await world.database.run(browser, providers.ended, now, new_id(), provider_id)
