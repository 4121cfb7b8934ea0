"""Who comes to a meeting, and who accepted its confidentiality statement."""

from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.domain.errors import FieldProblem
from app.domain.fields import Form, Line, Short
from app.domain.meetings import Standing


class PersonComing(Form):
    """Somebody with an account (``user_id``), or a guest by ``name``."""

    agency_id: UUID
    user_id: UUID | None = None
    name: Short = None
    standing: Standing


class AttendanceForm(Form):
    """Everyone who comes, observes or sends apologies: the whole list each time."""

    people: Annotated[tuple[PersonComing, ...], Field(max_length=200)]


class AcceptanceForm(Form):
    """That the statement of this version was read and accepted; ``attendance_id`` for a guest without an account."""

    version: Line
    attendance_id: UUID | None = None


def check_attendance(
    people: Sequence[PersonComing], users: Mapping[UUID, tuple[UUID, str]], agencies: frozenset[UUID]
) -> tuple[FieldProblem, ...]:
    """Everything wrong with a list. ``users``: the agency and name of each known user."""
    problems: list[FieldProblem] = []
    seen: set[object] = set()
    for n, person in enumerate(people):
        place = f"/people/{n}"
        if person.agency_id not in agencies:
            problems.append(FieldProblem(f"{place}/agency_id", "unknown_agency", "There is no agency with that id."))
        if person.user_id is None and person.name is None:
            problems.append(FieldProblem(f"{place}/name", "required", "Give the person's name, or their user id."))
            continue
        if person.user_id is not None and users.get(person.user_id, (None,))[0] != person.agency_id:
            text = "There is nobody with that id at this agency. For a guest, give a name instead."
            problems.append(FieldProblem(f"{place}/user_id", "unknown_user", text))
            continue
        name = person.name if person.user_id is None else users[person.user_id][1]
        if {person.user_id or (), (person.agency_id, name)} & seen:
            problems.append(FieldProblem(place, "twice", "This person is on the list twice. Remove one."))
        seen |= {each for each in (person.user_id, (person.agency_id, name)) if each is not None}
    return tuple(problems)
