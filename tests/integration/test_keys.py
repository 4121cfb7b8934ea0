"""Keys of the second ring: changed while the service goes on, and destroyed when nothing needs them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
from fastapi import FastAPI
from typer.testing import CliRunner

from app.api.tokens import generate_pem
from app.cli import app as command
from app.commands.keys import rotate
from app.db.ids import new_id
from app.db.session import UnitOfWork
from app.db.signet import new_seal_key
from app.db.tables.sign_in import openid_provider
from app.db.vault import Vault
from app.doctor import examine
from app.domain.ceremonies import CeremonyKey, CeremonyKind
from app.domain.letters import LetterKind
from app.main import create_app
from app.problem import Problem
from app.services import ceremonies, letters
from app.services.passwords import Cost, Passwords
from app.settings import Settings, new_contact_key
from tests.accounts import account_of
from tests.direct import DirectClient
from tests.world import Clock, World, build_world, referral_form

Urls = tuple[str, str]
OLD, NEW = new_contact_key(), new_contact_key()
TOKENS, SEALS = {"test": generate_pem()}, {"test": new_seal_key()}


@asynccontextmanager
async def served(urls: Urls, clock: Clock, keys: dict[str, str], index: dict[str, str]) -> AsyncIterator[FastAPI]:
    """The service with these keys."""
    more: dict[str, Any] = {"contact_keys": keys, "index_keys": index}
    settings = Settings(database_url=urls[1], token_keys=TOKENS, seal_keys=SEALS, **more)
    made = create_app(settings, clock, Passwords(cost=Cost(passes=1, memory_kib=8, lanes=1)))
    async with made.router.lifespan_context(made):
        yield made


def at(world: World, app: FastAPI) -> World:
    """The same people, at another process of the service."""
    client = DirectClient(app)
    for person in world.people.values():
        person.client, person.app = client, app
    world.app = app
    return world


async def new_world(app: FastAPI, clock: Clock) -> World:
    client = DirectClient(app)
    return await build_world(app, client, clock)


def vault(keys: dict[str, str], index: dict[str, str]) -> Vault:
    settings = Settings(contact_keys=keys, index_keys=index)
    return Vault(settings.contact_keys, settings.index_keys)


async def rotated(urls: Urls, keys: dict[str, str], index: dict[str, str]) -> tuple[bool, str]:
    said: list[str] = []
    done = await asyncio.to_thread(rotate, urls[0], "DATABASE_OWNER_URL", vault(keys, index), said.append)
    return done, "\n".join(said)


async def number(world: World, case_id: str) -> str:
    """The victim's number, released to the IDVA."""
    items = (await world["idva"].get(f"/cases/{case_id}/contacts")).json()["items"]
    asked = {"reason": "contact_victim", "parties": [items[0]["party_id"]], "sharing": world["idva"].sharing}
    answer = await world["idva"].post(f"/cases/{case_id}/contacts/release", asked)
    assert answer.status_code == 200, answer.text
    found: str = answer.json()["items"][0]["contact"]["phones"][0]["number"]
    return found


async def found(world: World) -> int:
    answer = await world["coordinator"].post("/people/search", {"phone": "07700 900123"})
    assert answer.status_code == 200
    return len(answer.json()["items"])


