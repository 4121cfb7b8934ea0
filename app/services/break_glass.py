"""Break-glass: a case opened in an emergency, with a reason and an end; its lead and the auditors are told at once."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from app.db import break_glass as queries
from app.db.accounts import ONE_PERSON
from app.db.ids import new_id
from app.db.session import UnitOfWork
from app.db.tables.access import break_glass
from app.domain.access import GrantReason, Verb
from app.domain.break_glass import (
    COUNTED_OVER,
    MOST_TRIES,
    MOST_USES,
    BreakGlassForm,
    Finding,
    Match,
    ReviewForm,
    TooOften,
    choose,
    review_due_on,
    until,
)
from app.domain.clock import local_date
from app.domain.disclosures import Act, Item, Nature, check_sharing
from app.domain.errors import Conflict, FieldProblem, Forbidden, Invalid, NotFound, Stale
from app.domain.lawful_bases import Purpose, Register
from app.domain.notices import NoticeKind
from app.services import grants, notices
from app.services.cases import FIRST_PAGE, paged
from app.services.disclosures import Told, choose_basis, record_share
from app.services.lawful_bases import register_of
from app.services.once import Document


async def to_open(uow: UnitOfWork) -> Register:
    """What the form for an emergency offers: the bases that the actor's agency may use today. Raises ConfirmFirst."""
    uow.actor.must(Verb.BREAK_GLASS)
    return await register_of(uow)


async def knock(uow: UnitOfWork, form: BreakGlassForm) -> None:
    """Count a try before it is known what comes of it, in a transaction of its own: a refusal must not undo it.

    Raises TooOften, which says the same whether or not there is such a case.
    """
    uow.actor.must(Verb.BREAK_GLASS)
    problems = [*form.problems(), *await _unfounded(uow, form)]
    if problems:
        raise Invalid(problems)
    user = uow.actor.user
    await uow.value(queries.ONE_AT_A_TIME, user=user)
    if await uow.value(queries.TRIED, user=user, since=uow.now - COUNTED_OVER) >= MOST_TRIES:
        raise TooOften(await _whom_to_ring(uow, f"You have tried to open {MOST_TRIES} cases in 24 hours."))
    uow.record("break_glass.tried", purpose=_way(form))


async def use(uow: UnitOfWork, form: BreakGlassForm) -> Document:
    """Open a case that the actor cannot see, for reading, until the hours are up. Call ``knock`` before.

    Raises NotFound alike for a case that is not there, that the actor is kept from, or that is open to named people
    only; Ambiguous when a name fits the cases of different victims; Conflict when the case is open to them already.
    """
    uow.actor.must(Verb.BREAK_GLASS)
    user = uow.actor.user
    await uow.value(queries.ONE_AT_A_TIME, user=user)
    if await uow.value(queries.USED, user=user, since=uow.now - COUNTED_OVER) >= MOST_USES:
        raise TooOften(await _whom_to_ring(uow, f"You have opened {MOST_USES} cases in 24 hours."))
    # Before the case is looked for: a basis that lacks says nothing of whether there is one.
    chosen = await choose_basis(uow, form.told, Purpose.EMERGENCY, nature=Nature.BOTH)
    case_id = await _find(uow, form)
    if case_id is None:
        raise NotFound("case")
    reference = await uow.value(queries.SEEN, case_id=case_id)
    if reference is not None:
        raise Conflict(f"The case {reference} is open to you already. You need no emergency to read it.")
    use_id = new_id()
    ends = until(uow.now, form.hours)
    grants.open_to_user(uow, case_id, user, uow.actor.agency, GrantReason.BREAK_GLASS, source=use_id, until=ends)
    await uow.flush()
    opened = await uow.row(queries.OPENED, case_id=case_id)
    if opened is None:  # it was restricted at this very moment, and so was the grant
        raise NotFound("case")
    uow.add(
        break_glass,
        id=use_id,
        case_id=case_id,
        case_reference=opened["reference"],
        user_id=user,
        agency_id=uow.actor.agency,
        reason=form.reason,
        from_at=uow.now,
        until_at=ends,
        review_due_on=review_due_on(uow.now),
        version=1,
    )
    if opened["held_by"]:
        told = Told(case_id, [uow.actor.agency], (Item.CASE,), [user], source=use_id, from_agency=opened["held_by"])
        record_share(uow, chosen, told, act=Act.BREAK_GLASS)
    notices.tell(uow, opened["told"], NoticeKind.BREAK_GLASS_USED, case_id=case_id, about=use_id)
    uow.record("break_glass.used", case_id=case_id, purpose=_way(form))
    await uow.flush()
    _, document = await _shown(uow, use_id)
    return Document(document.body, document.version, f"/api/v1/break-glass/{use_id}", case_id=case_id)


