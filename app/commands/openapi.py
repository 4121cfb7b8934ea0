"""``roundtable openapi``: the API's document, written from the program and held against what is checked in."""

import difflib
import json
from collections.abc import Callable
from pathlib import Path

from app.api.tokens import generate_pem
from app.db.signet import new_seal_key
from app.main import create_app
from app.problem import Problem
from app.settings import ROOT, Settings, new_contact_key

DOCUMENT = ROOT / "openapi" / "openapi.json"
_SHOWN = 40


def text() -> str:
    """The document as it is checked in. Needs no database: nothing is connected to."""
    settings = Settings(
        database_url="postgresql://nobody@/nowhere",
        token_keys={"none": generate_pem()},
        contact_keys={"none": new_contact_key()},
        index_keys={"none": new_contact_key()},
        seal_keys={"none": new_seal_key()},
    )
    return json.dumps(create_app(settings).openapi(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def write(say: Callable[[str], None], document: Path = DOCUMENT) -> None:
    """Write the document. Raises Problem."""
    try:
        document.parent.mkdir(exist_ok=True)
        document.write_text(text(), encoding="utf-8")
    except OSError as error:
        raise Problem(f"{document} cannot be written ({error.strerror}).") from None
    say(f"Written: {document}")


def check(say: Callable[[str], None], document: Path = DOCUMENT) -> bool:
    """Whether what is checked in is what the program does; if not, says where they part."""
    kept = document.read_text(encoding="utf-8") if document.exists() else ""
    made = text()
    if kept == made:
        say("openapi.json is what the program does.")
        return True
    changes = difflib.unified_diff(kept.splitlines(), made.splitlines(), "checked in", "the program", lineterm="", n=1)
    for line, _ in zip(changes, range(_SHOWN), strict=False):
        say(line)
    say("openapi.json is not what the program does: run 'roundtable openapi --write' and check it in.")
    return False
