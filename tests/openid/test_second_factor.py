"""What is asked for as well, where an organisation's provider proves one factor only."""

import re

import asyncpg
import pyotp
import pytest

from app.db.session import UnitOfWork
from app.domain.providers import SecondFactor
from app.domain.sign_in_links import INVITATION_LASTS, LinkKind
from app.services import sign_in_links
from tests.accounts import Account, account_of
from tests.openid.visitor import Trusted, Visitor, people, rule, trail
from tests.world import World


@pytest.fixture
async def half(police: Trusted, world: World) -> Account:
    """An officer who has linked a provider that proves one factor only, and who has an app."""
    await police.trust(second_factor=SecondFactor.NEVER)
    await police.links("officer")
    return await account_of(world, "officer")


async def test_where_a_provider_proves_one_factor_only_a_code_is_asked_for_as_well(
    police: Trusted, half: Account, ann: Visitor, world: World, superuser: asyncpg.Connection
) -> None:
    assert (await ann.get("/sign-in/second")).status_code == 409
    arrived = await ann.through(f"{police.way_in}&next=/account")
    assert arrived.headers["location"] == "/sign-in/second"
    assert await ann.who() is None
    await ann.get("/sign-in/second")
    for wrong in ("", "000000", "not a code"):
        assert (await ann.post("/sign-in/second", code=wrong)).status_code == 422
    code = half.code
    done = await ann.post("/sign-in/second", code=code)
    assert (done.status_code, done.headers["location"]) == (303, "/account")
    assert await ann.who() == "Officer"
    assert (await trail(superuser, world))[-3:] == [
        ("sign_in.failed", "openid"),
        ("sign_in.failed", "openid"),
        ("sign_in.done", "openid"),
    ]
    # Neither the code nor the provider's word counts again.
    await ann.post("/sign-out")
    await ann.through(police.way_in)
    await ann.get("/sign-in/second")
    assert (await ann.post("/sign-in/second", code=code)).status_code == 422
    assert (await ann.post("/sign-in/second", code=half.codes[0])).status_code == 303
    await ann.post("/sign-out")
    assert (await ann.get("/sign-in/second")).status_code == 409


async def test_a_second_factor_is_guessed_at_ten_times_and_no_more(
    police: Trusted, half: Account, ann: Visitor
) -> None:
    await ann.through(police.way_in)
    await ann.get("/sign-in/second")
    answers = [(await ann.post("/sign-in/second", code="000000")).status_code for _ in range(11)]
    assert answers == [422] * 10 + [429]
    assert (await ann.post("/sign-in/second", code=half.code)).status_code == 429


async def test_who_has_left_meanwhile_is_not_let_in_by_a_code(
    police: Trusted, half: Account, ann: Visitor, superuser: asyncpg.Connection
) -> None:
    await ann.through(police.way_in)
    await ann.get("/sign-in/second")
    await superuser.execute("UPDATE app_user SET ended_at = now() WHERE id = $1", half.person.user_id)
    assert (await ann.post("/sign-in/second", code=half.code)).status_code == 409
    assert await ann.who() is None


async def test_a_newcomer_whose_provider_proves_one_factor_sets_up_a_second_before_they_are_let_in(
    police: Trusted, ann: Visitor, world: World, superuser: asyncpg.Connection
) -> None:
    await police.trust(rule(world), second_factor=SecondFactor.NEVER)
    for _ in range(2):  # whoever leaves in the middle comes to the same page the next time
        assert (await ann.through(police.way_in)).headers["location"] == "/join"
        assert await ann.who() is None
    await ann.get("/join")
    assert "Ann Weaver" in ann.page
    set_up = await ann.post("/join/app")
    await ann.get(set_up.headers["location"])
    code = pyotp.TOTP(_secret(ann.page)).at(world.clock())
    await ann.post(set_up.headers["location"], new_password="kettle orbit plum", code=code)
    assert await ann.who() == "Ann Weaver"
    assert await people(superuser, world) == 1
    # From then on their organisation's account and a code let them in.
    await ann.post("/sign-out")
    assert (await ann.through(police.way_in)).headers["location"] == "/sign-in/second"


async def test_who_was_invited_chooses_their_organisations_account_if_it_proves_two_factors(
    police: Trusted, ann: Visitor, world: World
) -> None:
    link = await invitation(world, "officer")
    police.provider.tell(claims={})
    await police.trust(second_factor=SecondFactor.NEVER)
    await ann.get(link)
    assert (await ann.through(f"/join/with/{police.id}")).status_code == 403
    await police.trust()
    assert (await ann.through(f"/join/with/{police.id}")).status_code == 303
    assert await ann.who() == "Officer"
    assert (await ann.get(f"/join/with/{police.id}")).status_code == 409
    assert (await ann.get(link)).status_code == 410


async def invitation(world: World, who: str) -> str:
    """The path of a link for somebody who was invited."""

    async def make(uow: UnitOfWork) -> str:
        person = world[who]
        token = await sign_in_links.make(uow, person.user_id, person.agency_id, LinkKind.INVITATION, INVITATION_LASTS)
        return token.at("")

    return await world.database.run_as_system(world.partnership_id, make, world.clock())


def _secret(page: str) -> str:
    found = re.search(r'rt-key"><code>([^<]+)<', page)
    assert found
    return found[1].replace(" ", "")
