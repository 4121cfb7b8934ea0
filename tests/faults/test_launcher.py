"""The embedded server ends with its command however that ends, keeps what was committed, and explains itself."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest

from app import postgres_identity
from app.postgres import EmbeddedPostgres, PostgresError, Running

ROOT = Path(__file__).resolve().parents[2]
ENOUGH_SECONDS = 20.0
# Starts a server, says so, and then does nothing until it is killed.
PARENT = """
import sys, time
from pathlib import Path
from app.postgres import EmbeddedPostgres
running = EmbeddedPostgres(Path(sys.argv[1])).start()
print(running.socket_dir, flush=True)
time.sleep(600)
"""
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path that others may enter, as a checkout's is; pytest's own folders are neither."""
    made = Path(tempfile.mkdtemp(prefix="rt-", dir="/tmp"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="module")
def made_cluster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as one start leaves it. To copy it takes a tenth of the time of making it."""
    data = tmp_path_factory.mktemp("made") / "data"
    with EmbeddedPostgres(data, durable=False):
        pass
    return data


@pytest.fixture
def data(folder: Path, made_cluster: Path) -> Path:
    """A data folder that has been used before."""
    return Path(shutil.copytree(made_cluster, folder / "data"))


def _ask(url: str, question: str) -> object:
    async def ask() -> object:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(question)
        finally:
            await connection.close()

    return asyncio.run(ask())


def _until(true: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + ENOUGH_SECONDS
    while not true() and time.monotonic() < deadline:
        time.sleep(0.02)
    return true()


def _processes_of(folder: Path) -> list[int]:
    """Every server process whose working folder is this cluster: PostgreSQL works in its data folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").readlink().is_relative_to(folder):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


@contextmanager
def _parent(data: Path) -> "Iterator[subprocess.Popen[str]]":
    """Another process that has started a server, and lives until it is killed."""
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(data)], cwd=ROOT, stdout=subprocess.PIPE, text=True, env=os.environ
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline(), "the parent started no server"
        yield parent
        parent.kill()


def _guard_of(parent: "subprocess.Popen[str]") -> int:
    children = Path(f"/proc/{parent.pid}/task").glob("*/children")
    return int(" ".join(child.read_text() for child in children).split()[0])


def test_the_application_s_role_owns_nothing_and_is_bound_by_row_security(data: Path) -> None:
    with EmbeddedPostgres(data, durable=False) as running:
        rights = "rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication"
        assert _ask(running.app_url(), f"SELECT {rights} FROM pg_roles WHERE rolname = current_user") is False
        owner = "SELECT pg_get_userbyid(datdba)::text FROM pg_database WHERE datname = current_database()"
        assert _ask(running.app_url(), owner) == "roundtable_owner"
        assert _ask(
            running.owner_url(), "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
        ) is (False)


def test_nothing_of_the_caller_s_own_postgresql_settings_is_used(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("PGPORT", "6543"), ("PGHOST", "/nowhere"), ("PGDATA", "/nowhere"), ("PGOPTIONS", "-c jit=on")):
        monkeypatch.setenv(name, value)
    with EmbeddedPostgres(data, durable=False) as running:
        assert _ask(running.app_url(), "SELECT current_setting('port')") == "5432"


def test_the_server_cannot_be_reached_over_a_network_or_by_other_users(data: Path) -> None:
    with EmbeddedPostgres(data, durable=False) as running:
        assert _ask(running.superuser_url(), "SELECT current_setting('listen_addresses')") == ""
        assert running.socket_dir.stat().st_mode & 0o777 == 0o700


def test_what_was_typed_never_reaches_the_server_s_log(data: Path) -> None:
    with EmbeddedPostgres(data, durable=False) as running:
        with pytest.raises(asyncpg.PostgresError):
            _ask(running.app_url(), "SELECT 'Marigold Invented'::uuid")
        with pytest.raises(asyncpg.PostgresError):
            _ask(running.app_url(), "SELECT 1 / (length('Marigold Invented') - 17)")
    assert "Marigold" not in (data / "postgres.log").read_text()


@on_linux
def test_a_killed_parent_leaves_no_server_and_loses_nothing_committed(data: Path) -> None:
    with _parent(data) as parent:
        running = EmbeddedPostgres(data).join()
        assert running is not None
        _ask(running.owner_url(), "CREATE TABLE kept AS SELECT 42 AS answer")
        parent.kill()
    assert _until(lambda: not _processes_of(data)), "a server outlived its parent"
    with EmbeddedPostgres(data) as again:
        assert _ask(again.owner_url(), "SELECT answer FROM kept") == 42


@on_linux
def test_a_start_right_after_a_kill_waits_for_the_old_server_to_go(data: Path) -> None:
    with _parent(data) as parent:
        parent.kill()
    with EmbeddedPostgres(data) as again:
        assert _ask(again.app_url(), "SELECT 1") == 1


@on_linux
def test_a_server_whose_guard_is_killed_ends_too(data: Path) -> None:
    with _parent(data) as parent:
        os.kill(_guard_of(parent), signal.SIGKILL)
        assert _until(lambda: not _processes_of(data)), "a server outlived its guard"


@on_linux
def test_a_start_right_after_the_guard_is_killed_waits_for_its_server_to_go(data: Path) -> None:
    with _parent(data) as parent:
        guard = _guard_of(parent)
        parent.send_signal(signal.SIGSTOP)
        os.kill(guard, signal.SIGKILL)
        parent.kill()
    with EmbeddedPostgres(data) as again:
        assert _ask(again.app_url(), "SELECT 1") == 1


