"""Blanking what a partnership holds of a person: every row that may say something of them, and what of it stays.

What others in the same cases said of themselves stays theirs, without the person's names; see ``app.domain.erasure``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from app.db import erasure as queries
from app.db.vault import Enclosed, SealBroken, Sealed, Vault
from app.domain.contacts import ContactDetails, Contacts
from app.domain.erasure import (
    ERASED,
    Names,
    answers_without,
    circulated_without,
    details_without,
    form_without,
    names_in,
    result_without,
    without_words,
)

Say = Callable[[str], None]

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Person:
    """Who is erased: every id and reference they ever had here, their parts in cases, and what they are called."""

    partnership_id: UUID
    ids: list[UUID]
    references: list[str]
    parts: list[Any]
    names: Names
    everywhere: bool
    """False: only what these cases say of them. What is known of them elsewhere is left alone."""

    @classmethod
    def of(
        cls, partnership_id: UUID, ids: list[UUID], references: list[str], parts: list[Any], *, everywhere: bool = True
    ) -> Self:
        """They, with every name that their parts in cases say that they go by."""
        names = Names(
            name
            for part in parts
            for name in (part["name"], *part["aliases"], *names_in(part["details"]))
            if name != ERASED
        )
        return cls(partnership_id, ids, references, parts, names, everywhere)

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


async def blank(connection: Any, vault: Vault, person: Person, now: datetime, say: Say) -> None:
    """Within the caller's transaction. ``say`` is told of what is sealed and could not be opened to look through it."""
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


async def _others(connection: Any, vault: Vault, person: Person, say: Say) -> None:
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


async def _referrals(connection: Any, vault: Vault, person: Person, say: Say) -> None:
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


def _keys(row: Any, person: Person, keys_in_case: set[tuple[UUID, str]]) -> set[str]:
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


async def _documents(connection: Any, person: Person) -> None:
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


async def _kept_answers(connection: Any, vault: Vault, person: Person) -> None:
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
