"""What waits, in words: each kind with its count, and each thing with who it is about, what to do and by when."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from app.domain.access import CASEWORK, Actor, Role, Verb
from app.domain.clock import local_date, say_date
from app.domain.due import say_due_by, say_due_on, say_moment, say_waited
from app.domain.work import Group, Item, Kind, When
from app.web.case_words import SERVICES
from app.web.notice_words import KINDS as NOTICES

Opens = Callable[[str], bool]
_ANY: Final = UUID(int=0)

SPANS: Final[Mapping[When, str]] = {
    When.OVERDUE: "Overdue",
    When.TODAY: "Today",
    When.WEEK: "This week",
    When.LATER: "Later",
}
# One of them, and several.
COUNTED: Final[Mapping[Kind, tuple[str, str]]] = {
    Kind.MEETING: ("meeting", "meetings"),
    Kind.CONTACT: ("client to reach for the first time", "clients to reach for the first time"),
    Kind.UNALLOCATED: ("high-risk case without an IDVA", "high-risk cases without an IDVA"),
    Kind.RESEARCH: ("research return to give", "research returns to give"),
    Kind.ACTION: ("action of yours", "actions of yours"),
    Kind.DRAFT: ("referral that you have not sent", "referrals that you have not sent"),
    Kind.OFFER: ("request for support to answer", "requests for support to answer"),
    Kind.PACK: ("agenda to send out", "agendas to send out"),
    Kind.MINUTES: ("set of minutes to issue", "sets of minutes to issue"),
    Kind.REVIEW: ("emergency opening to review", "emergency openings to review"),
    Kind.MATCH: ("pair of records that may be one person", "pairs of records that may be one person"),
    Kind.AGENCY_ACTION: ("other action of your agency", "other actions of your agency"),
    Kind.AGENCY_DRAFT: ("referral that a colleague has not sent", "referrals that colleagues have not sent"),
    Kind.NOTICE: ("notice to read", "notices to read"),
}
# Where the whole list is: the first of these that is a page.
LISTS: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.MEETING: ("/meetings",),
    Kind.CONTACT: ("/caseload",),
    Kind.UNALLOCATED: ("/cases?level=high&only=no_idva",),
    Kind.RESEARCH: ("/research",),
    Kind.ACTION: ("/actions?of=me",),
    Kind.DRAFT: ("/refer",),
    Kind.OFFER: ("/support",),
    Kind.PACK: ("/meetings",),
    Kind.MINUTES: ("/meetings",),
    Kind.REVIEW: ("/emergency",),
    Kind.MATCH: ("/matches",),
    Kind.AGENCY_ACTION: ("/actions?of=agency",),
    Kind.AGENCY_DRAFT: ("/refer",),
    Kind.NOTICE: ("/notices",),
}
PLACES: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.MEETING: ("/meetings/{id}",),
    Kind.CONTACT: ("/caseload/{case}", "/cases/{case}"),
    Kind.UNALLOCATED: ("/cases/{case}",),
    Kind.RESEARCH: ("/research/{id}", "/research"),
    Kind.ACTION: ("/actions/{id}",),
    Kind.DRAFT: ("/refer/{id}",),
    Kind.OFFER: ("/cases/{case}/plan",),
    Kind.PACK: ("/meetings/{id}",),
    Kind.MINUTES: ("/meetings/{id}",),
    Kind.REVIEW: ("/emergency/{id}",),
    Kind.MATCH: ("/matches",),
    Kind.AGENCY_ACTION: ("/actions/{id}",),
    Kind.AGENCY_DRAFT: ("/refer/{id}",),
    Kind.NOTICE: ("/notices",),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that waits, as its line on the page. href: None while there is no such page."""

    name: str
    href: str | None
    more: str
    due: str


@dataclass(frozen=True, slots=True)
class Heap:
    """All of a kind in one span of time: its heading, its list, and its first lines. left: how many more there are."""

    heading: str
    href: str | None
    lines: tuple[Line, ...]
    left: str


