"""People: what is already known of somebody, for whoever is about to refer or to ask."""

from typing import Any

import orjson

from app.db import people as queries
from app.db.json import to_json
from app.db.session import UnitOfWork
from app.domain.access import Verb
from app.domain.errors import FieldProblem, Invalid
from app.domain.matching import candidates, match_keys
from app.domain.people import PersonKnown, PersonSearch
from app.services.assessments import recent_by_person, recent_since
from app.services.once import Document

# Said whoever is found or not, so that the words tell nobody whether there is a record they cannot see.
ALWAYS_SAID = "Every new name is checked against earlier records. Carry on."


async def search(uow: UnitOfWork, told: PersonSearch) -> Document:
    """People in cases that this actor sees who may be the one told of, likeliest first; nobody is linked."""
    uow.actor.must(Verb.REFER)
    person = told.told
    if not person.all_names:
        text = "Enter a name, or part of one. A date of birth alone finds too many."
        raise Invalid([FieldProblem("/given_name", "missing", text)])
    since = recent_since(uow.now)
    rows = await uow.rows(queries.SEARCH, keys=sorted(match_keys(person)), since=since)
    found = candidates(person, ((row, PersonKnown.model_validate(row["details"])) for row in rows))
    people: dict[Any, dict[str, Any]] = {}
    for each in found:
        row = each.person
        shown = people.setdefault(
            row["person_id"],
            {
                "person_reference": row["reference"],
                "name": row["name"],
                "aliases": row["aliases"],
                "date_of_birth": row["date_of_birth"],
                "why": each.why,
                "cases": [],
                "asked_recently": _recent(uow, row),
            },
        )
        seen = {"id": row["case_id"], "reference": row["case_reference"], "state": row["state"], "role": row["role"]}
        shown["cases"].append(seen)
    uow.record("people.searched", subjects=list(dict.fromkeys(each.person["case_id"] for each in found)))
    return Document(to_json({"items": list(people.values()), "said": ALWAYS_SAID}))


def _recent(uow: UnitOfWork, row: Any) -> list[dict[str, Any]]:
    lines = orjson.loads(row["recent"] or "[]")
    return recent_by_person(lines, uow.now).get(str(row["person_id"]), [])
