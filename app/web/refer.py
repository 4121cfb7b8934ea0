"""Referring somebody: where it begins, its list of steps, the answers before they are sent, and what came of them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from app.domain.clock import local, local_date, say_date
from app.domain.errors import Invalid
from app.domain.referrals import ReferralForm
from app.risk.markers import Marker
from app.services import drafts, intake, referrals
from app.services.drafts import Checked
from app.web.refer_change import first, part_of
from app.web.refer_fields import Group, words
from app.web.refer_people import called
from app.web.refer_steps import PEOPLE, STEPS, TASKS, People, Slug, StepPage, Task
from app.web.refer_words import Missing, missing
from app.web.visit import AtVisit, Visit

router = APIRouter()

ReferralId = Annotated[UUID, Path()]

LEVELS: Final = {"high": "High risk", "medium": "Medium risk", "standard": "Standard risk"}
_GROUNDS: Final = {
    "visible_high_risk": "score {score} of {out_of}",
    "professional_judgement": "your professional judgement",
    "potential_escalation": "several events in a short time",
    "repeat": "abuse again within a year of an earlier referral",
}
_SERVICES: Final = {
    "advocacy_worker": "an advocacy worker",
    "pippa": "PIPPA, the contact for professionals",
    "gp_iris": "a GP through IRIS",
    "victim_support": "victim support",
    "early_help": "early help",
}


@dataclass(frozen=True, slots=True)
class _Lacking:
    """What the layout lists at the top of a page, with links to other pages."""

    problems: list[Missing]

    @property
    def summary(self) -> list[dict[str, str]]:
        return [{"text": each.text, "href": each.href} for each in self.problems]


@router.get("/refer")
async def start(visit: AtVisit, cursor: Annotated[UUID | None, Query()] = None) -> Response:
    """Start, or go on with a draft."""
    await visit.do(drafts.may_refer)
    found = await visit.read(referrals.listed, status="draft", after=cursor, limit=20)
    listed = [{**each, "when": _moment(each["updated_at"])} for each in found.value["items"]]
    return visit.page("refer/start.html", drafts=listed, more=found.value["next"])


@router.post("/refer")
async def begin(visit: AtVisit) -> Response:
    """Keep a new draft, and go to its first page."""
    return visit.to(f"/refer/{await visit.do(drafts.begin)}/{TASKS[0].slug}")


@router.get("/refer/{referral_id}")
async def tasks(visit: AtVisit, referral_id: ReferralId) -> Response:
    """The steps, and how far each has come."""
    found = await visit.do(drafts.checked, referral_id)
    if found.draft.status != "draft":
        return visit.to(f"/refer/{referral_id}/sent")
    form = found.draft.form
    left = missing(referral_id, form, found.problems)
    lines = [(task, *_status(task, form, left)) for task in TASKS]
    behind = next((task for task, _, done in lines if not done), None)
    return visit.page("refer/tasks.html", draft=found.draft, lines=lines, behind=behind, left=left)


@router.get("/refer/{referral_id}/check")
async def check(visit: AtVisit, referral_id: ReferralId) -> Response:
    """Every answer, each with its way back, and what is still missing."""
    found = await visit.do(drafts.checked, referral_id)
    if found.draft.status != "draft":
        return visit.to(f"/refer/{referral_id}/sent")
    return _answers(visit, found)


@router.post("/refer/{referral_id}/send")
async def send(visit: AtVisit, referral_id: ReferralId) -> Response:
    """Send it. Sent twice is sent once."""
    try:
        await visit.do(intake.submit, referral_id)
    except Invalid as refused:
        return _answers(visit, await visit.do(drafts.checked, referral_id), refused)
    return visit.to(f"/refer/{referral_id}/sent")


@router.get("/refer/{referral_id}/sent")
async def sent(visit: AtVisit, referral_id: ReferralId) -> Response:
    """What came of it, why, and what happens next."""
    found = await visit.do(drafts.sent, referral_id)
    if found is None:
        return visit.to("/refer")
    result = found.result
    route = result["route"]
    return visit.page(
        "refer/sent.html",
        result=result,
        case=result["case"],
        level=LEVELS[result["level"]],
        grounds=[_GROUNDS[each].format_map(result) for each in result["grounds"]],
        reasons=[each["text"] for each in result["reasons"] if not each["rule"].startswith("risk.marker")],
        about_markers=[each["text"] for each in result["reasons"] if each["rule"].startswith("risk.marker")],
        starts=_moment(route["starts_at"]) if route and "starts_at" in route else None,
        accept_by=_moment(route["accept_by"]) if route and "accept_by" in route else None,
        service=_SERVICES.get(route["name"], "a support service") if route and route["kind"] == "support" else None,
        told=[each["name"] for each in found.told],
        childrens=[each["name"] for each in found.told if each["kind"] == "childrens_services"],
        children=len(found.form.children),
        idva=[each["name"] for each in found.told if each["kind"] == "idva_service"],
        contact_due=_moment(found.contact_due.isoformat()),
    )


@router.get("/refer/{referral_id}/withdraw")
async def ask_withdrawal(visit: AtVisit, referral_id: ReferralId) -> Response:
    """Is that really meant?"""
    draft = await visit.do(drafts.opened, referral_id)
    if draft.status != "draft":
        return visit.to(f"/refer/{referral_id}/sent")
    return visit.page("refer/withdraw.html", draft=draft)


@router.post("/refer/{referral_id}/withdraw")
async def withdraw(visit: AtVisit, referral_id: ReferralId) -> Response:
    """Give the draft up. It stays in the record, empty."""
    version = first(visit.sent, "version")
    await visit.do(referrals.withdraw, referral_id, int(version) if version.isdecimal() else None)
    visit.say("The draft was deleted.")
    return visit.to("/refer")


def _answers(visit: Visit, found: Checked, refused: Invalid | None = None) -> Response:
    form = found.draft.form
    left = missing(found.draft.id, form, refused.problems if refused else found.problems)
    today = local_date(visit.errand.now)
    names = {**{each.code: each.title for each in found.register.bases}, **found.people}
    sections = [_section(found, task, today, names) for task in TASKS]
    return visit.page(
        "refer/check.html",
        422 if refused else 200,
        draft=found.draft,
        sections=sections,
        left=left,
        form=_Lacking(left if refused else []),
        counted=found.counted,
    )


def _section(found: Checked, task: Task, today: date, names: dict[str, str]) -> dict[str, Any]:
    """A step's answers: a heading, where to change them, and lists of lines."""
    form = found.draft.form
    here = f"/refer/{found.draft.id}/{task.slug}"
    section: dict[str, Any] = {"task": task, "href": f"{here}?then=check", "lists": [], "add": None}
    if task.slug in set(People):
        people = People(task.slug)
        section["href"], section["add"] = here, here
        for party in getattr(form, people):
            lines = _lines(form, PEOPLE[people], party.key, today, names)
            section["lists"].append((called(party, "Name not known"), f"{here}/{party.key}?then=check", lines))
    elif task.slug == "questions":
        section["lists"].append((None, section["href"], _asked(found)))
    else:
        section["lists"].append((None, section["href"], _lines(form, STEPS[Slug(task.slug)], None, today, names)))
    return section


