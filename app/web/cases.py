"""Cases: the list, and what is to be read of one, a part to a page."""

from contextlib import suppress
from datetime import date
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Path
from starlette.responses import Response

from app.domain.errors import FieldProblem, Invalid, NotFound
from app.domain.fields import Form
from app.domain.lifecycle import State
from app.risk.grading import Level
from app.risk.markers import Marker
from app.services import break_glass, case_page, cases
from app.services.case_page import Head
from app.web import case_history, case_words
from app.web.forms import blank
from app.web.role_words import ROLES
from app.web.visit import AtVisit, Visit

router = APIRouter(prefix="/cases")

CaseId = Annotated[UUID, Path()]
K = TypeVar("K")

_LISTED: Final = 25
_ENTRIES: Final = 25
ONLY: Final = (
    ("new", "New at today’s HRDA"),
    ("no_idva", "Cases without an IDVA"),
    ("mine", "Cases of which I am the IDVA"),
    ("repeat", "Repeats"),
)
"""What the list can be narrowed to by a tick, in codes and in words."""


class Narrowed(Form):
    """Which cases, as the address says, in codes only: what it cannot mean narrows nothing."""

    state: State | None = None
    level: Level | None = None
    marker: Marker | None = None
    repeat: bool = False
    mine: bool = False
    no_idva: bool = False
    new: bool = False
    cursor: UUID | None = None

    @property
    def typed(self) -> dict[str, str | tuple[str, ...]]:
        """As the form shows it."""
        found: dict[str, str | tuple[str, ...]] = {
            name: str(value) for name in ("state", "level", "marker") if (value := getattr(self, name))
        }
        only = tuple(name for name, _ in ONLY if getattr(self, name))
        return {**found, **({"only": only} if only else {})}

    @property
    def query(self) -> str:
        """The same in an address, without the place in the list."""
        return urlencode(self.typed, doseq=True)


class Filters(Form):
    """The filters as the page shows them. only: several of ONLY."""

    state: str = ""
    level: str = ""
    marker: str = ""
    only: tuple[str, ...] = ()


def known(kind: type[K], value: str) -> K | None:
    """What an address means by a value; None when it means nothing."""
    try:
        return kind(value) if value else None  # type: ignore[call-arg]  # an enumeration or an id, made from its text
    except ValueError:
        return None


async def _narrowed(visit: AtVisit) -> Narrowed:
    asked = visit.request.query_params
    only = asked.getlist("only")
    return Narrowed(
        state=known(State, asked.get("state", "")),
        level=known(Level, asked.get("level", "")),
        marker=known(Marker, asked.get("marker", "")),
        **{name: name in only for name, _ in ONLY},
        cursor=known(UUID, asked.get("cursor", "")),
    )


async def _cursor(visit: AtVisit) -> UUID | None:
    return known(UUID, visit.request.query_params.get("cursor", ""))


AtCursor = Annotated[UUID | None, Depends(_cursor)]


@router.get("")
async def everything(visit: AtVisit, narrowed: Annotated[Narrowed, Depends(_narrowed)]) -> Response:
    """The cases that are open to whoever asks, newest first."""
    page = await visit.read(
        cases.listed,
        state=narrowed.state,
        level=narrowed.level,
        repeat=narrowed.repeat or None,
        marker=narrowed.marker,
        mine=narrowed.mine,
        no_idva=narrowed.no_idva,
        new_at_hrda=narrowed.new,
        after=narrowed.cursor,
        limit=_LISTED,
    )
    query = narrowed.query
    return visit.page(
        "cases/list.html",
        cases=[_line(each) for each in page.value["items"]],
        choices=_CHOICES,
        only=ONLY,
        after=f"/cases?{query}{'&' if query else ''}cursor={page.next_cursor}" if page.next_cursor else None,
        form=blank(Filters, **narrowed.typed),
        narrowed=bool(query),
        first=narrowed.cursor is None,
    )


Line = tuple[str, str, str, list[case_words.Tag], str, list[tuple[str, str]]]

_CHOICES: Final = (
    (
        "state",
        "How the case stands",
        [(code, tag[0]) for code, tag in case_words.STATES.items() if code != State.DRAFT],
    ),
    ("level", "Risk", [(code, tag[0]) for code, tag in case_words.LEVELS.items()]),
    ("marker", "Critical marker", list(case_words.MARKERS.items())),
)


def _line(case: dict[str, Any]) -> Line:
    """A case in the list: its path, name, reference, tags, critical markers, and facts by what they are."""
    tags = [case_words.LEVELS[case["level"]], case_words.STATES[case["state"]]]
    if case["repeat"]:
        tags.append(("Repeat", "purple"))
    meeting, children = case["next_meeting"], case["children"]
    facts = [("Next meeting", case_words.moment(meeting["starts_at"]))] if meeting else []
    if case["review_on"]:
        facts.append(("Review", case_words.day(case["review_on"])))
    facts += [("Referred by", case["referring_agency"]), ("IDVA", case["idva"] or "None yet")]
    if children:
        facts.append(("Children", str(children)))
    facts.append(("Opened", case_words.day(case["opened_at"])))
    markers = ", ".join(case_words.MARKERS[each] for each in case["markers"])
    return f"/cases/{case['id']}", case["victim_name"], case["reference"], tags, markers, facts


