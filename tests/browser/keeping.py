"""Forums and rules to look at: a change that is planned, a date that is skipped, and who said why."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

from app.domain.clock import local_date
from tests.world import World

_WHY = "Agreed by the steering group."
_FIXED = ("kind", "name", "skips", "escalation_criteria")
GRADING = {
    "high_at": {"dash-27": 12, "dash-24": 14, "young-people": 14},
    "medium_at": 9,
    "escalation_events": 3,
    "escalation_months": 12,
    "repeat_months": 12,
    "repeat_definition": "any_abuse",
}


def at(path: str) -> Callable[[World], Awaitable[str]]:
    """A page once all that is there: ``{forum}``, ``{agency}``, and ``{since}`` for the day of what is planned."""

    async def arrange(world: World) -> str:
        since = local_date(world.clock()) + timedelta(days=40)
        await _plan(world, since)
        forum = world.forums["marac"]
        return path.format(forum=forum, agency=world.agencies["housing"], since=since)

    return arrange


async def _plan(world: World, since: date) -> None:
    admin, forum = world["partnership_admin"], f"/forums/{world.forums['marac']}"
    found = (await admin.get(forum)).json()
    if found["planned"]:
        return
    told: dict[str, Any] = {name: each for name, each in found["settings"].items() if name not in _FIXED}
    when = {"effective_from": str(since), "because": _WHY}
    skipped = next(each["date"] for each in found["dates"] if each["status"] == "scheduled")
    for path, body in (
        (f"{forum}/changes", {**told, **when, "capacity": 20, "starts_at": "10:00:00"}),
        (f"{forum}/skips", {"day": skipped, "because": "The hall is flooded."}),
        ("/rules/grading/changes", {**GRADING, **when}),
    ):
        done = await admin.post(path, body, headers={"If-Match": "*"})
        assert done.status_code == 200, done.text
