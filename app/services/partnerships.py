"""Setting a partnership up: its agencies, people, forums and dated rules. Run as the system, by seeds and commands."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from app.db.ids import new_id
from app.db.session import UnitOfWork
from app.db.tables import partnerships as tables
from app.domain.access import Role
from app.domain.clock import local_date
from app.domain.forums import Forum
from app.domain.routing import RoutingRules
from app.domain.timetable import Timetable
from app.domain.words import Word, Words
from app.risk.grading import GradingRules
from app.services.lawful_bases import found_register
from app.services.listing import plan_sittings

MARKING = "OFFICIAL-SENSITIVE"
CONFIDENTIALITY = (
    "What is said here is shared to keep people safe and for nothing else. Keep it to those who need it to act, "
    "store it safely, never tell the alleged perpetrator that this meeting took place, and say at once if you know "
    "anyone being discussed."
)


async def found_partnership(uow: UnitOfWork, *, name: str, slug: str, demo: bool) -> UUID:
    """Write down the partnership whose id the transaction already carries, with the standard register of lawful bases.

    Returns that id.
    """
    uow.add(
        tables.partnership,
        id=uow.actor.partnership_id,
        name=name,
        slug=slug,
        marking=MARKING,
        confidentiality_statement=CONFIDENTIALITY,
        confidentiality_version="1",
        demo=demo,
        created_at=uow.now,
    )
    await uow.flush()
    found_register(uow)
    for word, text in ((Word.STATEMENT, CONFIDENTIALITY), (Word.MARKING, MARKING)):
        uow.add(
            tables.partnership_rule,
            rule=word.rule,
            effective_from=local_date(uow.now),
            version="1",
            value=Words(version="1", text=text).model_dump(mode="json"),
            created_at=uow.now,
        )
    return uow.actor.partnership_id


async def set_rules(uow: UnitOfWork, grading: GradingRules, routing: RoutingRules, *, effective_from: date) -> None:
    """The rules that hold from that day on; earlier ones stay, since decisions name them."""
    rules: tuple[tuple[str, GradingRules | RoutingRules], ...] = (("grading", grading), ("routing", routing))
    for name, value in rules:
        uow.add(
            tables.partnership_rule,
            rule=name,
            effective_from=effective_from,
            version=value.version,
            value=value.model_dump(mode="json"),
            created_at=uow.now,
        )


async def add_agency(uow: UnitOfWork, *, name: str, slug: str, kind: str, agency_id: UUID | None = None) -> UUID:
    """A new agency. ``kind`` is a code such as ``police``, ``health``, ``idva_service``."""
    return uow.add(tables.agency, id=agency_id or new_id(), name=name, slug=slug, kind=kind, created_at=uow.now)


async def add_user(
    uow: UnitOfWork,
    agency_id: UUID,
    *,
    name: str,
    email: str,
    roles: Sequence[Role],
    job_title: str | None = None,
    is_system: bool = False,
    user_id: UUID | None = None,
) -> UUID:
    """Somebody, or a partner system, with the roles they hold from now on."""
    user_id = uow.add(
        tables.app_user,
        id=user_id or new_id(),
        agency_id=agency_id,
        name=name,
        email=email.lower(),
        job_title=job_title,
        is_system=is_system,
        created_at=uow.now,
    )
    for role in roles:
        uow.add(tables.user_role, user_id=user_id, role=role, given_at=uow.now, given_by=uow.actor.user_id)
    return user_id


async def add_forum(uow: UnitOfWork, forum: Forum, members: Sequence[UUID], *, forum_id: UUID | None = None) -> UUID:
    """A forum, the agencies that sit on it from now on, and its sittings for some weeks."""
    settings: dict[str, Any] = forum.model_dump(mode="json")
    forum_id = uow.add(
        tables.forum,
        id=forum_id or new_id(),
        kind=forum.kind,
        name=forum.name,
        settings=settings,
        version=1,
        active=True,
        created_at=uow.now,
    )
    for agency_id in members:
        uow.add(tables.forum_member, forum_id=forum_id, agency_id=agency_id, from_at=uow.now)
    plan_sittings(uow, forum_id, Timetable(forum), ())
    return forum_id