def _lines(
    form: ReferralForm, step: StepPage, key: str | None, today: date, names: dict[str, str]
) -> list[tuple[str, str]]:
    data = form.model_dump(mode="json", exclude_none=True)
    part, _ = part_of(data, step, key)
    lines = []
    for group in step.groups(form, part, {}):
        for each in group.fields:
            said = words(each, part, today)
            if said is not None:
                # What stands for something that only this partnership has: a basis, or its people.
                if each.name in ("basis", "keep_from", "restricted_to"):
                    said = "\n".join(names.get(line, line) for line in said.split("\n"))
                lines.append((_labelled(group, each.label), said))
    return lines


def _labelled(group: Group, label: str) -> str:
    """A field's label; of several alike, with which of them it is."""
    numbered = group.title[-1:].isdecimal() and not label[-1:].isdecimal()
    return f"{group.title}: {label}" if numbered else label


def _asked(found: Checked) -> list[tuple[str, str]]:
    asked = found.asked
    if found.counted is None or found.instrument is None or asked is None:
        return []
    score = found.counted.score
    lines = [("Questions", found.instrument.title), ("Score so far", f"{score.yes} of {score.out_of}")]
    if score.unanswered:
        lines.append(("Not answered", f"{score.unanswered}: the score could reach {score.could_reach}"))
    yes = [
        f"{q.number}. {q.topic}"
        for q in found.instrument.questions
        if q.number in asked.answers and asked.answers[q.number].value == "yes"
    ]
    if yes:
        lines.append(("Answered yes", "\n".join(yes)))
    if found.counted.markers:
        lines.append(("Critical markers", "\n".join(Marker(each).label for each in found.counted.markers)))
    if asked.assessed_at:
        lines.append(("Asked", f"{_moment(asked.assessed_at.isoformat())} by {asked.assessed_by or 'somebody'}"))
    return lines


def _status(task: Task, form: ReferralForm, left: list[Missing]) -> tuple[str, bool]:
    """How far a step has come, in words, and whether it can be left as it is."""
    if task.slug == "contact":
        begun = form.victim is not None and bool(form.victim.safe_contact or form.victim.contact)
    else:
        begun = any(bool(getattr(form, root[1:], None)) for root in task.roots)
    waiting = any(each.task is task for each in left)
    if waiting:
        return ("Incomplete" if begun else "Not started"), False
    if not begun:
        return "Optional", True
    return "Done", True


def _moment(text: str) -> str:
    at = local(datetime.fromisoformat(text))
    return f"{say_date(at.date())} at {at:%H:%M}"
