"""Who may do what: one table of verbs and roles. Which cases exist for an actor is PostgreSQL's business."""

import hashlib
from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.domain.errors import Forbidden
from app.domain.sessions import ConfirmFirst, Session


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
    """The facts that open a case; and so, what somebody's relation to it can be."""

    REFERRED = "referred"
    ON_FORUM_LIST = "on_forum_list"
    COORDINATES = "coordinates"
    ALLOCATED_IDVA = "allocated_idva"
    OWNS_ACTION = "owns_action"
    OFFERED_SUPPORT = "offered_support"
    NAMED = "named"
    BREAK_GLASS = "break_glass"


class Verb(StrEnum):
    """What can be done, as far as permission goes."""

    LOOK_UP = "look_up"
    READ = "read"
    REFER = "refer"
    ASSESS = "assess"
    RELEASE_CONTACTS = "release_contacts"
    SHARE = "share"
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
    SUPPORT_CLIENT = "support_client"
    EXPORT = "export"
    DECLARE_CONFLICT = "declare_conflict"
    KEEP_APART = "keep_apart"
    BREAK_GLASS = "break_glass"
    SEE_BREAK_GLASS = "see_break_glass"
    REVIEW_BREAK_GLASS = "review_break_glass"
    AUDIT = "audit"
    KEEP_HEADS = "keep_heads"
    ADMINISTER_AGENCY = "administer_agency"
    ADMINISTER_PARTNERSHIP = "administer_partnership"
    REVIEW_RETENTION = "review_retention"
    APPROVE_ERASURE = "approve_erasure"
    GRANT_ACCESS = "grant_access"
    ADMIT = "admit"


@dataclass(frozen=True, slots=True)
class Right:
    """Who may: any of these roles; and, where a case is concerned, by way of one of these relations to it."""

    roles: frozenset[Role]
    relations: frozenset[GrantReason]


