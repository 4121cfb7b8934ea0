"""The demonstration's partnership and its people. All of it is invented; every e-mail ends in ``.example``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from uuid import UUID, uuid5

from app.db.session import Credentials, Database, UnitOfWork
from app.db.statements import sql
from app.domain.access import Role
from app.domain.clock import add_working_days, at_local, local_date
from app.domain.forums import ForumKind, standard_hrda, standard_marac
from app.domain.routing import Pathway, RoutingRules
from app.risk.grading import GradingRules
from app.services import partnerships
from app.services.lawful_bases import add_agreement

SPACE = UUID("5e0f3a52-3c0e-5a6b-9a2e-2f6f6a0c7d11")
RULES_FROM = date(2020, 1, 1)
AGREEMENT = "Southmere domestic abuse information sharing agreement"
AGREEMENT_ENDS_IN = timedelta(days=45)
MARAC_IN_WORKING_DAYS = 4
_FOUNDED_AT = time(9, 0)
ANY_TIME = datetime(2020, 1, 1, tzinfo=UTC)
STORY_SPAN = timedelta(days=90)
_YEARS_OF_MARACS = 52 * 14 * timedelta(days=1)

_FOUNDED = sql("SELECT created_at FROM partnership WHERE id = :partnership")


@dataclass(frozen=True, slots=True)
class DemoUser:
    """Somebody to sign in as. ``key``: how the story calls them. ``does``: one sentence for the front page."""

    key: str
    name: str
    job_title: str
    roles: tuple[Role, ...]
    does: str

    @property
    def local_part(self) -> str:
        """What stands before the @ of their e-mail."""
        plain = self.name.lower().replace("pc ", "").replace("ds ", "").replace("dr ", "").replace("'", "")
        return plain.replace(" ", ".")


@dataclass(frozen=True, slots=True)
class DemoAgency:
    slug: str
    name: str
    kind: str
    users: tuple[DemoUser, ...]


def _agency(slug: str, name: str, kind: str, *users: DemoUser) -> DemoAgency:
    return DemoAgency(slug, name, kind, users)


AGENCIES = (
    _agency(
        "police",
        "Wessex Police",
        "police",
        DemoUser(
            "officer",
            "PC Imran Shah",
            "Response officer",
            (Role.PRACTITIONER,),
            "Answers the calls at night, asks the risk questions and refers from the car.",
        ),
        DemoUser(
            "second_officer",
            "PC Leanne Doyle",
            "Neighbourhood officer",
            (Role.PRACTITIONER,),
            "Refers from the day shift, and sees only what she herself sent.",
        ),
        DemoUser(
            "safeguarding",
            "DS Priya Nair",
            "Safeguarding unit",
            (Role.SAFEGUARDING_OFFICER, Role.AGENCY_REPRESENTATIVE),
            "Sits at the police desk: sees what the force referred and speaks for it at meetings.",
        ),
        DemoUser(
            "chair",
            "DS Mark Ellery",
            "Chair of the HRDA and the MARAC",
            (Role.CHAIR,),
            "Chairs the HRDA at half past nine and the MARAC each fortnight.",
        ),
    ),
    _agency(
        "council",
        "Southmere City Council, Community Safety",
        "local_authority",
        DemoUser(
            "coordinator",
            "Jo Pritchard",
            "MARAC coordinator",
            (Role.MARAC_COORDINATOR,),
            "Coordinates: lists, orders, publishes, joins records of one person, and chases.",
        ),
        DemoUser(
            "governance",
            "Nuala Byrne",
            "Information governance lead",
            (Role.GOVERNANCE_AUDITOR,),
            "Answers who could see a case, who did, and why. Sees no case as such.",
        ),
        DemoUser(
            "administrator",
            "Stephen Clarke",
            "Partnership administrator",
            (Role.PARTNERSHIP_ADMINISTRATOR,),
            "Keeps the partnership's people, forums and rules. Sees no case.",
        ),
    ),
    _agency(
        "idva",
        "Harbour IDVA Service",
        "idva_service",
        DemoUser(
            "idva",
            "Rosa Adeyemi",
            "Independent domestic violence adviser",
            (Role.IDVA,),
            "Reaches new clients safely and speaks for them at the meeting.",
        ),
        DemoUser(
            "second_idva",
            "Beth Lawson",
            "Independent domestic violence adviser, hospital",
            (Role.IDVA, Role.AGENCY_REPRESENTATIVE),
            "Works from the emergency department and represents the service at meetings.",
        ),
    ),
    _agency(
        "health",
        "Southmere Hospitals NHS Trust",
        "health",
        DemoUser(
            "nurse",
            "Comfort Mensah",
            "Emergency department nurse",
            (Role.PRACTITIONER,),
            "Asks the questions in a side room of the emergency department, and refers.",
        ),
        DemoUser(
            "health_rep",
            "Helen Cartwright",
            "Named nurse for safeguarding",
            (Role.AGENCY_REPRESENTATIVE,),
            "Searches the trust's records and represents it at meetings.",
        ),
        DemoUser(
            "system",
            "Southmere Hospitals referral system",
            "Partner system",
            (Role.PARTNER_SYSTEM,),
            "Not a person: the trust's own software, which sends referrals by the API.",
        ),
    ),
    _agency(
        "mental_health",
        "Downland Mental Health Trust",
        "mental_health",
        DemoUser(
            "mh_rep",
            "Dr Amy Osei",
            "Consultant psychiatrist, MARAC representative",
            (Role.AGENCY_REPRESENTATIVE,),
            "Has twenty families to search over lunch, and releases what she chooses to share.",
        ),
    ),
    _agency(
        "children",
        "Southmere Children's Services, MASH",
        "childrens_services",
        DemoUser(
            "triage",
            "Tomasz Zielinski",
            "MASH triage practitioner",
            (Role.TRIAGE_PRACTITIONER,),
            "Triages what reaches the front door, and speaks for the children at the HRDA.",
        ),
    ),
    _agency(
        "housing",
        "Southmere City Housing",
        "housing",
        DemoUser(
            "housing",
            "Gareth Pugh",
            "Housing officer",
            (Role.PRACTITIONER,),
            "Meets tenants in their homes, and refers what he is told there.",
        ),
        DemoUser(
            "housing_rep",
            "Sunita Rao",
            "Tenancy sustainment manager",
            (Role.AGENCY_REPRESENTATIVE,),
            "Changes locks, finds safe places, and represents housing at meetings.",
        ),
    ),
    _agency(
        "probation",
        "Probation Service, Southmere",
        "probation",
        DemoUser(
            "probation_rep",
            "Diane Whitlock",
            "Senior probation officer",
            (Role.AGENCY_REPRESENTATIVE,),
            "Knows who is on licence and what it forbids.",
        ),
    ),
    _agency(
        "substance",
        "Tideway Recovery Service",
        "substance_misuse",
        DemoUser(
            "recovery_rep",
            "Joel Okafor",
            "Recovery team leader",
            (Role.AGENCY_REPRESENTATIVE,),
            "Represents drug and alcohol treatment.",
        ),
    ),
    _agency(
        "advocacy",
        "Aurora Domestic Abuse Advocacy",
        "domestic_abuse_service",
        DemoUser(
            "advocate",
            "Megan Fisk",
            "Advocacy team manager",
            (Role.AGENCY_REPRESENTATIVE,),
            "Takes the cases below high risk: accepts offers of support, or says why she cannot.",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class DemoPartnership:
    """Which of the demonstration's partnerships: the one of the story, or the one of the year."""

    slug: str
    name: str
    id: UUID = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", uuid5(SPACE, self.slug))

    def agency(self, slug: str) -> UUID:
        """The id of an agency."""
        return uuid5(self.id, f"agency {slug}")

    def user(self, key: str) -> UUID:
        """The id of one of its people, by their key."""
        return uuid5(self.id, f"user {key}")

    def forum(self, kind: ForumKind) -> UUID:
        """The id of its HRDA or its MARAC."""
        return uuid5(self.id, f"forum {kind}")

    def email(self, agency: DemoAgency, user: DemoUser) -> str:
        """Where one of its people would be written to."""
        return f"{user.local_part}@{agency.slug.replace('_', '-')}.{self.slug}.example"

    def as_user(self, key: str) -> Credentials:
        """What a token of theirs would prove."""
        return Credentials(self.id, self.user(key))


