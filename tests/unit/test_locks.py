"""What is installed is exactly what was reviewed: every lock pins versions and hashes, and names no host."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("runtime", "dev", "uv")
ENTRY = re.compile(r"^([a-z0-9][a-z0-9-]*)(\[[a-z0-9,-]+\])?==([0-9][^ ;\\]*)")


def _lock(name: str) -> str:
    return (ROOT / "requirements" / f"{name}.txt").read_text()


def _entries(name: str) -> dict[str, str]:
    """Package to the whole of its entry."""
    whole = re.sub(r"\\\n\s*", " ", _lock(name))
    found = {}
    for line in whole.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        named = ENTRY.match(line)
        assert named, f"{name}.txt has a line that pins nothing: {line[:60]}"
        found[f"{named[1]}=={named[3]}"] = line
    return found


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_host(name: str) -> None:
    assert not re.search(r"://|--(extra-)?index|--find-links|--trusted-host| @ ", _lock(name))


@pytest.mark.parametrize("name", LOCKS)
def test_every_entry_of_a_lock_is_pinned_and_has_a_hash(name: str) -> None:
    entries = _entries(name)
    assert entries
    for package, line in entries.items():
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", line), f"{package} in {name}.txt has no hash"


def test_the_tests_run_on_the_very_versions_that_are_served() -> None:
    assert set(_entries("runtime")) <= set(_entries("dev"))


def test_every_dependency_named_by_the_project_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    for lock, wanted in (
        ("runtime", project["project"]["dependencies"]),
        ("dev", project["project"]["dependencies"] + project["dependency-groups"]["dev"]),
    ):
        locked = {entry.partition("==")[0] for entry in _entries(lock)}
        names = {re.split(r"[\[<>=!~; ]", item)[0].lower() for item in wanted}
        assert names <= locked, f"{lock}.txt lacks {sorted(names - locked)}: compile it again"


def test_no_file_beside_the_locks_pins_anything_else() -> None:
    assert not [name for name in ("uv.lock", "poetry.lock", "Pipfile.lock") if (ROOT / name).exists()]
