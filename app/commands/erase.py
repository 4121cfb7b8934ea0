"""``roundtable erase``: blank everything that a partnership holds about one person, and leave the trail whole.

With ``--due``, what each case says that two people decided to erase, once its period was over.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from app.db import erasure as queries
from app.db.ids import new_id
from app.db.json import to_json
from app.db.keys import MAY
from app.db.vault import Enclosed, SealBroken, Sealed, Vault
from app.deployment import reach
from app.domain.clock import local_date
from app.domain.contacts import ContactDetails, Contacts
from app.domain.erasure import (
    ERASED,
    ErasureReason,
    Names,
    answers_without,
    circulated_without,
    details_without,
    form_without,
    names_in,
    result_without,
    without_words,
)
from app.domain.retention import STARTING_RULES, Ended, RetentionRules, Standing, holds_from, reviews_from, standing
from app.problem import Problem

Say = Callable[[str], None]
Agree = Callable[[str], bool]

_BATCH = 500
_ERASED = "Erased. To make it so in copies and backups, change the keys ('roundtable keys rotate') and destroy the old."
_STAYS = {
    Standing.OPEN: "it is worked on again.",
    Standing.HELD: "a legal hold stands on it.",
    Standing.NOT_DUE: "its period is longer by now.",
    Standing.DUE: "it has ended anew since, and somebody must decide again.",
    Standing.PROPOSED: "a newer proposal waits to be approved.",
    Standing.KEPT: "it was decided since that it is kept.",
    Standing.ERASED: "it is erased already.",
}


@dataclass(frozen=True, slots=True)
class _Person:
    """Who is erased: every id and reference they ever had here, their parts in cases, and what they are called."""

    partnership_id: UUID
    ids: list[UUID]
    references: list[str]
    parts: list[Any]
    names: Names
    everywhere: bool = True
    """False: only what these cases say of them. What is known of them elsewhere is left alone."""

    @property
    def cases(self) -> list[UUID]:
        return list(dict.fromkeys(each["case_id"] for each in self.parts))

    @property
    def sought(self) -> list[str]:
        """The references by which drafts that are in no case yet are looked for."""
        return self.references if self.everywhere else []

    @property
    def parties(self) -> list[UUID]:
        return [each["id"] for each in self.parts]

    @property
    def victim_of(self) -> set[UUID]:
        return {each["case_id"] for each in self.parts if each["is_victim"]}


def erase(
    url: str,
    variable: str,
    vault: Vault,
    reference: str,
    because: ErasureReason,
    now: datetime,
    say: Say,
    agree: Agree,
    *,
    partnership: str | None = None,
) -> bool:
    """Erase one person in one transaction, once ``agree`` has said yes to the question. Returns whether it was done.

    ``url`` is the owner's. Raises Problem, also while a legal hold stands on a case that they are in. Not to be called
    from a running event loop.
    """
    return asyncio.run(_erase(url, variable, vault, reference, because, now, say, agree, partnership))


async def _erase(
    url: str,
    variable: str,
    vault: Vault,
    reference: str,
    because: ErasureReason,
    now: datetime,
    say: Say,
    agree: Agree,
    partnership: str | None,
) -> bool:
    async with _owner(url, variable) as connection, connection.transaction():
        person = await _find(connection, reference.strip().upper(), partnership)
        await _check_no_hold(connection, person, now)
        _describe(person, say)
        if not agree(f"Erase {', '.join(person.references)} for good?"):
            return False
        await _work(connection, vault, person, now, say)
        await _record(connection, person, because, now)
    say(_ERASED)
    return True


def erase_due(
    url: str, variable: str, vault: Vault, now: datetime, say: Say, agree: Agree, *, partnership: str | None = None
) -> int:
    """Erase what was approved of cases whose period is over, each in a transaction of its own. Returns how many.

    Each is looked at once more: one that a hold stands on, that is worked on again, or whose period is longer by now
    stays. What other cases say of the same people stays too. Raises Problem. Not to be called from a running event
    loop.
    """
    return asyncio.run(_erase_due(url, variable, vault, now, say, agree, partnership))


async def _erase_due(
    url: str, variable: str, vault: Vault, now: datetime, say: Say, agree: Agree, partnership: str | None
) -> int:
    erased = 0
    async with _owner(url, variable) as connection:
        approved = await connection.fetch(queries.APPROVED, partnership, local_date(now), None)
        ready = [row for row in approved if _stands(row, now) is Standing.APPROVED]
        for row in approved:
            if row not in ready:
                say(f"{row['reference']} stays: {_STAYS[_stands(row, now)]}")
        if not ready:
            say("Nothing is to be erased that was approved.")
            return 0
        say(f"Approved: {', '.join(row['reference'] for row in ready)}.")
        if not agree(f"Erase all that {'this case says' if len(ready) == 1 else 'these cases say'}, for good?"):
            return 0
        for row in ready:
            async with connection.transaction():
                erased += await _erase_case(connection, vault, row, now, say)
    say(f"{erased} erased. {_ERASED.partition(' ')[2]}")
    return erased


async def _erase_case(connection: Any, vault: Vault, approved: Any, now: datetime, say: Say) -> bool:
    here, case_id = approved["partnership_id"], approved["case_id"]
    await connection.execute(queries.ALONE, case_id)
    # Held before it is looked at: whoever is opening it again just now is waited for, and then it stays.
    await connection.execute(queries.HELD, here, case_id)
    row = await connection.fetchrow(queries.APPROVED, None, local_date(now), approved["id"])
    if row is None or _stands(row, now) is not Standing.APPROVED:
        say(f"{approved['reference']} stays: somebody decided otherwise just now.")
        return False
    parts = await connection.fetch(queries.EVERYBODY, here, case_id)
    ids = [part["person_id"] for part in parts]
    references = [each["reference"] for each in await connection.fetch(queries.REFERENCES, here, ids)]
    everybody = _Person(here, ids, references, parts, _names_of(parts), everywhere=False)
    await _work(connection, vault, everybody, now, say)
    await _record(connection, everybody, ErasureReason.RETENTION_ENDED, now)
    await connection.execute(queries.DONE, here, row["id"], now)
    return True


def _stands(row: Any, now: datetime) -> Standing:
    ended_at = row["ended_at"]
    case = Ended(ended_at, row["high_risk"], row["children"], row["state"] == "transferred") if ended_at else None
    rules = RetentionRules.model_validate_json(row["rules"]) if row["rules"] else STARTING_RULES
    holds, reviews = orjson.loads(row["holds"] or b"[]"), orjson.loads(row["reviews"])
    return standing(case, rules, holds_from(holds), reviews_from(reviews), local_date(now))


@asynccontextmanager
async def _owner(url: str, variable: str) -> AsyncIterator[Any]:
    connection = await reach(url, variable)
    try:
        may = await connection.fetchval(MAY)
        if may is None:
            raise Problem("This database has no Roundtable in it: check the address, or run 'roundtable migrate'.")
        if not may:
            raise Problem(f"The user in {variable} may not erase anybody: use the database's owner.")
        await _as_json(connection)
        yield connection
    except (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError):
        raise Problem("The database went away. What was not said to be erased was not. Run this again.") from None
    finally:
        await connection.close()


async def _as_json(connection: Any) -> None:
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=lambda value: to_json(value).decode(), decoder=orjson.loads
    )


async def _find(connection: Any, reference: str, partnership: str | None) -> _Person:
    found = await connection.fetch(queries.PEOPLE, reference, partnership)
    if not found:
        raise Problem(f"There is no person '{reference}': give their reference as people read it, such as P-7K2M9QX.")
    if len(found) > 1:
        raise Problem(f"Several partnerships have a person '{reference}': say which with --partnership.")
    partnership_id, person_id = found[0]["partnership_id"], found[0]["id"]
    known = await connection.fetch(queries.EVERY_REFERENCE, partnership_id, person_id)
    ids = [row["id"] for row in known]
    parts = await connection.fetch(queries.PARTIES, partnership_id, ids)
    return _Person(partnership_id, ids, [row["reference"] for row in known], parts, _names_of(parts))


async def _check_no_hold(connection: Any, person: _Person, now: datetime) -> None:
    """Raise Problem while a legal hold stands on a case that they are in, which is held by now: none can come."""
    rows = await connection.fetch(queries.HOLDS, person.partnership_id, person.cases, local_date(now))
    if rows:
        held = ", ".join(row["reference"] for row in rows)
        raise Problem(f"A legal hold stands on {held}, and everything there is kept. Whoever may lifts it first.")


def _names_of(parts: list[Any]) -> Names:
    return Names(
        name
        for part in parts
        for name in (part["name"], *part["aliases"], *names_in(part["details"]))
        if name != ERASED
    )


def _describe(person: _Person, say: Say) -> None:
    count = len(person.cases)
    say(f"{', '.join(person.references)}: in {count} {'case' if count == 1 else 'cases'}.")
    working = sum(each["state"] not in ("closed", "transferred") for each in person.parts)
    if working:
        say(f"{working} of them {'is' if working == 1 else 'are'} still being worked on.")
    if count:
        say("Free text in each goes whole, whoever it is about: minutes, plans, research, what happened.")


async def _work(connection: Any, vault: Vault, person: _Person, now: datetime, say: Say) -> None:
    where = (person.partnership_id, person.cases)
    for table in queries.WORDS:
        await connection.execute(queries.words_gone(table), *where, ERASED)
    await connection.execute(queries.PARTY_GONE, person.partnership_id, person.parties, ERASED)
    await connection.execute(queries.CASES_GONE, *where, person.ids, ERASED, now)
    for statement in queries.CONTACTS_GONE:
        await connection.execute(statement, person.partnership_id, person.parties)
    await _others(connection, vault, person, say)
    await _referrals(connection, vault, person, say)
    await _documents(connection, person)
    await connection.execute(queries.EXPORTS_GONE, *where)
    subjects = [*person.parties, *person.ids] if person.everywhere else person.parties
    await connection.execute(queries.DETAILS_GONE, *where, subjects)
    await _kept_answers(connection, vault, person)


async def _others(connection: Any, vault: Vault, person: _Person, say: Say) -> None:
    """What is said of others in the same cases loses the person's names."""
    names, here = person.names, person.partnership_id
    for row in await connection.fetch(queries.OTHERS, here, person.cases, person.parties):
        aliases = [each for each in row["aliases"] if not names.include(each)]
        relationship = row["relationship"] and names.taken_out_of(row["relationship"])
        details = details_without(row["details"], names)
        await connection.execute(queries.OTHER_KEPT, here, row["id"], details, aliases, relationship)
    sealed_away = 0
    for row in await connection.fetch(queries.OTHER_CONTACTS, here, person.cases):
        bound = {"partnership_id": here, "row_id": row["id"], "belongs_to": row["party_id"]}
        try:
            opened = vault.disclose(Enclosed(Sealed(row["key_id"], row["wrapped"]), row["sealed"]), **bound)
        except SealBroken:
            sealed_away += 1
            continue
        kept = _without_names(opened, names)
        if kept != opened:
            anew = vault.enclose(kept, **bound)
            await connection.execute(queries.CONTACT_KEPT, here, row["id"], anew.key.key_id, anew.key.data, anew.data)
    if sealed_away:
        say(f"{sealed_away:,} contact details of others could not be opened to look for the name, and stay sealed.")