@router.get("/{case_id}")
async def overview(visit: AtVisit, case_id: CaseId) -> Response:
    """Its first page."""
    page = await visit.do(case_page.overview, case_id)
    return show(visit, "cases/overview.html", page.head, page=page, case=page.case, happened=case_history.happened)


@router.get("/{case_id}/risk")
async def risk(visit: AtVisit, case_id: CaseId) -> Response:
    """How great the risk was each time that it was assessed."""
    page = await visit.do(case_page.risk, case_id)
    scored = [each for each in page.items if _counts(each)]
    return show(visit, "cases/risk.html", page.head, items=page.items, scored=scored[::-1])


@router.get("/{case_id}/risk/{assessment_id}")
async def assessment(visit: AtVisit, case_id: CaseId, assessment_id: Annotated[UUID, Path()]) -> Response:
    """One assessment with its answers."""
    head, found, instrument = await visit.do(case_page.assessment, case_id, assessment_id)
    return show(visit, "cases/assessment.html", head, found=found, instrument=instrument)


@router.get("/{case_id}/plan")
async def plan(visit: AtVisit, case_id: CaseId) -> Response:
    """What was promised, and who was asked to support the family."""
    page = await visit.do(case_page.plan, case_id)
    return show(visit, "cases/plan.html", page.head, page=page, own=str(visit.me.agency_id))


@router.get("/{case_id}/meetings")
async def meetings(visit: AtVisit, case_id: CaseId) -> Response:
    """The meetings that had it, have it or will have it."""
    page = await visit.do(case_page.meetings, case_id)
    return show(visit, "cases/meetings.html", page.head, items=page.items)


@router.get("/{case_id}/timeline")
async def timeline(visit: AtVisit, case_id: CaseId, cursor: AtCursor) -> Response:
    """What happened."""
    page = await visit.do(case_page.timeline, case_id, after=cursor, limit=_ENTRIES)
    events = [case_history.happened(each) for each in page.items]
    return show(visit, "cases/timeline.html", page.head, events=events, after=page.next_cursor)


@router.get("/{case_id}/trail")
async def trail(visit: AtVisit, case_id: CaseId, cursor: AtCursor) -> Response:
    """Who looked."""
    page = await visit.do(case_page.trail, case_id, after=cursor, limit=2 * _ENTRIES)
    lines = case_history.looked(page.items)
    return show(visit, "cases/trail.html", page.head, lines=lines, after=page.next_cursor)


class OnDay(Form):
    """A day that is past."""

    on: date | None = None


@router.get("/{case_id}/access")
async def access(visit: AtVisit, case_id: CaseId) -> Response:
    """Who can see it and why; or who could on a day."""
    asked = visit.request.query_params.get("on", "")
    form, on = blank(OnDay, on=asked), None
    if asked:
        try:
            on = date.fromisoformat(asked)
            page = await visit.do(case_page.access, case_id, on)
        except ValueError:
            form, on = form.refused(Invalid([FieldProblem("/on", "bad_date", "Enter a real date")])), None
        except Invalid:
            text = "Enter today or a day that is past"
            form, on = form.refused(Invalid([FieldProblem("/on", "out_of_range", text)])), None
    if on is None:
        page = await visit.do(case_page.access, case_id, None)
    status = 422 if form.problems else 200
    facts = {"form": form, "on": on, "page": page, "reasons": _by_reason(page.told), "ROLES": ROLES}
    return show(visit, "cases/access.html", page.head, status, **facts)


@router.post("/{case_id}/emergency/end")
async def give_up(visit: AtVisit, case_id: CaseId) -> Response:
    """Give up a case that was opened in an emergency, before the hours are up."""
    with suppress(NotFound):  # the hours were up already
        head = await visit.do(case_page.head, case_id)
        if head.emergency_id is not None:
            await visit.do(break_glass.end, head.emergency_id)
    visit.say("You have given the case up. It is closed to you again.")
    return visit.to("/cases")


def show(visit: Visit, template: str, head: Head, status: int = 200, **facts: object) -> Response:
    """A page of a case."""
    return visit.page(template, status, head=head, words=case_words, **facts)


def _counts(each: dict[str, Any]) -> bool:
    """Whether an assessment is a point on the line: the victim's, and not since corrected."""
    return bool(each["of"] and each["of"]["role"] == "victim" and not each["corrected"])


def _by_reason(told: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for each in told["items"]:
        found.setdefault(each["why"], []).append(each)
    return found
