"""Actions: promised before, at or after a meeting, and followed until somebody says what became of them."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import orjson

from app.db import actions as queries
from app.db.ids import new_id
from app.db.json import to_json
from app.db.session import UnitOfWork
from app.db.tables.actions import action, action_update
from app.db.tables.cases import case_file
from app.domain.access import GrantReason, Verb
from app.domain.actions import OUTSTANDING, ActionForm, ActionStatus, ActionUpdateForm
from app.domain.clock import local_date
from app.domain.disclosures import Act, Sharing
from app.domain.errors import Conflict, FieldProblem, Forbidden, Invalid, NotFound, Stale
from app.domain.lifecycle import State
from app.services import audience, authority, grants
from app.services.once import Document


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of a worklist ended: the last action's due date, then its id."""

    due_on: date
    action_id: UUID

    def __str__(self) -> str:
        return urlsafe_b64encode(f"{self.due_on} {self.action_id}".encode()).decode().rstrip("=")

    @classmethod
    def read(cls, cursor: str) -> "Place":
        """The place a cursor stands for. Raises Invalid for anything that is not one of ours."""
        try:
            due, _, last = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition(" ")
            return cls(date.fromisoformat(due), UUID(last))
        except (Base64Error, ValueError):
            text = "Send the 'next' of the page before, as you received it, or leave this out."
            raise Invalid([FieldProblem("?cursor", "bad_cursor", text)]) from None


async def promise(uow: UnitOfWork, case_id: UUID, form: ActionForm) -> Document:
    """Write down what an agency will do. Its desk, and the owner, can see the case for as long as it is owed.

    An agency volunteers for itself, or for another that sees the case already; who runs meetings, for any. Who does it
    there is the agency's to say, or that of who runs meetings: responsibility stays with the agency. Otherwise
    Forbidden, since a promise would open the case to somebody; also for an agency that was asked to support the family
    and has not said yes, which would keep a case that it then declines.
    """
    relations = await authority.must(uow, Verb.PROMISE_ACTION, case_id)
    today = local_date(uow.now)
    row = await uow.row(
        queries.CASE_FOR_NEW,
        case_id=case_id,
        agency=form.agency_id,
        owner=form.owner_id,
        party=form.party_id,
        item=form.agenda_item_id,
        meeting=form.meeting_id,
    )
    if row is None:
        raise NotFound("case")
    _check_open(row["state"])
    item = orjson.loads(row["item"]) if row["item"] else None
    problems = [*form.problems(today), *_unknown(form, row, item)]
    if form.owner_id and form.agency_id != uow.actor.agency and not uow.actor.may(Verb.RUN_MEETING, relations):
        text = "Leave out who does it, or choose your own agency: another agency chooses its own people."
        problems.append(FieldProblem("/owner_id", "not_yours", text))
    if problems:
        raise Invalid(problems)
    if set(relations) == {GrantReason.OFFERED_SUPPORT} and not row["supports"]:
        raise Forbidden("Your agency sees this case to say whether it takes it on. Accept the offer of support first.")
    _check_volunteered(uow, form.agency_id, relations, sees=row["agency_sees"])
    await grants.must_reach(uow, case_id, agency_id=form.agency_id, user_id=form.owner_id, pointer="/owner_id")
    action_id = await _add(
        uow,
        case_id,
        agency_id=form.agency_id,
        owner_id=form.owner_id,
        what=form.what,
        due_on=form.due(today),
        meeting_id=UUID(item["meeting_id"]) if item else None,
        item_id=UUID(item["id"]) if item else None,
        party_id=form.party_id,
        sharing=form.sharing,
    )
    uow.event(case_id, "action.promised", {"action_id": str(action_id), "agency": row["agency_name"]})
    await uow.change(case_file, case_id, updated_at=uow.now)
    return await _shown(uow, action_id)