@dataclass(frozen=True, slots=True)
class Span:
    """What is to be done in one span of time."""

    when: When
    name: str
    count: str
    heaps: tuple[Heap, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do next, for whoever has nothing to do."""

    path: str
    name: str


def spans(groups: tuple[Group, ...], now: datetime, opens: Opens) -> tuple[Span, ...]:
    """What waits, by the clock. Spans in which nothing does are left out."""
    return tuple(
        Span(
            when,
            SPANS[when],
            _count(sum(each.count for each in found), any(each.more for each in found)),
            tuple(_heap(each, now, opens) for each in found),
        )
        for when in When
        if (found := [each for each in groups if each.when is when])
    )


def steps(actor: Actor, opens: Opens) -> tuple[Step, ...]:
    """The two most likely next steps of somebody for whom nothing waits."""
    found = [step for verb, step in _STEPS if actor.may(verb) and opens(step.path)]
    if not actor.roles & CASEWORK:
        found += [step for step in _OTHERWISE if opens(step.path)]
    return tuple(found[:2])


def refers_first(actor: Actor) -> bool:
    """Whether this is somebody who comes here to refer, more than for anything else."""
    return bool(actor.roles & {Role.PRACTITIONER, Role.SAFEGUARDING_OFFICER}) and actor.may(Verb.REFER)


_STEPS: Final = (
    (Verb.RUN_MEETING, Step("/meetings", "See the next meetings")),
    (Verb.REFER, Step("/refer", "Refer somebody")),
    (Verb.READ, Step("/cases", "Look at your cases")),
    (Verb.READ, Step("/search", "Search for a person or a case")),
    (Verb.AUDIT, Step("/oversight", "Find out who looked at a case")),
    (Verb.AUDIT, Step("/oversight/trail", "Read everything that anybody did")),
    (Verb.ADMINISTER_PARTNERSHIP, Step("/administration", "Look after the partnership’s settings")),
    (Verb.ADMINISTER_AGENCY, Step("/people/invite", "Invite somebody")),
    (Verb.ADMINISTER_AGENCY, Step("/people", "See who has access")),
)
_OTHERWISE: Final = (Step("/account", "Check how you sign in"), Step("/notices", "Read earlier notices"))


def _heap(group: Group, now: datetime, opens: Opens) -> Heap:
    count = _count(group.count, group.more)
    left = group.count - len(group.items)
    return Heap(
        heading=f"{count} {COUNTED[group.kind][group.count != 1]}",
        href=_first(LISTS[group.kind], opens),
        lines=tuple(_line(group.kind, each, now, opens) for each in group.items),
        left=_count(left, group.more) if left else "",
    )


def _line(kind: Kind, item: Item, now: datetime, opens: Opens) -> Line:
    name, more = _said(kind, item)
    place = _first(PLACES[kind], opens)
    case = item.case.id if item.case else None
    return Line(name, place.format(id=item.id, case=case) if place else None, more, _due(kind, item, now))


def _said(kind: Kind, item: Item) -> tuple[str, str]:
    """Who or what, and what more there is to say."""
    about = item.about
    case = f"{item.case.victim_name}, {item.case.reference}" if item.case else ""
    if kind in (Kind.MEETING, Kind.PACK, Kind.MINUTES):
        cases = f"{about['cases']} case{'' if about['cases'] == 1 else 's'}"
        return f"{about['meeting']}, {_day(about['starts_at'])}", cases
    if kind is Kind.RESEARCH:
        kept = ". Written, but not shared yet" if about["kept"] else ""
        return case, f"For the {about['meeting']} of {_day(about['starts_at'])}{kept}"
    if kind in (Kind.ACTION, Kind.AGENCY_ACTION):
        owner = f". For {about['owner']}" if kind is Kind.AGENCY_ACTION and about["owner"] else ""
        return _short(about["what"]), f"{case}{owner}"
    if kind in (Kind.DRAFT, Kind.AGENCY_DRAFT):
        return about["victim"] or "Nobody named yet", f"By {about['author']}" if kind is Kind.AGENCY_DRAFT else ""
    if kind is Kind.OFFER:
        return case, SERVICES[about["service"]]
    if kind is Kind.REVIEW:
        return about["reference"], f"Opened by {about['person']}, {about['agency']}"
    if kind is Kind.MATCH:
        return case, f"Perhaps known already, in {about['other']}"
    if kind is Kind.NOTICE:
        return NOTICES[about["kind"]].title, ""
    return case, ""


def _due(kind: Kind, item: Item, now: datetime) -> str:
    if item.due_by is not None:
        return say_due_by(item.due_by, now)
    if item.due_on is not None:
        return say_due_on(item.due_on, local_date(now))
    if kind is Kind.MEETING:
        under_way = item.about["status"] == "in_session"
        return "going on now" if under_way else f"at {say_moment(_moment(item.about['starts_at']), now)}"
    return f"waiting {say_waited(item.since, now)}" if item.since else ""


def _count(count: int, more: bool) -> str:
    return f"{count} or more" if more else str(count)


def _first(paths: tuple[str, ...], opens: Opens) -> str | None:
    # Asked with one id for all, since what is found is kept.
    return next((path for path in paths if opens(path.partition("?")[0].format(id=_ANY, case=_ANY))), None)


def _short(text: str, most: int = 120) -> str:
    return text if len(text) <= most else f"{text[:most].rpartition(' ')[0]}…"


def _day(at: Any) -> str:
    return say_date(local_date(_moment(at)))


def _moment(at: str) -> datetime:
    return datetime.fromisoformat(at)
