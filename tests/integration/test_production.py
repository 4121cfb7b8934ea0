"""What is served for real: nothing of a demonstration, nothing in the clear, and nothing missing."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from app.api.tokens import generate_pem
from app.db.signet import new_seal_key
from app.postgres import EmbeddedPostgres
from app.production import refusals
from app.settings import Settings, new_contact_key, with_local_keys

ORIGIN = "https://roundtable.example.org"


@pytest.fixture(scope="module")
def urls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A server of its own, since other tests found partnerships in theirs: superuser's and app's address."""
    from app.db import migrate

    with EmbeddedPostgres(tmp_path_factory.mktemp("production"), durable=False) as running:
        migrate.upgrade(running.owner_url())
        yield running.owner_url().replace("roundtable_owner@", "postgres@"), running.app_url()


@pytest.fixture
def sound(urls: tuple[str, str], tmp_path: Path) -> Settings:
    """A deployment that lacks nothing."""
    return Settings(
        database_url=urls[1],
        data_dir=tmp_path,
        token_keys={"1": generate_pem()},
        contact_keys={"1": new_contact_key()},
        index_keys={"1": new_contact_key()},
        seal_keys={"1": new_seal_key()},
        origin=ORIGIN,
        trusted_proxies="10.0.0.1",
    )


async def _found(urls: tuple[str, str], *, demo: bool) -> None:
    connection = await asyncpg.connect(urls[0])
    await connection.execute("DELETE FROM partnership")
    await connection.execute(
        "INSERT INTO partnership (id, name, slug, marking, confidentiality_statement, confidentiality_version, demo, "
        "created_at) VALUES ($1, 'Here', 'here', 'm', 's', '1', $2, $3)",
        uuid4(),
        demo,
        datetime.now(UTC),
    )
    await connection.close()


def test_a_sound_deployment_is_served(sound: Settings) -> None:
    assert refusals(sound) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"database_url": None}, "Set DATABASE_URL"),
        ({"token_keys": {}}, "ROUNDTABLE_TOKEN_KEYS is not set"),
        ({"contact_keys": {}}, "ROUNDTABLE_CONTACT_KEYS is not set"),
        ({"index_keys": {}}, "ROUNDTABLE_INDEX_KEYS is not set"),
        ({"seal_keys": {}}, "ROUNDTABLE_SEAL_KEYS is not set"),
        ({"origin": None}, "ROUNDTABLE_ORIGIN is not set"),
        ({"origin": "http://roundtable.example.org"}, "ROUNDTABLE_ORIGIN is not https"),
        ({"trusted_proxies": ()}, "ROUNDTABLE_TRUSTED_PROXIES is not set"),
    ],
)
def test_what_is_missing_or_unsafe_is_refused_with_the_sentence_that_mends_it(
    sound: Settings, change: dict[str, object], sentence: str
) -> None:
    said = refusals(sound.model_copy(update=change))
    assert len(said) == 1
    assert said[0].startswith(sentence)


def test_the_keys_of_a_demonstration_are_refused_by_what_they_are_and_by_their_name(
    sound: Settings, tmp_path: Path
) -> None:
    made = with_local_keys(Settings(data_dir=tmp_path), generate_pem, new_seal_key)
    keys = ("token_keys", "contact_keys", "index_keys", "seal_keys")
    for renamed in (False, True):
        update = {name: {"1" if renamed else kid: key for kid, key in getattr(made, name).items()} for name in keys}
        said = refusals(sound.model_copy(update=update))
        assert len(said) == len(keys)
        assert all("holds the key of a demonstration" in each for each in said)
        assert not any(json.dumps(key)[1:20] in each for each in said for key in made.token_keys.values())
    elsewhere = sound.model_copy(update={"token_keys": made.token_keys, "data_dir": tmp_path / "elsewhere"})
    assert len(refusals(elsewhere)) == 1, "by its name alone, on another machine"


def test_a_demonstrations_people_and_real_ones_are_not_served_together(sound: Settings, urls: tuple[str, str]) -> None:
    as_demonstration = sound.model_copy(update={"demo": True})
    asyncio.run(_found(urls, demo=True))
    (said,) = refusals(sound)
    assert said.startswith("The database holds a demonstration's invented people")
    assert refusals(as_demonstration) == []
    asyncio.run(_found(urls, demo=False))
    (said,) = refusals(as_demonstration)
    assert said.startswith("ROUNDTABLE_DEMO is true")
    assert refusals(sound) == []