SOUTHMERE = DemoPartnership("southmere", "Southmere Safety Partnership")
SOUTHMERE_YEAR = DemoPartnership("southmere-year", "Southmere Safety Partnership, a whole year")

AGENCY_OF: Mapping[str, DemoAgency] = MappingProxyType(
    {user.key: agency for agency in AGENCIES for user in agency.users}
)
USERS: Mapping[str, DemoUser] = MappingProxyType({user.key: user for agency in AGENCIES for user in agency.users})


def email_of(key: str, partnership: DemoPartnership = SOUTHMERE) -> str:
    """The e-mail of one of the demonstration's people, by their key."""
    return partnership.email(AGENCY_OF[key], USERS[key])


async def founded_on(database: Database, partnership: DemoPartnership = SOUTHMERE) -> datetime | None:
    """When the demonstration was founded here; None if it was not."""

    async def look(uow: UnitOfWork) -> datetime | None:
        found: datetime | None = await uow.value(_FOUNDED)
        return found

    return await database.run_as_system(partnership.id, look, ANY_TIME)


async def found_demo(
    database: Database, now: datetime, partnership: DemoPartnership = SOUTHMERE, *, since: timedelta = STORY_SPAN
) -> DemoPartnership:
    """Make the partnership, its agencies, people, forums and rules, if it is not there. Changes nothing otherwise.

    It is dated ``since`` before now, so that what is told of the past falls into its time. Its MARAC sits every
    fortnight, and next in four working days.
    """
    if await founded_on(database, partnership) is not None:
        return partnership
    founded = at_local(local_date(now) - since, _FOUNDED_AT)

    async def found(uow: UnitOfWork) -> None:
        if await uow.value(_FOUNDED) is None:
            await _found(uow, partnership, local_date(now))

    await database.run_as_system(partnership.id, found, founded)
    return partnership


