"""Submitting a referral: scored, graded, routed and answered in one call and one transaction."""

import hashlib
from dataclasses import replace
from typing import Any
from uuid import UUID

from app.db import referrals as queries
from app.db.ids import new_id, new_reference
from app.db.json import to_json
from app.db.partnerships import Facts, load_facts
from app.db.session import UnitOfWork
from app.db.tables import cases
from app.db.tables.referrals import referral
from app.domain.access import GrantReason, Role, Verb, desk_principal
from app.domain.clock import local_date
from app.domain.completeness import complete
from app.domain.disclosures import Act, Nature, check_sharing, choose
from app.domain.errors import Conflict, Invalid
from app.domain.exclusions import joins
from app.domain.lawful_bases import Purpose
from app.domain.lifecycle import NOT_FOLLOWED, Move, State, legal_moves, next_state
from app.domain.matching import match_keys
from app.domain.people import known_from, merge
from app.domain.referrals import ReferralForm, grading_facts
from app.domain.routing import Route, SupportRoute, route
from app.risk.grading import Grade, GradingFacts, GradingRules, Level, grade
from app.services import audience, contacts, grants, listing, recognition, restrictions
from app.services.assessments import record_assessment
from app.services.disclosures import Told, record_share
from app.services.once import Document
from app.services.recognition import Recognised
from app.services.referrals import locked, restored, sent


async def submit(uow: UnitOfWork, referral_id: UUID) -> Document:
    """Send a draft. Sent before: the same answer again, and nothing else happens."""
    uow.actor.must(Verb.REFER)
    row = await locked(uow, referral_id)
    if row["status"] == "submitted":
        uow.record("referral.repeated", case_id=row["case_id"], subjects=[referral_id])
        return Document(row["result"].encode(), repeated=True, case_id=row["case_id"])
    if row["status"] != "draft":
        raise Conflict(f"This referral is {row['status']}. Start a new one.")
    return await _send(uow, restored(uow, row), referral_id, draft_of=row["author_id"])


async def refer(uow: UnitOfWork, form: ReferralForm) -> Document:
    """Create and send in one call, as partner systems do. The same words sent again are the same referral."""
    uow.actor.must(Verb.REFER)
    return await _send(uow, form, new_id(), draft_of=None)


async def _send(uow: UnitOfWork, form: ReferralForm, referral_id: UUID, *, draft_of: UUID | None) -> Document:
    today = local_date(uow.now)
    known, unknown = await recognition.referenced(uow, form)
    form, unadopted = await recognition.adopted(uow, form, known)
    facts = await load_facts(uow)
    unfounded = check_sharing(form.sharing, facts.register, purpose=Purpose.PROTECT, nature=Nature.BOTH)
    apart, unfit = await restrictions.asked_for(uow, form.access)
    problems = (*complete(form, uow.catalogue, today), *unfounded, *unknown, *unadopted, *unfit)
    if problems:
        raise Invalid(problems)
    digest = hashlib.sha256(form.model_dump_json(exclude_none=True).encode()).hexdigest()
    if before := await _sent_before(uow, digest, draft_of):
        return before

    earlier = await recognition.earlier_case(uow, form, known)
    if earlier is not None and apart is not None:
        raise Invalid([joins(earlier["reference"])])
    restricted = bool(earlier["restricted"]) if earlier is not None else apart is not None and bool(apart.named)
    if restricted or apart is not None:
        facts = facts.without_limits()
    people = recognition.recognise(form, known, earlier)
    last_referred = local_date(earlier["last_referred_at"]) if earlier else None
    graded = grade(grading_facts(form, uow.catalogue, last_referred), facts.grading, today)
    state, way = _decide(uow, graded, facts, State(earlier["state"]) if earlier else None)

    case_id = earlier["id"] if earlier else new_id()
    reference = earlier["reference"] if earlier else new_reference("C")
    head = _head(uow, form, graded, earlier, people)
    head["state"] = state
    if way is not None:
        head["pathway"] = "support" if isinstance(way, SupportRoute) else str(way.forum_kind)
    for person in people:
        if person.is_new:
            uow.add(cases.person, id=person.person_id, reference=person.reference, created_at=uow.now)
    place = await _follow(uow, way, case_id, facts)
    _open_to_referrer(uow, case_id, referral_id, {uow.actor.user, draft_of or uow.actor.user}, facts)
    if place.meeting_id is not None:
        head |= {"next_meeting_id": place.meeting_id, "next_meeting_at": place.at}
    if earlier is None:
        uow.add(cases.case_file, id=case_id, reference=reference, version=1, opened_at=uow.now, **head)
    else:
        await uow.change(cases.case_file, case_id, **head)
    await _keep_people(uow, case_id, referral_id, people)
    _keep_assessments(uow, case_id, referral_id, form, people[0].person_id, graded, facts.grading)
    kind = "case.re_referred" if earlier else "case.referred"
    said = {"referral_id": str(referral_id), "agency": uow.actor.agency_name, "state": state}
    uow.event(case_id, kind, said, graded.reasons)
    if way is not None:
        uow.event(case_id, "case.routed", place.as_data(), way.reasons)
    if apart is not None:
        restrictions.set_apart(uow, case_id, apart)
    _enter_in_ledger(uow, case_id, referral_id, form, earlier, facts, restricted=restricted)
    result = {
        "referral_id": str(referral_id),
        "case": {"id": str(case_id), "reference": reference, "state": state, "joined": earlier is not None},
        **_graded(graded),
        "route": place.as_data() if way is not None else None,
        "reasons": [*graded.reasons, *(way.reasons if way else ())],
        "people": [{"key": each.told.key, "person_reference": each.reference} for each in people],
        "restricted": restricted,
    }
    await _keep_referral(uow, referral_id, form, draft_of, case_id=case_id, digest=digest, result=result)
    if apart is not None:
        # Last, when all of it is gathered: until this transaction ends nobody sees any of it.
        await restrictions.close_to_others(uow, case_id, suspend=restricted, kept=apart.kept)
    return Document(to_json(result), location=f"/api/v1/cases/{case_id}", case_id=case_id)