def _without_names(opened: bytes, names: Names) -> bytes:
    """Contact details in which notes no longer name the person; numbers and addresses stay exactly as they were."""
    told = ContactDetails.model_validate_json(opened)
    changed = {
        field: tuple(
            each.model_copy(update={"note": each.note and names.taken_out_of(each.note)})
            for each in getattr(told, field)
        )
        for field in ("addresses", "phones", "emails")
    }
    kept = told.model_copy(update=changed)
    return opened if kept == told else kept.model_dump_json(exclude_none=True).encode()


async def _referrals(connection: Any, vault: Vault, person: _Person, say: Say) -> None:
    here = person.partnership_id
    keys_in_case = {(each["case_id"], each["key"]) for each in person.parts}
    for row in await connection.fetch(queries.REFERRALS, here, person.cases, person.sought):
        keys = _keys(row, person, keys_in_case)
        form = form_without(row["form"], keys, person.names)
        result = result_without(row["result"], person.references)
        key_id, contacts = row["contacts_key_id"], row["contacts"]
        if contacts is not None:
            try:
                opened = vault.open(Sealed(key_id, contacts), partnership_id=here, row_id=row["id"])
                told = Contacts.model_validate_json(opened)
                kept = Contacts(parties={key: each for key, each in told.parties.items() if key not in keys})
                plain = kept.model_dump_json(exclude_none=True).encode()
                sealed = vault.seal(plain, partnership_id=here, row_id=row["id"])
                key_id, contacts = sealed.key_id, sealed.data
            except SealBroken:
                say("The contact details of a draft could not be opened, and are gone.")
                key_id = contacts = None
        await connection.execute(queries.REFERRAL_KEPT, here, row["id"], form, result, key_id, contacts)