async def _found(uow: UnitOfWork, partnership: DemoPartnership, today: date) -> None:
    await partnerships.found_partnership(uow, name=partnership.name, slug=partnership.slug, demo=True)
    routing = RoutingRules(pathway=Pathway.HRDA_THEN_MARAC)
    await partnerships.set_rules(uow, GradingRules(), routing, effective_from=RULES_FROM)
    # It ends some weeks after the story, so that somebody must see to the next.
    ends = today + AGREEMENT_ENDS_IN
    add_agreement(uow, title=AGREEMENT, version="2.1", effective_from=RULES_FROM, effective_until=ends)
    for agency in AGENCIES:
        await partnerships.add_agency(
            uow, name=agency.name, slug=agency.slug, kind=agency.kind, agency_id=partnership.agency(agency.slug)
        )
        for user in agency.users:
            await partnerships.add_user(
                uow,
                partnership.agency(agency.slug),
                name=user.name,
                email=partnership.email(agency, user),
                roles=user.roles,
                job_title=user.job_title,
                is_system=Role.PARTNER_SYSTEM in user.roles,
                user_id=partnership.user(user.key),
            )
    members = [partnership.agency(each.slug) for each in AGENCIES]
    anchor = add_working_days(today, MARAC_IN_WORKING_DAYS) - _YEARS_OF_MARACS
    for forum in (standard_hrda(), standard_marac(anchor)):
        await partnerships.add_forum(uow, forum, members, forum_id=partnership.forum(forum.kind))