@on_linux
def test_a_server_killed_outright_recovers_at_the_next_start(data: Path) -> None:
    with _parent(data) as parent:
        running = EmbeddedPostgres(data).join()
        assert running is not None
        _ask(running.owner_url(), "CREATE TABLE kept AS SELECT 42 AS answer")
        for process in _processes_of(data):
            os.kill(process, signal.SIGKILL)
        parent.kill()
    with EmbeddedPostgres(data) as again:
        assert _ask(again.owner_url(), "SELECT answer FROM kept") == 42


@on_linux
def test_an_orderly_stop_leaves_no_process_and_no_socket(data: Path) -> None:
    with EmbeddedPostgres(data, durable=False) as running:
        sockets = running.socket_dir
    assert _processes_of(data) == []
    assert not list(sockets.glob(".s.*"))
    assert EmbeddedPostgres(data).join() is None


def test_a_second_start_from_one_folder_is_told_who_is_there(data: Path) -> None:
    with EmbeddedPostgres(data, durable=False) as running:
        with pytest.raises(PostgresError, match=r"already running from this folder .*data.*ROUNDTABLE_DATA"):
            EmbeddedPostgres(data).start()
        assert _ask(running.app_url(), "SELECT 1") == 1, "the second start harmed the first"
        assert EmbeddedPostgres(data).join() == running


def test_a_start_that_was_interrupted_half_way_is_begun_again(folder: Path) -> None:
    half = folder / "data" / "postgres.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(folder / "data", durable=False) as running:
        assert _ask(running.app_url(), "SELECT 1") == 1
    assert not half.exists()


def test_data_of_another_version_are_left_alone(folder: Path) -> None:
    cluster = folder / "data" / "postgres"
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("12\n")
    with pytest.raises(PostgresError, match=r"made by PostgreSQL 12 and this is \d+: set PG_BIN"):
        EmbeddedPostgres(folder / "data").start()
    assert [file.name for file in cluster.iterdir()] == ["PG_VERSION"]


def test_a_disk_without_room_is_noticed_before_anything_is_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = shutil.disk_usage(folder)._replace(free=3_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    with pytest.raises(PostgresError, match=r"not enough disk space .* 3 MB are free"):
        EmbeddedPostgres(folder / "data").start()
    assert not (folder / "data" / "postgres").exists()


def test_a_folder_that_cannot_be_made_is_named_with_the_fix(folder: Path) -> None:
    (folder / "file").write_text("")
    with pytest.raises(PostgresError, match=r"cannot be used .*Set ROUNDTABLE_DATA"):
        EmbeddedPostgres(folder / "file" / "data").start()


def test_a_server_that_will_not_start_says_why_and_can_be_started_later(data: Path) -> None:
    settings = data / "postgres" / "postgresql.conf"
    right = settings.read_text()
    settings.write_text(right + "\nno_such_setting = 1\n")
    with pytest.raises(PostgresError, match=r"could not start: .*log is .*postgres.log"):
        EmbeddedPostgres(data, durable=False).start()
    settings.write_text(right)
    with EmbeddedPostgres(data, durable=False) as running:
        assert _ask(running.app_url(), "SELECT 1") == 1


@pytest.mark.parametrize("name", ["a folder, with 'marks' & spaces", "x" * 120, "naïve-Ψ"])
def test_any_folder_s_name_will_do(folder: Path, made_cluster: Path, name: str) -> None:
    shutil.copytree(made_cluster, folder / name)
    with EmbeddedPostgres(folder / name, durable=False) as running:
        assert _ask(running.app_url(), "SELECT 1") == 1
        sockets = running.socket_dir
        assert len(str(sockets)) < 90
    assert _until(lambda: not sockets.exists()), "a folder was left in /tmp"


async def test_it_starts_and_stops_inside_an_event_loop_too(data: Path) -> None:
    with EmbeddedPostgres(data, durable=False) as running:
        connection = await asyncpg.connect(running.app_url())
        assert await connection.fetchval("SELECT 1") == 1
        await connection.close()


def _server_sees_root(running: Running) -> bool:
    pid = int((running.socket_dir / ".s.PGSQL.5432.lock").read_text().split()[0])
    status = Path(f"/proc/{pid}/status").read_text()
    capabilities = next(line for line in status.splitlines() if line.startswith("CapEff"))
    return int(capabilities.split()[1], 16) != 0


@as_root
@on_linux
def test_as_root_the_server_has_none_of_root_s_powers(data: Path) -> None:
    with EmbeddedPostgres(data, durable=False) as running:
        assert not _server_sees_root(running)


@as_root
@on_linux
def test_as_root_where_namespaces_are_forbidden_the_server_runs_as_nobody(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_identity, "_namespaces_allow", lambda _: False)
    monkeypatch.setattr(postgres_identity, "HOMES_OF_NOBODY", folder)
    folder.joinpath("data").mkdir(mode=0o700)
    for _ in ("new", "again"):
        with EmbeddedPostgres(folder / "data", durable=False) as running:
            assert _ask(running.app_url(), "SELECT 1") == 1
            assert running.socket_dir.stat().st_uid == 65534


@as_root
@on_linux
def test_root_at_work_in_somebody_s_folder_leaves_them_nothing_they_cannot_use(folder: Path) -> None:
    daemon = 1
    data = folder / "data"
    data.mkdir(mode=0o700)
    os.chown(data, daemon, daemon)
    for _ in ("new", "again"):
        with EmbeddedPostgres(data, durable=False) as running:
            assert _ask(running.app_url(), "SELECT 1") == 1
    assert {file.stat().st_uid for file in data.rglob("*")} == {daemon}
