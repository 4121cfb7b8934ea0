"""A partnership in which every role stands in every relation to a case.

Two agencies, ``home`` and ``away``, have somebody in each role. In each case the things that belong to an agency (an
action, an offer of support) are home's. Facts are made through the API by the people of the ordinary test world; the
relation of each person to each case is then set straight in the database, so that it is that one and no other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from app.api.v1.rights import On, Right
from app.db.session import UnitOfWork
from app.db.signet import Signet, new_seal_key
from app.db.tables.partnerships import forum_member
from app.domain.access import DESK_ROLES, MAY, GrantReason, Role
from app.services import partnerships, seals
from tests.openid.arranged import shown_provider
from tests.world import SHARING, Person, World, signed_in

NONE, EXCLUDED, OUTSIDE = "none", "excluded", "outside"
RELATIONS = (NONE, *GrantReason, EXCLUDED, OUTSIDE)
"""How a case is open to somebody. Those excluded, and those outside a restriction, hold every grant there is."""
HOME, AWAY = "home", "away"
STALE = '"999999"'
Things = Mapping[str, str]
OVERSEERS = {
    On.OVERSEEN: (Role.GOVERNANCE_AUDITOR,),
    On.RETAINED: (Role.GOVERNANCE_AUDITOR, Role.PARTNERSHIP_ADMINISTRATOR),
}
"""For whom a case exists, in so far, though none is open to them."""


@dataclass
class Matrix:
    """Everybody, by role and agency; the things in each relation's case; and what belongs to no case."""

    world: World
    people: dict[tuple[Role, str], Person] = field(default_factory=dict)
    things: dict[str, dict[str, str]] = field(default_factory=dict)
    common: dict[str, str] = field(default_factory=dict)

    def of(self, relation: str) -> dict[str, str]:
        """Everything that a path or a body may name, for a cell with this relation."""
        return {**self.common, **self.things.get(relation, {})}


def expected(right: Right, role: Role, agency: str, relation: str) -> int | None:
    """The refusal that a cell must get: 403, 404, or None for none. The order is part of the rule."""
    having = [verb for verb in right.verbs if role in MAY[verb].roles]
    if right.verbs and not having:
        return 403
    if right.on is On.OWN:
        return 404
    if right.on is On.DRAFT:  # home's practitioner wrote it
        return None if agency == HOME and (role in DESK_ROLES or role is Role.PRACTITIONER) else 404
    if right.on is On.KEPT:
        return None if agency == HOME or role is Role.PARTNERSHIP_ADMINISTRATOR else 404
    relations: set[str] = set()
    if right.on in (On.CASE, On.OVERSEEN, On.RETAINED):
        kept_apart = relation in (EXCLUDED, OUTSIDE)
        overseen = role in OVERSEERS.get(right.on, ())
        if kept_apart or (relation == NONE and not overseen):
            return 404
        relations = {relation}
        if not overseen and not any(_allows(verb, relations) for verb in having):
            return 403
    if right.own or (right.sits and agency == AWAY):
        return 403
    if right.own_agency and agency == AWAY:
        unless = right.unless
        return None if unless and role in MAY[unless].roles and (not relations or _allows(unless, relations)) else 403
    return None


def _allows(verb: Any, relations: set[str]) -> bool:
    return not MAY[verb].relations or not MAY[verb].relations.isdisjoint(relations)


async def staffed(world: World) -> Matrix:
    """Home and away with somebody in each role, and no case."""
    matrix = Matrix(world)
    await _people(matrix)
    return matrix


async def build(world: World, superuser: asyncpg.Connection) -> Matrix:
    """Cases first, by others; then home and away, of whom nothing but what is set here opens a case."""
    matrix = Matrix(world)
    for relation in RELATIONS:
        matrix.things[relation] = await _case(world, relation)
    world.clock.set(2026, 11, 23, 9)
    await _people(matrix)
    await _common(matrix)
    for relation, things in matrix.things.items():
        await _home_has_a_part(matrix, superuser, relation, things)
        await relate(matrix, superuser, relation, things, matrix.people.values())
    return matrix


