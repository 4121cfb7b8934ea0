"""Whom a referral is about: people it refers to, the case it joins, and answers it takes over instead of asking."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from app.db import referrals as queries
from app.db.ids import new_id, new_reference
from app.db.session import UnitOfWork
from app.domain.errors import FieldProblem, Invalid
from app.domain.matching import nothing_against
from app.domain.people import PersonKnown
from app.domain.referrals import AssessmentForm, Party, ReferralForm

# Somebody first noted in passing may turn out to be the one who harms; nobody else changes their part unseen.
_MAY_BECOME_ANYONE = "other"


@dataclass(frozen=True, slots=True)
class Recognised:
    """One party of the form, and whom it is about. party_id, known: what the case holds of them already, if any."""

    told: Party
    role: str
    person_id: UUID
    reference: str
    is_new: bool
    party_id: UUID | None
    known: PersonKnown | None


async def referenced(uow: UnitOfWork, form: ReferralForm) -> tuple[dict[str, UUID], list[FieldProblem]]:
    """Ids of the people the form refers to, by reference; and a problem for each that is unknown or given twice."""
    asked = [each.person_reference for each in form.parties if each.person_reference]
    if not asked:
        return {}, []
    found = {row["reference"]: row["id"] for row in await uow.rows(queries.PERSONS, references=asked)}
    problems: list[FieldProblem] = []
    taken: set[UUID] = set()
    for place, party in _places(form):
        if not party.person_reference:
            continue
        pointer = f"{place}/person_reference"
        person_id = found.get(party.person_reference)
        if person_id is None:
            text = "There is nobody with that reference in a case of yours. Leave it out: every new name is checked."
            problems.append(FieldProblem(pointer, "unknown_person", text))
        elif person_id in taken:
            text = "This is the same person as another on the form. Give each person once."
            problems.append(FieldProblem(pointer, "same_person_twice", text))
        else:
            taken.add(person_id)
    return found, problems


async def adopted(
    uow: UnitOfWork, form: ReferralForm, people: dict[str, UUID]
) -> tuple[ReferralForm, list[FieldProblem]]:
    """The form with the answers it adopts filled in beneath those it gives itself."""
    asked = form.assessment
    if asked is None or asked.adopted_from is None:
        return form, []
    row = await uow.row(queries.ADOPTABLE, id=asked.adopted_from)
    victim = people.get((form.victim.person_reference if form.victim else None) or "")
    if row is None or row["person_id"] != victim:
        text = "There is no assessment of this person with that id that you can see. Give the victim's reference too."
        return form, [FieldProblem("/assessment/adopted_from", "unknown_assessment", text)]
    if asked.instrument not in (None, row["instrument"]) or asked.version not in (None, row["instrument_version"]):
        text = f"The answers you adopt are to {row['instrument']} {row['instrument_version']}. Use the same questions."
        return form, [FieldProblem("/assessment/instrument", "other_instrument", text)]
    told = asked.model_dump(mode="json", exclude_none=True)
    kept = {
        "instrument": row["instrument"],
        "version": row["instrument_version"],
        "assessed_at": row["assessed_at"].isoformat(),
        "assessed_by": row["assessor"],
        **told,
        "answers": {**row["answers"], **told.get("answers", {})},
    }
    return form.model_copy(update={"assessment": AssessmentForm.model_validate(kept)}), []


async def earlier_case(uow: UnitOfWork, form: ReferralForm, people: dict[str, UUID]) -> Any | None:
    """The case this referral joins, locked: the latest of the same victim in which one of its perpetrators is known.

    Abuse by somebody else is another case.
    """
    if form.victim is None or form.victim.person_reference is None:
        return None
    for row in await uow.rows(queries.CASES_OF_VICTIM, victim=people[form.victim.person_reference]):
        known = [each for each in _kept(row) if each[0]["role"] == "perpetrator"]
        if any(
            _same(told, people.get(told.person_reference or ""), each) for told in form.perpetrators for each in known
        ):
            return row
    return None


def recognise(form: ReferralForm, people: dict[str, UUID], earlier: Any | None) -> list[Recognised]:
    """Everyone on the form, the victim first: referred to, already in the case, or new.

    Raises Invalid when a reference is to somebody who has another part in the case.
    """
    kept = _kept(earlier) if earlier else []
    found: list[Recognised] = []
    problems: list[FieldProblem] = []
    for place, party in _places(form):
        role = party.key.partition("-")[0]
        wanted = people.get(party.person_reference or "")
        match = next(
            (each for each in kept if _same(party, wanted, each) and (wanted or each[0]["role"] == role)), None
        )
        if match is not None:
            row, details = match
            if row["role"] not in (role, _MAY_BECOME_ANYONE):
                text = f"This person is in the case as the {row['role']}. Correct the reference, or leave it out."
                problems.append(FieldProblem(f"{place}/person_reference", "other_part", text))
            person_id, reference = UUID(row["person_id"]), row["reference"]
            found.append(Recognised(party, role, person_id, reference, False, UUID(row["id"]), details))
        elif wanted is not None:
            found.append(Recognised(party, role, wanted, str(party.person_reference), False, None, None))
        else:
            found.append(Recognised(party, role, new_id(), new_reference("P", 7), True, None, None))
    if problems:
        raise Invalid(problems)
    return found


def _kept(case: Any) -> list[tuple[dict[str, Any], PersonKnown]]:
    rows: list[dict[str, Any]] = orjson.loads(case["parties"] or "[]")
    return [(row, PersonKnown.model_validate(row["details"])) for row in rows]


def _same(told: Party, wanted: UUID | None, kept: tuple[dict[str, Any], PersonKnown]) -> bool:
    row, details = kept
    return UUID(row["person_id"]) == wanted if wanted is not None else nothing_against(told, details)


def _places(form: ReferralForm) -> list[tuple[str, Party]]:
    lists = (("perpetrators", form.perpetrators), ("children", form.children), ("others", form.others))
    first: list[tuple[str, Party]] = [("/victim", form.victim)] if form.victim else []
    return [*first, *((f"/{name}/{n}", each) for name, parties in lists for n, each in enumerate(parties))]
