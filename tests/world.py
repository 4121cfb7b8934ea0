"""A partnership to test in: ten agencies with people in every role, and hands to do common things with."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
from fastapi import FastAPI

from app.api.tokens import issue
from app.db.session import Database, UnitOfWork
from app.db.tables.sign_in import session
from app.domain.access import Role
from app.domain.forums import standard_hrda, standard_marac
from app.domain.routing import Pathway, RoutingRules
from app.risk.grading import GradingRules
from app.services import partnerships
from app.services.lawful_bases import add_agreement
from tests.contract import check_against_schema

MARAC_ANCHOR = date(2026, 11, 26)

# slug: (name, kind, {person: role})
AGENCIES: dict[str, tuple[str, str, dict[str, Role]]] = {
    "police": (
        "Wessex Police",
        "police",
        {
            "officer": Role.PRACTITIONER,
            "safeguarding": Role.SAFEGUARDING_OFFICER,
            "police_admin": Role.AGENCY_ADMINISTRATOR,
        },
    ),
    "council": (
        "Community Safety",
        "local_authority",
        {
            "coordinator": Role.MARAC_COORDINATOR,
            "chair": Role.CHAIR,
            "auditor": Role.GOVERNANCE_AUDITOR,
            "partnership_admin": Role.PARTNERSHIP_ADMINISTRATOR,
            "operator": Role.PLATFORM_OPERATOR,
        },
    ),
    "idva": ("Harbour IDVA Service", "idva_service", {"idva": Role.IDVA}),
    "health": ("Solent Hospitals", "health", {"nurse": Role.PRACTITIONER, "health_rep": Role.AGENCY_REPRESENTATIVE}),
    "mental_health": ("Mental Health Trust", "mental_health", {"mh_rep": Role.AGENCY_REPRESENTATIVE}),
    "children": ("Children's Services", "childrens_services", {"triage": Role.TRIAGE_PRACTITIONER}),
    "housing": ("City Housing", "housing", {"housing": Role.PRACTITIONER, "housing_rep": Role.AGENCY_REPRESENTATIVE}),
    "probation": ("Probation Service", "probation", {"probation_rep": Role.AGENCY_REPRESENTATIVE}),
    "substance": ("Recovery Service", "substance_misuse", {"recovery_rep": Role.AGENCY_REPRESENTATIVE}),
    "advocacy": (
        "Aurora Advocacy",
        "domestic_abuse_service",
        {"advocate": Role.AGENCY_REPRESENTATIVE, "system": Role.PARTNER_SYSTEM},
    ),
}

# Why something is shared, as a public body says it, and as a charity does. What is shared is fact or opinion by its
# kind, so most acts need no more.
SHARING = {
    "basis": "public_task",
    "necessity": "To prevent serious harm.",
    "proportionality": "Only those who can act on it hear of it.",
}
CHARITY_SHARING = {**SHARING, "basis": "recognised_legitimate_interest"}
CHARITIES = ("idva_service", "domestic_abuse_service", "substance_misuse")


class Clock:
    """The service's clock, which tests set."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self.moment = start

    def __call__(self) -> datetime:
        return self.moment

    def reset(self) -> None:
        self.moment = self._start

    def set(self, year: int, month: int, day: int, hour: int = 9, minute: int = 0) -> None:
        self.moment = datetime(year, month, day, hour, minute, tzinfo=UTC)

    def forward(self, **span: float) -> None:
        self.moment += timedelta(**span)


@dataclass
class Person:
    """Someone signed in, with HTTP verbs of their own under /api/v1. sharing: on what their agency shares."""

    client: httpx.AsyncClient
    app: FastAPI
    clock: Clock
    user_id: UUID
    session_id: UUID
    agency_id: UUID
    partnership_id: UUID
    name: str
    sharing: dict[str, str]

    @property
    def token(self) -> str:
        return issue(
            self.app.state.token_keys,
            user_id=self.user_id,
            partnership_id=self.partnership_id,
            session_id=self.session_id,
            now=self.clock(),
            minutes=60,
        )

    async def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        answer = await self.client.request(method, f"/api/v1{path}", headers=headers, **more)
        check_against_schema(self.app, method, answer)
        return answer

    async def get(self, path: str, **more: Any) -> httpx.Response:
        return await self.request("GET", path, **more)

    async def post(self, path: str, json: Any = None, **more: Any) -> httpx.Response:
        return await self.request("POST", path, **({"json": json} if json is not None else {}), **more)

    async def put(self, path: str, json: Any, version: int | str | None = None, **more: Any) -> httpx.Response:
        headers = {"If-Match": f'"{version}"'} if version is not None else {}
        return await self.request("PUT", path, json=json, headers=headers, **more)


