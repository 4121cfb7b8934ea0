"""What the pure rule lets exist for somebody, and what PostgreSQL returns to them: the same, in worlds drawn at random.

A world is a partnership of agencies whose people hold roles, with cases, and grants, exclusions and restrictions thrown
over them without regard to any fact. The rows are put there past every trigger: this is about who sees, not about who
may write.
"""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from app.db import grants as queries
from app.db.ids import new_id
from app.db.json import to_json
from app.db.statements import insertion
from app.db.tables import metadata
from app.domain.access import DESK, DESK_ROLES, Grant, GrantReason, Role, desk_principal, visible
from tests.policy.scene import NOW, Place, Row, row_of

WORLDS = 16
CASES = 40
AGENCIES = 3
PEOPLE = 9
MOMENTS = (None, None, NOW - timedelta(hours=1), NOW, NOW + timedelta(microseconds=1), NOW + timedelta(days=2))
_TABLES = ("partnership", "agency", "app_user", "user_role", "case_file", "case_grant", "case_event")
_KEPT = ("case_exclusion", "case_restriction")


@dataclass
class Somebody:
    place: Place
    roles: frozenset[Role]
    excluded: set[UUID] = field(default_factory=set)

    @property
    def principals(self) -> set[UUID]:
        desks = {desk_principal(self.place.agency_id, role) for role in self.roles}
        at_desk = {desk_principal(self.place.agency_id, DESK)} if self.roles & DESK_ROLES else set()
        return {self.place.user_id, *desks, *at_desk}


@dataclass
class Drawn:
    """One world: its rows, and the same as the pure rule has it."""

    people: list[Somebody] = field(default_factory=list)
    grants: dict[UUID, list[Grant]] = field(default_factory=dict)
    restricted: set[UUID] = field(default_factory=set)
    rows: dict[str, list[Row]] = field(default_factory=dict)

    def add(self, table: str, whose: Place, case_id: UUID | None = None, **given: object) -> None:
        row = row_of(metadata.tables[table], whose, case_id or uuid4(), **given)
        self.rows.setdefault(table, []).append(
            {str(name): {} if value == "{}" else value for name, value in row.items()}
        )

    def sees(self, who: Somebody, case: UUID) -> bool:
        return visible(
            case,
            self.grants[case],
            principals=who.principals,
            excluded=who.excluded,
            restricted=case in self.restricted,
            now=NOW,
        )

    def relations(self, who: Somebody, case: UUID) -> set[str]:
        """The reasons for which a case that somebody sees is open to them."""
        one = {"principals": who.principals, "excluded": who.excluded, "now": NOW}
        return {
            str(each.reason)
            for each in self.grants[case]
            if visible(case, [each], restricted=case in self.restricted, **one)  # type: ignore[arg-type]  # by name
        }


def draw(seed: int) -> Drawn:
    """The world of this seed."""
    chance = random.Random(seed)  # noqa: S311  # a world, not a secret
    world, partnership_id = Drawn(), uuid4()
    agencies = [uuid4() for _ in range(AGENCIES)]
    nobody = Place(partnership_id, uuid4(), agencies[0])
    world.add("partnership", nobody, id=partnership_id, slug=f"drawn-{partnership_id}")
    for row in world.rows["partnership"]:
        row.pop("partnership_id")
    for agency_id in agencies:
        world.add("agency", nobody, id=agency_id, slug=str(agency_id))
    for _ in range(PEOPLE):
        place = Place(partnership_id, new_id(), chance.choice(agencies))
        held = chance.sample(list(Role), chance.randrange(4))
        lapsed = {role for role in held if chance.random() < 0.2}
        who = Somebody(place, frozenset(held) - lapsed)
        world.people.append(who)
        world.add("app_user", place, id=place.user_id, email=str(place.user_id), ended_at=None)
        for role in held:
            world.add("user_role", place, role=role, ended_at=NOW if role in lapsed else None)
    desks = [desk_principal(agency, desk) for agency in agencies for desk in (DESK, *Role)]
    for _ in range(CASES):
        _draw_case(world, chance, nobody, desks)
    return world


