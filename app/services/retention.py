"""Retention: which cases are past their period, what people decide of each, and legal holds. Nothing is erased here.

Who decides sees a case's reference, how it ended and when, and nothing of what is in it. An erasure that somebody
proposed and somebody else approved is carried out by hand, by ``roundtable erase --due``.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from app.db import retention as queries
from app.db.accounts import ONE_PERSON
from app.db.json import to_json
from app.db.session import UnitOfWork
from app.db.tables.retention import legal_hold, retention_review
from app.domain.access import Verb
from app.domain.clock import local_date
from app.domain.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from app.domain.retention import (
    RULE,
    STARTING_RULES,
    Decision,
    Ended,
    HoldForm,
    Kind,
    PeriodsForm,
    RetentionRules,
    ReviewForm,
    Standing,
    ended_by,
    holds_from,
    review_on,
    reviews_from,
    standing,
)
from app.domain.rules import FromDay
from app.services import rules
from app.services.once import Document

_START = UUID(int=0)
LISTED = (Standing.DUE, Standing.PROPOSED, Standing.APPROVED, Standing.HELD, Standing.KEPT, Standing.ERASED)
"""What a list can be asked for."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for somebody. to_decide: cases past their period. to_approve: erasures that somebody else proposed."""

    to_decide: int
    to_approve: int


@dataclass(frozen=True, slots=True)
class _Case:
    """What is known of a case here."""

    row: Any
    rules: RetentionRules
    holds: list[dict[str, Any]]
    reviews: list[dict[str, Any]]
    standing: Standing

    @property
    def ended(self) -> Ended | None:
        return _ended(self.row)


async def rules_today(uow: UnitOfWork) -> RetentionRules:
    """The periods in force."""
    return _rules(await uow.value(queries.RULES, today=local_date(uow.now)))


async def periods(uow: UnitOfWork) -> Document:
    """The periods that hold, those that are planned, and every change there was. Its version counts the changes."""
    uow.actor.must(Verb.REVIEW_RETENTION)
    told = await rules.history(uow, RULE)
    return Document(to_json({**told, "starting": STARTING_RULES.model_dump(mode="json")}), told["version"])


async def set_periods(uow: UnitOfWork, form: PeriodsForm, version: int | None) -> Document:
    """Set the periods from a day on. Nothing is erased by it; what is due by then is looked at. Raises Stale."""
    uow.actor.must(Verb.ADMINISTER_PARTNERSHIP)
    if problems := form.problems(local_date(uow.now)):
        raise Invalid(problems)
    await rules.set_from(uow, RULE, form.rules, form, version)
    await uow.flush()
    return await periods(uow)


async def take_back_periods(uow: UnitOfWork, form: FromDay, version: int | None) -> Document:
    """Undo what was to hold from a day that is still to come."""
    uow.actor.must(Verb.ADMINISTER_PARTNERSHIP)
    await rules.not_from(uow, RULE, form, version)
    await uow.flush()
    return await periods(uow)


async def listed(uow: UnitOfWork, standing: Standing, *, after: UUID | None, limit: int) -> Document:
    """Cases with that standing today, those opened first at the top; and how many there are of each standing."""
    uow.actor.must(Verb.REVIEW_RETENTION)
    periods_now, asked = await _asked(uow)
    rows = await uow.rows(queries.LIST, **asked, standing=standing, after=after or _START, limit=limit)
    counts = await _counts(uow, asked)
    more = str(rows[-1]["id"]) if len(rows) == limit else None
    uow.record("retention.listed", subjects=[row["id"] for row in rows], purpose=standing)
    items = [_line(row, periods_now) for row in rows]
    return Document(to_json({"items": items, "next": more, "counts": counts}), next_cursor=more)


async def waiting(uow: UnitOfWork) -> Waiting | None:
    """How much waits for the actor; None for who does not look after how long cases are kept.

    It names no case, so the trail says nothing of it.
    """
    if not uow.actor.may(Verb.REVIEW_RETENTION):
        return None
    starting = STARTING_RULES.model_dump_json()
    row = await uow.one(queries.WAITING, today=local_date(uow.now), starting=starting, user=uow.actor.user)
    return Waiting(row["to_decide"], row["to_approve"])


async def find(uow: UnitOfWork, reference: str) -> UUID:
    """The case with that reference. Raises NotFound, alike for one that is not there and one that is hidden."""
    uow.actor.must(Verb.REVIEW_RETENTION)
    found: UUID | None = await uow.value(queries.BY_REFERENCE, reference=reference)
    if found is None:
        raise NotFound("case")
    return found


async def read(uow: UnitOfWork, case_id: UUID) -> Document:
    """One case: where it stands and why, its holds, and every decision about it. Raises NotFound."""
    uow.actor.must(Verb.REVIEW_RETENTION)
    case = await _case(uow, case_id)
    uow.record("retention.read", case_id=case_id)
    return Document(to_json(_shown(case)), case_id=case_id)