async def test_keys_are_changed_while_the_service_works_and_the_old_ones_can_be_destroyed(
    own_urls: Urls, clock: Clock
) -> None:
    clock.reset()
    both, first = {"old": OLD, "new": NEW}, {"new": NEW, "old": OLD}
    async with served(own_urls, clock, both, both) as app:
        world = await new_world(app, clock)
        sent = [(await world.refer(victim=f"Maya {name}"))["case"]["id"] for name in ("Ash", "Birch", "Cedar")]
        draft = (await world["officer"].post("/referrals", referral_form(), headers={"Idempotency-Key": "k"})).json()

        async def working() -> None:
            for n in range(6):
                assert await number(world, sent[n % 3]) == "07700 900123"
                await world.refer(victim=f"Maya {n}")
                path = f"/referrals/{draft['id']}"
                revised = await world["officer"].request("PUT", path, json=referral_form(), headers={"If-Match": "*"})
                assert revised.status_code == 200

        _, (done, said) = await asyncio.gather(working(), rotated(own_urls, first, first))
        if not done:
            assert "still needed" in said, "this service went on to seal with the old key"
    async with served(own_urls, clock, first, first) as app:
        at(world, app)
        assert await found(world) == 9, "under both keys"
        done, said = await rotated(own_urls, first, first)
        assert done, said
        assert "Key 'old' is no longer used. Take it out of ROUNDTABLE_CONTACT_KEYS everywhere" in said
        assert "Key 'old' is no longer used. Take it out of ROUNDTABLE_INDEX_KEYS everywhere" in said
    async with served(own_urls, clock, {"new": NEW}, {"new": NEW}) as app:
        at(world, app)
        assert [await number(world, case) for case in sent] == ["07700 900123"] * 3
        assert await found(world) == 9
        kept = (await world["officer"].get(f"/referrals/{draft['id']}")).json()["form"]["victim"]["contact"]
        assert kept["phones"][0]["number"] == "07700 900123"
        again = await world["officer"].post("/referrals", referral_form(), headers={"Idempotency-Key": "k"})
        assert (again.json()["id"], again.headers["idempotent-replayed"]) == (draft["id"], "true")