def _draw_case(world: Drawn, chance: random.Random, nobody: Place, desks: list[UUID]) -> None:
    case_id = new_id()
    world.grants[case_id] = []
    world.add("case_file", nobody, id=case_id, reference=f"C-{case_id}", victim_person_id=uuid4(), line="{}")
    world.add("case_event", nobody, case_id)
    if chance.random() < 0.3:
        # A restriction that was lifted keeps nobody out.
        lifted = chance.random() < 0.3
        world.add(
            "case_restriction", nobody, case_id, from_at=NOW - timedelta(days=1), until_at=NOW if lifted else None
        )
        if not lifted:
            world.restricted.add(case_id)
    for _ in range(chance.randrange(6)):
        to_user = chance.random() < 0.4
        principal = chance.choice(world.people).place.user_id if to_user else chance.choice(desks)
        reason, ends = chance.choice(list(GrantReason)), chance.choice(MOMENTS)
        suspended = case_id in world.restricted and reason is not GrantReason.NAMED
        world.grants[case_id].append(Grant(case_id, principal, reason, ends))
        world.add(
            "case_grant",
            nobody,
            case_id,
            principal=principal,
            user_id=principal if to_user else None,
            desk=None if to_user else DESK,
            reason=reason,
            source_id=uuid4(),
            from_at=NOW - timedelta(days=1),
            until_at=ends,
            suspended=suspended,
            given_by=nobody.user_id,
        )
    for who in chance.sample(world.people, chance.randrange(3)):
        ended: datetime | None = NOW if chance.random() < 0.3 else None
        began = NOW - timedelta(days=1)
        world.add("case_exclusion", who.place, case_id, from_at=began, until_at=ended)
        if ended is None:
            who.excluded.add(case_id)


@asynccontextmanager
async def there(superuser: asyncpg.Connection, world: Drawn) -> AsyncIterator[None]:
    """The world's rows are there, and gone again afterwards."""
    transaction = superuser.transaction()
    await transaction.start()
    try:
        await superuser.execute("SET LOCAL session_replication_role = replica")
        for name in (*_TABLES, *_KEPT):
            rows = world.rows.get(name)
            if rows:
                statement = insertion(((metadata.tables[name], tuple(rows[0])),))
                await superuser.execute(statement, to_json(rows).decode())
        await superuser.execute("SET LOCAL ROLE roundtable_app")
        yield
    finally:
        await transaction.rollback()


@pytest.mark.parametrize("seed", range(WORLDS))
async def test_what_the_pure_rule_lets_exist_is_what_postgresql_returns(
    superuser: asyncpg.Connection, seed: int
) -> None:
    world = draw(seed)
    asked = seen = 0
    async with there(superuser, world):
        for who in world.people:
            place = who.place
            entered = await superuser.fetchrow(
                "SELECT * FROM enter($1, $2, $3, $4)", place.partnership_id, place.user_id, sorted(DESK_ROLES), NOW
            )
            assert entered is not None
            assert set(entered["principals"]) == who.principals
            mine = {case for case in world.grants if world.sees(who, case)}
            assert {row["id"] for row in await superuser.fetch("SELECT id FROM case_file")} == mine
            assert {row["case_id"] for row in await superuser.fetch("SELECT case_id FROM case_event")} == mine
            for case in world.grants:
                asked += 1
                assert await superuser.fetchval("SELECT sees_case($1)", case) is (case in mine)
                values = {"partnership": place.partnership_id, "case_id": case}
                statement = queries.RELATIONS
                relations = await superuser.fetchval(statement.text, *(values[name] for name in statement.names))
                assert set(relations) == world.relations(who, case)
            seen += len(mine)
    assert asked == PEOPLE * CASES
    assert 0 < seen < asked
