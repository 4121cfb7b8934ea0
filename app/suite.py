"""The tests, as ``roundtable test`` and the build run them: the quick checks first, then every test."""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from app.settings import ROOT

PROGRAMS = Path(sys.executable).parent
CHECKS = (
    ("format", ("ruff", "format", "--check", "--quiet", ".")),
    ("lint", ("ruff", "check", "--quiet", ".")),
    ("types", ("mypy", "--no-error-summary")),
    ("layers", ("lint-imports", "--no-cache")),
)
# One more than a small machine has processors: a worker often waits, for a browser or for PostgreSQL.
WORKERS = "3"


def run(asked: Sequence[str], say: Callable[[str], None]) -> int:
    """The exit code of the first step that fails, 0 if none does. What is ``asked`` goes to pytest, alone."""
    if asked:
        return _step("tests", ("pytest", *asked), say)
    codes = [_step(name, command, say) for name, command in CHECKS]
    codes.append(_step("tests", ("pytest", "-q", "-n", WORKERS), say))
    return next((code for code in codes if code), 0)


def _step(name: str, command: Sequence[str], say: Callable[[str], None]) -> int:
    say(f"-- {name}")
    began = time.monotonic()
    code = subprocess.run([PROGRAMS / command[0], *command[1:]], cwd=ROOT, check=False).returncode
    say(f"-- {name}: {'passed' if code == 0 else 'FAILED'} in {time.monotonic() - began:.1f} s")
    return code
