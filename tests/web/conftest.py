"""What several pages are tried with: a case that is at work, and a referral that is being filled in."""

from typing import Any

import pytest

from app.db.session import Database
from tests.tabs import Tab, sign_in
from tests.web.referring import Form, start
from tests.world import World

FAMILY: dict[str, Any] = {
    "children": [{"given_name": "Leo", "family_name": "Thornbury", "date_of_birth": "2019-03-02"}]
}


@pytest.fixture
async def case(world: World) -> dict[str, Any]:
    """A high-risk case of a mother, her son and a man, that waits for the next HRDA."""
    found: dict[str, Any] = (await world.refer(**FAMILY))["case"]
    return found


@pytest.fixture
async def form(tab: Tab, world: World, database: Database) -> Form:
    """An officer, at the pages of a referral that has just been begun."""
    await sign_in(tab, database, world["officer"])
    return await start(tab)
