"""The story: some sixty cases over eight weeks, in every state a case can be in, with this morning's HRDA list."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

import orjson

from app.db.session import UnitOfWork
from app.domain.assessments import Adoption, AskedAgain
from app.domain.cases import Allocation
from app.domain.contacts import Release, ReleaseReason
from app.domain.disclosures import Sharing
from app.domain.matches import Decision
from app.domain.referrals import ReferralForm
from app.risk.grading import Level
from app.risk.markers import Marker
from app.seeds.after import answer_offer
from app.seeds.answers import answers
from app.seeds.families import Family, family
from app.seeds.forms import Wanted, instrument_of, referral_form
from app.seeds.maya import MAYA, maya_at_the_hospital, maya_from_the_car
from app.seeds.past import long_ago, periods
from app.seeds.support import supported
from app.seeds.teller import Script, Teller, Told
from app.services import assessments, cases, contacts, intake, matches, referrals


@dataclass(frozen=True, slots=True)
class Tale:
    """One case. ``before``: working days before the next HRDA on which it was referred, at ``hour``.

    ends: for a high one, what each meeting decides and what is done after; below that, how support answers.
    """

    before: int
    hour: int
    who: str
    level: Level
    ends: str
    judged: bool = False
    sure: Marker | None = None
    children: int = 1


def _high(before: int, hour: int, who: str, ends: str, **more: Any) -> Tale:
    return Tale(before, hour, who, Level.HIGH, ends, **more)


def _medium(before: int, hour: int, who: str, ends: str, **more: Any) -> Tale:
    return Tale(before, hour, who, Level.MEDIUM, ends, **more)


def _standard(before: int, hour: int, who: str, ends: str, **more: Any) -> Tale:
    return Tale(before, hour, who, Level.STANDARD, ends, **more)


TALES = (
    _high(38, 2, "officer", "plan close", children=2),
    _high(38, 14, "nurse", "monitored", sure=Marker.PREGNANCY, children=0),
    _high(36, 23, "second_officer", "nfa", children=0),
    _medium(35, 11, "housing", "accepted"),
    _high(34, 4, "officer", "marac heard", children=3),
    _high(34, 10, "safeguarding", "plan transfer", judged=True),
    _standard(33, 16, "officer", "accepted", children=0),
    _high(30, 1, "second_officer", "marac heard", sure=Marker.STALKING, children=0),
    _high(30, 15, "idva", "monitored", judged=True, children=2),
    _medium(29, 9, "officer", "declined"),
    _high(27, 22, "second_officer", "marac support"),
    _high(27, 3, "officer", "plan close again", sure=Marker.THREATS_TO_KILL, children=2),
    _standard(26, 18, "second_officer", "accepted"),
    _high(24, 5, "officer", "marac heard", sure=Marker.WEAPONS, children=2),
    _high(24, 13, "triage", "monitored", children=4),
    _high(24, 20, "second_officer", "support", children=0),
    _high(22, 1, "officer", "marac heard", judged=True, children=0),
    _high(22, 12, "health", "defer monitored"),
    _medium(21, 10, "officer", "asked again", children=0),
    _high(20, 3, "second_officer", "marac defer heard", children=3),
    _high(18, 2, "officer", "marac heard", sure=Marker.SEXUAL, children=0),
    _high(18, 11, "probation_rep", "marac transferred", children=2),
    _medium(17, 8, "second_officer", "accepted", children=2),
    _high(16, 6, "officer", "plan", sure=Marker.SUICIDAL_THOUGHTS),
    _high(14, 0, "second_officer", "marac", sure=Marker.STALKING, children=2),
    _high(14, 16, "mh_rep", "monitored", judged=True, children=0),
    _standard(13, 13, "officer", "accepted", children=3),
    _high(12, 2, "officer", "marac", children=1),
    _high(12, 9, "housing", "marac", judged=True, children=0),
    _high(12, 19, "second_officer", "plan", children=2),
    _high(11, 4, "officer", "marac", sure=Marker.HONOUR_BASED_ABUSE, children=0),
    _medium(10, 14, "officer", "offered"),
    _high(10, 1, "second_officer", "marac", sure=Marker.WEAPONS, children=3),
    _high(10, 17, "safeguarding", "monitored"),
    _medium(9, 12, "second_officer", "accepted", children=0),
    _high(8, 3, "officer", "marac", children=2),
    _high(8, 15, "second_idva", "support", children=0),
    _high(7, 23, "second_officer", "marac", sure=Marker.THREATS_TO_KILL),
    _high(7, 10, "recovery_rep", "plan", judged=True, children=0),
    _high(6, 2, "officer", "marac", children=2),
    _high(6, 21, "officer", "monitored", sure=Marker.PREGNANCY),
    _medium(5, 9, "housing", "declined", children=2),
    _high(4, 5, "second_officer", "marac", children=0),
    _high(4, 11, "triage", "plan", children=3),
    _high(3, 1, "officer", "monitored"),
    _high(3, 15, "nurse", "defer", children=2),
    _standard(3, 20, "officer", "offered", children=0),
    _high(2, 2, "second_officer", "plan", children=1),
    _high(2, 18, "officer", "marac", judged=True, children=2),
    _medium(2, 10, "second_officer", "offered", children=1),
    _standard(2, 17, "officer", "offered"),
    # The next HRDA's list: these, PC Shah's, the one that comes back and the one that rises.
    _high(1, 0, "second_officer", "", sure=Marker.STALKING, children=2),
    _high(1, 5, "officer", "", sure=Marker.WEAPONS, children=0),
    _high(1, 9, "safeguarding", "adopted", children=3),
    _high(1, 12, "housing", "", judged=True, children=1),
    _high(1, 14, "nurse", "", sure=Marker.PREGNANCY, children=0),
    _high(1, 22, "second_officer", "", judged=True, children=2),
    _medium(1, 10, "nurse", "rises", children=1),
    _standard(1, 19, "officer", "offered", children=2),
)
BY_SYSTEM = "health"
"""The name under which the hospitals' own software refers."""
DRAFTS = (("officer", 23), ("nurse", 18), ("housing", 15))
_IDVAS = ("idva", "second_idva")


