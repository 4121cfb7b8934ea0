"""The first administrator, made by whoever runs the service; and another, when none can sign in any more."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.db import administrators as queries
from app.db.session import UnitOfWork
from app.db.tables.partnerships import user_role
from app.domain.access import Role
from app.domain.administration import why_not
from app.domain.agencies import AgencyKind, slug_of
from app.domain.clock import local_date
from app.domain.errors import Conflict
from app.domain.routing import Pathway, RoutingRules
from app.risk.grading import GradingRules
from app.services import agencies, invitations, partnerships


@dataclass(frozen=True, slots=True)
class Appointment:
    """Who is to administer. partnership: its name, for when it is founded. agency: that they work for; made if new.

    because: why, although somebody administers already; None where nobody does.
    """

    email: str
    name: str
    agency: str
    agency_kind: AgencyKind
    partnership: str
    because: str | None
    origin: str


async def appoint(uow: UnitOfWork, told: Appointment) -> str:
    """Make somebody the partnership's administrator, as nobody. Returns their link, which is shown once.

    Founds the partnership if it is new: standard rules from today, no forum. Raises Conflict.
    """
    if not await uow.value(queries.EXISTS):
        await _found(uow, told.partnership, local_date(uow.now))
    elif await uow.value(queries.CAN_SIGN_IN) and told.because is None:
        raise Conflict(
            "This partnership has an administrator who can sign in: ask them. If they cannot be asked, add --again "
            "--because 'the reason', which they will find in the trail."
        )
    row = await uow.row(queries.BY_EMAIL, email=told.email.lower())
    if row is None:
        agency_id = await _agency(uow, told)
        user_id = await partnerships.add_user(
            uow, agency_id, name=told.name, email=told.email, roles=[Role.PARTNERSHIP_ADMINISTRATOR]
        )
    else:
        agency_id, user_id = row["agency_id"], row["id"]
        if row["ended_at"] is not None or row["is_system"]:
            raise Conflict("Somebody of that e-mail has left, or is a partner system. Give another e-mail.")
        if Role.PARTNERSHIP_ADMINISTRATOR not in row["roles"]:
            _give(uow, user_id, set(row["roles"]))
    if await uow.value(queries.LOCKED_OUT, agency=agency_id):
        raise Conflict(
            f"{told.agency} is locked out, so nobody of theirs is let in. Let it in again first, by 'roundtable "
            "lock-out --lift', or name another agency."
        )
    uow.record(
        "administration.administrator_made",
        subjects=[agency_id, user_id],
        purpose="command_line",
        detail={"because": told.because} if told.because is not None else None,
    )
    await uow.flush()
    return await invitations.invite_by_command(uow, user_id, told.origin)


def _give(uow: UnitOfWork, user_id: UUID, held: set[str]) -> None:
    reason = why_not(Role.PARTNERSHIP_ADMINISTRATOR, held, is_system=False)
    if reason:
        raise Conflict(reason)
    uow.add(user_role, user_id=user_id, role=Role.PARTNERSHIP_ADMINISTRATOR, given_at=uow.now, given_by=None)


async def _found(uow: UnitOfWork, name: str, today: date) -> None:
    slug = slug_of(name)
    if not slug:
        raise Conflict("Give the partnership a name with letters or digits in it.")
    await partnerships.found_partnership(uow, name=name, slug=slug, demo=False)
    routing = RoutingRules(pathway=Pathway.HRDA_THEN_MARAC)
    await partnerships.set_rules(uow, GradingRules(), routing, effective_from=today)
    uow.record("administration.partnership_founded", purpose="command_line")


async def _agency(uow: UnitOfWork, told: Appointment) -> UUID:
    found = await agencies.called(uow, told.agency)
    if found is not None:
        return found[0]
    slug = slug_of(told.agency)
    if not slug:
        raise Conflict("Give the agency a name with letters or digits in it.")
    made = await partnerships.add_agency(uow, name=told.agency, slug=slug, kind=told.agency_kind)
    uow.record("administration.agency_added", subjects=[made], purpose="command_line")
    await uow.flush()
    return made