async def tell_of_several(uow: UnitOfWork) -> None:
    """Tell the auditors that somebody was answered that several cases fit: whoever may guess at names learns that way
    that somebody is known here, and opens nothing of which others would hear. Call this when ``use`` was Ambiguous."""
    uow.actor.must(Verb.BREAK_GLASS)
    uow.record("break_glass.several", purpose="by_person")
    told = await uow.value(queries.AUDITORS)
    notices.tell(uow, told or (), NoticeKind.BREAK_GLASS_SEVERAL, about=uow.actor.user)


async def listed(
    uow: UnitOfWork, *, is_open: bool | None, reviewed: bool | None, after: UUID | None, limit: int
) -> Document:
    """Uses, newest first: the actor's own, those of cases that they see, and for an auditor everyone's."""
    uow.actor.must(Verb.SEE_BREAK_GLASS)
    row = await uow.one(
        queries.LIST,
        now=uow.now,
        today=local_date(uow.now),
        open=is_open,
        reviewed=reviewed,
        before=after or FIRST_PAGE,
        limit=limit,
    )
    uow.record("break_glass.listed", subjects=row["cases"] or [])
    return paged(row["body"], row["ids"] or [], limit)


async def read(uow: UnitOfWork, use_id: UUID) -> Document:
    """One use, and what its review found."""
    uow.actor.must(Verb.SEE_BREAK_GLASS)
    row, document = await _shown(uow, use_id)
    uow.record("break_glass.read", case_id=row["case_id"])
    return document


async def end(uow: UnitOfWork, use_id: UUID) -> Document:
    """Give up a case before the hours are up. Safe to repeat; does nothing once it is over."""
    uow.actor.must_be_allowed(Verb.BREAK_GLASS)
    row, _ = await _shown(uow, use_id)
    if row["user_id"] != uow.actor.user:
        raise Forbidden("Only the person who opened this case can give it up.")
    if await uow.value(queries.END, id=use_id):
        uow.record("break_glass.ended", case_id=row["case_id"])
    _, document = await _shown(uow, use_id)
    return document


async def review(uow: UnitOfWork, use_id: UUID, form: ReviewForm, version: int | None) -> Document:
    """Say whether a use was justified: once, at any time, and never by the one whose use it was.

    One that was not ends at once, and the administrators of the user's agency are told.
    """
    uow.actor.must(Verb.REVIEW_BREAK_GLASS)
    row, _ = await _shown(uow, use_id)
    if row["user_id"] == uow.actor.user:
        raise Forbidden("Somebody else must review this: it was you who opened the case.")
    if await uow.value(ONE_PERSON, one=row["user_id"], other=uow.actor.user):
        raise Forbidden("Somebody else must review this: you opened the case, with another account of yours.")
    problems = form.problems()
    if problems:
        raise Invalid(problems)
    if version is not None and version != row["version"]:
        raise Stale("break-glass use")
    if row["reviewed_at"] is not None:
        raise Conflict("This use has been reviewed already. A review stands.")
    await uow.change(
        break_glass,
        use_id,
        row["version"],
        reviewed_at=uow.now,
        reviewed_by=uow.actor.user,
        finding=form.finding,
        review=form.review,
    )
    uow.record("break_glass.reviewed", case_id=row["case_id"], purpose=form.finding)
    if form.finding is Finding.NOT_JUSTIFIED:
        if await uow.value(queries.END, id=use_id):
            uow.record("break_glass.ended", case_id=row["case_id"])
        told = await uow.value(queries.ADMINISTRATORS, agency=row["agency_id"])
        notices.tell(uow, told or (), NoticeKind.BREAK_GLASS_NOT_JUSTIFIED, about=row["user_id"])
    _, document = await _shown(uow, use_id)
    return document


async def _unfounded(uow: UnitOfWork, form: BreakGlassForm) -> Sequence[FieldProblem]:
    register = await register_of(uow)
    return check_sharing(form.told, register, purpose=Purpose.EMERGENCY, nature=Nature.BOTH)


async def _find(uow: UnitOfWork, form: BreakGlassForm) -> UUID | None:
    if form.person is None:
        found: UUID | None = await uow.value(queries.BY_REFERENCE, reference=form.reference)
        return found
    rows = await uow.rows(queries.BY_PERSON, name=form.person.name_key, born=form.person.date_of_birth)
    return choose([Match(row["case_id"], row["victim_id"], row["ended"], row["referred_at"]) for row in rows])


async def _shown(uow: UnitOfWork, use_id: UUID) -> tuple[Any, Document]:
    row = await uow.row(queries.ONE, id=use_id, now=uow.now, today=local_date(uow.now))
    if row is None:
        raise NotFound("break-glass use")
    return row, Document(row["body"].encode(), row["version"])


def _way(form: BreakGlassForm) -> str:
    return "by_reference" if form.person is None else "by_person"


async def _whom_to_ring(uow: UnitOfWork, what: str) -> str:
    coordinators = await uow.value(queries.COORDINATORS)
    ring = f"Ring the MARAC coordinator at {coordinators}" if coordinators else "Ring the MARAC coordinator"
    return f"{what} {ring}, or your agency's duty manager out of hours."
