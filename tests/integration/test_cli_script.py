"""The script at the root installs once, and again only when a lock changes; the installer here is a stand-in."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Notes what it is asked for; "venv" makes a Python that says how it was started.
UV = """#!/bin/sh
echo "uv $*" >>"$NOTES"
if [ "$1" = venv ]; then
    for venv; do :; done
    mkdir -p "$venv/bin"
    printf '#!/bin/sh\\necho "$@"\\n' >"$venv/bin/python"
    chmod +x "$venv/bin/python"
fi
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout in a folder with a space, and beside it the only programs that it can find."""
    made = tmp_path / "a check out"
    shutil.copytree(ROOT / "requirements", made / "requirements")
    shutil.copy(ROOT / "roundtable", made / "roundtable")
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("cat", "cksum", "dirname", "mkdir", "chmod", "readlink", "rm", "sh", "uname"):
        found = shutil.which(name)
        assert found, f"no {name} here"
        (programs / name).symlink_to(found)
    _program(programs / "uv", UV)
    _program(programs / "python3", "#!/bin/sh\necho /usr/bin/python3\n")
    return made


def _program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def _run(checkout: Path, *arguments: str, script: Path | None = None) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [script or checkout / "roundtable", *arguments],
        cwd="/",
        env={"PATH": str(checkout.parent / "programs"), "HOME": str(checkout.parent), "NOTES": str(_notes(checkout))},
        capture_output=True,
        text=True,
        check=False,
    )


def _notes(checkout: Path) -> Path:
    return checkout.parent / "notes"


def _synced(checkout: Path) -> list[str]:
    """The locks installed so far, in order."""
    lines = _notes(checkout).read_text().splitlines() if _notes(checkout).exists() else []
    return [line.rsplit("/", 1)[1] for line in lines if "pip sync" in line]


def test_the_first_command_installs_and_hands_over(checkout: Path) -> None:
    ran = _run(checkout, "up", "and more")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == "-P -m app.cli up and more\n"
    assert "Installing what Roundtable needs (once)" in ran.stderr
    assert _synced(checkout) == ["runtime.txt"]
    assert "--require-hashes" in _notes(checkout).read_text()


def test_the_second_command_installs_nothing_and_needs_no_network(checkout: Path) -> None:
    _run(checkout, "up")
    (checkout.parent / "programs" / "uv").unlink()
    ran = _run(checkout, "doctor")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert _synced(checkout) == ["runtime.txt"]


def test_a_changed_lock_is_installed_once(checkout: Path) -> None:
    _run(checkout, "up")
    with (checkout / "requirements" / "runtime.txt").open("a") as lock:
        lock.write("# another\n")
    _run(checkout, "up")
    _run(checkout, "up")
    assert _synced(checkout) == ["runtime.txt", "runtime.txt"]


def test_what_the_tests_need_serves_every_command_too(checkout: Path) -> None:
    for command in ("up", "test", "up", "test"):
        _run(checkout, command)
    assert _synced(checkout) == ["runtime.txt", "dev.txt"]


def test_install_alone_starts_nothing(checkout: Path) -> None:
    ran = _run(checkout, "install")
    assert (ran.returncode, ran.stdout) == (0, "")
    assert _synced(checkout) == ["runtime.txt"]


def test_an_installation_that_broke_off_is_taken_up_again(checkout: Path) -> None:
    _program(checkout.parent / "programs" / "uv", UV + '[ "$1" != pip ] || exit 1\n')
    ran = _run(checkout, "up")
    assert ran.returncode == 1
    assert "could not install what it needs" in ran.stderr
    _program(checkout.parent / "programs" / "uv", UV)
    assert _run(checkout, "up").returncode == 0


def test_it_can_be_called_by_a_link_from_anywhere(checkout: Path) -> None:
    link = checkout.parent / "rt"
    link.symlink_to(checkout / "roundtable")
    assert _run(checkout, "up", script=link).returncode == 0
    assert (checkout / ".venv").exists()


@pytest.mark.parametrize("python", ["#!/bin/sh\nexit 1\n", "#!/bin/sh\n"], ids=["none", "too old"])
def test_without_a_python_that_is_new_enough_it_says_so(checkout: Path, python: str) -> None:
    _program(checkout.parent / "programs" / "python3", python)
    ran = _run(checkout, "up")
    assert ran.returncode == 1
    assert (
        ran.stderr == "Roundtable needs Python 3.11 or newer: install it, so that 'python3' runs it, and start again.\n"
    )


def test_without_uv_it_is_fetched_with_its_hash_checked(checkout: Path) -> None:
    (checkout.parent / "programs" / "uv").unlink()
    python = checkout.parent / "programs" / "real-python"
    _program(
        python,
        '#!/bin/sh\necho "python $*" >>"$NOTES"\ncase "$*" in *install*) mkdir -p .tools/bin;'
        f" cat >.tools/bin/uv <<'END'\n{UV}END\nchmod +x .tools/bin/uv;; esac\n",
    )
    _program(checkout.parent / "programs" / "python3", f"#!/bin/sh\necho '{python}'\n")
    ran = _run(checkout, "up")
    assert ran.returncode == 0, ran.stderr
    fetched = next(line for line in _notes(checkout).read_text().splitlines() if "pip install" in line)
    assert "--require-hashes" in fetched
    assert "--target .tools" in fetched
    assert os.access(checkout / ".tools" / "bin" / "uv", os.X_OK)
