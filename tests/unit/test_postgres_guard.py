"""What a crash left behind is cleared only when it is certainly not a running server."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app import postgres_guard
from app.postgres_programs import PostgresError, binaries, initdb_options, version_of


def _pid_file(folder: Path, text: str) -> Path:
    file = folder / "postmaster.pid"
    file.write_text(text)
    return file


on_linux = pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="only Linux tells where a process works")


@on_linux
def test_the_number_of_a_dead_server_given_to_another_process_stops_nobody(tmp_path: Path) -> None:
    file = _pid_file(tmp_path, f"{os.getpid()}\n/data\n")
    postgres_guard.clear_stale_pid_file(tmp_path)
    assert not file.exists()


@on_linux
def test_a_dead_server_that_nobody_has_collected_stops_nobody(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""], cwd=tmp_path) as ended:
        os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
        file = _pid_file(tmp_path, f"{ended.pid}\n/data\n")
        postgres_guard.clear_stale_pid_file(tmp_path)
    assert not file.exists()


@on_linux
def test_the_note_stays_while_any_process_of_the_server_is_at_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_guard, "LOCK_WAIT_SECONDS", 0.1)
    file = _pid_file(tmp_path, "1\n/data\n")
    with subprocess.Popen([sys.executable, "-c", "input()"], cwd=tmp_path, stdin=subprocess.PIPE) as at_work:
        postgres_guard.clear_stale_pid_file(tmp_path)
        assert file.exists()
        at_work.kill()


def test_programs_that_are_not_there_are_named_with_the_fix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PG_BIN", str(tmp_path))
    with pytest.raises(PostgresError, match=r"no program 'postgres'.*Set PG_BIN"):
        binaries()


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("#!/bin/sh\necho 'postgres (PostgreSQL) 14.9'\n", "version 14; Roundtable needs 15"),
        ("#!/bin/sh\nexit 3\n", "cannot be run on this machine"),
        ("not a program", "cannot be run on this machine"),
    ],
)
def test_programs_that_cannot_serve_are_refused_in_a_sentence(tmp_path: Path, script: str, says: str) -> None:
    program = tmp_path / "postgres"
    program.write_text(script)
    program.chmod(0o755)
    with pytest.raises(PostgresError, match=says):
        version_of(tmp_path)


@pytest.mark.parametrize("told", ["18.6", "19beta2", "15.18 (Debian 15.18-0+deb12u1)"])
def test_the_major_version_is_read_whatever_follows_it(tmp_path: Path, told: str) -> None:
    program = tmp_path / "postgres"
    program.write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {told}'\n")
    program.chmod(0o755)
    assert version_of(tmp_path) == int(told[:2])


def test_order_of_text_never_depends_on_the_machine_s_languages() -> None:
    assert "--builtin-locale=C.UTF-8" in initdb_options(18, "postgres", durable=True)
    assert not any("builtin" in option for option in initdb_options(16, "postgres", durable=True))
