"""Risks named at a meeting: to whom, or from whom, in plain words."""

from enum import StrEnum
from uuid import UUID

from app.domain.errors import FieldProblem
from app.domain.fields import Form, Long


class About(StrEnum):
    VICTIM = "victim"
    CHILD = "child"
    PERPETRATOR = "perpetrator"
    STAFF = "staff"
    OTHER = "other"


class RiskForm(Form):
    """One risk. ``party_id``: the person in the case, if it is one of them."""

    about: About
    party_id: UUID | None = None
    risk: Long


def check_risk(form: RiskForm, roles: dict[UUID, str]) -> tuple[FieldProblem, ...]:
    """Everything wrong with a risk. ``roles``: the role in the case of each person in it."""
    problems = []
    if form.risk is None:
        problems.append(FieldProblem("/risk", "required", "Say what the risk is."))
    role = roles.get(form.party_id) if form.party_id else None
    if form.party_id is not None and role is None:
        text = "There is no such person in this case. Choose one of its people, or leave this out."
        problems.append(FieldProblem("/party_id", "unknown_person", text))
    elif form.party_id is not None and role != form.about:
        text = f"In this case that person is '{role}'. Change 'about', or choose another person."
        problems.append(FieldProblem("/party_id", "other_role", text))
    return tuple(problems)
