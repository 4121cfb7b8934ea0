"""People: what is already known of somebody, for whoever is about to refer or to ask."""

from typing import Any

import orjson

from app.db import people as queries
from app.db.json import to_json
from app.db.session import UnitOfWork
from app.domain.access import Verb
from app.domain.contacts import LookUpKind
from app.domain.errors import FieldProblem, Invalid
from app.domain.matching import candidates, match_keys
from app.domain.people import PersonKnown, PersonSearch, PersonTold
from app.services.assessments import recent_by_person, recent_since
from app.services.once import Document

# Said whoever is found or not, so that the words tell nobody whether there is a record they cannot see.
ALWAYS_SAID = "Every new name is checked against earlier records. Carry on."
_SAME = {
    LookUpKind.PHONE: "same phone number",
    LookUpKind.EMAIL: "same email",
    LookUpKind.POSTCODE: "same postcode",
}


async def search(uow: UnitOfWork, told: PersonSearch) -> Document:
    """People in cases that this actor sees who may be the one told of, likeliest first; nobody is linked."""
    uow.actor.must(Verb.REFER)
    person, look_ups = told.told, told.look_ups
    if look_ups:
        # To find by a number is to learn whose it is.
        uow.actor.must(Verb.RELEASE_CONTACTS)
    elif not person.all_names:
        text = "Enter a name or part of one, a phone number, an email or a postcode. A date of birth finds too many."
        raise Invalid([FieldProblem("/given_name", "missing", text)])
    since = recent_since(uow.now)
    partnership_id = uow.actor.partnership_id
    blinds = [
        blind for kind, value in look_ups for blind in uow.vault.blinds(kind, value, partnership_id=partnership_id)
    ]
    rows = await uow.rows(queries.SEARCH, keys=sorted(match_keys(person)), blinds=blinds, since=since)
    return _told(uow, _found(person, rows), purpose="by_contact" if look_ups else None)


async def by_reference(uow: UnitOfWork, reference: str) -> Document:
    """The people in the case of this reference, or the person of this reference; as ``search`` shows them.

    A reference that nothing has, and that of a case which the actor does not see, find nobody alike.
    """
    uow.actor.must(Verb.REFER)
    reference = reference.upper()
    rows = await uow.rows(queries.BY_REFERENCE, reference=reference, since=recent_since(uow.now))
    found = [(row, ["same reference" if row["reference"] == reference else f"in {reference}"]) for row in rows]
    return _told(uow, found, purpose="by_reference")


def _told(uow: UnitOfWork, found: list[tuple[Any, list[str]]], *, purpose: str | None) -> Document:
    people: dict[Any, dict[str, Any]] = {}
    for row, why in found:
        shown = people.setdefault(
            row["person_id"],
            {
                "person_reference": row["reference"],
                "name": row["name"],
                "aliases": row["aliases"],
                "date_of_birth": row["date_of_birth"],
                "why": why,
                "cases": [],
                "asked_recently": _recent(uow, row),
            },
        )
        seen = {"id": row["case_id"], "reference": row["case_reference"], "state": row["state"], "role": row["role"]}
        shown["cases"].append(seen)
    seen_cases = list(dict.fromkeys(row["case_id"] for row, _ in found))
    uow.record("people.searched", subjects=seen_cases, purpose=purpose)
    return Document(to_json({"items": list(people.values()), "said": ALWAYS_SAID}))


def _found(person: PersonTold, rows: list[Any]) -> list[tuple[Any, list[str]]]:
    """Each row that fits, and why: by contact details first, since two people rarely share a number."""
    by_name = candidates(person, ((row, PersonKnown.model_validate(row["details"])) for row in rows))
    why = {each.person["party_id"]: list(each.why) for each in by_name}
    found = [each.person for each in by_name]
    found += [row for row in rows if row["by_contact"] and row["party_id"] not in why]
    found.sort(key=lambda row: not row["by_contact"])
    return [
        (row, [*(_SAME[LookUpKind(kind)] for kind in row["by_contact"]), *why.get(row["party_id"], ())])
        for row in found
    ]


def _recent(uow: UnitOfWork, row: Any) -> list[dict[str, Any]]:
    lines = orjson.loads(row["recent"] or "[]")
    return recent_by_person(lines, uow.now).get(str(row["person_id"]), [])