async def _sent_before(uow: UnitOfWork, digest: str, draft_of: UUID | None) -> Document | None:
    """The answer to the same words when the same person sent them before. Raises Conflict if these are a draft's."""
    same = await uow.row(queries.SAME, author=draft_of or uow.actor.user, digest=digest)
    if same is None:
        return None
    if draft_of:
        raise Conflict("This same referral has been sent already. Withdraw this draft.")
    uow.record("referral.repeated", case_id=same["case_id"], subjects=[same["id"]])
    return Document(same["result"].encode(), repeated=True, case_id=same["case_id"])


async def _keep_referral(
    uow: UnitOfWork,
    referral_id: UUID,
    form: ReferralForm,
    draft_of: UUID | None,
    *,
    case_id: UUID,
    digest: str,
    result: dict[str, Any],
) -> None:
    columns = {
        **sent(form),
        "case_id": case_id,
        "status": "submitted",
        "digest": digest,
        "result": result,
        "submitted_at": uow.now,
        "updated_at": uow.now,
    }
    if draft_of:
        await uow.change(referral, referral_id, **columns)
        return
    uow.add(
        referral,
        id=referral_id,
        version=1,
        agency_id=uow.actor.agency,
        author_id=uow.actor.user,
        principals=[uow.actor.user, desk_principal(uow.actor.agency)],
        created_at=uow.now,
        **columns,
    )


def _decide(uow: UnitOfWork, graded: Grade, facts: Facts, before: State | None) -> tuple[State, Route | None]:
    """The state after this referral, and where it leads.

    No route when the case already waits on a list, or when it is being followed and this referral alone would only
    lead to support: hearing less from one more agency never steps a case down.
    """
    if before is not None and Move.RE_REFER not in legal_moves(before):
        return before, None
    diaries = [each.diary for each in facts.forums]
    way = route(graded.level, graded.grounds, rules=facts.routing, diaries=diaries, now=uow.now)
    if before is None:
        state = next_state(State.DRAFT, Move.SUBMIT)
    elif isinstance(way, SupportRoute) and before not in NOT_FOLLOWED:
        return before, None
    else:
        state = next_state(before, Move.RE_REFER)
    return next_state(state, listing.move_for(way)), way


def _head(
    uow: UnitOfWork, form: ReferralForm, graded: Grade, earlier: Any | None, people: list[Recognised]
) -> dict[str, Any]:
    """What lists show of the case. A further referral may raise the level, and never lowers it by itself."""
    level, grounds, markers = graded.level, [str(each) for each in graded.grounds], [str(m) for m in graded.markers]
    children = sum(each.role == "child" for each in people)
    head: dict[str, Any] = {"updated_at": uow.now, "last_referred_at": uow.now}
    if earlier is not None:
        level = max(level, Level(earlier["level"]), key=lambda each: each.rank)
        grounds = list(dict.fromkeys([*earlier["grounds"], *grounds]))
        markers = list(dict.fromkeys([*earlier["markers"], *markers]))
        head |= {"closed_at": None, "transferred_to": None}
        children = earlier["children"] + sum(each.role == "child" and each.party_id is None for each in people)
    else:
        head["victim_name"] = people[0].told.name
        head["victim_person_id"] = people[0].person_id
        head["referring_agency_id"] = uow.actor.agency
    score = graded.score.yes if graded.score else (earlier["score"] if earlier else None)
    return {
        **head,
        "level": level,
        "score": score,
        "grounds": grounds,
        "markers": markers,
        "repeat": graded.repeat or bool(earlier and earlier["repeat"]),
        "children": children,
    }