async def _case(world: World, relation: str) -> dict[str, str]:
    """A case on a list, with something of everything in it."""
    told = await world.refer(victim=f"Maya Thornbury-{relation.replace('_', '-').title()}")
    case, coordinator = told["case"]["id"], world["coordinator"]
    council = str(world.agencies["council"])
    promised = {"what": "Call her on Monday and ask how she is.", "agency_id": council, "working_days": 5}
    action = await coordinator.post(f"/cases/{case}/actions", promised)
    offered = {"service": "victim_support", "agency_id": str(world.agencies["advocacy"]), "sharing": SHARING}
    offer = await coordinator.post(f"/cases/{case}/support-offers", offered)
    kept = {"user_id": str(world["nurse"].user_id), "because": "They are neighbours."}
    exclusion = await coordinator.post(f"/cases/{case}/exclusions", kept)
    idva = world["idva"]
    allocation = {"user_id": str(idva.user_id), "sharing": SHARING}
    allocated = await coordinator.request("PUT", f"/cases/{case}/idva", json=allocation, headers={"If-Match": "*"})
    when = await idva.post(f"/cases/{case}/key-dates", {"kind": "court", "held_on": "2026-12-01"})
    step = await idva.post(f"/cases/{case}/safety-plan", {"what": "Keep a bag at my sister's."})
    for each in (action, offer, exclusion, allocated, when, step):
        assert each.status_code in (200, 201), each.text
    assessments = await coordinator.get(f"/cases/{case}/assessments")
    return {
        "case_id": case,
        "case_reference": told["case"]["reference"],
        "item_id": told["route"]["agenda_item_id"],
        "referral_id": told["referral_id"],
        "person_reference": told["people"][0]["person_reference"],
        "assessment_id": assessments.json()["items"][0]["id"],
        "action_id": action.json()["id"],
        "offer_id": offer.json()["id"],
        "exclusion_id": exclusion.json()["id"],
        "date_id": when.json()["id"],
        "step_id": step.json()["id"],
        "use_id": str(uuid4()),
        "hold_id": str(uuid4()),
        "review_id": str(uuid4()),
        "restriction_id": str(uuid4()),
    }


async def _people(matrix: Matrix) -> None:
    world = matrix.world

    async def set_up(uow: UnitOfWork) -> None:
        for agency in (HOME, AWAY):
            agency_id = world.agencies[agency] = await partnerships.add_agency(
                uow, name=agency.title(), slug=agency, kind="health"
            )
            for role in Role:
                user_id = await partnerships.add_user(
                    uow,
                    agency_id,
                    name=f"{role} of {agency}",
                    email=f"{role}@{agency}.example",
                    roles=[role],
                    is_system=role is Role.PARTNER_SYSTEM,
                )
                person = replace(
                    world["officer"], user_id=user_id, session_id=signed_in(uow, user_id), agency_id=agency_id
                )
                matrix.people[role, agency] = person
        for forum_id in world.forums.values():
            uow.add(forum_member, forum_id=forum_id, agency_id=world.agencies[HOME], from_at=uow.now)

    await world.database.run_as_system(world.partnership_id, set_up, world.clock())
    await world.database.run_as_system(
        world.partnership_id, seals.seal, world.clock(), Signet({"test": new_seal_key()}), unless_since=None
    )


