"""Research: each agency's return, private to it until it is released, and its worklist."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from app.db import research as queries
from app.db.json import to_json
from app.db.session import UnitOfWork
from app.db.tables.meetings import research_return, research_shared
from app.domain.access import Verb
from app.domain.disclosures import Act, Item, Sharing
from app.domain.errors import Conflict, FieldProblem, Forbidden, Invalid, NotFound, Stale
from app.domain.lawful_bases import Purpose
from app.domain.meetings import MeetingStatus
from app.domain.research import NotKnownForm, ReleaseForm, ResearchForm, check_release, check_return, nature_of
from app.services import audience, authority
from app.services.disclosures import Told, withhold
from app.services.once import Document

_FIELDS = ("known", "facts", "opinion", "shared_facts", "shared_opinion", "kept_because")
_ITEMS = (Item.RESEARCH,)
_CLOSED = (MeetingStatus.CANCELLED, MeetingStatus.MINUTES_ISSUED)


async def worklist(uow: UnitOfWork, *, status: str, after: UUID | None, limit: int) -> Document:
    """The families this agency is asked about, soonest meeting first: ``missing`` or ``released`` answers."""
    uow.actor.must(Verb.RESEARCH)
    # A meeting that began this morning still wants its answers.
    since = uow.now - timedelta(days=1)
    row = await uow.one(queries.WORKLIST, agency=uow.actor.agency, since=since, status=status, after=after, limit=limit)
    uow.record("research.listed", subjects=row["cases"] or [])
    more = str(row["last"]) if len(row["ids"] or ()) == limit else None
    return Document(b'{"items":%b,"next":%b}' % (row["body"].encode(), to_json(more)), next_cursor=more)


async def read(uow: UnitOfWork, item_id: UUID) -> Document:
    """This agency's own return. Version 0 while it has not answered: send that to write the first one."""
    uow.actor.must(Verb.RESEARCH)
    case_id = await uow.value(queries.CASE_OF_ITEM, id=item_id)
    if case_id is None:
        raise NotFound("agenda item")
    await authority.must(uow, Verb.RESEARCH, case_id, noun="agenda item")
    uow.record("research.read", case_id=case_id)
    return await _shown(uow, item_id)


async def write(uow: UnitOfWork, item_id: UUID, form: ResearchForm, version: int | None) -> Document:
    """Keep this agency's return, and with ``release`` share it. Raises Stale when a colleague was quicker.

    What has been released changes only by being released again, so that nothing shared is silently taken back.
    """
    item = await _item(uow, item_id)
    own = await uow.row(queries.OWN, item=item_id, agency=uow.actor.agency)
    if version is not None and version != (own["version"] if own else 0):
        raise Stale("research return")
    if own and own["released_at"] and not form.release:
        raise Conflict("This return has been released. Send 'release': true to release what you changed as well.")
    problems = check_return(form) + (check_release(form) if form.release else ())
    if problems:
        raise Invalid(problems)
    columns = {name: getattr(form, name) for name in _FIELDS} | _now(uow, release=form.release)
    if own:
        return_id = own["id"]
        await uow.change(research_return, return_id, own["version"], **columns)
    else:
        return_id = _add(uow, item_id, item["case_id"], columns)
    if form.release:
        await _share(uow, item_id, item["case_id"], columns)
        await _enter_in_ledger(uow, {item["case_id"]: item_id}, form, form.sharing)
        _said(uow, item["case_id"], item_id, form.known)
    else:
        # Without the case: those who read its trail are not told of a return that was never released.
        uow.record("research.written", subjects=[return_id])
    return await _shown(uow, item_id)


async def release(uow: UnitOfWork, item_id: UUID, told: ReleaseForm, version: int | None) -> Document:
    """Share a return that was kept: whether the family is known, and what was chosen to be shared."""
    item = await _item(uow, item_id)
    own = await uow.row(queries.OWN, item=item_id, agency=uow.actor.agency)
    if own is None:
        raise Conflict("Your agency has not answered yet. Write the return first.")
    if version is not None and version != own["version"]:
        raise Stale("research return")
    if own["released_at"]:
        raise Conflict("This return has been released already.")
    kept = ResearchForm.model_validate({name: own[name] for name in _FIELDS})
    problems = check_release(kept)
    if problems:
        raise Invalid(problems)
    now = _now(uow, release=True)
    await uow.change(research_return, own["id"], own["version"], **now)
    await _share(uow, item_id, item["case_id"], dict(own) | now)
    await _enter_in_ledger(uow, {item["case_id"]: item_id}, kept, told.sharing)
    _said(uow, item["case_id"], item_id, own["known"])
    return await _shown(uow, item_id)


