"""Invented agendas to export: nobody here exists."""

from datetime import UTC, date, datetime, timedelta

from app.domain.agendas import (
    Addendum,
    AgendaSection,
    Apology,
    Attendance,
    EarlierMeeting,
    FrozenAction,
    FrozenAgenda,
    FrozenItem,
    FrozenMinutes,
    FrozenParty,
    FrozenResearch,
    FrozenRisk,
    KnownHere,
    MinutesItem,
    Publisher,
    Recipient,
)

STARTS = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)
PUBLISHED = datetime(2026, 11, 16, 15, 12, tzinfo=UTC)
EXPORTED = datetime(2026, 11, 21, 23, 31, tzinfo=UTC)
RECIPIENT = Recipient(name="Dr Amy Osei", agency="Solent Mental Health Trust")
COORDINATOR = Publisher(name="Marian Achebe", agency="Harbour City Council")
STATEMENT = (
    "What is said and shown here is confidential and is shared to make people safer. Keep this copy secure, do not "
    "pass it on, and never let the perpetrator learn that the case was discussed."
)
AGENCIES = (
    "Hampshire Constabulary",
    "Harbour City Council",
    "Harbour Children's Services",
    "Harbour Housing",
    "Solent Mental Health Trust",
    "Aurora Domestic Abuse Service",
    "Probation Service",
    "Harbour University Hospital",
)
_VICTIMS = ("Joanne Pell", "Łucja Wójcik", "Siân Ŵyn-Jones", "Rukhsana Mirza", "Grace O'Hara")
_PERPETRATORS = ("Darren Pell", "Paweł Wójcik", "Huw Jones", "Tariq Mirza", "Michael #Mick O'Hara")


def action(number: int) -> FrozenAction:
    return FrozenAction(
        case_reference=f"C-{1900 + number}",
        what="Fit a police information marker and a monitored alarm at the family's current home.",
        agency="Hampshire Constabulary",
        owner="PC Dev Rana",
        due=date(2026, 11, 12),
        status="not_done" if number % 2 else "open",
    )


def parties(number: int, *, with_children: bool) -> tuple[FrozenParty, ...]:
    who = number % len(_VICTIMS)
    child = FrozenParty(
        role="child",
        name="Ellie Pell",
        date_of_birth=date(2019, 2, 3),
        age=7,
        relationship="Daughter of both",
        notes="Year 2, attends daily",
    )
    return (
        FrozenParty(
            role="victim",
            name=_VICTIMS[who],
            aliases=("Jo",),
            date_of_birth=date(1991, 5, 17),
            age=35,
            notes="No interpreter needed",
        ),
        FrozenParty(
            role="alleged_perpetrator",
            name=_PERPETRATORS[who],
            date_of_birth=date(1988, 1, 30),
            age=38,
            relationship="Ex-husband, separated in August",
        ),
        *((child,) if with_children else ()),
    )


