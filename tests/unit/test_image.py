"""The image cannot be built by the tests, so each of its lines is held to what the tests do run."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _instructions() -> list[tuple[str, str]]:
    text = re.sub(r"\\\n\s*", " ", (ROOT / "Dockerfile").read_text())
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in lines]


def _of(kind: str) -> list[str]:
    return [rest for word, rest in _instructions() if word == kind]


def _kept(path: str) -> bool:
    """Whether the image's ignore file lets this top-level name through: all is ignored but what it names."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    return any(line.rstrip("/") == f"!{path.rstrip('/')}" for line in lines)


def test_every_file_that_is_copied_exists_and_is_not_ignored() -> None:
    sources = [
        source.removeprefix("./") for rest in _of("COPY") if "--from=" not in rest for source in rest.split()[:-1]
    ]
    assert sources
    for source in sources:
        assert (ROOT / source).exists(), f"{source} is copied and does not exist"
        assert _kept(source), f"{source} is copied and ignored"


def test_it_runs_as_a_user_without_rights_that_it_has_made() -> None:
    words = [word for word, _ in _instructions()]
    assert _of("USER") == ["roundtable"]
    assert any("useradd" in rest and rest.endswith(" roundtable") for rest in _of("RUN"))
    assert words.index("USER") < words.index("ENTRYPOINT")
    assert "RUN" not in words[words.index("USER") :]


def test_it_is_installed_by_the_script_that_everyone_runs_with_hashes_checked() -> None:
    assert "./roundtable install" in _of("RUN")
    assert all("pip install" not in rest for rest in _of("RUN"))
    assert "--require-hashes" in (ROOT / "roundtable").read_text()


def test_its_python_is_the_oldest_that_the_project_supports() -> None:
    stages = {rest.split()[0] for rest in _of("FROM")}
    assert stages == {"python:3.11-slim"}


def test_its_health_check_compiles_and_asks_the_page_that_exists() -> None:
    check = _of("HEALTHCHECK")[0]
    code = re.search(r'"-c", "(.*)"\]', check)
    assert code
    program = code[1].replace('\\"', '"')
    compile(program, "healthcheck", "exec")
    assert "/health" in program
    assert '@app.get("/health"' in (ROOT / "app" / "main.py").read_text()


def test_it_serves_by_a_command_that_exists() -> None:
    assert _of("ENTRYPOINT") == ['["./roundtable"]']
    assert _of("CMD") == ['["serve"]']
    helped = subprocess.run(
        [sys.executable, "-m", "app.cli", "serve", "--help"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert helped.returncode == 0


def test_no_secret_and_no_host_is_built_in() -> None:
    text = (ROOT / "Dockerfile").read_text()
    values = " ".join(_of("ENV"))
    assert "KEYS" not in values
    assert "DATABASE_URL" not in values
    assert re.findall(r"https?://([^/\"\\:]+)", text) == ["127.0.0.1"]


@pytest.mark.parametrize("script", ["roundtable", ".ci/run"])
def test_its_scripts_may_be_run_and_can_be_read_by_a_plain_shell(script: str) -> None:
    path = ROOT / script
    assert path.stat().st_mode & 0o111
    assert path.read_text().startswith("#!/bin/sh\n")
    assert subprocess.run(["sh", "-n", path], capture_output=True, check=False).returncode == 0
