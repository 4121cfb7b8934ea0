"""What an emergency lets somebody do: read the case, find the people in it, say what they told; and change nothing."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from app.db.ids import new_id
from app.db.session import Credentials, UnitOfWork
from app.domain.access import GrantReason, Role
from app.services import grants, partnerships
from tests.glass import EMERGENCY
from tests.world import Person, World, referral_form

WHY = "He is outside her flat and I do not know which officers are on their way."
ROLES = (
    Role.CHAIR,
    Role.MARAC_COORDINATOR,
    Role.IDVA,
    Role.TRIAGE_PRACTITIONER,
    Role.AGENCY_REPRESENTATIVE,
)


@pytest.fixture
async def referred(world: World) -> dict[str, Any]:
    """A case on the list of a meeting."""
    return await world.refer(yes=15)


@pytest.fixture
async def stranger(world: World, referred: dict[str, Any]) -> Person:
    """Somebody in every casework role, of an agency that came later, to whom no case is open but in an emergency."""
    made: list[UUID] = []

    async def join(uow: UnitOfWork) -> None:
        agency_id = await partnerships.add_agency(uow, name="Elsewhere", slug="elsewhere", kind="health")
        user = await partnerships.add_user(uow, agency_id, name="Stranger", email="s@elsewhere.example", roles=ROLES)
        made.extend((agency_id, user))

    await world.database.run_as_system(world.partnership_id, join, world.clock())
    agency_id, user_id = made
    person = await world.sign_in(user_id, agency_id, name="stranger")
    assert (await person.get(f"/cases/{referred['case']['id']}")).status_code == 404
    told = {"reference": referred["case"]["reference"], "reason": WHY, "hours": 1, "sharing": EMERGENCY}
    opened = await person.post("/break-glass", told)
    assert opened.status_code == 201, opened.text
    return person


Writing = Callable[[World, Person, dict[str, Any]], Awaitable[httpx.Response]]
ANY = {"If-Match": "*"}


def on_case(method: str, path: str, body: dict[str, Any]) -> Writing:
    """A request about the case itself."""

    async def send(world: World, who: Person, referred: dict[str, Any]) -> httpx.Response:
        case_id = referred["case"]["id"]
        filled = {name: str(case_id) if value == "{case}" else value for name, value in body.items()}
        filled |= {"user_id": str(world["idva"].user_id)} if "user_id" in body else {}
        filled |= {"agency_id": str(who.agency_id)} if "agency_id" in body else {}
        place = path.format(case=case_id, item=referred["route"]["agenda_item_id"], **await _ids(world, referred))
        return await who.request(method, place, json=filled, headers=ANY)

    return send


async def _ids(world: World, referred: dict[str, Any]) -> dict[str, Any]:
    case = (await world["coordinator"].get(f"/cases/{referred['case']['id']}")).json()
    return {"assessment": case["assessments"][0]["id"]}


WRITES: dict[str, Writing] = {
    "move": on_case("POST", "/cases/{case}/moves", {"move": "close", "reason": "It is over now."}),
    "idva": on_case("PUT", "/cases/{case}/idva", {"user_id": "{idva}"}),
    "promise": on_case("POST", "/cases/{case}/actions", {"what": "Ring her.", "agency_id": "{own}", "working_days": 1}),
    "support": on_case("POST", "/cases/{case}/support-offers", {"service": "pippa"}),
    "risk": on_case("POST", "/agenda-items/{item}/risks", {"risk": "A knife in the kitchen.", "about": "victim"}),
    "research": on_case("PUT", "/agenda-items/{item}/research", {"known": False}),
    "release": on_case("POST", "/agenda-items/{item}/research/release", {}),
    "minutes": on_case("PUT", "/agenda-items/{item}/minutes", {"minutes": "Nothing was said."}),
    "outcome": on_case("POST", "/agenda-items/{item}/outcome", {"outcome": "plan_agreed"}),
    "adopt": on_case("POST", "/assessments/{assessment}/adopt", {}),
    "correct": on_case(
        "POST", "/assessments/{assessment}/correct", {"answers": {"1": {"value": "no"}}, "reason": "It was no."}
    ),
}


@pytest.mark.parametrize("write", WRITES)
async def test_an_emergency_writes_nothing(
    world: World, stranger: Person, referred: dict[str, Any], write: str
) -> None:
    answer = await WRITES[write](world, stranger, referred)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), answer.text
    assert "The way this case is open to you" in answer.json()["detail"]


async def test_an_action_of_the_case_is_read_and_not_answered(
    world: World, stranger: Person, referred: dict[str, Any]
) -> None:
    promised = await world["housing_rep"].post(
        f"/cases/{referred['case']['id']}/actions",
        {"what": "Change her locks.", "agency_id": str(world.agencies["housing"]), "working_days": 1},
    )
    assert promised.status_code == 201, promised.text
    path = f"/actions/{promised.json()['id']}"
    assert (await stranger.get(path)).status_code == 200
    answer = await stranger.post(f"{path}/updates", {"status": "done"}, headers=ANY)
    assert answer.status_code == 403


async def test_an_emergency_reads_the_whole_case_and_releases_where_people_are(
    stranger: Person, referred: dict[str, Any]
) -> None:
    case = f"/cases/{referred['case']['id']}"
    parties = [each["id"] for each in (await stranger.get(case)).json()["parties"]]
    for part in ("", "/timeline", "/access", "/trail", "/contacts"):
        assert (await stranger.get(f"{case}{part}")).status_code == 200, part
    told = {"reason": "welfare_check", "parties": parties, "sharing": EMERGENCY}
    released = await stranger.post(f"{case}/contacts/release", told)
    assert (released.status_code, "14 Invented Row" in released.text) == (200, True), released.text


async def test_nothing_of_the_case_is_read_once_the_hours_are_up(
    world: World, stranger: Person, referred: dict[str, Any]
) -> None:
    case = f"/cases/{referred['case']['id']}"
    party = (await stranger.get(case)).json()["parties"][0]["id"]
    key = {"Idempotency-Key": str(uuid4())}
    told = {"reason": "welfare_check", "parties": [party], "sharing": EMERGENCY}
    assert (await stranger.post(f"{case}/contacts/release", told, headers=key)).status_code == 200
    world.clock.forward(hours=1)
    for part in ("", "/timeline", "/access", "/trail", "/contacts"):
        assert (await stranger.get(f"{case}{part}")).status_code == 404, part
    assert (await stranger.post(f"{case}/contacts/release", told)).status_code == 404
    assert (await stranger.get("/cases")).json()["items"] == []
    assert (await stranger.get("/actions")).json()["items"] == []
    search = await stranger.post("/people/search", {"given_name": "Maya", "family_name": "Thornbury"})
    assert search.json()["items"] == []


async def test_nobody_comes_to_stay_by_referring_to_a_case_opened_in_an_emergency(
    world: World, stranger: Person, referred: dict[str, Any]
) -> None:
    case = referred["case"]
    victim = next(
        each for each in (await stranger.get(f"/cases/{case['id']}")).json()["parties"] if each["role"] == "victim"
    )
    form = referral_form(sharing=stranger.sharing)
    form["victim"]["person_reference"] = victim["person_reference"]
    refused = await stranger.post("/referrals?submit=true", form)
    assert [each["pointer"] for each in refused.json()["errors"]] == ["/victim/person_reference"]
    del form["victim"]["person_reference"]
    sent = await stranger.post("/referrals?submit=true", form)
    assert (sent.status_code, sent.json()["case"]["joined"]) == (201, False)
    world.clock.forward(hours=25)
    assert (await stranger.get(f"/cases/{case['id']}")).status_code == 404


async def test_postgresql_lets_nobody_open_a_case_by_way_of_an_emergency(
    world: World, stranger: Person, referred: dict[str, Any]
) -> None:
    case_id = UUID(referred["case"]["id"])

    async def opens(uow: UnitOfWork) -> None:
        grants.open_to_user(uow, case_id, uow.actor.user, uow.actor.agency, GrantReason.REFERRED, source=case_id)

    who = Credentials(world.partnership_id, stranger.user_id)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await world.database.run(who, opens, world.clock(), new_id())