def _open_to_referrer(uow: UnitOfWork, case_id: UUID, referral_id: UUID, referrers: set[UUID], facts: Facts) -> None:
    """Open the case to whoever wrote or sent the referral, to their agency's desk, and to those who coordinate."""
    agency = uow.actor.agency
    for user in sorted(referrers):
        grants.open_to_user(uow, case_id, user, agency, GrantReason.REFERRED, source=referral_id)
    grants.open_to_desk(uow, case_id, agency, GrantReason.REFERRED, source=referral_id)
    for agency_id in facts.coordinators:
        grants.open_to_desk(
            uow, case_id, agency_id, GrantReason.COORDINATES, source=referral_id, desk=Role.MARAC_COORDINATOR
        )


def _enter_in_ledger(
    uow: UnitOfWork,
    case_id: UUID,
    referral_id: UUID,
    form: ReferralForm,
    earlier: Any | None,
    facts: Facts,
    *,
    restricted: bool,
) -> None:
    """A referral tells everybody to whom it opens the case, and everybody who sees the case that it joins."""
    told = audience.opened(uow, case_id, restricted=restricted)
    if earlier is not None:
        told = told.joined(audience.from_row(earlier))
    own = uow.actor.agency
    chosen = choose(form.sharing, facts.register, purpose=Purpose.PROTECT, nature=Nature.BOTH)
    chosen = replace(chosen, told=chosen.told.model_copy(update={"awareness": form.awareness}))
    telling = Told(case_id, told.agencies(own), form.told, to_users=told.users(own), source=referral_id)
    record_share(uow, chosen, telling, act=Act.REFERRAL)


async def _follow(uow: UnitOfWork, way: Route | None, case_id: UUID, facts: Facts) -> listing.Place:
    if way is None:
        return listing.Place()
    if isinstance(way, SupportRoute):
        return listing.offer_support(uow, case_id, way, facts)
    forum = facts.forum(way.forum_id)
    return await listing.list_case(uow, case_id, forum, way)


async def _keep_people(uow: UnitOfWork, case_id: UUID, referral_id: UUID, people: list[Recognised]) -> None:
    for each in people:
        plain = each.told.model_copy(update={"contact": None})
        details = merge(each.known, plain) if each.known else known_from(plain)
        party_id = each.party_id or new_id()
        columns: dict[str, Any] = {
            "name": details.name or each.told.name,
            "role": each.role,
            "relationship": getattr(each.told, "relationship", None),
            "date_of_birth": details.date_of_birth,
            "dob_variants": list(details.dob_variants),
            "aliases": list(details.aliases),
            "name_keys": sorted(match_keys(details)),
            "details": details.model_dump(mode="json", exclude_none=True, exclude_defaults=True),
        }
        if each.party_id is None:
            own = {"person_id": each.person_id, "key": each.told.key, "created_at": uow.now}
            uow.add(cases.party, id=party_id, case_id=case_id, **own, **columns)
        else:
            await uow.change(cases.party, party_id, **columns)
        if each.told.contact is not None:
            contacts.keep(uow, case_id, referral_id, party_id, each.told.contact)


def _keep_assessments(
    uow: UnitOfWork,
    case_id: UUID,
    referral_id: UUID,
    form: ReferralForm,
    victim: UUID,
    graded: Grade,
    rules: GradingRules,
) -> None:
    judgement = form.professional_judgement.rationale if form.professional_judgement else None
    if form.assessment is not None and form.assessment.instrument:
        record_assessment(uow, case_id, victim, form.assessment, graded, referral_id=referral_id, judgement=judgement)
    for screen in form.screens:
        if screen.instrument:
            # A screen adds markers to the referral's grade, which has them already; its own is kept beside it.
            asked = GradingFacts(uow.catalogue.get(screen.instrument, screen.version), screen.risk_answers())
            own = grade(asked, rules, local_date(uow.now))
            record_assessment(uow, case_id, victim, screen, own, referral_id=referral_id)


def _graded(graded: Grade) -> dict[str, Any]:
    score = graded.score
    return {
        "level": graded.level,
        "actuarial": graded.actuarial,
        "score": score.yes if score else None,
        "unanswered": score.unanswered if score else None,
        "could_reach": score.could_reach if score else None,
        "out_of": score.out_of if score else None,
        "grounds": list(graded.grounds),
        "repeat": graded.repeat,
        "markers": [{"code": m, "label": m.label, "tonight": m.tonight} for m in graded.markers],
    }