async def _common(matrix: Matrix) -> None:
    """A meeting that was held and minuted, somebody of home's who works and somebody who left, and a draft."""
    world, admin = matrix.world, matrix.people[Role.PARTNERSHIP_ADMINISTRATOR, AWAY]
    home = str(world.agencies[HOME])
    users = []
    for name in ("target", "gone"):
        form = {"name": name, "email": f"{name}@home.example", "agency_id": home, "roles": ["practitioner"]}
        users.append((await admin.post("/users", form)).json()["id"])
    assert (await admin.post(f"/users/{users[1]}/end")).status_code == 200
    clients = []
    for name in ("Kept", "Gone"):
        form = {"name": name, "purpose": "To test.", "scopes": ["read"], "agency_id": home}
        clients.append((await admin.post("/clients", form)).json()["id"])
    assert (await admin.post(f"/clients/{clients[1]}/end")).status_code == 200
    providers = [str(await shown_provider(world)) for _ in range(2)]
    assert (await admin.post(f"/identity-providers/{providers[1]}/end")).status_code == 200
    draft = await matrix.people[Role.PRACTITIONER, HOME].post("/referrals", {})
    bases = (await admin.get("/lawful-bases/register")).json()["items"]
    left = (await admin.post("/agencies", {"name": "Has left", "kind": "refuge"})).json()["id"]
    assert (await admin.post(f"/agencies/{left}/end")).status_code == 200
    agreement = {"title": "Sharing agreement", "version": "1", "effective_from": "2026-01-01"}
    matrix.common |= {
        "home": home,
        "absent": str(uuid4()),
        "agency_id": left,
        "session_id": str(uuid4()),
        "export_id": str(uuid4()),
        "notice_id": str(uuid4()),
        "instrument_id": "dash-27",
        "forum_id": str(world.forums["hrda"]),
        "meeting_id": await _minuted_meeting(world),
        "number": "1",
        "user_id": users[0],
        "gone": users[1],
        "client_id": clients[0],
        "gone_client": clients[1],
        "provider_id": providers[0],
        "gone_provider": providers[1],
        "draft_id": draft.json()["id"],
        "basis_id": bases[0]["id"],
        "agreement_id": (await admin.post("/sharing-agreements", agreement)).json()["id"],
    }


async def _minuted_meeting(world: World) -> str:
    chair = world["chair"]
    day = date(2026, 11, 23)
    planned = await chair.post(f"/forums/{world.forums['marac']}/meetings", {"date": str(day), "extra": True})
    assert planned.status_code == 201, planned.text
    meeting = planned.json()["id"]
    bodies = {"lock": None, "publish": {"sharing": SHARING}, "start": {"reason": "Nothing is listed."}, "end": None}
    for move, body in {**bodies, "minutes": {"sharing": SHARING}}.items():
        done = await chair.post(f"/meetings/{meeting}/{move}", body, headers={"If-Match": "*"})
        assert done.status_code in (200, 201), done.text
    return str(meeting)


async def _home_has_a_part(matrix: Matrix, superuser: asyncpg.Connection, relation: str, things: Things) -> None:
    """What belongs to an agency is home's; somebody broke the glass; a restriction stands, and suspends nothing yet."""
    world = matrix.world
    home = world.agencies[HOME]
    nurse = world["nurse"]
    now = world.clock()
    async with superuser.transaction():
        await superuser.execute("SET LOCAL session_replication_role = replica")
        await superuser.execute("UPDATE action SET agency_id = $1 WHERE id = $2", home, UUID(things["action_id"]))
        await superuser.execute("UPDATE support_offer SET agency_id = $1 WHERE id = $2", home, UUID(things["offer_id"]))
        supported = "UPDATE idva_support SET agency_id = $1 WHERE case_id = $2"
        await superuser.execute(supported, home, UUID(things["case_id"]))
        await superuser.execute(
            "INSERT INTO break_glass (partnership_id, id, case_id, case_reference, user_id, agency_id, reason, "
            "from_at, until_at, review_due_on, version) VALUES ($1, $2, $3, $4, $5, $6, 'x', $7, $8, $9, 1)",
            world.partnership_id,
            UUID(things["use_id"]),
            UUID(things["case_id"]),
            things["case_reference"],
            nurse.user_id,
            nurse.agency_id,
            now,
            now + timedelta(hours=1),
            now.date(),
        )
        for table, row, by, more, told in (
            ("legal_hold", "hold_id", "made_by", "because, from_at", ("x", now)),
            (
                "retention_review",
                "review_id",
                "decided_by",
                "because, decided_at, ended_at, decision",
                ("x", now, now, "erase"),
            ),
        ):
            places = ", ".join(f"${n}" for n in range(5, 5 + len(told)))
            await superuser.execute(
                f"INSERT INTO {table} (partnership_id, id, case_id, {by}, {more}) VALUES ($1, $2, $3, $4, {places})",
                world.partnership_id,
                UUID(things[row]),
                UUID(things["case_id"]),
                nurse.user_id,
                *told,
            )
        if relation == NONE:
            return  # an auditor oversees it, as they do every case that is not restricted
        await superuser.execute(
            "INSERT INTO case_restriction (partnership_id, id, case_id, because, from_at, made_by, version) "
            "VALUES ($1, $2, $3, 'x', $4, $5, 1)",
            world.partnership_id,
            UUID(things["restriction_id"]),
            UUID(things["case_id"]),
            now,
            world["coordinator"].user_id,
        )


