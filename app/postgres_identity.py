"""As whom the embedded server runs: PostgreSQL refuses root, and a user without a name."""

import hashlib
import os
import pwd
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app import postgres_guard
from app.postgres_programs import PostgresError

HOMES_OF_NOBODY = Path("/var/lib")


@dataclass(frozen=True, slots=True)
class Identity:
    """As whom the server runs, and where its files are. None: as we are."""

    home: Path
    namespace_uid: int | None = None
    uid: int | None = None
    gid: int | None = None


def identity_for(data_dir: Path, say: Callable[[str], None]) -> Identity:
    """Whom to be, for a server on this data folder, changing no user of the machine.

    ``say`` is told when its files have to be elsewhere. Raises PostgresError when there is nobody to be.
    """
    if os.geteuid() != 0:
        known = _has_name(os.geteuid())
        return Identity(data_dir, namespace_uid=None if known else _nobody().pw_uid)
    owner = data_dir.stat()
    if owner.st_uid != 0:
        return Identity(data_dir, uid=owner.st_uid, gid=owner.st_gid)
    nobody = _nobody()
    if _namespaces_allow(nobody.pw_uid):
        return Identity(data_dir, namespace_uid=nobody.pw_uid)
    return _identity_of_nobody(nobody, data_dir, say)


def give_to_owner_of(folder: Path, made: Path) -> None:
    """Root at work in somebody's folder leaves nothing there that they cannot open."""
    if os.geteuid() == 0 and (owner := folder.stat()).st_uid != 0:
        os.chown(made, owner.st_uid, owner.st_gid)


def _identity_of_nobody(nobody: pwd.struct_passwd, data_dir: Path, say: Callable[[str], None]) -> Identity:
    """Root without namespaces: 'nobody' may not enter most folders, so it gets one of its own."""
    mark = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
    home = HOMES_OF_NOBODY / f"roundtable-{mark}"
    if not home.exists():
        home.mkdir(mode=0o700)
        os.chown(home, nobody.pw_uid, nobody.pw_gid)
    say(f"PostgreSQL will not run as root: it runs as 'nobody' and keeps its data in {home}")
    return Identity(home, uid=nobody.pw_uid, gid=nobody.pw_gid)


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _namespaces_allow(uid: int) -> bool:
    trial = [sys.executable, "-I", "-S", postgres_guard.__file__, "try-namespace", str(uid)]
    return subprocess.run(trial, capture_output=True).returncode == 0


def _nobody() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("nobody")
    except KeyError:
        raise PostgresError(
            "PostgreSQL will not run as this user, and there is no user 'nobody' to run it as: "
            "start Roundtable as an ordinary user, or set DATABASE_URL to a server."
        ) from None