async def test_what_sign_in_keeps_sealed_is_sealed_anew_as_well(
    own_urls: Urls, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.reset()
    both, first = {"old": OLD, "new": NEW}, {"new": NEW, "old": OLD}
    async with served(own_urls, clock, both, both) as app:
        world = await new_world(app, clock)
        officer = await account_of(world, "officer")

        async def seal(uow: UnitOfWork) -> CeremonyKey:
            letters.write(uow, LetterKind.RESET, "canary@police.example")
            provider_id = new_id()
            sealed = uow.vault.seal(b"a secret", partnership_id=world.partnership_id, row_id=provider_id)
            kept = {"name": "Idp", "issuer": "https://idp.example", "client_id": "x", "rules": {}, "version": 1}
            of_provider = {"id": provider_id, "key_id": sealed.key_id, "sealed": sealed.data, "created_at": uow.now}
            uow.add(openid_provider, **kept, **of_provider)
            return await ceremonies.begin(uow, CeremonyKind.JOIN, {"remembered": True}, 10)

        begun = await world.database.run_as_system(world.partnership_id, seal, clock())
    monkeypatch.setenv("DATABASE_URL", own_urls[1])
    monkeypatch.setenv("ROUNDTABLE_CONTACT_KEYS", f'{{"new": "{NEW}"}}')
    wrong = await asyncio.to_thread(lambda: [each.says for each in examine() if each.mend])
    assert "Key 'old' is not in ROUNDTABLE_CONTACT_KEYS, and what it sealed cannot be opened or found." in wrong
    done, said = await rotated(own_urls, {"new": NEW}, both)
    assert not done
    for each in ("1 authenticator apps", "1 secrets of providers", "1 sign-ins under way", "1 mails to be sent"):
        assert each in said
    done, said = await rotated(own_urls, first, both)
    assert "Everything is under key 'new' of ROUNDTABLE_CONTACT_KEYS." in said
    async with served(own_urls, clock, {"new": NEW}, both) as app:
        world = at(world, app)
        officer.world = world
        assert await officer.can_sign_in()
        run = app.state.database.run_as_system
        assert await run(world.partnership_id, ceremonies.look, clock(), begun, CeremonyKind.JOIN) == {
            "remembered": True
        }
        taken = await run(world.partnership_id, letters.take_up, clock())
        assert taken.to == "canary@police.example"


async def test_a_rotation_that_was_stopped_goes_on_and_then_finds_nothing_to_do(
    own_urls: Urls, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.reset()
    async with served(own_urls, clock, {"old": OLD}, {"old": OLD}) as app:
        world = await new_world(app, clock)
        for name in ("Ash", "Birch", "Cedar"):
            await world.refer(victim=f"Maya {name}")
    monkeypatch.setattr("app.commands.keys.BATCH", 1)
    said: list[str] = []

    def stop(text: str) -> None:
        said.append(text)
        if len(said) == 2:
            raise KeyboardInterrupt

    keys = {"new": NEW, "old": OLD}
    with pytest.raises(KeyboardInterrupt):
        await asyncio.to_thread(rotate, own_urls[0], "DATABASE_OWNER_URL", vault(keys, keys), stop)
    assert said == ["contact details: 1 of 3", "contact details: 2 of 3"]
    done, text = await rotated(own_urls, keys, keys)
    assert done
    assert text.splitlines()[0] == "contact details: 1 of 1"
    assert "index: 3 of 3" in text
    done, text = await rotated(own_urls, keys, keys)
    assert done
    assert not text.startswith("contact details")


async def test_a_key_that_rows_need_and_nobody_has_is_named(
    own_urls: Urls, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.reset()
    async with served(own_urls, clock, {"old": OLD}, {"old": OLD}) as app:
        await (await new_world(app, clock)).refer()
    done, said = await rotated(own_urls, {"new": NEW}, {"new": NEW})
    assert not done
    assert "Key 'old' is needed (1 contact details) and is not in ROUNDTABLE_CONTACT_KEYS" in said
    assert "Add it, last, and run this again." in said
    monkeypatch.setenv("DATABASE_URL", own_urls[1])
    for variable in ("ROUNDTABLE_CONTACT_KEYS", "ROUNDTABLE_INDEX_KEYS"):
        monkeypatch.setenv(variable, f'{{"new": "{NEW}"}}')
    wrong = await asyncio.to_thread(lambda: [each.says for each in examine() if each.mend])
    assert "Key 'old' is not in ROUNDTABLE_CONTACT_KEYS, and what it sealed cannot be opened or found." in wrong
    assert "Key 'old' is not in ROUNDTABLE_INDEX_KEYS, and what it sealed cannot be opened or found." in wrong


async def test_what_was_tampered_with_is_counted_and_left_as_it_is(
    own_urls: Urls, clock: Clock, superuser: asyncpg.Connection
) -> None:
    clock.reset()
    async with served(own_urls, clock, {"old": OLD}, {"old": OLD}) as app:
        await (await new_world(app, clock)).refer()
    owner = await asyncpg.connect(own_urls[0])
    await owner.execute("UPDATE contact_secret SET wrapped = '\\x00'")
    keys = {"new": NEW, "old": OLD}
    done, said = await rotated(own_urls, keys, {"old": OLD})
    assert not done
    assert "1 could not be opened with any key that is set" in said
    assert await owner.fetchval("SELECT key_id FROM contact_secret") == "old"
    await owner.close()


async def test_the_service_s_own_role_cannot_rotate(own_urls: Urls, clock: Clock) -> None:
    clock.reset()
    async with served(own_urls, clock, {"old": OLD}, {"old": OLD}) as app:
        await (await new_world(app, clock)).refer()
    said: list[str] = []
    keys = {"new": NEW, "old": OLD}
    with pytest.raises(Problem, match="use the database's owner"):
        await asyncio.to_thread(rotate, own_urls[1], "DATABASE_URL", vault(keys, keys), said.append)
    assert said == [], "and above all not that a key is no longer used"


def test_keys_are_printed_and_rotating_says_what_it_needs() -> None:
    printed = CliRunner().invoke(command, ["keys"]).output
    assert "ROUNDTABLE_CONTACT_KEYS=" in printed
    assert "ROUNDTABLE_INDEX_KEYS=" in printed
    helped = CliRunner().invoke(command, ["keys", "rotate", "--help"]).output
    assert "an old key can be destroyed" in helped
