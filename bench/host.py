"""A database of its own for each run, durable as in production, and the service as a process beside it."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.api.tokens import TokenKeys, generate_pem
from app.db import migrate
from app.db.signet import new_seal_key
from app.postgres import EmbeddedPostgres
from app.settings import new_contact_key

ROOT = Path(__file__).resolve().parents[1]
ORIGIN = "http://localhost:8000"
"""What the service takes itself to be reached at, wherever it listens: tokens say so."""


@dataclass(frozen=True, slots=True)
class Keys:
    """What the service and the bench must agree on."""

    pem: str
    contact: str
    index: str
    seal: str

    @property
    def token_keys(self) -> TokenKeys:
        return TokenKeys({"bench": self.pem}, "bench", ORIGIN)


@dataclass(frozen=True, slots=True)
class Host:
    """Addresses of the database: as the app, as its owner, and as a superuser, whom no policy binds."""

    app_url: str
    owner_url: str
    superuser_url: str
    keys: Keys

    @property
    def environment(self) -> dict[str, str]:
        """The settings of a service on this database."""
        return {
            **os.environ,
            "DATABASE_URL": self.app_url,
            "ROUNDTABLE_ORIGIN": ORIGIN,
            "ROUNDTABLE_TOKEN_KEYS": json.dumps({"bench": self.keys.pem}),
            "ROUNDTABLE_CONTACT_KEYS": json.dumps({"bench": self.keys.contact}),
            "ROUNDTABLE_INDEX_KEYS": json.dumps({"bench": self.keys.index}),
            "ROUNDTABLE_SEAL_KEYS": json.dumps({"bench": self.keys.seal}),
        }


@contextmanager
def database() -> Iterator[Host]:
    """An empty, migrated database with fsync on, on the embedded server."""
    with (
        tempfile.TemporaryDirectory(prefix="roundtable-bench-") as folder,
        EmbeddedPostgres(Path(folder) / "data") as running,
    ):
        migrate.upgrade(running.owner_url())
        yield Host(
            running.app_url(),
            running.owner_url(),
            running.superuser_url(database="roundtable"),
            Keys(generate_pem(), new_contact_key(), new_contact_key(), new_seal_key()),
        )


@dataclass(frozen=True, slots=True)
class Process:
    """A server that answers."""

    port: int
    pid: int

    @property
    def resident_mb(self) -> float:
        """What it holds in memory now, in MB."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1000


@contextmanager
def served(factory: str, environment: dict[str, str], path: str) -> Iterator[Process]:
    """An ASGI application behind uvicorn, as the service runs it; ready when ``path`` answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", factory, "--factory", "--port", str(port)]
    command += ["--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"]
    command += ["--timeout-keep-alive", "600"]  # a client may wait longer than that for its turn
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=1).close()  # our own
                break
            except OSError:
                time.sleep(0.1)
        yield Process(port, process.pid)
    finally:
        process.terminate()
        process.wait()
