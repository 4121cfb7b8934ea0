"""``roundtable settings``: what a deployment may set, written from where it is read."""

from collections.abc import Iterator

from app.commands.generated import GeneratedFile
from app.settings import ROOT, Settings

_HEAD = """# Settings

Written by `roundtable settings --write` from `app/settings.py`; never by hand. All are environment variables, read once
when a command starts. `roundtable doctor` says what is missing or wrong; `serve` refuses to start without what real
records need.

| variable | if not set | what it is |
|---|---|---|"""


def text() -> str:
    """The page as it is checked in."""
    return "\n".join([_HEAD, *_rows()]) + "\n"


def _rows() -> Iterator[str]:
    for field in Settings.model_fields.values():
        default = field.get_default(call_default_factory=False)
        if field.default_factory or default is None or default == ():
            said = "–"
        else:
            said = f"`{str(default).replace(str(ROOT), '.')}`"
        meaning = " ".join((field.description or "").replace("``", "`").split())
        yield f"| `{field.alias}` | {said} | {meaning} |"


FILE = GeneratedFile(ROOT / "docs" / "settings.md", "settings", text)
