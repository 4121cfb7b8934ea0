"""What waits for whoever asks: their own and their agency's, by the clock, the nearest of each kind named."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, Final
from uuid import UUID

import orjson

from app.db import work as queries
from app.db.session import UnitOfWork
from app.domain.clock import local_date
from app.domain.due import end_of
from app.domain.work import MOST, SHOWN, WEEK_DAYS, Case, Group, Item, Kind, When, kinds_for
from app.services import matches

_NEWEST_PEOPLE: Final = 50
_KINDS: Final = tuple(Kind)
_WHENS: Final = tuple(When)


async def waiting(uow: UnitOfWork) -> tuple[Group, ...]:
    """What waits, the soonest first; within a span of time, by kind. Empty when nothing does.

    One statement however much there is, and for whoever joins records one more. What is named is in the trail.
    """
    kinds = kinds_for(uow.actor)
    if not kinds:
        return ()
    today = local_date(uow.now)
    row = await uow.one(
        queries.waiting(kinds),
        user=uow.actor.user,
        agency=uow.actor.agency,
        now=uow.now,
        since=end_of(today - timedelta(days=1)),
        tomorrow=end_of(today),
        week=end_of(today + timedelta(days=WEEK_DAYS - 1)),
        most=MOST,
        shown=SHOWN,
    )
    lines = orjson.loads(row["body"])
    groups = [_group(list(each)) for _, each in groupby(lines, lambda line: (line["when"], line["kind"]))]
    subjects = set(row["subjects"] or ())
    if Kind.MATCH in kinds:
        pairs = [(orjson.loads(one), orjson.loads(other)) for one, other in await matches.newest(uow, _NEWEST_PEOPLE)]
        if pairs:
            groups.append(_matched(pairs))
            subjects |= {UUID(each["case_id"]) for pair in pairs[:SHOWN] for each in pair}
    uow.record("work.listed", subjects=sorted(subjects))
    return tuple(sorted(groups, key=lambda group: (_WHENS.index(group.when), _KINDS.index(group.kind))))


def _matched(pairs: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> Group:
    items = tuple(
        Item(
            id=UUID(one["party_id"]),
            case=Case(UUID(one["case_id"]), one["case_reference"], one["name"]),
            due_by=None,
            due_on=None,
            since=None,
            about={"other": other["case_reference"]},
        )
        for one, other in pairs[:SHOWN]
    )
    return Group(Kind.MATCH, When.TODAY, len(pairs), False, items)


def _group(lines: list[Mapping[str, Any]]) -> Group:
    first = lines[0]
    return Group(
        kind=Kind(first["kind"]),
        when=When(first["when"]),
        count=first["count"],
        more=first["more"],
        items=tuple(_item(each) for each in lines),
    )


def _item(line: Mapping[str, Any]) -> Item:
    case = line["case"]
    return Item(
        id=UUID(line["id"]),
        case=Case(UUID(case["id"]), case["reference"], case["victim_name"]) if case else None,
        due_by=_moment(line["due_by"]),
        due_on=date.fromisoformat(line["due_on"]) if line["due_on"] else None,
        since=_moment(line["since"]),
        about=line["about"],
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