async def hold(uow: UnitOfWork, case_id: UUID, form: HoldForm) -> Document:
    """Keep everything of a case until a day, or until somebody lifts it. There may be several holds at once.

    An erasure that was proposed or approved lapses.
    """
    uow.actor.must(Verb.REVIEW_RETENTION)
    case = await _alone(uow, case_id)
    if problems := form.problems(local_date(uow.now)):
        raise Invalid(problems)
    if case.standing is Standing.ERASED:
        raise Conflict("This case is erased already. There is nothing left to hold.")
    if case.standing in (Standing.PROPOSED, Standing.APPROVED):
        # It was decided without knowing of this, and one person alone may lift a hold: it is decided anew after that.
        await _drop(uow, case_id, _newest(case))
    uow.add(legal_hold, case_id=case_id, from_at=uow.now, made_by=uow.actor.user, version=1, **form.model_dump())
    uow.record("retention.held", case_id=case_id)
    return await _after(uow, case_id)


async def lift(uow: UnitOfWork, hold_id: UUID, version: int | None) -> Document:
    """End a hold. What was to be erased needs two people again. Raises Conflict when it was lifted already."""
    uow.actor.must(Verb.REVIEW_RETENTION)
    case_id = await _of(uow, queries.CASE_OF_HOLD, hold_id, "legal hold")
    case = await _alone(uow, case_id)
    found = _one(case.holds, hold_id, version, "legal hold")
    if found["lifted_at"] is not None:
        raise Conflict("This hold was lifted already.")
    await uow.change(legal_hold, hold_id, found["version"], lifted_at=uow.now, lifted_by=uow.actor.user)
    uow.record("retention.lifted", case_id=case_id)
    return await _after(uow, case_id)


async def decide(uow: UnitOfWork, case_id: UUID, form: ReviewForm) -> Document:
    """Decide of a case whose period is over: to keep it until a day, or to propose that it is erased.

    Raises Conflict when it is not due, is held, or somebody proposed its erasure already.
    """
    uow.actor.must(Verb.REVIEW_RETENTION)
    case = await _alone(uow, case_id)
    if problems := form.problems(local_date(uow.now)):
        raise Invalid(problems)
    if case.standing not in (Standing.DUE, Standing.KEPT):
        raise Conflict(_NOT_NOW[case.standing])
    assert case.ended is not None  # noqa: S101  # else it would be open
    uow.add(
        retention_review,
        case_id=case_id,
        ended_at=case.ended.at,
        decision=form.decision,
        keep_until=form.keep_until if form.decision is Decision.KEEP else None,
        because=form.because,
        decided_at=uow.now,
        decided_by=uow.actor.user,
        version=1,
    )
    uow.record("retention.decided", case_id=case_id, purpose=form.decision)
    return await _after(uow, case_id)


async def to_approve(uow: UnitOfWork, case_id: UUID) -> Document:
    """The same as ``read``, for whoever is about to approve. Raises ConfirmFirst; Forbidden for one's own."""
    uow.actor.must(Verb.APPROVE_ERASURE)
    case = await _case(uow, case_id)
    if case.standing is Standing.PROPOSED:
        await _must_be_another(uow, _newest(case))
    return await read(uow, case_id)


async def approve(uow: UnitOfWork, review_id: UUID, version: int | None) -> Document:
    """Approve that a case is erased, which somebody else proposed. Raises ConfirmFirst; Forbidden for one's own."""
    uow.actor.must(Verb.APPROVE_ERASURE)
    case_id = await _of(uow, queries.CASE_OF_REVIEW, review_id, "review")
    case = await _alone(uow, case_id)
    found = _one(case.reviews, review_id, version, "review")
    await _must_be_another(uow, found)
    if case.standing is not Standing.PROPOSED or UUID(_newest(case)["id"]) != review_id:
        raise Conflict(_NOT_NOW.get(case.standing, "This is not what stands proposed. Read the case again."))
    await uow.change(retention_review, review_id, found["version"], approved_at=uow.now, approved_by=uow.actor.user)
    uow.record("retention.approved", case_id=case_id)
    return await _after(uow, case_id)


async def drop(uow: UnitOfWork, review_id: UUID, version: int | None) -> Document:
    """Turn a proposal down, or take it or its approval back, until it is carried out. The case is due again."""
    uow.actor.must(Verb.REVIEW_RETENTION)
    case_id = await _of(uow, queries.CASE_OF_REVIEW, review_id, "review")
    case = await _alone(uow, case_id)
    found = _one(case.reviews, review_id, version, "review")
    if found["done_at"] is not None:
        raise Conflict("This case is erased already.")
    if found["dropped_at"] is not None:
        raise Conflict("This was turned down already.")
    await _drop(uow, case_id, found)
    return await _after(uow, case_id)


