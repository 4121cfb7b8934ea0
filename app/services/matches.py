"""Matches: a coordinator says whether two records are one person. Nothing is ever joined without that."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import orjson

from app.db import matches as queries
from app.db.json import to_json
from app.db.partnerships import load_facts
from app.db.session import UnitOfWork
from app.db.tables.referrals import possible_match
from app.domain.access import Verb
from app.domain.clock import local_date
from app.domain.disclosures import Sharing
from app.domain.errors import Conflict, FieldProblem, Invalid, NotFound
from app.domain.lawful_bases import Register
from app.domain.matches import Decision, one_in_common
from app.domain.matching import candidates
from app.domain.people import PersonKnown
from app.domain.referrals import ReferralForm, grading_facts
from app.risk.grading import grade
from app.services import authority
from app.services.cases import FIRST_PAGE, to_change
from app.services.lawful_bases import register_of
from app.services.once import Document
from app.services.regrading import Regraded, regrade


async def listed(uow: UnitOfWork, *, after: UUID | None) -> Document:
    """Pairs that may be one person and that nobody has decided about, newest first.

    A page looks at so many people, not for so many pairs: it may be short, or empty, while there is a next one.
    """
    uow.actor.must(Verb.JOIN_PEOPLE)
    scanned = queries.SCANNED
    rows = await uow.rows(queries.LIST, before=after or FIRST_PAGE, scanned=scanned, common=queries.COMMON)
    found = _undecided(rows)
    items = [b'{"party":%b,"other":%b,"why":%b}' % (*_both(row), to_json(why)) for row, why in found]
    subjects = [row[name] for row, _ in found for name in ("case_id", "other_case_id")]
    uow.record("match.listed", subjects=list(dict.fromkeys(subjects)))
    more = str(rows[0]["last"]) if rows[0]["looked_at"] == scanned else None
    return Document(b'{"items":[%b],"next":%b}' % (b",".join(items), to_json(more)), next_cursor=more)


async def compared(uow: UnitOfWork, party_id: UUID, other_id: UUID) -> tuple[dict[str, Any], Register]:
    """Two records in two cases, as ``listed`` shows a pair; and the bases on which others may be told. Raises NotFound
    when the actor does not see both."""
    uow.actor.must(Verb.JOIN_PEOPLE)
    row = await uow.row(queries.COMPARED, party=party_id, other=other_id)
    if row is None:
        raise NotFound("person in a case")
    one, other = (orjson.loads(each) for each in _both(row))
    uow.record("match.listed", subjects=[row["case_id"], row["other_case_id"]])
    why = _why(row["details"], row["other_details"])
    return {"party": one, "other": other, "why": why}, await register_of(uow)


async def newest(uow: UnitOfWork, scanned: int) -> list[tuple[bytes, bytes]]:
    """The pairs among the people who came last, as ``listed`` shows each of the two. The caller records the reading."""
    uow.actor.must(Verb.JOIN_PEOPLE)
    rows = await uow.rows(queries.LIST, before=FIRST_PAGE, scanned=scanned, common=queries.COMMON)
    return [_both(row) for row, _ in _undecided(rows)]


def _undecided(rows: Iterable[Any]) -> list[tuple[Any, Any]]:
    """The rows that hold a pair which may be one person, each with why."""
    found = ((row, _why(row["details"], row["other_details"])) for row in rows if row["id"] is not None)
    return [(row, why) for row, why in found if why]


def _both(row: Any) -> tuple[bytes, bytes]:
    return row["shown"].encode(), row["other_shown"].encode()


async def decide(uow: UnitOfWork, told: Decision) -> Document:
    """Keep a decision. Same: both records get the older one's reference, and the later case is graded again."""
    uow.actor.must(Verb.JOIN_PEOPLE)
    if told.party_id == told.other_party_id:
        raise Invalid([FieldProblem("/other_party_id", "same_record", "Name two records, not one twice.")])
    parties = [told.party_id, told.other_party_id]
    await uow.rows(queries.LOCK, parties=parties)
    pair = await uow.rows(queries.PAIR, parties=parties)
    if len(pair) < len(parties):
        raise NotFound("person in a case")
    await authority.must_on_each(uow, Verb.JOIN_PEOPLE, {each["case_id"] for each in pair})
    newer, older = pair
    if newer["case_id"] == older["case_id"]:
        raise Conflict("These two are in one case. Correct the case instead.")
    await _record(uow, newer, older, told.same)
    after: Regraded | None = None
    case: Any = None
    kept, gone = sorted(pair, key=lambda each: (each["created_at"], each["person_id"]))
    if told.same:
        await _join(uow, kept, gone)
        after, case = await _grade_again(uow, [newer["case_id"], older["case_id"]], told.sharing)
    body = {
        "party_id": newer["id"],
        "other_party_id": older["id"],
        "same": told.same,
        "person_reference": kept["reference"] if told.same else None,
        "case": {
            "id": case["id"],
            "reference": case["reference"],
            "state": after.state,
            "level": after.level,
            "version": after.version,
        }
        if after
        else None,
        "route": after.as_data() if after else None,
        "reasons": after.reasons if after else (),
    }
    return Document(to_json(body), case_id=newer["case_id"], others=(older["case_id"],))


