"""An IDVA's support of one client: when it begins, what was done in it, and how it ends."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

from app.db import idva_support as queries
from app.db.json import to_json
from app.db.session import UnitOfWork
from app.db.statements import Statement
from app.db.tables.idva import idva_support
from app.db.tables.partnerships import partnership_rule
from app.domain.access import Verb
from app.domain.clock import local_date
from app.domain.contacts import SafeContact, in_words_only
from app.domain.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from app.domain.idva_support import EndReason, SupportEnd, SupportRules, first_contact_due
from app.domain.safe_times import Window, next_opening, open_until, windows_in
from app.services import authority
from app.services.once import Document

RULE = "idva_support"
_MOST = 100


async def begin(uow: UnitOfWork, case: Any, *, idva_id: UUID, agency_id: UUID) -> None:
    """Somebody becomes the IDVA of a case, which the caller holds. Within one service, support goes on as it was.

    The clock of first contact runs from the referral; for a service that takes over later, from now.
    """
    standing = await uow.row(queries.STANDING, case_id=case["id"])
    if standing is not None and standing["agency_id"] == agency_id:
        if standing["idva_id"] != idva_id:
            await uow.change(idva_support, standing["id"], idva_id=idva_id)
        return
    if standing is not None:
        reason = EndReason.ANOTHER_SERVICE
        await uow.change(idva_support, standing["id"], ended_at=uow.now, ended_by=uow.actor.user, end_reason=reason)
    referred_at: datetime = case["last_referred_at"]
    since = await uow.value(queries.SINCE_REFERRAL, case_id=case["id"], since=referred_at)
    uow.add(
        idva_support,
        case_id=case["id"],
        agency_id=agency_id,
        idva_id=idva_id,
        began_at=uow.now,
        contact_due_at=first_contact_due(uow.now if since else referred_at, await rules(uow)),
        outcomes=[],
        after={},
        version=1,
    )


async def rules(uow: UnitOfWork) -> SupportRules:
    """The partnership's norms today."""
    return rules_from(await uow.value(queries.RULES, today=local_date(uow.now)))


async def set_rules(uow: UnitOfWork, told: SupportRules, *, effective_from: date) -> None:
    """The norms that hold from that day on. Run as the system, or by whoever keeps the partnership's rules."""
    uow.add(
        partnership_rule,
        rule=RULE,
        effective_from=effective_from,
        version=told.version,
        value=told.model_dump(mode="json"),
        created_at=uow.now,
    )


def rules_from(text: str | None) -> SupportRules:
    """The norms as they were set; the standard ones if nobody set any."""
    return SupportRules.model_validate_json(text) if text else SupportRules()


async def must_support(uow: UnitOfWork, case_id: UUID, *, noun: str = "case") -> Any:
    """The support that stands, held against anybody else, for an IDVA of the service that gives it.

    Raises Forbidden for everybody else, NotFound when the case is hidden, Conflict when nobody supports the client.
    """
    await authority.must(uow, Verb.SUPPORT_CLIENT, case_id, noun=noun)
    row = await uow.row(queries.STANDING, case_id=case_id)
    if row is None:
        raise Conflict("No IDVA supports the client of this case at present. Give the case an IDVA first.")
    if row["agency_id"] != uow.actor.agency:
        raise Forbidden("Only the IDVA service that supports the client can do this.")
    return row


async def row_to_change(uow: UnitOfWork, statement: Statement, row_id: UUID, noun: str, version: int | None) -> Any:
    """A row about a client as it stands, held against anybody else, for whoever supports her.

    statement: finds it by ``:id``, with its case_id and its version. version: as whoever changes it saw it; None: as it
    stands. Raises NotFound, Stale, and what ``must_support`` raises.
    """
    uow.actor.must(Verb.SUPPORT_CLIENT)
    row = await uow.row(statement, id=row_id)
    if row is None:
        raise NotFound(noun)
    await must_support(uow, row["case_id"], noun=noun)
    if version is not None and version != row["version"]:
        raise Stale(noun)
    return row


async def read(uow: UnitOfWork, case_id: UUID) -> Document:
    """What was done for the client: contact, safe times, her words, dates, her plan, and how things changed.

    Attempts to reach her are shown to the service that made them; the timeline tells the others that there were some.
    """
    uow.actor.must(Verb.READ)
    row = await uow.row(queries.READ, case_id=case_id, most=_MOST)
    if row is None:
        raise NotFound("case")
    uow.record("idva_support.read", case_id=case_id)
    shown = orjson.loads(row["body"])
    shown["calls"] = calls(shown["client"]["safe_contact"], newest_windows(shown["safe_times"]), uow.now)
    said = shown["client"]["safe_contact"]
    shown["client"]["safe_contact"] = _in_words(said) if said else None
    for each in shown["safe_times"]:
        each["said"] = _in_words(each["said"])
    support = shown["support"]
    shown["supports"] = bool(
        support
        and support["ended_at"] is None
        and support["agency"]["id"] == str(uow.actor.agency_id)
        and await _may_support(uow, case_id)
    )
    return Document(to_json(shown), support["version"] if support else None)


def newest_windows(safe_times: list[dict[str, Any]]) -> list[dict[str, Any]] | None:
    """The windows that were set, if what was said with them still holds."""
    return safe_times[0]["windows"] if safe_times and safe_times[0]["holds"] else None


def calls(said: Mapping[str, Any] | None, windows: list[dict[str, Any]] | None, now: datetime) -> dict[str, Any]:
    """When somebody can be called: the windows, until when one is open now, and when the next opens.

    Windows that were set count before those that the words say. Where it was said not to call, there are none.
    """
    told = said or {}
    found = _windows(told, windows)
    return {
        "windows": [each.model_dump(mode="json") for each in found],
        "open_until": open_until(found, now),
        "next_at": next_opening(found, now),
    }


def _windows(told: Mapping[str, Any], windows: list[dict[str, Any]] | None) -> tuple[Window, ...]:
    if told.get("safe_to_call") == "no":
        return ()
    if windows:
        return tuple(Window.model_validate(each) for each in windows)
    return windows_in(told.get("when"))


async def end(uow: UnitOfWork, case_id: UUID, told: SupportEnd, version: int | None) -> Document:
    """End the support, with what had come about. The case goes on, and stays open to the IDVA."""
    row = await must_support(uow, case_id)
    if version is not None and version != row["version"]:
        raise Stale("support")
    problems = told.problems()
    if problems:
        raise Invalid(problems)
    kept: dict[str, Any] = {
        "end_reason": told.reason,
        "end_note": told.note,
        "outcomes": list(told.outcomes),
        "after": told.after,
    }
    await uow.change(idva_support, row["id"], ended_at=uow.now, ended_by=uow.actor.user, **kept)
    uow.event(case_id, "client.support_ended", {"why": told.reason, "agency": uow.actor.agency_name})
    version = row["version"] + 1
    return Document(to_json({"id": row["id"], "version": version, "ended_at": uow.now, **kept}), version)


async def _may_support(uow: UnitOfWork, case_id: UUID) -> bool:
    if not uow.actor.may(Verb.SUPPORT_CLIENT):
        return False
    return uow.actor.may(Verb.SUPPORT_CLIENT, await authority.relations(uow, case_id))


def _in_words(said: Mapping[str, Any]) -> dict[str, Any]:
    return in_words_only(SafeContact.model_validate(said)).model_dump(mode="json")