async def _must_be_another(uow: UnitOfWork, review: dict[str, Any]) -> None:
    """Raise Forbidden for who proposed it, with this account or with another that is known to be theirs."""
    proposer = UUID(review["decided_by"]["id"])
    if proposer == uow.actor.user:
        raise Forbidden("Somebody else must approve this: it was you who proposed it.")
    if await uow.value(ONE_PERSON, one=proposer, other=uow.actor.user):
        raise Forbidden("Somebody else must approve this: it was you who proposed it, with another account of yours.")


async def _drop(uow: UnitOfWork, case_id: UUID, review: dict[str, Any]) -> None:
    ended = {"dropped_at": uow.now, "dropped_by": uow.actor.user}
    await uow.change(retention_review, UUID(review["id"]), review["version"], **ended)
    uow.record("retention.dropped", case_id=case_id)


_NOT_NOW = {
    Standing.OPEN: "This case is being worked on, so nothing is decided of how long it is kept.",
    Standing.NOT_DUE: "The period of this case is not over yet.",
    Standing.HELD: "A legal hold stands on this case. Lift it first.",
    Standing.PROPOSED: "Somebody proposed already that this case is erased. Approve that, or turn it down.",
    Standing.APPROVED: "It is approved already that this case is erased. Take that back first.",
    Standing.KEPT: "It was decided that this case is kept. Propose its erasure first.",
    Standing.DUE: "Nothing stands proposed about this case.",
    Standing.ERASED: "This case is erased already.",
}


async def _case(uow: UnitOfWork, case_id: UUID) -> _Case:
    row = await uow.row(queries.ONE, case_id=case_id, today=local_date(uow.now))
    if row is None:
        raise NotFound("case")
    rules, holds, reviews = _rules(row["rules"]), orjson.loads(row["holds"]), orjson.loads(row["reviews"])
    where = standing(_ended(row), rules, holds_from(holds), reviews_from(reviews), local_date(uow.now))
    return _Case(row, rules, holds, reviews, where)


async def _alone(uow: UnitOfWork, case_id: UUID) -> _Case:
    """The case, once nobody else decides anything of it."""
    await uow.value(queries.ONE_AT_A_TIME, case_id=case_id)
    return await _case(uow, case_id)


async def _of(uow: UnitOfWork, statement: Any, row_id: UUID, noun: str) -> UUID:
    found: UUID | None = await uow.value(statement, id=row_id)
    if found is None:
        raise NotFound(noun)
    return found


def _one(told: list[dict[str, Any]], row_id: UUID, version: int | None, noun: str) -> dict[str, Any]:
    found = next(each for each in told if each["id"] == str(row_id))
    if version is not None and version != found["version"]:
        raise Stale(noun)
    return found


def _newest(case: _Case) -> dict[str, Any]:
    return next(each for each in case.reviews if each["dropped_at"] is None)


async def _after(uow: UnitOfWork, case_id: UUID) -> Document:
    await uow.flush()
    return Document(to_json(_shown(await _case(uow, case_id))), case_id=case_id)


async def _asked(uow: UnitOfWork) -> tuple[RetentionRules, dict[str, Any]]:
    rules, today = await rules_today(uow), local_date(uow.now)
    return rules, {"today": today, **{kind.value: ended_by(today, rules.years(kind)) for kind in Kind}}


async def _counts(uow: UnitOfWork, asked: dict[str, Any]) -> dict[str, int]:
    found = {row["standing"]: row["cases"] for row in await uow.rows(queries.COUNTS, **asked)}
    return {each.value: found.get(each.value, 0) for each in LISTED}


def _rules(text: str | None) -> RetentionRules:
    return RetentionRules.model_validate_json(text) if text else STARTING_RULES


def _ended(row: Any) -> Ended | None:
    if row["ended_at"] is None:
        return None
    return Ended(row["ended_at"], row["high_risk"], row["children"], row["state"] == "transferred")


def _line(row: Any, rules: RetentionRules) -> dict[str, Any]:
    return _facts(row, rules) | {
        "standing": row["standing"],
        "held_until": row["held_until"],
        "keep_until": row["keep_until"],
        "decided_by": row["decided_by"],
    }


def _shown(case: _Case) -> dict[str, Any]:
    return _facts(case.row, case.rules) | {
        "standing": case.standing,
        "holds": case.holds,
        "reviews": case.reviews,
    }


def _facts(row: Any, rules: RetentionRules) -> dict[str, Any]:
    ended = _ended(row)
    due, kind = review_on(ended, rules) if ended else (None, None)
    return {
        "case": {"id": row["id"], "reference": row["reference"]},
        "state": row["state"],
        "high_risk": row["high_risk"],
        "children": row["children"],
        "last_referred_at": row["referred_at"],
        "ended_at": row["ended_at"],
        "due_on": due,
        "kind": kind,
        "years": rules.years(kind) if kind else None,
    }
