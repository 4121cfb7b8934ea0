"""Referral forms drawn by a seed, and a year of them that comes out at known figures.

The figures are those of a published plan for one city: of 4,037 assessments 556 high, 1,090 medium and 2,391
standard; 22% of the high ones repeats, 19% from others than the police, 875 children.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from random import Random
from typing import Any

from app.domain.clock import ONE_DAY, at_local, is_working_day
from app.risk.grading import Level
from app.risk.instruments import Instrument, load_catalogue
from app.risk.markers import Marker
from app.risk.scoring import Answer, AnswerValue, markers_raised
from app.seeds import names, words
from app.seeds.answers import answers
from app.seeds.families import Family, family
from app.seeds.people import AGENCY_OF, USERS, email_of
from app.seeds.sharing import sharing

COUNTS = {Level.HIGH: 556, Level.MEDIUM: 1_090, Level.STANDARD: 2_391}
HIGH_REPEATS = 122
"""22% of 556."""
HIGH_NOT_POLICE = 106
"""19% of 556."""
HIGH_CHILDREN = 875
"""In the families of high-risk victims, each child once."""
CONFIRMED_REPEATS = 120
"""Below high risk by their own answers, and found to be repeats when the coordinator joins the records."""
DAYS = 365
_SETTLING = 21
_WITHIN = 300

POLICE = ("officer", "officer", "second_officer", "second_officer", "safeguarding")
OTHERS = ("nurse", "nurse", "idva", "second_idva", "housing", "triage", "mh_rep", "probation_rep", "recovery_rep")
_SHARING = {
    "basis": "UK GDPR Article 6(1)(e), Article 9(2)(g)",
    "power": "Crime and Disorder Act 1998 s.115",
}
_NECESSITY = (
    "To prevent serious harm to the victim and the children.",
    "Without it no agency knows the whole, and the risk is rising.",
    "To plan for safety with those who can act on it.",
)


@dataclass(frozen=True, slots=True)
class Submission:
    """One complete referral, ready to be sent. ``form``: a ReferralForm as JSON has it. ``level``: its assessment's.

    number: its place in the year. repeat_of: the number of the earlier referral of the same people, if any; the form
    carries no person references, since those are known only where it is sent.
    """

    number: int
    agency_slug: str
    user_email: str
    sent_at: datetime
    form: dict[str, Any]
    level: str
    repeat_of: int | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one form should come out as."""

    who: str
    sent_at: datetime
    level: Level
    people: Family
    sure: Marker | None = None
    judged: bool = False
    repeat: bool = False


@cache
def instrument_of(who: str) -> Instrument:
    """The questions that this person's agency asks."""
    return load_catalogue().get("dash-27" if AGENCY_OF[who].slug == "police" else "dash-24")


def referral_form(rng: Random, wanted: Wanted) -> dict[str, Any]:
    """A complete form that the standard rules grade at the level wanted, on whatever day it is sent."""
    people, who = wanted.people, wanted.who
    victim, perpetrator = people.victim, people.perpetrators[0]
    instrument = instrument_of(who)
    sent_on = wanted.sent_at.date()
    young = victim["sex"] == "female" and int(victim["date_of_birth"][:4]) > sent_on.year - 44
    asked = answers(
        rng,
        instrument,
        _yes(rng, wanted),
        children=bool(people.children),
        could_be_pregnant=young,
        sure=wanted.sure,
    )
    raised = markers_raised(instrument, {int(n): Answer(AnswerValue(each["value"])) for n, each in asked.items()})
    occurred = sent_on - rng.choices((0, 1, 2, 3, 6), (50, 30, 10, 6, 4))[0] * ONE_DAY
    crime = wanted.level is Level.HIGH or rng.random() < 0.4
    assessed_at = wanted.sent_at - timedelta(minutes=rng.randint(12, 90))
    name = USERS[who].name
    form: dict[str, Any] = {
        "referrer": {"name": name, "role": USERS[who].job_title, "phone": names.landline(rng), "email": email_of(who)},
        "victim": victim,
        "perpetrators": people.perpetrators,
        "children": people.children,
        "incident": {
            "occurred_on": min(occurred, assessed_at.date()).isoformat(),
            "narrative": words.narrative(rng, raised.keys(), victim, perpetrator),
            "would_be_crime": crime,
            "reported_to_police": AGENCY_OF[who].slug == "police" or rng.random() < 0.3,
        },
        "events": _events(rng, wanted),
        "earlier_marac": {"known": "yes" if wanted.repeat else rng.choice(("no", "dont_know"))},
        "victim_view": _view(rng, wanted),
        "sharing": sharing(who, sent_on, rng.choice(_NECESSITY)).model_dump(exclude_none=True),
        "assessment": {
            "instrument": instrument.id,
            "version": instrument.version,
            "answers": asked,
            "assessed_at": assessed_at.isoformat(),
            "assessed_by": name,
            "place": rng.choice(("At home", "At the station", "Hospital", "By telephone", "At our office")),
            "source": "victim",
        },
    }
    if wanted.judged:
        rationale = words.told(rng.choice(words.RATIONALES), victim, perpetrator)
        form["professional_judgement"] = {"level": "high", "rationale": rationale}
    return form


