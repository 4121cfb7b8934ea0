"""The command as people use it: it starts, says where to go, stops when asked, and explains what is wrong."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest

from app import cli
from app.postgres import EmbeddedPostgres
from app.settings import Settings

Refuses = Callable[..., str]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in Settings.model_fields.values():
        if field.alias != "PG_BIN":
            monkeypatch.delenv(str(field.alias), raising=False)


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
    return number


@contextmanager
def _up(data: Path, port: int) -> "Iterator[tuple[subprocess.Popen[str], str]]":
    """A running ``up``, and all that it said until its first page was served."""
    environment = os.environ | {"ROUNDTABLE_DATA": str(data), "ROUNDTABLE_PORT": str(port)}
    with subprocess.Popen(
        [sys.executable, "-m", "app.cli", "up"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            said += line
            if "Stop with Ctrl-C" in line:
                break
        assert process.poll() is None, said
        yield process, said
        process.kill()


def _refusal(arguments: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> str:
    """What the command says when it refuses: one sentence on the error stream, and exit code 1."""
    monkeypatch.setattr(sys, "argv", ["roundtable", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1, said
    return said


@pytest.fixture
def refuses(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Refuses:
    return lambda *arguments: _refusal(list(arguments), capsys, monkeypatch)


def test_up_serves_says_where_and_ends_in_order(
    tmp_path: Path, port: int, refuses: Refuses, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    with _up(data, port) as (process, said):
        assert f"http://localhost:{port}/" in said
        assert "making a new database" in said
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=10) as answer:
            assert answer.status == 200

        monkeypatch.setenv("ROUNDTABLE_DATA", str(data))
        monkeypatch.setenv("ROUNDTABLE_PORT", str(port))
        assert "already running from this folder" in refuses("up")
        monkeypatch.setenv("ROUNDTABLE_DATA", str(tmp_path / "other"))
        assert f"Port {port} is in use" in refuses("up")

        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate()
        assert rest == "Stopped.\n"
        assert process.returncode == 0
    assert EmbeddedPostgres(data).join() is None

    with _up(data, port) as (process, said):
        assert "making a new database" not in said
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate()
        assert (rest, process.returncode) == ("Stopped.\n", 0)


def test_other_commands_join_the_server_that_is_running(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ROUNDTABLE_DATA", str(tmp_path))
    with EmbeddedPostgres(tmp_path, durable=False):
        for _ in ("new", "again"):
            monkeypatch.setattr(sys, "argv", ["roundtable", "migrate"])
            with pytest.raises(SystemExit) as ended:
                cli.main()
            assert ended.value.code == 0
            assert "The schema is up to date" in capsys.readouterr().out


def test_a_database_of_a_newer_version_is_left_alone(
    server_urls: tuple[str, str], refuses: Refuses, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = server_urls[0]

    async def set_revision(revision: str) -> str:
        connection = await asyncpg.connect(owner)
        try:
            before: str = await connection.fetchval("SELECT version_num FROM alembic_version")
            await connection.execute("UPDATE alembic_version SET version_num = $1", revision)
        finally:
            await connection.close()
        return before

    monkeypatch.setenv("DATABASE_URL", server_urls[1])
    monkeypatch.setenv("DATABASE_OWNER_URL", owner)
    before = asyncio.run(set_revision("9999"))
    try:
        assert "another version of Roundtable" in refuses("migrate")
    finally:
        asyncio.run(set_revision(before))


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql://u:hunter2@nowhere.invalid/db", "names a host that cannot be found"),
        ("postgresql://u:hunter2@127.0.0.1:1/db", "No PostgreSQL server answers at 127.0.0.1:1"),
        ("postgresql://u:hunter2@/db?host=/nowhere", "No PostgreSQL server answers"),
        ("mysql://u:hunter2@h/db", "must start with postgresql://"),
    ],
)
def test_a_server_that_cannot_be_reached_is_a_sentence_without_its_password(
    url: str, says: str, refuses: Refuses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    said = refuses("migrate")
    assert says in said
    assert "hunter2" not in said


def test_a_database_or_user_that_does_not_exist_is_named_as_such(
    server_urls: tuple[str, str], refuses: Refuses, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = server_urls[1]
    monkeypatch.setenv("DATABASE_URL", app.replace("/roundtable?", "/nothing?"))
    assert "There is no such database" in refuses("migrate")
    monkeypatch.setenv("DATABASE_URL", app.replace("roundtable_app@", "stranger@"))
    assert "refused the sign-in" in refuses("migrate")


def test_an_address_that_is_not_this_machine_s_is_refused(refuses: Refuses, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROUNDTABLE_HOST", "192.0.2.1")
    assert "not an address of this machine" in refuses("up")


def test_keys_are_printed_ready_to_be_set(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["roundtable", "keys"])
    with pytest.raises(SystemExit):
        cli.main()
    for line in capsys.readouterr().out.splitlines():
        variable, _, value = line.partition("=")
        monkeypatch.setenv(variable, value.strip("'"))
    settings = Settings()
    assert (settings.signing_kid, list(settings.contact_keys)) == ("1", ["1"])


@pytest.mark.parametrize("command", ["up", "serve", "migrate", "doctor", "keys", "test"])
def test_every_command_s_help_says_more_than_its_name(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["roundtable", "--help"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if line.split()[:1] == [command])
    assert len(line.split()) > 3
    assert not line.endswith("...")