def _keys(row: Any, person: _Person, keys_in_case: set[tuple[UUID, str]]) -> set[str]:
    """Which parties of a form are the person: by what was answered to it, by reference, and by name."""
    answered = row["result"].get("people", ())
    keys = {each["key"] for each in answered if each.get("person_reference") in person.references}
    form = row["form"]
    for each in (form.get("victim"), *form.get("perpetrators", ()), *form.get("children", ()), *form.get("others", ())):
        if each is None:
            continue
        key = each.get("key", "victim")
        by_name = any(person.names.include(name) for name in names_in(each)[:1])
        if each.get("person_reference") in person.references or (
            not answered and row["case_id"] and (by_name or (row["case_id"], key) in keys_in_case)
        ):
            keys.add(key)
    return keys


async def _documents(connection: Any, person: _Person) -> None:
    where, here = (person.partnership_id, person.cases), person.partnership_id
    for row in await connection.fetch(queries.ASSESSMENTS, *where, person.ids):
        answers = {} if row["of_erased"] else answers_without(row["answers"])
        await connection.execute(queries.ASSESSMENT_KEPT, here, row["id"], answers, without_words(row["reasons"]))
    for row in await connection.fetch(queries.EVENTS, *where):
        data = person.names.taken_out(without_words(row["data"]))
        await connection.execute(queries.EVENT_KEPT, here, row["id"], data, without_words(row["reasons"]))
    for row in await connection.fetch(queries.ITEMS, *where):
        await connection.execute(queries.ITEM_KEPT, here, row["id"], without_words(row["reasons"]))
    await connection.execute(queries.SAFE_TIMES_GONE, here, person.parties)
    for row in await connection.fetch(queries.SAFE_TIMES, *where, person.parties):
        if not row["of_erased"]:
            await connection.execute(queries.SAFE_TIME_KEPT, here, row["id"], person.names.taken_out(row["said"]))
    for row in await connection.fetch(queries.CIRCULATED, *where):
        gone = row["case_id"] in person.victim_of
        content = circulated_without(row["content"], person.names, victim_goes=gone)
        await connection.execute(queries.CIRCULATED_KEPT, here, row["id"], content)
    for row in await connection.fetch(queries.MEETINGS, *where):
        said = [each and person.names.taken_out_of(each) for each in (row[1], row[2])]
        await connection.execute(queries.MEETING_KEPT, here, row["id"], *said)
    for row in await connection.fetch(queries.PACKS, *where):
        if quorum := row["header"].get("quorum"):
            header = {**row["header"], "quorum": person.names.taken_out_of(quorum)}
            await connection.execute(queries.PACK_KEPT, here, row["id"], header)


