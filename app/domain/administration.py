"""Who keeps people and their roles: what an administrator may give, to whom, and which roles do not go together."""

from collections.abc import Set
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.domain.access import CASEWORK, Role
from app.domain.fields import Email, Flag, Form, Line, Short

# Work on cases. What steers meetings, oversees or administers is the partnership's to give.
GIVEN_BY_AGENCY = CASEWORK - {Role.MARAC_COORDINATOR, Role.CHAIR}

# Whoever holds one of these holds nothing else: they would oversee themselves, or see what they must not.
ALONE = {
    Role.GOVERNANCE_AUDITOR: "An information-governance auditor oversees all others, so they hold no other role.",
    Role.PLATFORM_OPERATOR: "A platform operator runs the service and sees no case, so they hold no other role.",
    Role.PARTNER_SYSTEM: "A partner system holds this role and no other.",
}


class NewUser(Form):
    """Somebody who joins, or a partner system. Without an agency: the administrator's own."""

    name: Line
    email: Email
    job_title: Short = None
    agency_id: UUID | None = None
    is_system: Flag = False
    roles: Annotated[tuple[Role, ...], Field(max_length=len(Role))] = ()


class RoleGiven(Form):
    """A role that somebody holds from now on."""

    role: Role


def may_give(role: Role, actor_roles: Set[str], *, own_agency: bool) -> bool:
    """Whether an administrator gives or takes this role: the partnership's, any; an agency's, some in their own.

    What an agency's people may do on cases, its systems may as well.
    """
    if Role.PARTNERSHIP_ADMINISTRATOR in actor_roles:
        return True
    given = role in GIVEN_BY_AGENCY or role is Role.PARTNER_SYSTEM
    return Role.AGENCY_ADMINISTRATOR in actor_roles and own_agency and given


def why_not(role: Role, held: Set[str], *, is_system: bool) -> str | None:
    """Why somebody who holds these roles cannot be given this one as well; None when they can."""
    if is_system and role is not Role.PARTNER_SYSTEM:
        return "A partner system is no person, so 'partner_system' is the only role for it."
    if role is Role.PARTNER_SYSTEM and not is_system:
        return "This role is for another agency's software. Add it as a user with 'is_system': true."
    both = held | {role}
    apart = next((each for each in ALONE if each in both and len(both) > 1), None)
    return ALONE[apart] + " End the other first." if apart else None
