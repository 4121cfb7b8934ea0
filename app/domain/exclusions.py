"""Keeping people apart from a case: one person who has a conflict of interest, or everybody who is not on its list.

For whoever is kept apart the case does not exist. Neither form says anything that they could come to read.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final
from uuid import UUID

from pydantic import Field

from app.domain.access import MAY, Role, Verb
from app.domain.disclosures import Sharing
from app.domain.errors import FieldProblem
from app.domain.fields import Form, Long

MOST_NAMED = 100

MAY_BE_NAMED: Final = MAY[Verb.READ].roles | MAY[Verb.AUDIT].roles
"""Roles of those for whom a restricted case can exist: whoever works on cases, and whoever oversees who looked."""

UserIds = Annotated[tuple[UUID, ...], Field(max_length=MOST_NAMED)]


class ExclusionKind(StrEnum):
    """declared: by the person themselves. recorded: by somebody who keeps people apart."""

    DECLARED = "declared"
    RECORDED = "recorded"


class AccessForm(Form):
    """Who may know of the case that a referral opens, from its first moment: for when a party works in an agency.

    restricted_to: it is open to these users only, and to whoever sends it; one of them must be able to change that.
    keep_from: users for whom it does not exist, whatever opens it. because: needed for either.
    """

    restricted_to: UserIds = ()
    keep_from: UserIds = ()
    because: Long = None


class ConflictForm(Form):
    """A conflict of interest of one's own. because: for whoever keeps people apart; it may be left out."""

    because: Long = None


class ExclusionForm(Form):
    """Whom to keep from a case, and why."""

    user_id: UUID
    because: Long = None


class RestrictionForm(Form):
    """Open a case to these people only. named: ids of users; whoever restricts is put on the list.

    sharing: the basis for telling people of other agencies who did not see the case.
    """

    because: Long = None
    named: UserIds = ()
    sharing: Sharing | None = None


class NamedForm(Form):
    """The whole list of a restricted case, as it should be."""

    named: UserIds
    sharing: Sharing | None = None


class LiftForm(Form):
    """End a restriction. sharing: the basis for telling agencies that come to see the case by it for the first time, or
    that come to see what happened meanwhile."""

    sharing: Sharing | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who may be named: the roles they hold, and whether they are kept from the case."""

    user_id: UUID
    agency_id: UUID
    name: str
    roles: frozenset[str]
    kept_apart: bool = False

    @property
    def may_lift(self) -> bool:
        """Whether, once named, they may change the list and lift the restriction."""
        return not self.kept_apart and bool(self.roles & MAY[Verb.KEEP_APART].roles)


def check_named(
    named: Sequence[UUID], members: Mapping[UUID, Member], *, pointer: str = "/named"
) -> tuple[FieldProblem, ...]:
    """What is wrong with a list of names; empty when nothing is. ``members``: those of the partnership, by id."""
    problems = []
    for n, each in enumerate(named):
        found = members.get(each)
        where = f"{pointer}/{n}"
        if found is None or not found.roles & MAY_BE_NAMED:
            text = "There is nobody with this id who could work on a case or oversee one. Choose from /users."
            problems.append(FieldProblem(where, "unknown_user", text))
        elif found.kept_apart:
            text = "This person is kept from the case. End that first, or leave them out."
            problems.append(FieldProblem(where, "kept_apart", text))
        elif each in named[:n]:
            problems.append(FieldProblem(where, "twice", "Name each person once."))
    if not any(members[each].may_lift for each in named if each in members):
        roles = " or ".join(str(Role(each)) for each in sorted(MAY[Verb.KEEP_APART].roles))
        text = (
            "Name at least one person who can change this list later. Choose somebody whose role is "
            f"{roles} from /users."
        )
        problems.append(FieldProblem(pointer, "nobody_to_lift", text))
    return tuple(problems)


def check_kept(
    kept: Sequence[UUID], members: Collection[UUID], *, sender: UUID, named: Collection[UUID], pointer: str
) -> tuple[FieldProblem, ...]:
    """What is wrong with a list of people to keep from a case that is being referred."""
    problems = []
    for n, each in enumerate(kept):
        where = f"{pointer}/{n}"
        if each not in members:
            problems.append(FieldProblem(where, "unknown_user", "There is nobody with this id. Choose from /users."))
        elif each == sender:
            text = "You cannot keep yourself from what you send. Ask a colleague to send it."
            problems.append(FieldProblem(where, "oneself", text))
        elif each in named:
            text = "This person is to see the case and to be kept from it. Take them off one of the two lists."
            problems.append(FieldProblem(where, "named_and_kept", text))
        elif each in kept[:n]:
            problems.append(FieldProblem(where, "twice", "Name each person once."))
    return tuple(problems)


def joins(reference: str) -> FieldProblem:
    """That a referral asks to keep people from a case that is there already: it is not the sender's to close."""
    text = (
        f"This referral joins {reference}, which is there already. Ask the MARAC coordinator or the chair to restrict "
        "that case first, then send this without 'access'."
    )
    return FieldProblem("/access", "joins_case", text)