def item(number: int, *, with_children: bool = True) -> FrozenItem:
    return FrozenItem(
        position=number,
        offset_minutes=15 + 12 * (number - 1),
        minutes=12,
        section=AgendaSection.CHILDREN if with_children else AgendaSection.ADULTS,
        case_reference=f"C-{2000 + number}",
        case_id=f"0190f000-0000-7000-8000-{number:012d}",
        level="high",
        score="16 of 27, 3 not answered",
        grounds=("visible high risk", "potential escalation"),
        markers=("strangulation", "separation with control", "victim's own fear"),
        repeat=number % 4 == 0,
        reasons=(
            "16 of 27 answers are yes; this partnership counts 14 or more as visible high risk.",
            "3 incidents in the last 12 months.",
            "Strangulation was reported, which is always shown.",
        ),
        summary=(
            "On 9 November police were called by a neighbour. The perpetrator had waited at the back gate, took her "
            "phone and held her by the throat for some seconds. She did not lose consciousness.\nHe left before the "
            "police came and has since sent about forty messages a day from new accounts."
        ),
        parties=parties(number, with_children=with_children),
        referrer_agency=AGENCIES[number % len(AGENCIES)],
        referred_on=date(2026, 11, 10),
        idva="Bethan Rees, Aurora Domestic Abuse Service",
        victim_words="I sleep with the chair against the door. I know what he is like when he goes quiet.",
        victim_wishes="To stay in the area near her mother, and for him not to know where Ellie goes to school.",
        safe_contact=(
            "Call only between 10am and 2pm on weekdays. Do not leave a message.",
            "His sister works at the GP surgery: do not speak to reception there.",
        ),
        research=(
            FrozenResearch(
                agency="Hampshire Constabulary",
                known=KnownHere.YES,
                facts="Six calls since March; arrested 9 November, on bail with conditions until 4 December.",
                opinion="Officers judge that breach is likely.",
            ),
            FrozenResearch(agency="Harbour Housing", known=KnownHere.NO),
            FrozenResearch(agency="Probation Service"),
        ),
        risks=(
            FrozenRisk(person="Joanne Pell", role="victim", risks=("Homicide", "Stalking after separation")),
            FrozenRisk(person="Ellie Pell", role="child", risks=("Witnessing violence",)),
        ),
        open_actions=(action(number),),
        earlier_meetings=(EarlierMeeting(on=date(2026, 3, 5), forum="Harbour MARAC", outcome="Heard, plan agreed"),),
    )


def agenda(cases: int = 3, **changes: object) -> FrozenAgenda:
    """An agenda of this many cases."""
    sample = FrozenAgenda(
        partnership="Harbour Domestic Abuse Partnership",
        forum_kind="marac",
        forum="Harbour MARAC",
        meeting_id="0190f3a0-7a51-7c06-9b1e-2d7f0c5a1b11",
        starts_at=STARTS,
        published_at=PUBLISHED,
        published_by=COORDINATOR,
        confidentiality_statement=STATEMENT,
        chair="Det Insp Ruth Calder",
        member_agencies=AGENCIES,
        unfinished_actions=tuple(action(number) for number in range(1, 3)),
        items=tuple(item(number, with_children=3 * number <= 2 * cases) for number in range(1, cases + 1)),
    )
    return sample.model_copy(update=changes)


def addendum(number: int) -> Addendum:
    """A case added after publishing."""
    return Addendum(
        version=2,
        at=PUBLISHED + timedelta(days=2),
        by=COORDINATOR,
        text="One case added at the chair's request after the cut-off.",
        items=(item(number),),
    )


def minutes(cases: int = 2) -> FrozenMinutes:
    """Minutes of a meeting that heard this many cases."""
    return FrozenMinutes(
        partnership="Harbour Domestic Abuse Partnership",
        forum_kind="marac",
        forum="Harbour MARAC",
        meeting_id="0190f3a0-7a51-7c06-9b1e-2d7f0c5a1b11",
        starts_at=STARTS,
        published_at=STARTS + timedelta(days=2),
        published_by=COORDINATOR,
        confidentiality_statement=STATEMENT,
        chair="Det Insp Ruth Calder",
        attendees=(
            Attendance(name="PC Dev Rana", agency="Hampshire Constabulary", confidentiality_accepted=True),
            Attendance(name="Dr Amy Osei", agency="Solent Mental Health Trust", confidentiality_accepted=True),
        ),
        observers=(Attendance(name="Tom Lyle", agency="Harbour Housing"),),
        apologies=(Apology(name="Ines Duarte", agency="Probation Service", information_sent=True),),
        quorum="Met: 8 of 6 agencies needed",
        unfinished_actions=(action(1), action(2)),
        items=tuple(
            MinutesItem(
                position=number,
                case_reference=f"C-{2000 + number}",
                case_id=f"0190f000-0000-7000-8000-{number:012d}",
                parties=parties(number, with_children=True),
                discussion="The IDVA reported that she wishes to stay near her mother.",
                risks=(FrozenRisk(person="Joanne Pell", role="victim", risks=("Homicide",)),),
                actions=(action(number),),
                outcome="Heard, plan agreed",
                outcome_reason="Each agency has an action; the plan is reviewed in four weeks.",
                safe_contact=("Do not leave a message.",),
            )
            for number in range(1, cases + 1)
        ),
    )
