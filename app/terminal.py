"""The person at the terminal: progress with its seconds, and an orderly end when they ask for it."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType


def seconds_since_start() -> float:
    """Since this process began, which for ``./roundtable`` is when its script was started.

    Where the system does not tell (no /proc), since Python began.
    """
    try:
        ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
        return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, AttributeError):
        return time.process_time()


@contextmanager
def orderly_end() -> Iterator[None]:
    """Ctrl-C, and the stop signal of service managers, end the block quietly after its own tidying up."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    except KeyboardInterrupt:
        return
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def say(text: str) -> None:
    """A line for the person at the terminal, at once even when it goes to a file."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def say_step(text: str) -> None:
    """A line of progress, with the seconds so far."""
    say(f"{seconds_since_start():6.1f} s  {text}")
