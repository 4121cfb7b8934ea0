"""Facts open cases: each right to see one is a row that says why, since when and until when."""

from datetime import datetime
from uuid import UUID

from app.db import grants as queries
from app.db.session import UnitOfWork
from app.db.tables.cases import case_grant
from app.domain.access import DESK, GrantReason, Role, desk_principal
from app.domain.errors import Conflict, FieldProblem, Invalid


def open_to_desk(
    uow: UnitOfWork,
    case_id: UUID,
    agency_id: UUID,
    reason: GrantReason,
    *,
    source: UUID | None = None,
    desk: Role | str = DESK,
) -> None:
    """Open the case to those who sit at an agency's desk, or who hold one role there."""
    uow.add(
        case_grant,
        case_id=case_id,
        principal=desk_principal(agency_id, desk),
        agency_id=agency_id,
        user_id=None,
        desk=str(desk),
        reason=reason,
        source_id=source,
        from_at=uow.now,
        given_by=uow.actor.user,
    )


def open_to_user(
    uow: UnitOfWork,
    case_id: UUID,
    user_id: UUID,
    agency_id: UUID,
    reason: GrantReason,
    *,
    source: UUID | None = None,
    until: datetime | None = None,
) -> None:
    """Open the case to one person; with ``until``, only for so long."""
    uow.add(
        case_grant,
        case_id=case_id,
        principal=user_id,
        agency_id=agency_id,
        user_id=user_id,
        desk=None,
        reason=reason,
        source_id=source,
        from_at=uow.now,
        until_at=until,
        given_by=uow.actor.user,
    )


async def end(
    uow: UnitOfWork,
    case_id: UUID,
    reason: GrantReason,
    *,
    source: UUID | None = None,
    until: datetime | None = None,
) -> None:
    """End the standing grants that this fact made; all of that reason without a source. Now, or at ``until``."""
    await uow.flush()
    await uow.value(queries.END, case_id=case_id, reason=reason, source=source, until=until or uow.now)


async def must_reach(
    uow: UnitOfWork, case_id: UUID, *, agency_id: UUID, user_id: UUID | None = None, pointer: str = "/user_id"
) -> None:
    """Raise unless what is given to these can be seen by them: nobody is to be left with something unseen.

    Conflict when the case is restricted and nobody at the agency is on its list. Invalid, at ``pointer``, when the
    person is kept from it: in words that do not say by which of the two.
    """
    if user_id is not None and await uow.value(queries.KEPT_FROM, case_id=case_id, user=user_id):
        text = (
            "This person cannot be given this case. If the case is restricted, put them on its list first. Otherwise "
            "choose somebody else."
        )
        raise Invalid([FieldProblem(pointer, "cannot_be_given", text)])
    if not await uow.value(queries.REACHES, case_id=case_id, agency=agency_id):
        raise Conflict("This case is restricted and nobody at that agency is on its list. Put somebody on it first.")