@dataclass
class World:
    """One partnership. People by the names in AGENCIES: ``world["officer"]``."""

    app: FastAPI
    partnership_id: UUID
    clock: Clock
    agencies: dict[str, UUID] = field(default_factory=dict)
    forums: dict[str, UUID] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)

    def __getitem__(self, who: str) -> Person:
        return self.people[who]

    @property
    def database(self) -> Database:
        found: Database = self.app.state.database
        return found

    async def sign_in(
        self, user_id: UUID, agency_id: UUID, *, like: str = "officer", name: str | None = None
    ) -> Person:
        """Somebody who was added, signed in; what else there is to them is as with one who was there."""

        async def begin(uow: UnitOfWork) -> UUID:
            return signed_in(uow, user_id)

        session_id = await self.database.run_as_system(self.partnership_id, begin, self.clock())
        person = self[like]
        return replace(person, user_id=user_id, session_id=session_id, agency_id=agency_id, name=name or person.name)

    async def refer(self, who: str = "officer", **changes: Any) -> dict[str, Any]:
        """Send a complete referral; the answer of the service."""
        form = referral_form(**{"sharing": self[who].sharing, **changes})
        answer = await self[who].post("/referrals?submit=true", form)
        assert answer.status_code in (200, 201), answer.text
        result: dict[str, Any] = answer.json()
        return result


def signed_in(uow: UnitOfWork, user_id: UUID) -> UUID:
    """A session that a token of theirs can name, whenever a test moves the clock to."""
    return uow.add(
        session,
        user_id=user_id,
        kind="token",
        methods=["test"],
        created_at=uow.now,
        seen_at=uow.now,
        until_at=uow.now + timedelta(days=3650),
    )


async def build_world(
    app: FastAPI, client: httpx.AsyncClient, clock: Clock, pathway: Pathway = Pathway.HRDA_THEN_MARAC
) -> World:
    """A new partnership with all of AGENCIES, an HRDA and a MARAC that every agency sits on."""
    world = World(app, uuid4(), clock)

    async def set_up(uow: UnitOfWork) -> None:
        await partnerships.found_partnership(uow, name="Test", slug=f"t-{world.partnership_id}", demo=False)
        rules = RoutingRules(pathway=pathway)
        await partnerships.set_rules(uow, GradingRules(), rules, effective_from=date(2020, 1, 1))
        add_agreement(uow, title="Information sharing agreement", version="2.1", effective_from=date(2025, 4, 1))
        for slug, (name, kind, people) in AGENCIES.items():
            agency_id = world.agencies[slug] = await partnerships.add_agency(uow, name=name, slug=slug, kind=kind)
            for who, role in people.items():
                user_id = await partnerships.add_user(
                    uow, agency_id, name=who.replace("_", " ").title(), email=f"{who}@{slug}.example", roles=[role]
                )
                sharing = CHARITY_SHARING if kind in CHARITIES else SHARING
                session_id = signed_in(uow, user_id)
                world.people[who] = Person(
                    client, app, clock, user_id, session_id, agency_id, world.partnership_id, who, sharing
                )
        members = list(world.agencies.values())
        world.forums["hrda"] = await partnerships.add_forum(uow, standard_hrda(), members)
        world.forums["marac"] = await partnerships.add_forum(uow, standard_marac(MARAC_ANCHOR), members)

    await world.database.run_as_system(world.partnership_id, set_up, clock())
    return world


def referral_form(*, yes: int = 15, victim: str = "Maya Thornbury", **changes: Any) -> dict[str, Any]:
    """A complete referral form with so many yes answers. Named fields replace whole sections."""
    answers = {str(n): {"value": "yes" if n <= yes else "no"} for n in range(1, 28)}
    given, _, family = victim.partition(" ")
    form: dict[str, Any] = {
        "referrer": {"name": "Imran Shah", "role": "Police constable", "phone": "01632 960101"},
        "victim": {
            "given_name": given,
            "family_name": family,
            "date_of_birth": "1991-04-17",
            "safe_contact": {"safe_to_call": "yes", "when": "10:00 to 14:00", "say": "Say: the surgery."},
            "contact": {
                "addresses": [{"lines": ["14 Invented Row", "Southmere"], "current": True}],
                "phones": [{"number": "07700 900123", "safe": True}],
            },
        },
        "perpetrators": [
            {
                "given_name": "Dale",
                "family_name": "Harrow",
                "date_of_birth": "1988-01-30",
                "relationship": "former partner",
            }
        ],
        "children": [],
        "incident": {"occurred_on": "2026-11-20", "narrative": "He held her by the neck in the kitchen."},
        "victim_view": {"aware": "yes", "views": "She wants him to leave her alone."},
        "sharing": SHARING,
        "assessment": {
            "instrument": "dash-27",
            "answers": answers,
            "assessed_at": "2026-11-21T02:40:00+00:00",
            "assessed_by": "Imran Shah",
            "place": "At home",
        },
    }
    return {**form, **changes}
