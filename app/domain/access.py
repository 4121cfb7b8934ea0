"""Who may do what: one table of verbs and roles. Which cases exist for an actor is PostgreSQL's business."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from app.domain.errors import Forbidden


class Role(StrEnum):
    """The parts people play. One person may hold several."""

    PRACTITIONER = "practitioner"
    SAFEGUARDING_OFFICER = "safeguarding_officer"
    IDVA = "idva"
    AGENCY_REPRESENTATIVE = "agency_representative"
    TRIAGE_PRACTITIONER = "triage_practitioner"
    MARAC_COORDINATOR = "marac_coordinator"
    CHAIR = "chair"
    GOVERNANCE_AUDITOR = "governance_auditor"
    AGENCY_ADMINISTRATOR = "agency_administrator"
    PARTNERSHIP_ADMINISTRATOR = "partnership_administrator"
    PARTNER_SYSTEM = "partner_system"
    PLATFORM_OPERATOR = "platform_operator"


# Roles that sit at their agency's desk: they see what is sent to the agency as such.
DESK_ROLES = frozenset(
    {
        Role.SAFEGUARDING_OFFICER,
        Role.IDVA,
        Role.AGENCY_REPRESENTATIVE,
        Role.TRIAGE_PRACTITIONER,
        Role.MARAC_COORDINATOR,
        Role.CHAIR,
        Role.PARTNER_SYSTEM,
    }
)
DESK = "desk"


class GrantReason(StrEnum):
    """The facts that open a case."""

    REFERRED = "referred"
    ON_FORUM_LIST = "on_forum_list"
    COORDINATES = "coordinates"
    ALLOCATED_IDVA = "allocated_idva"
    OWNS_ACTION = "owns_action"
    OFFERED_SUPPORT = "offered_support"


class Verb(StrEnum):
    """What can be done, as far as permission goes."""

    READ = "read"
    REFER = "refer"
    ASSESS = "assess"
    RELEASE_CONTACTS = "release_contacts"
    MANAGE_CASE = "manage_case"
    ALLOCATE_IDVA = "allocate_idva"
    JOIN_PEOPLE = "join_people"
    RUN_MEETING = "run_meeting"
    ATTEND = "attend"
    RESEARCH = "research"
    NAME_RISK = "name_risk"
    PROMISE_ACTION = "promise_action"
    UPDATE_ACTION = "update_action"
    ANSWER_SUPPORT = "answer_support"
    EXPORT = "export"


_CASEWORK = frozenset(
    {
        Role.PRACTITIONER,
        Role.SAFEGUARDING_OFFICER,
        Role.IDVA,
        Role.AGENCY_REPRESENTATIVE,
        Role.TRIAGE_PRACTITIONER,
        Role.MARAC_COORDINATOR,
        Role.CHAIR,
    }
)
_MEETING = _CASEWORK - {Role.PRACTITIONER}
_CHAIRING = frozenset({Role.MARAC_COORDINATOR, Role.CHAIR})

MAY: dict[Verb, frozenset[Role]] = {
    Verb.READ: frozenset(Role) - {Role.PLATFORM_OPERATOR},
    Verb.REFER: _CASEWORK | {Role.PARTNER_SYSTEM},
    Verb.ASSESS: _CASEWORK | {Role.PARTNER_SYSTEM},
    Verb.RELEASE_CONTACTS: _CASEWORK,
    Verb.MANAGE_CASE: _CHAIRING | {Role.TRIAGE_PRACTITIONER},
    Verb.ALLOCATE_IDVA: _CHAIRING | {Role.IDVA},
    Verb.JOIN_PEOPLE: frozenset({Role.MARAC_COORDINATOR}),
    Verb.RUN_MEETING: _CHAIRING,
    Verb.ATTEND: _MEETING,
    Verb.RESEARCH: _MEETING | {Role.PARTNER_SYSTEM},
    Verb.NAME_RISK: _MEETING,
    Verb.PROMISE_ACTION: _MEETING,
    Verb.UPDATE_ACTION: _CASEWORK | {Role.PARTNER_SYSTEM},
    Verb.ANSWER_SUPPORT: _CASEWORK,
    Verb.EXPORT: _MEETING,
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts in this transaction, as the database knows them at this moment."""

    user_id: UUID | None
    partnership_id: UUID
    agency_id: UUID | None
    name: str
    agency_name: str
    agency_kind: str
    roles: frozenset[str]

    @classmethod
    def system(cls, partnership_id: UUID) -> "Actor":
        """Upkeep: nobody in particular, who sees no case."""
        return cls(None, partnership_id, None, "Roundtable", "", "", frozenset())

    def may(self, verb: Verb) -> bool:
        """Whether any of the actor's roles has the verb."""
        return bool(self.roles & MAY[verb])

    def must(self, verb: Verb) -> None:
        """Raise Forbidden unless the actor may."""
        if not self.may(verb):
            raise Forbidden(
                f"Your role does not allow '{verb.value}'. Ask your agency's administrator if you think it should."
            )

    @property
    def user(self) -> UUID:
        """The acting user's id. Raises Forbidden for the system itself."""
        if self.user_id is None:
            raise Forbidden("Only a person or a partner system can do this.")
        return self.user_id

    @property
    def agency(self) -> UUID:
        """The acting user's agency. Raises Forbidden for the system itself."""
        if self.agency_id is None:
            raise Forbidden("Only a member of an agency can do this.")
        return self.agency_id


def desk_principal(agency_id: UUID, desk: str = DESK) -> UUID:
    """The principal that stands for a role within an agency, or for its desk. The database derives the same."""
    return UUID(bytes=hashlib.sha256(f"{agency_id}:{desk}".encode()).digest()[:16])