async def relate(matrix: Matrix, superuser: asyncpg.Connection, relation: str, things: Things, people: Any) -> None:
    """Put these people into this relation to a case, and nobody of theirs into any other."""
    world = matrix.world
    now = world.clock()
    reasons = {NONE: (), EXCLUDED: tuple(GrantReason), OUTSIDE: tuple(set(GrantReason) - {GrantReason.NAMED})}
    case_id = UUID(things["case_id"])
    rows = [
        (
            world.partnership_id,
            uuid4(),
            case_id,
            person.user_id,
            person.agency_id,
            reason,
            UUID(things["restriction_id"]) if reason is GrantReason.NAMED else None,
            now - timedelta(minutes=1),
            now + timedelta(days=1),
            relation == OUTSIDE,
        )
        for person in people
        for reason in reasons.get(relation, (relation,))
    ]
    async with superuser.transaction():
        await superuser.execute("SET LOCAL session_replication_role = replica")
        await superuser.executemany(
            "INSERT INTO case_grant (partnership_id, id, case_id, principal, agency_id, user_id, reason, source_id, "
            "from_at, until_at, suspended) VALUES ($1, $2, $3, $4, $5, $4, $6, $7, $8, $9, $10)",
            rows,
        )
        if relation == EXCLUDED:
            await superuser.executemany(
                "INSERT INTO case_exclusion (partnership_id, id, case_id, user_id, kind, from_at, made_by, version) "
                "VALUES ($1, $2, $3, $4, 'recorded', $5, $6, 1)",
                [
                    (world.partnership_id, uuid4(), case_id, person.user_id, now, world["coordinator"].user_id)
                    for person in people
                ],
            )


async def copy_of(matrix: Matrix, superuser: asyncpg.Connection, relation: str, person: Person) -> dict[str, str]:
    """A case of this person's own in the same relation, for an act that changes who sees it."""
    things = matrix.of(relation)
    case_id, reference, restriction = uuid4(), f"C-{uuid4().hex[:8].upper()}", uuid4()
    made = {"case_id": str(case_id), "restriction_id": str(restriction)}
    async with superuser.transaction():
        await superuser.execute("SET LOCAL session_replication_role = replica")
        await superuser.execute(
            "INSERT INTO case_file SELECT (jsonb_populate_record(c, jsonb_build_object('id', $2::uuid, "
            "'reference', $3::text))).* FROM case_file c WHERE c.id = $1",
            UUID(things["case_id"]),
            case_id,
            reference,
        )
        if relation == OUTSIDE:
            await superuser.execute(
                "INSERT INTO case_restriction SELECT (jsonb_populate_record(r, jsonb_build_object('id', $2::uuid, "
                "'case_id', $3::uuid))).* FROM case_restriction r WHERE r.id = $1",
                UUID(things["restriction_id"]),
                restriction,
                case_id,
            )
    await relate(matrix, superuser, relation, made, [person])
    return {**things, **made}


def filled(value: Any, things: Things) -> Any:
    """A body or a path with the things' ids in it."""
    if isinstance(value, str):
        return value.format_map(things)
    if isinstance(value, dict):
        return {name: filled(each, things) for name, each in value.items()}
    return [filled(each, things) for each in value] if isinstance(value, list) else value