async def update(uow: UnitOfWork, action_id: UUID, form: ActionUpdateForm, version: int | None) -> Document:
    """Say what became of an action. Only the agency that owns it, and those who run meetings, may.

    Handing over makes the other agency's action at once, so that the promise is never without an owner. As when it
    was promised, it goes only to an agency that sees the case, unless by someone who runs meetings.
    """
    uow.actor.must(Verb.UPDATE_ACTION)
    row = await uow.row(queries.TO_CHANGE, id=action_id, to_agency=form.to_agency_id)
    if row is None:
        raise NotFound("action")
    relations = await authority.must(uow, Verb.UPDATE_ACTION, row["case_id"], noun="action")
    if row["agency_id"] != uow.actor.agency and not uow.actor.may(Verb.RUN_MEETING, relations):
        raise Forbidden("Only the agency that owns this action, the coordinator or the chair can update it.")
    if version is not None and version != row["version"]:
        raise Stale("action")
    current = ActionStatus(row["status"])
    if current is ActionStatus.HANDED_OVER:
        raise Conflict("This action was handed over. Update the action that took its place: see 'handed_to'.")
    today = local_date(uow.now)
    problems = list(form.problems(current, row["agency_id"], today))
    if form.to_agency_id is not None and row["to_name"] is None:
        problems.append(_no_such("/to_agency_id", "agency"))
    if problems:
        raise Invalid(problems)
    if form.to_agency_id is not None:
        _check_volunteered(uow, form.to_agency_id, relations, sees=row["to_sees"])
        await grants.must_reach(uow, row["case_id"], agency_id=form.to_agency_id)
    if form.status in OUTSTANDING:
        _check_open(row["state"])
    await _settle(uow, row, current, form, today)
    document = await _shown(uow, action_id)
    if form.status not in OUTSTANDING:
        # Last, since it may close the case to the very actor who says it is done.
        await grants.end(uow, row["case_id"], GrantReason.OWNS_ACTION, source=action_id)
    return document


async def _settle(uow: UnitOfWork, row: Any, current: ActionStatus, form: ActionUpdateForm, today: date) -> None:
    case_id: UUID = row["case_id"]
    changes: dict[str, Any] = {"status": form.status, "reason": form.reason, "updated_at": uow.now, "handed_to": None}
    changes["done_on"] = (form.done_on or today) if form.status is ActionStatus.DONE else None
    data = {"action_id": str(row["id"])}
    if form.to_agency_id is not None:
        kept = {name: row[name] for name in ("what", "due_on", "meeting_id", "item_id", "party_id")}
        changes["handed_to"] = await _add(
            uow, case_id, agency_id=form.to_agency_id, owner_id=None, sharing=form.sharing, **kept
        )
        data |= {"agency": row["to_name"], "handed_to": str(changes["handed_to"])}
    elif current not in OUTSTANDING and form.status in OUTSTANDING:
        await _open_case(uow, case_id, row["id"], row["agency_id"], row["owner_id"], form.sharing)
    uow.add(
        action_update,
        case_id=case_id,
        action_id=row["id"],
        status=form.status,
        note=form.reason,
        by_id=uow.actor.user,
        at=uow.now,
    )
    kind = "action.reopened" if form.status is ActionStatus.OPEN else f"action.{form.status}"
    uow.event(case_id, kind, data)
    await uow.change(action, row["id"], **changes)
    await uow.change(case_file, case_id, updated_at=uow.now)


async def read(uow: UnitOfWork, action_id: UUID) -> Document:
    """One action with everything that became of it."""
    uow.actor.must(Verb.READ)
    return await _shown(uow, action_id, recorded=True)


async def listed(
    uow: UnitOfWork,
    *,
    agency: UUID | None,
    mine: bool,
    case_id: UUID | None,
    statuses: Collection[ActionStatus],
    overdue: bool,
    cursor: str | None,
    limit: int,
    owner: UUID | None = None,
    meeting_id: UUID | None = None,
) -> Document:
    """Actions the actor may see by due date, the longest overdue first. Of a case, or else a meeting, or a person."""
    uow.actor.must(Verb.READ)
    after = Place.read(cursor) if cursor else None
    wanted = OUTSTANDING.intersection(statuses or OUTSTANDING) if overdue else statuses or set(ActionStatus)
    today = local_date(uow.now)
    values: dict[str, Any] = {
        "agency": uow.actor.agency if mine else agency,
        "statuses": sorted(wanted),
        "before": today if overdue else None,
        "today": today,
        "outstanding": sorted(OUTSTANDING),
        "after_due": after.due_on if after else None,
        "after_id": after.action_id if after else None,
        "limit": limit,
    }
    if case_id is not None:
        row = await uow.one(queries.OF_CASE, case_id=case_id, **values)
    elif meeting_id is not None:
        row = await uow.one(queries.OF_MEETING, meeting_id=meeting_id, **values)
    elif owner is not None:
        row = await uow.one(queries.OF_OWNER, owner=owner, **values)
    else:
        row = await uow.one(queries.WORKLIST, **values)
    uow.record("action.listed", subjects=sorted(set(row["cases"] or ())))
    more = str(Place(row["last_due"], row["last_id"])) if row["found"] == limit else None
    return Document(b'{"items":%b,"next":%b}' % (row["body"].encode(), to_json(more)), next_cursor=more)


