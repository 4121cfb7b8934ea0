"""The demonstration: told through the services, in every state, once, on any day, and wherever it was cut short."""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, time, tzinfo
from itertools import takewhile
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
import typer
from fastapi import FastAPI

from app import cli
from app.api.tokens import TokenKeys, generate_pem, issue
from app.commands.seed import seed
from app.db.ids import new_id
from app.db.session import Database
from app.db.signet import new_seal_key
from app.deployment import keep_address
from app.domain import base64url
from app.domain.access import MAY, Role, Verb
from app.domain.forums import ForumKind
from app.domain.lifecycle import State
from app.seeds.demo import seed_demo
from app.seeds.face import TOUR, front_page
from app.seeds.forms import COUNTS, year_of_forms
from app.seeds.people import SOUTHMERE, USERS, DemoPartnership, found_demo
from app.seeds.year import SEED, live_year
from app.services import cases, retention
from app.services.sessions import print_token
from app.settings import Settings, load, new_contact_key
from tests.world import Clock

CHRISTMAS = datetime(2026, 12, 25, 10, tzinfo=UTC)
TUESDAY = datetime(2026, 11, 24, 0, 5, tzinfo=UTC)
Rows = list[Any]
Command = Callable[..., str]


class Tuesday(datetime):
    """The machine's clock, on a Tuesday just after midnight."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "Tuesday":
        return cls(2026, 11, 24, 0, 5, tzinfo=tz)


@pytest.fixture(scope="module")
async def story(server_urls: tuple[str, str]) -> DemoPartnership:
    """The demonstration, as the command tells it on a Tuesday just after midnight. Told once: it takes a while."""
    keys = {"told": new_contact_key()}
    settings = Settings(database_url=server_urls[1], contact_keys=keys, index_keys=keys)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.commands.seed.datetime", Tuesday)
        assert await asyncio.to_thread(seed, settings, lambda _: None)
    return SOUTHMERE


async def counts(superuser: asyncpg.Connection, partnership: DemoPartnership) -> dict[str, int]:
    tables = ("case_file", "party", "referral", "agenda_item", "action", "research_return", "audit", "case_grant")
    return {
        table: await superuser.fetchval(f"SELECT count(*) FROM {table} WHERE partnership_id = $1", partnership.id)
        for table in tables
    }


async def test_one_case_of_the_story_is_past_the_time_to_be_kept(story: DemoPartnership, database: Database) -> None:
    for who in ("governance", "administrator", "coordinator"):
        waits = await database.run(story.as_user(who), retention.waiting, TUESDAY, new_id())
        assert waits == retention.Waiting(to_decide=1, to_approve=0), who
    assert await database.run(story.as_user("officer"), retention.waiting, TUESDAY, new_id()) is None


async def test_the_story_reaches_every_state_in_which_a_case_can_rest(
    story: DemoPartnership, superuser: asyncpg.Connection
) -> None:
    rows = await superuser.fetch("SELECT state FROM case_file WHERE partnership_id = $1", story.id)
    passing = {State.DRAFT, State.REFERRED, State.RE_REFERRED}
    assert {row["state"] for row in rows} == {str(each) for each in State if each not in passing}
    assert 55 <= len(rows) <= 70
    kinds = {
        row["kind"]
        for row in await superuser.fetch("SELECT DISTINCT kind FROM case_event WHERE partnership_id = $1", story.id)
    }
    assert kinds >= {
        "case.re_referred",
        "case.person_joined",
        "case.regraded",
        "case.assessed",
        "case.assessment_adopted",
        "support.declined",
        "action.not_possible",
        "agenda.addendum_published",
        "minutes.issued",
    }


async def test_nine_cases_wait_for_this_mornings_hrda_one_of_them_with_strangulation(
    story: DemoPartnership, superuser: asyncpg.Connection
) -> None:
    rows = await superuser.fetch(
        """SELECT c.victim_name, c.markers, c.score, c.grounds FROM agenda_item i
             JOIN meeting m ON m.id = i.meeting_id JOIN case_file c ON c.id = i.case_id
            WHERE i.partnership_id = $1 AND m.forum_id = $2 AND m.held_on = $3""",
        story.id,
        story.forum(ForumKind.HRDA),
        TUESDAY.date(),
    )
    assert len(rows) == 9
    (maya,) = [row for row in rows if row["victim_name"] == "Maya Thornbury"]
    assert "strangulation" in maya["markers"]
    assert (maya["score"], maya["grounds"]) == (9, ["professional_judgement"])


async def test_nothing_in_the_story_happens_after_it_arrives(
    story: DemoPartnership, superuser: asyncpg.Connection
) -> None:
    latest = await superuser.fetchval("SELECT max(at) FROM audit WHERE partnership_id = $1", story.id)
    assert latest <= datetime.combine(TUESDAY.date(), time.min, UTC)


async def test_telling_it_again_changes_nothing(
    story: DemoPartnership, database: Database, superuser: asyncpg.Connection
) -> None:
    before = await counts(superuser, story)
    assert await seed_demo(database, datetime(2027, 3, 1, tzinfo=UTC), partnership=story) is False
    assert await counts(superuser, story) == before


class Stopped(Exception):
    pass


async def test_cut_short_it_goes_on_from_there_also_at_christmas(
    database: Database, superuser: asyncpg.Connection
) -> None:
    partnership = DemoPartnership("told-at-christmas", "Told at Christmas")

    def stop(_: str) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        await seed_demo(database, CHRISTMAS, stop, partnership)
    half = await counts(superuser, partnership)
    # The day after, it is still Christmas Day's story that goes on.
    assert await seed_demo(database, datetime(2026, 12, 26, tzinfo=UTC), partnership=partnership)
    whole = await counts(superuser, partnership)
    assert 0 < half["case_file"] < whole["case_file"]
    submitted = await superuser.fetchval(
        "SELECT count(*) FROM referral WHERE partnership_id = $1 AND status = 'submitted'", partnership.id
    )
    joined = await superuser.fetchval(
        "SELECT count(*) FROM case_event WHERE partnership_id = $1 AND kind = 'case.re_referred'", partnership.id
    )
    assert submitted == whole["case_file"] + joined
    listed = await superuser.fetchval(
        """SELECT count(*) FROM agenda_item i JOIN meeting m ON m.id = i.meeting_id
            WHERE i.partnership_id = $1 AND m.forum_id = $2 AND m.held_on = $3""",
        partnership.id,
        partnership.forum(ForumKind.HRDA),
        date(2026, 12, 29),
    )
    assert listed == 9


async def test_founding_twice_at_once_makes_one_partnership(database: Database, superuser: asyncpg.Connection) -> None:
    partnership = DemoPartnership("founded-twice", "Founded twice")
    await asyncio.gather(*(found_demo(database, TUESDAY, partnership) for _ in range(3)))
    found = await superuser.fetchval("SELECT count(*) FROM app_user WHERE partnership_id = $1", partnership.id)
    assert found == len(USERS)


async def test_the_first_days_of_the_year_are_graded_listed_and_heard(
    database: Database, superuser: asyncpg.Connection
) -> None:
    partnership = DemoPartnership("a-fortnight", "A fortnight of the year")
    said: list[str] = []
    assert await live_year(database, TUESDAY, said.append, partnership, days=10)
    rows = await superuser.fetch(
        "SELECT level, count(*) AS n FROM assessment WHERE partnership_id = $1 GROUP BY level", partnership.id
    )
    start = date(2025, 11, 24)
    days = takewhile(lambda each: (each.sent_at.date() - start).days < 10, year_of_forms(SEED, start))
    expected = Counter(each.level for each in days)
    assert {row["level"]: row["n"] for row in rows} == expected
    heard = await superuser.fetchval(
        "SELECT count(*) FROM agenda_item WHERE partnership_id = $1 AND status = 'decided'", partnership.id
    )
    assert heard > 5
    assert len(said) >= len(COUNTS)
    assert await live_year(database, TUESDAY, said.append, partnership, days=10) is False


@pytest.fixture
def command(
    server_urls: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """A command of ``roundtable`` on the test database; its exit code must be ``code``."""
    monkeypatch.setenv("DATABASE_URL", server_urls[1])
    monkeypatch.setenv("DATABASE_OWNER_URL", server_urls[0])
    monkeypatch.setenv("ROUNDTABLE_DATA", str(tmp_path))
    monkeypatch.setenv("ROUNDTABLE_TOKEN_KEYS", json.dumps({"1": generate_pem()}))
    monkeypatch.setenv("ROUNDTABLE_CONTACT_KEYS", json.dumps({"1": new_contact_key()}))
    monkeypatch.setenv("ROUNDTABLE_INDEX_KEYS", json.dumps({"1": new_contact_key()}))
    monkeypatch.setenv("ROUNDTABLE_SEAL_KEYS", json.dumps({"1": new_seal_key()}))

    def run(*arguments: str, code: int = 0) -> str:
        monkeypatch.setattr(sys, "argv", ["roundtable", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        captured = capsys.readouterr()
        assert (ended.value.code or 0) == code, captured
        return captured.err if code else captured.out

    return run


def test_a_token_is_all_that_the_command_prints_and_it_is_that_persons(
    story: DemoPartnership, command: Command
) -> None:
    assert "It is all there already." in command("seed")
    printed = command("token", "--as", "Imran.Shah@police.southmere.example")
    assert printed.count("\n") == 1
    assert printed.count(".") == 2
    refusal = command("token", "--as", "somebody@nowhere.example", code=1)
    assert refusal.startswith("Nobody who may sign in here has that e-mail.")
    assert "somebody" not in refusal


def test_a_printed_token_is_for_the_address_that_was_last_served_from_the_folder_and_says_so(
    story: DemoPartnership, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def issuer() -> str:
        payload = command("token", "--as", "imran.shah@police.southmere.example").split(".")[1]
        found: str = json.loads(base64url.decode(payload))["iss"]
        return found

    assert issuer() == "http://localhost:8000"
    monkeypatch.setenv("ROUNDTABLE_PORT", "8123")
    keep_address(load())
    monkeypatch.delenv("ROUNDTABLE_PORT")
    assert issuer() == "http://localhost:8123"
    monkeypatch.setattr(typer, "echo", lambda text, err=False: said.append((text, err)))
    said: list[tuple[str, bool]] = []
    command("token", "--as", "imran.shah@police.southmere.example")
    assert said[-1] == ("Good for 60 minutes, at http://localhost:8123 and nowhere else.", True)
    monkeypatch.setenv("ROUNDTABLE_ORIGIN", "https://roundtable.example")
    command("token", "--as", "imran.shah@police.southmere.example")
    assert "https://roundtable.example" in said[-1][0]


async def test_everyone_on_the_front_page_can_take_the_tour(
    story: DemoPartnership, app: FastAPI, client: httpx.AsyncClient, clock: Clock, database: Database
) -> None:
    clock.set(2026, 11, 24, 9)
    keys: TokenKeys = app.state.token_keys
    found: dict[str, Rows] = {}
    for key in USERS:
        who = story.as_user(key)
        token = issue(
            keys,
            user_id=story.user(key),
            partnership_id=story.id,
            session_id=await database.run(who, print_token, clock(), new_id(), 60),
            now=clock(),
            minutes=60,
        )
        for _, path in TOUR:
            answer = await client.get(path, headers={"Authorization": f"Bearer {token}"})
            if path.startswith("/api/v1/meetings") or MAY[Verb.READ].roles.intersection(USERS[key].roles):
                assert answer.status_code == 200, (key, path, answer.text)
                found[f"{key} {path}"] = answer.json()["items"]
            else:
                # Those who oversee or administer see the diary, and are told in words why they see no case.
                assert answer.status_code == 403, (key, path, answer.text)
    assert all(found[f"coordinator {path}"] for _, path in TOUR)


def test_everybody_but_the_partner_system_is_offered_to_be_signed_in_as() -> None:
    people = [each for each in USERS.values() if Role.PARTNER_SYSTEM not in each.roles]
    assert 0 < len(people) < len(USERS)
    assert {name for _, name, _ in front_page()} == {each.name for each in people}


async def test_an_officer_sees_only_what_he_referred(story: DemoPartnership, database: Database) -> None:
    document = await database.run(
        story.as_user("second_officer"),
        cases.listed,
        TUESDAY,
        new_id(),
        state=None,
        level=None,
        repeat=None,
        marker=None,
        mine=False,
        after=None,
        limit=200,
    )
    items = json.loads(document.body)["items"]
    assert items
    assert {each["referring_agency"] for each in items} == {"Wessex Police"}