def tell_everything(t: Teller) -> None:
    """Add every part of the story."""
    t.tell(long_ago(t))
    t.tell(periods(t))
    t.tell(_maya(t))
    t.tell(_joined(t))
    for number, tale in enumerate(TALES):
        t.tell(_case(t, number, tale))
    for number, (who, hour) in enumerate(DRAFTS):
        t.tell(_draft(t, number, who, hour))


def _people(t: Teller, number: int, tale: Tale, day: date) -> Family:
    people = family(Random(f"{t.today} family {number}"), day, tale.children)
    if tale.sure is Marker.PREGNANCY:
        people.victim |= {"sex": "female", "date_of_birth": f"{day.year - 27}-05-14"}
    if number == _SHARES_HIS_VICTIM:
        # Two cases share a perpetrator, which a person must see and confirm.
        people.perpetrators = [{**MAYA.perpetrators[0], "relationship": "former partner"}]
    return people


_SHARES_HIS_VICTIM = 24


async def _case(t: Teller, number: int, tale: Tale) -> Script:
    who = "nurse" if tale.who == BY_SYSTEM else tale.who
    rng = Random(f"{t.today} tale {number}")
    moment = t.at(tale.before, tale.hour, rng.randint(1, 54))
    yield moment
    people = _people(t, number, tale, moment.date())
    wanted = Wanted(who, moment, tale.level, people, sure=tale.sure, judged=tale.judged)
    form = referral_form(rng, wanted)
    case = await _refer(t, "system" if tale.who == BY_SYSTEM else who, form, tale)
    if tale.who == BY_SYSTEM:
        # Sent twice by accident, as software does: still one case.
        yield moment + timedelta(seconds=4)
        await t.do("system", _send_again, form)
    if tale.level is not Level.HIGH:
        if tale.ends == "rises":
            yield moment + timedelta(hours=5)
            await _asked_again(t, rng, case)
        return
    yield t.at(max(tale.before - 1, 1), 8, 40) if tale.before > 1 else moment + timedelta(minutes=40)
    if tale.before > 1 or number % 2:
        idva = _allocation(t, _IDVAS[number % 2])
        await t.do("coordinator", cases.allocate_idva, case.id, idva, None)
        yield t.now + timedelta(minutes=25)
        who = _IDVAS[number % 2]
        await t.do(who, _release_victim, case.id, t.sharing(who))
        if tale.before > 1:
            t.tell(supported(t, who, case, number, tale.before))
    if tale.ends == "adopted":
        yield moment + timedelta(hours=6)
        await _adopt(t, case)
    if "again" in tale.ends:
        yield t.at(1, 3, 40)
        await _again(t, rng, case, people)


async def _refer(t: Teller, who: str, form: dict[str, Any], tale: Tale) -> Told:
    result = await t.do(who, intake.refer, ReferralForm.model_validate(form))
    people = {each["key"]: each["person_reference"] for each in result["people"]}
    ends = [each for each in tale.ends.split() if each != "again"]
    case = Told(UUID(result["case"]["id"]), form, people, ends if tale.level is Level.HIGH else [])
    t.listed(case, result["route"])
    if result["route"]["kind"] == "support":
        t.tell(answer_offer(t, case, UUID(result["route"]["support_offer_id"]), tale.ends))
    return case