async def _record(uow: UnitOfWork, newer: Any, older: Any, same: bool) -> None:
    if newer["person_id"] == older["person_id"]:
        raise Conflict("These two records are already one person.")
    status = "same" if same else "different"
    decided: dict[str, Any] = {"status": status, "decided_by": uow.actor.user, "decided_at": uow.now}
    pair = {"party_id": newer["id"], "other_party_id": older["id"]}
    row = await uow.row(queries.DECIDED, **pair)
    if row is None:
        uow.add(
            possible_match,
            case_id=newer["case_id"],
            other_case_id=older["case_id"],
            **pair,
            why=_why(newer["details"], older["details"]),
            **decided,
            created_at=uow.now,
        )
    elif row["status"] == status:
        raise Conflict("This has been decided already.")
    else:
        await uow.change(possible_match, row["id"], **decided)
    if not same:
        # What is said of one case must not tell those who see only that one of the other.
        uow.record("match.refused", subjects=[newer["case_id"], older["case_id"]])


async def _join(uow: UnitOfWork, kept: Any, gone: Any) -> None:
    ids = {"kept": kept["person_id"], "gone": gone["person_id"]}
    if await uow.value(queries.BOTH_IN_ONE_CASE, **ids):
        raise Conflict("Both records are in one case as two people. Correct that case first.")
    if await uow.value(queries.WOULD_TELL, **ids):
        raise Conflict(
            "Somebody who sees one of these cases may not know of the other, and joining the records would tell them. "
            "Keep the same people from both cases first, or restrict both to the same people."
        )
    await uow.rows(queries.JOIN, **ids, now=uow.now)
    for each in (kept, gone):
        said = {"role": each["role"], "person_reference": kept["reference"], "was": each["reference"]}
        uow.event(each["case_id"], "case.person_joined", said)


async def _grade_again(uow: UnitOfWork, cases: list[UUID], sharing: Sharing | None) -> tuple[Regraded | None, Any]:
    """What it changes that the later of two cases, if of one victim and perpetrator, is a repeat of the earlier."""
    earlier, later = await uow.rows(queries.VICTIMS, cases=cases)
    if earlier["victim_person_id"] != later["victim_person_id"]:
        return None, None
    perpetrators: dict[UUID, list[tuple[UUID, PersonKnown]]] = {case_id: [] for case_id in cases}
    for row in await uow.rows(queries.PERPETRATORS, cases=cases):
        perpetrators[row["case_id"]].append((row["person_id"], PersonKnown.model_validate(row["details"])))
    if not one_in_common(perpetrators[earlier["id"]], perpetrators[later["id"]]):
        return None, None
    referral = await uow.row(queries.LAST_REFERRAL, case_id=later["id"])
    if referral is None:
        return None, None
    facts = await load_facts(uow, later["id"])
    form = ReferralForm.model_validate(referral["form"])
    asked = grading_facts(form, uow.catalogue, local_date(earlier["last_referred_at"]))
    graded = grade(asked, facts.grading, local_date(referral["submitted_at"]))
    case = await to_change(uow, later["id"])
    if case["repeat"] or not graded.repeat:
        return None, None
    said = {"because": "people_joined"}
    after = await regrade(uow, case, graded, facts, kind="case.regraded", said=said, sharing=sharing)
    return after, case


def _why(one: Any, other: Any) -> list[str]:
    found = candidates(PersonKnown.model_validate(one), [(None, PersonKnown.model_validate(other))])
    return list(found[0].why) if found else []
