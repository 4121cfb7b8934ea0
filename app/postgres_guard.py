"""Stands between Roundtable and its PostgreSQL server, so that neither can leave the other behind.

Run as a script by ``app.postgres``, with the standard library only: it must start in milliseconds. It takes
one JSON argument (see ``Order``), gives up root where it must, makes the data folder if there is none, starts
the server and waits. When its standard input closes, its parent has gone, even by kill -9, and it stops the
server. It answers on standard output, one word a line: ``initdb``, ``started``, or ``failed`` and the reason.
"""

import ctypes
import errno
import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TypedDict

LOCK_WAIT_SECONDS = 15.0
ORPHAN_GRACE_SECONDS = 0.7
ORDERLY_GRACE_SECONDS = 60.0
CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1


class Order(TypedDict):
    """What to run. ``initdb`` is run only when ``data`` does not exist; ``uid`` is None to stay as we are."""

    data: str
    lock: str
    socket_dir: str
    temporary_socket_dir: bool
    initdb: list[str]
    hba: str
    server: list[str]
    namespace_uid: int | None
    uid: int | None
    gid: int | None


def enter_namespace(uid: int) -> None:
    """Become ``uid`` in a user namespace of our own, in which today's user is that user and root is nobody.

    PostgreSQL refuses to run as root. Here it sees another user, yet every file stays where and whose it is.
    Raises OSError where the kernel or the container forbids it.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    outer_uid, outer_gid = os.geteuid(), os.getegid()
    if libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "user namespaces are not allowed here")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {outer_uid} 1")
    Path("/proc/self/gid_map").write_text(f"{uid} {outer_gid} 1")
    os.setgid(uid)
    os.setuid(uid)


def _drop_to(uid: int, gid: int) -> None:
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def _hold_lock(path: str) -> int:
    """The lock outlives our parent, so a new start waits until this server has really gone."""
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + LOCK_WAIT_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _at_work_in(data: Path) -> bool:
    """Whether any process works in this data folder, as every process of a server does (Linux)."""
    folder = data.resolve()
    for process in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if process.readlink() == folder:
                return True
        except OSError:
            continue
    return False


def clear_stale_pid_file(data: Path) -> None:
    """Let no note of a dead server stop a new one, and no new one start beside what is left of an old one.

    After a crash the note's number may be that of another process by now, or of one that ended and that nobody
    has collected (common in containers); PostgreSQL would refuse to start for either. With the lock held, only
    a server that lost its guard can still be here, and it is stopping: wait for all of it to go.
    """
    if not Path("/proc/self/cwd").exists():
        return
    deadline = time.monotonic() + LOCK_WAIT_SECONDS
    while _at_work_in(data):
        if time.monotonic() > deadline:
            return
        time.sleep(0.02)
    (data / "postmaster.pid").unlink(missing_ok=True)


def _die_with_guard() -> None:
    """Even if the guard itself is killed -9, the kernel (Linux) asks the server for a fast shutdown."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def _initialise(order: Order) -> None:
    """Made aside and renamed, so that a folder either is whole or is not there."""
    fresh = Path(order["data"] + ".new")
    if fresh.exists():
        shutil.rmtree(fresh)
    subprocess.run([*order["initdb"], "-D", str(fresh)], check=True, stdout=2, stdin=subprocess.DEVNULL)
    (fresh / "pg_hba.conf").write_text(order["hba"])
    fresh.rename(order["data"])


def _stop(server: subprocess.Popen[bytes], grace: float) -> None:
    for number, patience in ((signal.SIGINT, grace), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
        server.send_signal(number)
        try:
            server.wait(patience)
        except subprocess.TimeoutExpired:
            continue
        return


def _watch(server: subprocess.Popen[bytes], wake: int) -> int:
    """Until the server ends, the parent asks for an end (any byte, then patience), or the parent is gone."""
    while server.poll() is None:
        ready, _, _ = select.select([0, wake], [], [])
        if 0 in ready:
            _stop(server, ORDERLY_GRACE_SECONDS if os.read(0, 1) else ORPHAN_GRACE_SECONDS)
        elif wake in ready and signal.SIGTERM in os.read(wake, 64):
            _stop(server, ORPHAN_GRACE_SECONDS)
    return server.returncode


def _say(word: str) -> None:
    try:
        os.write(1, f"{word}\n".encode())
    except BrokenPipeError:
        return


def _serve(order: Order) -> int:
    """Start the server and stay with it; the result is its exit code."""
    if order["uid"] is not None and order["gid"] is not None:
        _drop_to(order["uid"], order["gid"])
    elif order["namespace_uid"] is not None:
        enter_namespace(order["namespace_uid"])
    wake, wake_end = os.pipe()
    os.set_blocking(wake_end, False)
    signal.set_wakeup_fd(wake_end)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    lock = _hold_lock(order["lock"])
    data = Path(order["data"])
    if data.exists():
        clear_stale_pid_file(data)
    else:
        _say("initdb")
        _initialise(order)
    server = subprocess.Popen(
        order["server"],
        stdin=subprocess.DEVNULL,
        stdout=2,
        preexec_fn=_die_with_guard,
        start_new_session=True,
    )
    _say("started")
    code = _watch(server, wake)
    if order["temporary_socket_dir"]:
        shutil.rmtree(order["socket_dir"], ignore_errors=True)
    os.close(lock)
    return code


def main() -> int:
    """Entry point of the script; 0 when the server ended in order."""
    os.umask(0o077)
    if sys.argv[1] == "try-namespace":
        enter_namespace(int(sys.argv[2]))
        return 0
    order: Order = json.loads(sys.argv[1])
    try:
        return _serve(order)
    except BlockingIOError:
        _say("failed busy")
    except subprocess.CalledProcessError:
        _say("failed initdb")
    except OSError as error:
        _say(f"failed {errno.errorcode.get(error.errno or 0, '')} {error.strerror}: {error.filename or ''}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