# Those who work on cases. The others oversee, administer, run the service, or are no people.
CASEWORK = frozenset(
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
_MEETING = CASEWORK - {Role.PRACTITIONER}
_CHAIRING = frozenset({Role.MARAC_COORDINATOR, Role.CHAIR})
_SYSTEM = frozenset({Role.PARTNER_SYSTEM})
_RETAINING = _CHAIRING | {Role.GOVERNANCE_AUDITOR, Role.PARTNERSHIP_ADMINISTRATOR}

_ANY = frozenset(GrantReason)
# An emergency opens a case for reading. Whoever must act on it comes by another way.
_WORKING = _ANY - {GrantReason.BREAK_GLASS}
# Those who owe one action, or were offered one family to support, do not steer its case.
_STEERING = _WORKING - {GrantReason.OWNS_ACTION, GrantReason.OFFERED_SUPPORT}
_NONE: frozenset[GrantReason] = frozenset()

MAY: dict[Verb, Right] = {
    Verb.LOOK_UP: Right(frozenset(Role) - {Role.PLATFORM_OPERATOR}, _NONE),
    Verb.READ: Right(CASEWORK | _SYSTEM, _ANY),
    Verb.REFER: Right(CASEWORK | _SYSTEM, _NONE),
    Verb.ASSESS: Right(CASEWORK | _SYSTEM, _WORKING),
    Verb.RELEASE_CONTACTS: Right(CASEWORK, _ANY),
    Verb.SHARE: Right(CASEWORK, _ANY),
    Verb.MANAGE_CASE: Right(_CHAIRING | {Role.TRIAGE_PRACTITIONER}, _STEERING),
    Verb.ALLOCATE_IDVA: Right(_CHAIRING | {Role.IDVA}, _STEERING),
    Verb.JOIN_PEOPLE: Right(frozenset({Role.MARAC_COORDINATOR}), _STEERING),
    Verb.RUN_MEETING: Right(_CHAIRING, _STEERING),
    Verb.ATTEND: Right(_MEETING, _NONE),
    Verb.RESEARCH: Right(_MEETING | _SYSTEM, _WORKING),
    Verb.NAME_RISK: Right(_MEETING, _WORKING),
    # Whoever sees a case for one promise would keep it open to themselves by another, and another.
    Verb.PROMISE_ACTION: Right(_MEETING, _WORKING - {GrantReason.OWNS_ACTION}),
    Verb.UPDATE_ACTION: Right(CASEWORK | _SYSTEM, _WORKING),
    Verb.ANSWER_SUPPORT: Right(CASEWORK, _WORKING),
    Verb.SUPPORT_CLIENT: Right(frozenset({Role.IDVA}), _STEERING),
    Verb.EXPORT: Right(_MEETING, _ANY),
    Verb.DECLARE_CONFLICT: Right(CASEWORK, _ANY),
    Verb.KEEP_APART: Right(_CHAIRING, _STEERING),
    Verb.BREAK_GLASS: Right(CASEWORK, _NONE),
    Verb.SEE_BREAK_GLASS: Right(CASEWORK | {Role.GOVERNANCE_AUDITOR}, _NONE),
    Verb.REVIEW_BREAK_GLASS: Right(frozenset({Role.GOVERNANCE_AUDITOR}), _NONE),
    Verb.AUDIT: Right(frozenset({Role.GOVERNANCE_AUDITOR}), _NONE),
    Verb.KEEP_HEADS: Right(
        _SYSTEM | {Role.GOVERNANCE_AUDITOR, Role.AGENCY_ADMINISTRATOR, Role.PARTNERSHIP_ADMINISTRATOR}, _NONE
    ),
    Verb.ADMINISTER_AGENCY: Right(frozenset({Role.AGENCY_ADMINISTRATOR, Role.PARTNERSHIP_ADMINISTRATOR}), _NONE),
    Verb.ADMINISTER_PARTNERSHIP: Right(frozenset({Role.PARTNERSHIP_ADMINISTRATOR}), _NONE),
    # Of a restricted case only those who are named learn that its period is over; so coordinators and chairs too.
    Verb.REVIEW_RETENTION: Right(_RETAINING, _NONE),
    Verb.APPROVE_ERASURE: Right(_RETAINING, _NONE),
    # Whatever lets somebody, or some system, do more than before: adding people, links, roles, clients, secrets.
    Verb.GRANT_ACCESS: Right(frozenset({Role.AGENCY_ADMINISTRATOR, Role.PARTNERSHIP_ADMINISTRATOR}), _NONE),
    # Whatever lets many in at once: a provider's people, those of an agency that was locked out, or those of one that
    # is to sit on a forum, who see each case that is listed there.
    Verb.ADMIT: Right(frozenset({Role.PARTNERSHIP_ADMINISTRATOR}), _NONE),
}


# Asked again for who they are, however they came to be signed in: what leaves the building, where somebody can be
# found, what opens a case that is closed to them, and what gives somebody power. Taking it away asks nothing: that may
# have to be quick.
STEP_UP = frozenset(
    {Verb.EXPORT, Verb.RELEASE_CONTACTS, Verb.BREAK_GLASS, Verb.GRANT_ACCESS, Verb.ADMIT, Verb.APPROVE_ERASURE}
)


@dataclass(frozen=True, slots=True)
class Grant:
    """One right to see a case. ``until`` None: while its fact lasts."""

    case: UUID
    principal: UUID
    reason: GrantReason
    until: datetime | None = None


def visible(
    case: UUID,
    grants: Iterable[Grant],
    *,
    principals: Set[UUID],
    excluded: Set[UUID],
    restricted: bool,
    now: datetime,
) -> bool:
    """Whether a case exists for an actor: the rule that PostgreSQL's policies hold to.

    ``excluded``: the cases from which the actor is kept. ``restricted``: the case is open to those named only.
    """
    return case not in excluded and any(
        each.principal in principals
        and (each.until is None or each.until > now)
        and (each.reason is GrantReason.NAMED or not restricted)
        for each in grants
        if each.case == case
    )


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts in this transaction, as the database knows them at this moment.

    session: what they act through; None when the program itself acts for them.
    """

    user_id: UUID | None
    partnership_id: UUID
    agency_id: UUID | None
    name: str
    agency_name: str
    agency_kind: str
    roles: frozenset[str]
    session: Session | None = None

    @classmethod
    def system(cls, partnership_id: UUID) -> "Actor":
        """Upkeep: nobody in particular, who sees no case."""
        return cls(None, partnership_id, None, "Roundtable", "", "", frozenset())

    def may(self, verb: Verb, relations: Iterable[str] | None = None) -> bool:
        """Whether any of the actor's roles has the verb; with ``relations`` to a case, whether on that case.

        A partner system's client has of its role's verbs those in its scopes.
        """
        right = MAY[verb]
        return (
            self._in_scope(verb)
            and bool(self.roles & right.roles)
            and (relations is None or not right.relations.isdisjoint(relations))
        )

    def must(self, verb: Verb, relations: Iterable[str] | None = None) -> None:
        """Raise Forbidden unless the actor may; ConfirmFirst if they must show again who they are."""
        self.must_be_allowed(verb, relations)
        if verb in STEP_UP:
            self.must_be_confirmed()

    def must_be_allowed(self, verb: Verb, relations: Iterable[str] | None = None) -> None:
        """Raise Forbidden unless the actor may; for the rest of what they began when they had confirmed."""
        if not self._in_scope(verb):
            raise Forbidden(
                f"This client's scopes do not include '{verb.value}'. Ask your agency's administrator for the scope."
            )
        if not self.may(verb):
            raise Forbidden("Your role does not allow this. Ask your agency's administrator if you think it should.")
        if not self.may(verb, relations):
            raise Forbidden(
                "The way this case is open to you does not allow this. Ask the MARAC coordinator to open it to your "
                "agency."
            )

    def _in_scope(self, verb: Verb) -> bool:
        scopes = self.session.scopes if self.session else None
        return scopes is None or verb in scopes

    def must_be_confirmed(self) -> None:
        """Raise ConfirmFirst unless whoever acts has shown a moment ago who they are."""
        if self.session and not self.session.confirmed:
            raise ConfirmFirst

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
