"""Rules by date: what holds, what is to hold, and who set it when and why. Earlier decisions keep theirs."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

import orjson
from pydantic import BaseModel

from app.db import rules as queries
from app.db.json import to_json
from app.db.session import UnitOfWork
from app.db.tables.partnerships import partnership_rule
from app.domain.access import Verb
from app.domain.clock import local_date
from app.domain.errors import Conflict, Invalid, Stale
from app.domain.rules import (
    PREVIEWED,
    FromDay,
    Graded,
    GradingChange,
    Preview,
    Rule,
    RuleChange,
    Setting,
    next_version,
    preview,
    standing,
)
from app.risk.grading import GradingRules, Level
from app.services.once import Document


async def read(uow: UnitOfWork, rule: Rule) -> Document:
    """A rule: what holds today, what is to hold later, and every change there was. Its version counts the changes."""
    uow.actor.must(Verb.ADMINISTER_PARTNERSHIP)
    uow.record("administration.rules_read", purpose=rule)
    told = await history(uow, rule)
    return Document(to_json(told), told["version"])


async def everything(uow: UnitOfWork) -> dict[str, Any]:
    """All of them by name, and under ``instruments`` those that have a threshold of their own, for the page."""
    uow.actor.must(Verb.ADMINISTER_PARTNERSHIP)
    uow.record("administration.rules_read")
    instruments = [
        {"id": each.id, "title": each.title, "high_at": each.high_at}
        for each in uow.catalogue
        if each.high_at is not None
    ]
    return {**await histories(uow, [*Rule]), "instruments": instruments}


async def change(uow: UnitOfWork, rule: Rule, told: RuleChange, version: int | None) -> Document:
    """Set a rule from a day on. Raises Invalid for what cannot be, and Stale when somebody else changed it since."""
    uow.actor.must(Verb.ADMINISTER_PARTNERSHIP)
    _check(uow, told)
    await set_from(uow, rule, told.rules, told, version)
    return await _shown(uow, rule)


async def take_back(uow: UnitOfWork, rule: Rule, told: FromDay, version: int | None) -> Document:
    """Undo what was to hold from a day that is still to come. What held before then goes on."""
    uow.actor.must(Verb.ADMINISTER_PARTNERSHIP)
    await not_from(uow, rule, told, version)
    return await _shown(uow, rule)


async def count_differences(uow: UnitOfWork, told: GradingChange) -> Preview:
    """How many of the last 90 days' assessments these rules would have graded differently. Cases that nobody but named
    people may know of are not counted."""
    uow.actor.must(Verb.ADMINISTER_PARTNERSHIP)
    _check(uow, told)
    holds = (await history(uow, Rule.GRADING))["holds"]
    if holds is None:
        raise Conflict("This partnership has no rules yet.")
    rows = await uow.rows(queries.ASSESSED, since=uow.now - PREVIEWED)
    uow.record("administration.rules_previewed", purpose=Rule.GRADING)
    now = GradingRules.model_validate(holds["value"])
    return preview([_graded(row) for row in rows], uow.catalogue, now, told.rules("preview"))


async def preview_change(uow: UnitOfWork, told: GradingChange) -> Document:
    """The same as a document."""
    found = await count_differences(uow, told)
    return Document(to_json({"days": PREVIEWED // timedelta(days=1), **_counts(found)}))


async def set_from(
    uow: UnitOfWork, rule: str, value: Callable[[str], BaseModel], told: FromDay, version: int | None = None
) -> str:
    """Write down what holds from a day on, and who says so and why. Whoever calls has checked that they may.

    value: the rule, given its version. version: how many changes the actor saw. Returns the version. Raises Stale.
    """
    there = await _alone(uow, rule, version)
    number = next_version([each["version"] for each in there])
    _write(uow, rule, told, number, value(number).model_dump(mode="json"), taken_back=False)
    return number


async def not_from(uow: UnitOfWork, rule: str, told: FromDay, version: int | None = None) -> None:
    """Take back what was to hold from a day on. Raises Conflict when nothing is, or when it holds already."""
    there = await _alone(uow, rule, version)
    found = standing([Setting(each["effective_from"], each["taken_back"]) for each in there]).get(told.effective_from)
    if found is None:
        raise Conflict("Nothing new is to hold from that day. Choose the day of a change that is planned.")
    if told.effective_from <= local_date(uow.now):
        raise Conflict("This holds already, and things were decided by it. Set another rule from today on.")
    row = there[found]
    _write(uow, rule, told, row["version"], orjson.loads(row["value"]), taken_back=True)


async def history(uow: UnitOfWork, rule: str) -> dict[str, Any]:
    """What holds of a rule, what is planned, and every change, the newest first."""
    found: dict[str, Any] = (await histories(uow, [rule]))[rule]
    return found


async def histories(uow: UnitOfWork, rules: Sequence[str]) -> dict[str, Any]:
    """The same of several rules, in one statement."""
    rows = await uow.rows(queries.CHANGES, rules=list(rules))
    today = local_date(uow.now)
    return {rule: _history(rule, [row for row in rows if row["rule"] == rule], today) for rule in map(str, rules)}


def _history(rule: str, rows: Sequence[Any], today: date) -> dict[str, Any]:
    stands = standing([Setting(row["effective_from"], row["taken_back"]) for row in rows])
    lines = [
        {
            "version": row["version"],
            "effective_from": row["effective_from"],
            "value": orjson.loads(row["value"]),
            "because": row["because"],
            "set_by": row["set_by"],
            "set_at": row["created_at"],
            "taken_back": row["taken_back"],
        }
        for row in rows
    ]
    held = [day for day in stands if day <= today]
    return {
        "rule": rule,
        "version": len(lines),
        "holds": lines[stands[held[-1]]] if held else None,
        "planned": [lines[place] for day, place in stands.items() if day > today],
        "changes": lines[::-1],
    }


async def _alone(uow: UnitOfWork, rule: str, version: int | None) -> list[Any]:
    await uow.value(queries.ALONE, rule=rule)
    there = await uow.rows(queries.CHANGES, rules=[rule])
    if version is not None and version != len(there):
        raise Stale("rule")
    return there


def _write(uow: UnitOfWork, rule: str, told: FromDay, version: str, value: dict[str, Any], *, taken_back: bool) -> None:
    uow.add(
        partnership_rule,
        rule=rule,
        effective_from=told.effective_from,
        version=version,
        value=value,
        taken_back=taken_back,
        because=told.because,
        set_by=uow.actor.user_id,
        created_at=uow.now,
    )
    uow.record(
        f"administration.rule_{'taken_back' if taken_back else 'set'}",
        purpose=rule.partition(":")[0],
        detail={"because": told.because, "from": told.effective_from.isoformat(), "version": version},
    )


def _check(uow: UnitOfWork, told: RuleChange) -> None:
    problems = told.problems(local_date(uow.now))
    if problems:
        raise Invalid(problems)


def _graded(row: Any) -> Graded:
    judged = Level(row["judged"]) if row["judged"] else None
    return Graded(
        row["instrument"], row["version"], row["yes"], judged, row["graded_on"], row["told"], row["last_referral_on"]
    )


def _counts(found: Preview) -> dict[str, int]:
    return {"assessments": found.assessments, "up": found.up, "down": found.down}


async def _shown(uow: UnitOfWork, rule: Rule) -> Document:
    await uow.flush()
    told = await history(uow, rule)
    return Document(to_json(told), told["version"])
