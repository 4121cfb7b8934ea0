"""The risk questions of a referral: asked once, counted as they are answered, or taken over from who asked before."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import ValidationError
from starlette.responses import Response

from app.domain.clock import at_local, local, say_date
from app.domain.errors import FieldProblem, Invalid, Stale
from app.domain.fields import problems_from
from app.domain.referrals import AssessmentForm, ReferralForm
from app.risk.instruments import Instrument
from app.risk.scoring import VICTIM, Answer, AnswerValue
from app.services import drafts
from app.services.drafts import Asking
from app.web.forms import Filled, Typed
from app.web.refer_change import first
from app.web.refer_fields import Field, Kind, base_of, day_in, filled
from app.web.refer_pages import way_on
from app.web.refusals import wants_page
from app.web.visit import AtVisit, Visit

router = APIRouter()

ReferralId = Annotated[UUID, Path()]
ScreenId = Annotated[str, Path(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]

VALUES: Final = (
    (AnswerValue.YES, "Yes"),
    (AnswerValue.NO, "No"),
    (AnswerValue.DONT_KNOW, "Do not know"),
    (AnswerValue.NOT_ASKED, "Not asked"),
)
"""Each answer, and in words."""
_NAMES: Final = ("asked_on-day", "asked_on-month", "asked_on-year", "asked_at", "asked_by", "place")


@dataclass(slots=True)
class Answers:
    """What a page of questions does to the draft. Raises Stale when its answers are not what the page showed.

    screen: which screen it is, if it is one. beneath: answers that were taken over, which need not be kept again.
    """

    instrument: Instrument
    sent: Typed
    now: datetime
    screen: bool
    beneath: Mapping[int, Answer]
    found: list[FieldProblem] = field(default_factory=list)

    def __call__(self, form: ReferralForm) -> ReferralForm:
        """The whole form with the answers as they were sent."""
        before = _told(form, self.instrument if self.screen else None)
        data = form.model_dump(mode="json", exclude_none=True)
        asked = before.model_dump(mode="json", exclude_none=True)
        asked |= {"instrument": self.instrument.id, "version": self.instrument.version}
        asked["answers"] = self._answers(before)
        if not self.screen and before.adopted_from is None:
            asked |= self._asked(form)
        if self.screen:
            others = [each for each in data["screens"] if each.get("instrument") != self.instrument.id]
            data["screens"] = [*others, asked] if asked["answers"] else others
        elif asked["answers"] or form.assessment is not None:
            data["assessment"] = asked
        try:
            after = ReferralForm.model_validate(data)
        except ValidationError as error:
            self.found += [_placed(each) for each in problems_from(error, ReferralForm)]
        if self.found:
            raise Invalid(self.found)
        if after != form and first(self.sent, "base") != base(self.instrument, before):
            raise Stale("page")
        return after

    def _answers(self, before: AssessmentForm) -> dict[str, dict[str, Any]]:
        given = {}
        for question in self.instrument.questions:
            number = question.number
            value, note = first(self.sent, f"q{number}"), first(self.sent, f"n{number}").strip()
            if value not in set(AnswerValue) and not note:
                continue
            old = before.answers.get(number)
            beneath = self.beneath.get(number)
            if old is None and beneath and (beneath.value, beneath.note or "") == (value, note):
                continue
            source = old.source if old else None
            given[str(number)] = {"value": value or "not_asked", "note": note or None, "source": source or VICTIM}
        return given

    def _asked(self, form: ReferralForm) -> dict[str, Any]:
        """When, where and by whom: now, by whoever refers, unless somebody says otherwise."""
        by = first(self.sent, "asked_by").strip() or (form.referrer.name if form.referrer else None)
        told = {"assessed_by": by, "place": first(self.sent, "place").strip() or None}
        try:
            told["assessed_at"] = self._moment().isoformat()
        except ValueError as error:
            self.found.append(FieldProblem("/asked_on", "bad_date", f"When they were asked: {error}"))
        return told

    def _moment(self) -> datetime:
        day = day_in(*(first(self.sent, name) for name in _NAMES[:3]))
        if day is None:
            return self.now
        text = first(self.sent, "asked_at").strip().replace(".", ":")
        digits = text.replace(":", "").zfill(4)
        try:
            at = time.fromisoformat(f"{digits[:2]}:{digits[2:]}")
        except ValueError:
            raise ValueError("Write the time with the hours of a day, such as 14:05.") from None
        return at_local(datetime.fromisoformat(day).date(), at)


def base(instrument: Instrument, told: AssessmentForm) -> str:
    """A digest of the answers that a draft holds: whether they have changed since a page showed them."""
    data = told.model_dump(mode="json", exclude_none=True)
    fields = [
        *(Field(f"q{n}", ("answers", str(n), "value"), "") for n in sorted(instrument.numbers)),
        *(Field(f"n{n}", ("answers", str(n), "note"), "") for n in sorted(instrument.numbers)),
        *(Field(name, (name,), "") for name in ("instrument", "assessed_at", "assessed_by", "place", "adopted_from")),
    ]
    return base_of(fields, data)


@router.get("/refer/{referral_id}/questions")
async def ask(visit: AtVisit, referral_id: ReferralId) -> Response:
    """The questions for somebody of this age."""
    return _page(visit, await visit.do(drafts.asking, referral_id), None)


@router.post("/refer/{referral_id}/questions")
async def save(visit: AtVisit, referral_id: ReferralId) -> Response:
    """Save the answers."""
    return await _save(visit, referral_id, None)


@router.get("/refer/{referral_id}/screens/{screen}")
async def ask_screen(visit: AtVisit, referral_id: ReferralId, screen: ScreenId) -> Response:
    """The questions of a screen that an answer prompted."""
    return _page(visit, await visit.do(drafts.asking, referral_id, screen), screen)


@router.post("/refer/{referral_id}/screens/{screen}")
async def save_screen(visit: AtVisit, referral_id: ReferralId, screen: ScreenId) -> Response:
    """Save its answers."""
    return await _save(visit, referral_id, screen)


@router.post("/refer/{referral_id}/questions/adopt")
async def adopt(visit: AtVisit, referral_id: ReferralId) -> Response:
    """Take over the answers of whoever asked before."""
    try:
        await visit.do(drafts.adopt, referral_id, UUID(first(visit.sent, "assessment")))
    except ValueError:
        return visit.to(f"/refer/{referral_id}/questions")
    visit.say("The earlier answers were taken over. Change only what has changed since.")
    return visit.to(f"/refer/{referral_id}/questions")


@router.get("/refer/{referral_id}/questions/choose")
async def ask_which(visit: AtVisit, referral_id: ReferralId) -> Response:
    """Which questions to ask instead."""
    return _choices(visit, await visit.do(drafts.asking, referral_id))


@router.post("/refer/{referral_id}/questions/choose")
async def choose(visit: AtVisit, referral_id: ReferralId) -> Response:
    """Ask those. Answers to other questions do not fit them, and go."""
    here = await visit.do(drafts.asking, referral_id)
    wanted = next((each for each in here.others if each.id == first(visit.sent, "instrument")), None)
    if wanted is None:
        if first(visit.sent, "instrument") != here.instrument.id:
            problem = FieldProblem("/instrument", "missing", "Choose which questions to ask")
            return _choices(visit, here, (problem,), 422)
        return visit.to(f"/refer/{referral_id}/questions")
    told = AssessmentForm(instrument=wanted.id, version=wanted.version)
    await visit.do(drafts.amend, referral_id, lambda form: form.model_copy(update={"assessment": told}))
    return visit.to(f"/refer/{referral_id}/questions")


async def _save(visit: Visit, referral_id: UUID, screen: str | None) -> Response:
    here = await visit.do(drafts.asking, referral_id, screen)
    beneath = here.adopted.answers if here.adopted else {}
    change = Answers(here.instrument, visit.sent, visit.errand.now, screen is not None, beneath)
    silent = not wants_page(visit.request)
    try:
        draft = await visit.do(drafts.amend, referral_id, change)
    except (Invalid, Stale) as refused:
        status = 422 if isinstance(refused, Invalid) else 412
        if silent:
            return visit.data({"refused": status}, status)
        found = change.found or [_placed(each) for each in refused.problems] if isinstance(refused, Invalid) else []
        return _page(visit, await visit.do(drafts.asking, referral_id, screen), screen, found, status)
    kept = base(here.instrument, _told(draft.form, here.instrument if screen else None))
    if "keep" in visit.sent:
        return visit.data({"base": kept})
    on = await _on(visit, referral_id, screen)
    return visit.data({"to": on, "base": kept}) if silent else visit.to(on)


async def _on(visit: Visit, referral_id: UUID, screen: str | None) -> str:
    """Where to go next: the score, a screen that an answer prompts and that nobody has asked yet, or the next step."""
    if first(visit.sent, "more") == "score":
        return f"/refer/{referral_id}/{f'screens/{screen}' if screen else 'questions'}"
    here = await visit.do(drafts.asking, referral_id)
    asked = {each.instrument for each in here.draft.form.screens}
    waiting = [each for each in here.follow if each not in asked and each != screen]
    if screen and screen in here.follow:  # those before it were passed over
        waiting = [each for each in waiting if here.follow.index(each) > here.follow.index(screen)]
    return f"/refer/{referral_id}/screens/{waiting[0]}" if waiting else way_on(visit, referral_id, "questions")


def _page(
    visit: Visit, here: Asking, screen: str | None, problems: list[FieldProblem] | None = None, status: int = 200
) -> Response:
    if here.draft.status != "draft":
        return visit.to(f"/refer/{here.draft.id}/sent")
    answers = _sent_answers(here.instrument, visit.sent) if visit.sent else here.answers
    meanwhile = []
    if status == 412:
        said = dict(VALUES)
        meanwhile = [
            (f"Question {n}", said[each.value])
            for n, each in sorted(here.answers.items())
            if n not in answers or answers[n] != each
        ]
    at = local(here.told.assessed_at or visit.errand.now)
    referrer = here.draft.form.referrer
    shown: Typed = {
        "asked_on-day": (str(at.day),),
        "asked_on-month": (str(at.month),),
        "asked_on-year": (str(at.year),),
        "asked_at": (f"{at:%H:%M}",),
        "asked_by": (here.told.assessed_by or (referrer.name if referrer else None) or "",),
        "place": (here.told.place or "",),
    }
    typed = {name: visit.sent.get(name, ("",)) for name in _NAMES} if visit.sent else shown
    fields = (Field("asked_on", (), "", Kind.DATE), Field("asked_at", (), ""))
    return visit.page(
        "refer/questions.html",
        status,
        draft=here.draft,
        asking=here,
        screen=screen,
        answers=answers,
        VALUES=VALUES,
        form=filled(fields, typed, problems or []),
        base=base(here.instrument, here.told),
        then=first(visit.sent, "then") or visit.request.query_params.get("then", ""),
        stale=status == 412,
        meanwhile=meanwhile,
        on=way_on(visit, here.draft.id, "questions"),
        asked=f"{say_date(at.date())} at {at:%H:%M}",
    )


def _choices(visit: Visit, here: Asking, problems: tuple[FieldProblem, ...] = (), status: int = 200) -> Response:
    shown: Filled[Any] = Filled(
        typed={"instrument": (here.instrument.id,)}, problems=problems, names=frozenset({"instrument"})
    )
    choices = [(each.id, each.title) for each in (here.instrument, *here.others)]
    return visit.page("refer/choose.html", status, draft=here.draft, asking=here, choices=choices, form=shown)


def _told(form: ReferralForm, screen: Instrument | None) -> AssessmentForm:
    if screen is None:
        return form.assessment or AssessmentForm()
    return next((each for each in form.screens if each.instrument == screen.id), AssessmentForm(instrument=screen.id))


def _sent_answers(instrument: Instrument, sent: Typed) -> dict[int, Answer]:
    found = {}
    for number in instrument.numbers:
        value, note = first(sent, f"q{number}"), first(sent, f"n{number}")
        if value in set(AnswerValue) or note:
            found[number] = Answer(AnswerValue(value or "not_asked"), note or None)
    return found


def _placed(problem: FieldProblem) -> FieldProblem:
    """The same problem at the field of the page."""
    parts = problem.pointer.split("/")
    if "answers" in parts:
        number = parts[parts.index("answers") + 1]
        return FieldProblem(f"/n{number}", problem.code, f"Note on question {number}: {problem.message}")
    name = {"assessed_at": "asked_on", "assessed_by": "asked_by", "place": "place"}.get(parts[-1], parts[-1])
    return FieldProblem(f"/{name}", problem.code, f"When and where they were asked: {problem.message}")