async def _release_victim(uow: UnitOfWork, case_id: UUID, why: Sharing) -> Any:
    """Where the victim can be found, for their IDVA to get in touch."""
    victim = orjson.loads((await contacts.masked(uow, case_id)).body)["items"][0]["party_id"]
    asked = Release(reason=ReleaseReason.CONTACT_VICTIM, parties=(UUID(victim),), sharing=why)
    return await contacts.release(uow, case_id, asked)


async def _send_again(uow: UnitOfWork, form: dict[str, Any]) -> Any:
    return await intake.refer(uow, ReferralForm.model_validate(form))


async def _maya(t: Teller) -> Script:
    """The hospital asked Maya sixteen minutes past four; eleven hours later PC Shah refers her from the car."""
    night = t.at(1, 3, 10)
    yield night - timedelta(hours=11)
    hospital = maya_at_the_hospital(t.now)
    first = await _refer(t, "nurse", hospital, _standard(1, 16, "nurse", "offered"))
    yield night
    second = await _refer(t, "officer", maya_from_the_car(t.now), _high(1, 3, "officer", ""))
    yield t.at(1, 9, 5)
    await t.do("coordinator", cases.allocate_idva, second.id, _allocation(t, "idva"), None)
    await t.do("idva", cases.read, second.id)
    await t.do("coordinator", cases.read, first.id)


def _allocation(t: Teller, who: str) -> Allocation:
    return Allocation(user_id=t.partnership.user(who), sharing=t.sharing("coordinator"))


async def _asked_again(t: Teller, rng: Random, case: Told) -> None:
    """Another agency asks the same questions within the same day, and the case rises to what she says now."""
    instrument = instrument_of("advocate")
    asked = AskedAgain.model_validate(
        {
            "instrument": instrument.id,
            "answers": answers(rng, instrument, 15, children=False, could_be_pregnant=False, sure=Marker.VICTIM_FEAR),
            "assessed_at": (t.now - timedelta(minutes=30)).isoformat(),
            "assessed_by": "Megan Fisk",
            "place": "By telephone",
            "sharing": t.sharing("advocate"),
        }
    )
    risen = await t.do("advocate", assessments.ask, case.id, asked)
    t.listed(case, risen["route"])


async def _adopt(t: Teller, case: Told) -> None:
    """The MASH takes the police's answers instead of asking again, and changes the one that has changed."""
    found = await t.do("triage", assessments.listed, case.id)
    changed = Adoption.model_validate({"changed": {"2": {"value": "yes", "note": "Said to the school this morning."}}})
    await t.do("triage", assessments.adopt, UUID(found["items"][0]["id"]), changed)


async def _again(t: Teller, rng: Random, case: Told, people: Family) -> None:
    """The same officer is called to the same people within the year: a repeat, and the closed case comes back."""
    for each in (people.victim, *people.perpetrators):
        each["person_reference"] = case.parties[each.get("key", "victim" if each is people.victim else "perpetrator-1")]
    form = referral_form(rng, Wanted("officer", t.now, Level.HIGH, people, judged=True, repeat=True))
    result = await t.do("officer", intake.refer, ReferralForm.model_validate(form))
    case.ends = []
    t.listed(case, result["route"])


async def _draft(t: Teller, number: int, who: str, hour: int) -> Script:
    """A referral begun and not yet sent."""
    yield t.at(1, hour, 20 + number)
    rng = Random(f"{t.today} draft {number}")
    people = family(rng, t.now.date(), number)
    form = referral_form(rng, Wanted(who, t.now, Level.MEDIUM, people))
    kept = {name: form[name] for name in ("referrer", "victim", "perpetrators", "incident")[: 2 + number]}
    await t.do(who, referrals.create, ReferralForm.model_validate(kept))


async def _joined(t: Teller) -> Script:
    """The hospital tells of a woman whom the police told of before. Once the records are joined, it is a repeat."""
    yield t.at(19, 14, 10)
    rng = Random(f"{t.today} joined")
    people = family(rng, t.now.date(), 1)
    first = _medium(19, 14, "officer", "accepted")
    told = await _refer(t, "officer", referral_form(rng, Wanted("officer", t.now, Level.MEDIUM, people)), first)
    yield t.at(8, 11, 30)
    form = referral_form(rng, Wanted("nurse", t.now, Level.MEDIUM, people))
    again = await _refer(t, "nurse", form, _medium(8, 11, "nurse", "offered"))
    yield t.at(8, 15, 5)
    one, other = [await _victim(t, each) for each in (told, again)]
    decision = Decision(party_id=one, other_party_id=other, same=True, sharing=t.sharing("coordinator"))
    joined = await t.do("coordinator", matches.decide, decision)
    again.ends = ["monitored"]
    t.listed(again, joined["route"])


async def _victim(t: Teller, case: Told) -> UUID:
    shown = await t.do("coordinator", cases.read, case.id)
    return next(UUID(each["id"]) for each in shown["parties"] if each["role"] == "victim")