async def _add(
    uow: UnitOfWork,
    case_id: UUID,
    *,
    agency_id: UUID,
    owner_id: UUID | None,
    sharing: Sharing | None,
    **columns: Any,
) -> UUID:
    action_id = new_id()
    await _open_case(uow, case_id, action_id, agency_id, owner_id, sharing)
    uow.add(
        action,
        id=action_id,
        case_id=case_id,
        agency_id=agency_id,
        owner_id=owner_id,
        **columns,
        status=ActionStatus.OPEN,
        version=1,
        created_by=uow.actor.user,
        created_at=uow.now,
        updated_at=uow.now,
    )
    await uow.flush()
    return action_id


async def _open_case(
    uow: UnitOfWork,
    case_id: UUID,
    action_id: UUID,
    agency_id: UUID,
    owner_id: UUID | None,
    sharing: Sharing | None,
) -> None:
    grants.open_to_desk(uow, case_id, agency_id, GrantReason.OWNS_ACTION, source=action_id)
    if owner_id is not None:
        grants.open_to_user(uow, case_id, owner_id, agency_id, GrantReason.OWNS_ACTION, source=action_id)
    await audience.share_opened(uow, case_id, sharing, act=Act.ACTION, source=action_id)


async def _shown(uow: UnitOfWork, action_id: UUID, *, recorded: bool = False) -> Document:
    await uow.flush()
    row = await uow.row(queries.READ, id=action_id, today=local_date(uow.now), outstanding=sorted(OUTSTANDING))
    if row is None:
        raise NotFound("action")
    if recorded:
        uow.record("action.read", case_id=row["case_id"], subjects=[action_id])
    return Document(row["body"].encode(), row["version"], f"/api/v1/actions/{action_id}", case_id=row["case_id"])


def _check_open(state: str) -> None:
    if state == State.CLOSED:
        raise Conflict("This case is closed, so nothing more can be promised for it. Refer it again first.")


def _check_volunteered(uow: UnitOfWork, agency_id: UUID, relations: Collection[str], *, sees: bool) -> None:
    if not (sees or agency_id == uow.actor.agency or uow.actor.may(Verb.RUN_MEETING, relations)):
        raise Forbidden(
            "An agency volunteers for an action itself. Name your own agency or one that can see this case already, "
            "or ask the coordinator or the chair to bring another one in."
        )


def _unknown(form: ActionForm, row: Any, item: dict[str, str] | None) -> list[FieldProblem]:
    problems = []
    if row["agency_name"] is None:
        problems.append(_no_such("/agency_id", "agency"))
    if form.owner_id is not None and row["owner_agency"] != form.agency_id:
        text = "The owner must be somebody of the agency that will do this. Choose one of its people, or leave it out."
        problems.append(FieldProblem("/owner_id", "other_agency", text))
    if form.party_id is not None and not row["has_party"]:
        problems.append(_no_such("/party_id", "person in this case"))
    if form.agenda_item_id is not None and (item is None or item["id"] != str(form.agenda_item_id)):
        problems.append(_no_such("/agenda_item_id", "agenda item of this case"))
    elif form.meeting_id is not None and (item is None or item["meeting_id"] != str(form.meeting_id)):
        text = "This case is not on that meeting's list. Leave the meeting out, or choose one that hears the case."
        problems.append(FieldProblem("/meeting_id", "not_listed", text))
    return problems


def _no_such(pointer: str, noun: str) -> FieldProblem:
    return FieldProblem(pointer, "unknown", f"There is no such {noun}. Check the id.")