async def _kept_answers(connection: Any, vault: Vault, person: _Person) -> None:
    """Answers kept for repeated requests: those about these cases, that name the person, or that cannot be opened."""
    here, last = person.partnership_id, UUID(int=0)
    known = (*person.references, *person.names.whole) if person.everywhere else ()
    marks = [each.casefold() for each in (*map(str, person.cases), *known)]
    while rows := await connection.fetch(queries.ANSWERS, here, last, _BATCH):
        last = rows[-1]["id"]
        gone = [row["id"] for row in rows if row["case_id"] in person.cases or _names_them(vault, here, row, marks)]
        await connection.execute(queries.ANSWERS_GONE, here, gone)


def _names_them(vault: Vault, partnership_id: UUID, row: Any, marks: list[str]) -> bool:
    try:
        body = vault.open(Sealed(row["key_id"], row["body"]), partnership_id=partnership_id, row_id=row["id"])
    except SealBroken:
        return True
    text = body.decode().casefold()
    return any(mark in text for mark in marks)


async def _record(connection: Any, person: _Person, because: ErasureReason, now: datetime) -> None:
    """One entry in the trail of each case, and on its timeline; for somebody in no case, one in the partnership's."""
    here, request_id = person.partnership_id, new_id()
    for part in person.parts:
        data = {"role": part["role"], "because": because}
        await connection.execute(queries.EVENT, here, new_id(), part["case_id"], now, data)
    chains: list[UUID | None] = [*sorted(person.cases)]
    for case_id in chains or [None]:
        await connection.execute(queries.RECORD, here, new_id(), now, case_id, person.ids, because, request_id)