async def not_known(uow: UnitOfWork, form: NotKnownForm) -> Document:
    """Answer 'not known' for several families at once, and release it. All of them, or none."""
    uow.actor.must(Verb.RESEARCH)
    wanted = list(dict.fromkeys(form.items))
    found = {each["id"]: each for each in await uow.rows(queries.OPEN_ITEMS, items=wanted, agency=uow.actor.agency)}
    problems = [
        FieldProblem(
            f"/items/{n}", "unknown_item", "There is no open item with this id that your agency is asked about."
        )
        for n, each in enumerate(form.items)
        if each not in found
    ]
    problems += [
        FieldProblem(f"/items/{n}", "answered", "Your agency has written a return for this. Change it there.")
        for n, each in enumerate(form.items)
        if each in found and found[each]["return_id"] is not None
    ]
    if problems:
        raise Invalid(problems)
    await authority.must_on_each(uow, Verb.RESEARCH, {each["case_id"] for each in found.values()})
    columns = {**dict.fromkeys(_FIELDS), "known": False, **_now(uow, release=True)}
    for each in wanted:
        _add(uow, each, found[each]["case_id"], columns)
        await _share(uow, each, found[each]["case_id"], columns)
        _said(uow, found[each]["case_id"], each, False)
    sources = {found[each]["case_id"]: each for each in wanted}
    await _enter_in_ledger(uow, sources, ResearchForm(known=False), form.sharing)
    first, *others = dict.fromkeys(found[each]["case_id"] for each in wanted)
    return Document(to_json({"items": wanted}), case_id=first, others=tuple(others))


async def _item(uow: UnitOfWork, item_id: UUID) -> Any:
    uow.actor.must(Verb.RESEARCH)
    item = await uow.row(queries.ITEM, id=item_id, agency=uow.actor.agency_id)
    if item is None:
        raise NotFound("agenda item")
    await authority.must(uow, Verb.RESEARCH, item["case_id"], noun="agenda item")
    if not item["member"]:
        raise Forbidden("Only agencies that sit on this forum are asked for research.")
    if item["meeting_status"] in _CLOSED or item["status"] in ("moved", "withdrawn"):
        raise Conflict("This item is closed: its meeting is over, or the case is no longer on its list.")
    return item


def _now(uow: UnitOfWork, *, release: bool) -> dict[str, Any]:
    return {
        "released_at": uow.now if release else None,
        "released_by": uow.actor.user if release else None,
        "answered_by": uow.actor.user,
        "answered_at": uow.now,
    }


def _add(uow: UnitOfWork, item_id: UUID, case_id: UUID, columns: dict[str, Any]) -> UUID:
    return uow.add(research_return, item_id=item_id, case_id=case_id, agency_id=uow.actor.agency, version=1, **columns)


async def _share(uow: UnitOfWork, item_id: UUID, case_id: UUID, told: dict[str, Any]) -> None:
    """Copy what was chosen to be shared to where other agencies can read it; they can read nothing else of it."""
    shown = {
        "known": told["known"],
        "facts": told["shared_facts"],
        "opinion": told["shared_opinion"],
        "released_at": told["released_at"],
        "released_by": told["released_by"],
    }
    before = await uow.value(queries.SHARED, item=item_id, agency=uow.actor.agency)
    if before is not None:
        await uow.change(research_shared, before, **shown)
    else:
        agency = uow.actor.agency
        uow.add(research_shared, item_id=item_id, case_id=case_id, agency_id=agency, version=1, **shown)


async def _enter_in_ledger(
    uow: UnitOfWork, sources: dict[UUID, UUID], form: ResearchForm, sharing: Sharing | None
) -> None:
    """Enter, for each case, that everybody who sees it is told this; and apart from that what is kept, and why."""
    act, purpose = Act.RESEARCH, Purpose.ASSESS_RISK
    seen = await audience.share_with_all(
        uow, sources, sharing, act=act, items=_ITEMS, purpose=purpose, nature=nature_of(form)
    )
    if form.kept_because:
        for case_id, found in seen.items():
            told = Told(case_id, found.agencies(uow.actor.agency), _ITEMS, source=sources[case_id])
            withhold(uow, told, act=act, purpose=purpose, because=form.kept_because, sharing=sharing)


def _said(uow: UnitOfWork, case_id: UUID, item_id: UUID, known: bool | None) -> None:
    said = {"agency": uow.actor.agency_name, "known": known, "agenda_item_id": str(item_id)}
    uow.event(case_id, "research.released", said)


async def _shown(uow: UnitOfWork, item_id: UUID) -> Document:
    await uow.flush()
    own = await uow.row(queries.OWN, item=item_id, agency=uow.actor.agency)
    head = {"agenda_item_id": item_id, "agency": uow.actor.agency_name}
    if own is None:
        blank = dict.fromkeys((*_FIELDS, "released_at", "answered_at"))
        return Document(to_json({**head, **blank, "version": 0}), 0)
    kept = {name: own[name] for name in (*_FIELDS, "released_at", "answered_at", "version")}
    return Document(to_json(head | kept), own["version"], case_id=own["case_id"])
