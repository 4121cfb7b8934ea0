"""Secrets that somebody saw who leaves: theirs end by themselves no more than others do, so somebody else must act.

Ending them at once would stop a hospital's program in the night. Administrators are told instead, and the pages on
which they keep systems and people say so until the secret has ended.
"""

from uuid import UUID

from app.db import administration
from app.db import clients as queries
from app.db.session import UnitOfWork
from app.domain.access import Role, desk_principal
from app.domain.notices import NoticeKind
from app.services import notices


async def tell(uow: UnitOfWork, *, user_id: UUID | None = None, agency_id: UUID | None = None) -> None:
    """Tell of each secret that still holds and that this person, or anybody of this agency, saw when it was drawn.

    Call it before they are ended. Told are the administrators of the agency whose the system is, and the partnership's.
    """
    seen = await uow.rows(queries.SEEN, user_id=user_id, agency_id=agency_id, now=uow.now)
    if not seen:
        return
    everywhere = await uow.value(administration.ADMINISTERING)
    for row in seen:
        principals = [
            desk_principal(row["agency_id"], Role.AGENCY_ADMINISTRATOR),
            *(desk_principal(agency, Role.PARTNERSHIP_ADMINISTRATOR) for agency in everywhere or ()),
        ]
        notices.tell(uow, principals, NoticeKind.SECRET_SEEN, about=row["id"])
