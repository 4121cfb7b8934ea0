"""Files that the program writes and that are checked in: written, and held against what the program does."""

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.problem import Problem

Say = Callable[[str], None]
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class GeneratedFile:
    """command: what writes it, such as ``access``. text: what is to be in it; may raise Problem."""

    path: Path
    command: str
    text: Callable[[], str]

    def write(self, say: Say) -> None:
        """Write it. Raises Problem."""
        try:
            self.path.parent.mkdir(exist_ok=True)
            self.path.write_text(self.text(), encoding="utf-8")
        except OSError as error:
            raise Problem(f"{self.path} cannot be written ({error.strerror}).") from None
        say(f"Written: {self.path}")

    def check(self, say: Say) -> bool:
        """Whether what is checked in is what the program does; if not, says where they part."""
        kept = self.path.read_text(encoding="utf-8") if self.path.exists() else ""
        made = self.text()
        if kept == made:
            say(f"{self.path.name} is what the program does.")
            return True
        changes = difflib.unified_diff(kept.splitlines(), made.splitlines(), "checked in", "the program", "", "", 1, "")
        for line, _ in zip(changes, range(_SHOWN), strict=False):
            say(line)
        say(f"{self.path.name} is not what the program does: run 'roundtable {self.command} --write' and check it in.")
        return False