def _yes(rng: Random, wanted: Wanted) -> int:
    if wanted.level is Level.HIGH:
        return rng.randint(6, 13) if wanted.judged else 14 + min(int(rng.expovariate(0.45)), 4)
    return rng.randint(10, 13) if wanted.level is Level.MEDIUM else rng.choices(range(10), range(2, 12))[0]


def _events(rng: Random, wanted: Wanted) -> list[dict[str, Any]]:
    # Three within a year would be escalation, which is high risk: those below it have one at most besides this one.
    count = rng.choice((0, 1, 1, 2, 3, 4)) if wanted.level is Level.HIGH else rng.choice((0, 0, 1))
    days = sorted(rng.sample(range(15, 200), count), reverse=True)
    return [
        {
            "occurred_on": (wanted.sent_at.date() - each * ONE_DAY).isoformat(),
            "kind": rng.choice(words.PAST),
            "would_be_crime": rng.random() < 0.6,
            "reported_to_police": rng.random() < 0.4,
        }
        for each in days
    ]


def _view(rng: Random, wanted: Wanted) -> dict[str, Any]:
    people = wanted.people
    view: dict[str, Any] = {"aware": "yes", "consents": rng.choices(("yes", "no"), (8, 2))[0]}
    if rng.random() < 0.08:
        return {"aware": "no", "why_not_told": "There was no moment to speak alone without putting her at more risk."}
    return view | {"views": words.told(rng.choice(words.VIEWS), people.victim, people.perpetrators[0])}


@dataclass(slots=True)
class _Slot:
    level: Level
    who: str
    day: int
    second: int
    children: int = 0
    repeat: bool = False
    confirmed: bool = False


def year_of_forms(seed: int, start: date) -> Iterator[Submission]:
    """The year from ``start`` in order of time: the same for the same seed and start, and the figures above exactly.

    A repeat comes three weeks to ten months after the referral it repeats, and gives each person as before.
    """
    rng = Random(seed)
    told: dict[Level, list[tuple[int, int, Family]]] = {level: [] for level in Level}
    for number, slot in enumerate(_slots(rng, start)):
        moment = at_local(start + slot.day * ONE_DAY, time.min) + timedelta(seconds=slot.second)
        repeat_of = None
        if slot.repeat or slot.confirmed:
            earlier = told[Level.HIGH] if slot.repeat else told[Level.MEDIUM]
            fit = [at for at, each in enumerate(earlier) if _SETTLING <= slot.day - each[1] <= _WITHIN]
            _, _, people = found = earlier.pop(rng.choice(fit))
            repeat_of = found[0]
        else:
            people = family(rng, start + slot.day * ONE_DAY, slot.children)
            told[slot.level].append((number, slot.day, people))
        judged = slot.level is Level.HIGH and rng.random() < 0.35
        wanted = Wanted(slot.who, moment, slot.level, people, judged=judged, repeat=slot.repeat)
        yield Submission(
            number,
            AGENCY_OF[slot.who].slug,
            email_of(slot.who),
            moment,
            referral_form(rng, wanted),
            str(slot.level),
            repeat_of,
        )


def _slots(rng: Random, start: date) -> list[_Slot]:
    working = [day for day in range(DAYS) if is_working_day(start + day * ONE_DAY)]
    slots: list[_Slot] = []
    for level, count in COUNTS.items():
        others = HIGH_NOT_POLICE if level is Level.HIGH else count // 5
        made = []
        for n in range(count):
            who = rng.choice(OTHERS if n < others else POLICE)
            # Spread evenly over the year, so that each month has its share.
            day = min(int((n * 0.618034 % 1) * DAYS), DAYS - 1)
            if who not in POLICE:
                day = min(working, key=lambda each: abs(each - day))
                second = rng.randint(9 * 3600, 17 * 3600)
            else:
                second = rng.randint(0, 86_399)
            made.append(_Slot(level, who, day, second))
        made.sort(key=lambda each: (each.day, each.second))
        _mark_repeats(rng, level, made)
        slots += made
    _give_children(rng, [each for each in slots if each.level is Level.HIGH and not each.repeat])
    for each in slots:
        if each.level is not Level.HIGH:
            each.children = rng.choices((0, 1, 2, 3), (45, 25, 20, 10))[0]
    return sorted(slots, key=lambda each: (each.day, each.second))


def _mark_repeats(rng: Random, level: Level, slots: list[_Slot]) -> None:
    """Choose which of them tell of people told of before: none in the first weeks, since nobody was."""
    if level is Level.STANDARD:
        return
    late = [each for each in slots if each.day > 2 * _SETTLING]
    for each in rng.sample(late, HIGH_REPEATS if level is Level.HIGH else CONFIRMED_REPEATS):
        each.repeat = level is Level.HIGH
        each.confirmed = level is Level.MEDIUM


def _give_children(rng: Random, slots: list[_Slot]) -> None:
    """So many to each family that they add up."""
    for each in slots:
        each.children = rng.choices((0, 1, 2, 3, 4), (14, 22, 30, 22, 12))[0]
    while (over := sum(each.children for each in slots) - HIGH_CHILDREN) != 0:
        each = rng.choice(slots)
        each.children = max(0, each.children - 1) if over > 0 else min(5, each.children + 1)
