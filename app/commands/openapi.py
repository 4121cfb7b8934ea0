"""``roundtable openapi``: the API's document, written from the program and held against what is checked in."""

import json

from app.api.tokens import generate_pem
from app.commands.generated import GeneratedFile
from app.db.signet import new_seal_key
from app.main import create_app
from app.settings import ROOT, Settings, new_contact_key


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


FILE = GeneratedFile(ROOT / "openapi" / "openapi.json", "openapi", text)
