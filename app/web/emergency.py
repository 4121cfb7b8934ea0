"""Emergencies: opening a case that is closed to one, because somebody is in danger; and the review that follows."""

from dataclasses import replace
from typing import Annotated, Any, Final
from uuid import UUID

import orjson
from fastapi import APIRouter, Path
from pydantic import Field, ValidationError
from starlette.responses import Response

from app.domain.access import Verb
from app.domain.break_glass import LONGEST_HOURS, Ambiguous, BreakGlassForm, Finding, PersonSought, ReviewForm
from app.domain.disclosures import Sharing
from app.domain.errors import Conflict, FieldProblem, Invalid, NotFound, Stale
from app.domain.fields import Day, Form, Long, Short, problems_from
from app.domain.lawful_bases import Purpose
from app.services import break_glass
from app.services.once import Document
from app.web import case_words
from app.web.cases import AtCursor
from app.web.forms import Filled, blank
from app.web.visit import AtVisit, Visit

router = APIRouter(prefix="/emergency")

UseId = Annotated[UUID, Path()]

_LISTED: Final = 25
_HOURS: Final = [("1", "1 hour"), ("2", "2 hours"), ("4", "4 hours"), ("8", "8 hours"), ("24", "24 hours")]
FINDINGS: Final = {Finding.JUSTIFIED: ("Justified", "green"), Finding.NOT_JUSTIFIED: ("Not justified", "red")}
_PERSON: Final = {
    "given_name": "Enter their given name too",
    "family_name": "Enter their family name too",
    "date_of_birth": "Enter their date of birth too",
}
_NOTHING: Final = (
    "There is no case of this description that you can open. Check what you entered. If somebody is in danger now, "
    "ring 999."
)


class Opening(Form):
    """Which case, by its reference or by somebody in it; why now; and for how long."""

    reference: Short = Field(None, title="Reference")
    given_name: Short = Field(None, title="Given name")
    family_name: Short = Field(None, title="Family name")
    date_of_birth: Day | None = Field(None, title="Date of birth")
    reason: Long = Field(None, title="Why")
    hours: Annotated[int, Field(ge=1, le=LONGEST_HOURS, title="How long")]
    basis: Short = Field(None, title="Lawful basis")

    @property
    def asked(self) -> BreakGlassForm:
        """As the service takes it. Raises Invalid."""
        person = {name: value for name in _PERSON if (value := getattr(self, name))}
        if person and len(person) < len(_PERSON):
            lacks = (FieldProblem(f"/{name}", "missing", _PERSON[name]) for name in _PERSON if name not in person)
            raise Invalid(list(lacks))
        try:
            return BreakGlassForm(
                reference=self.reference,
                person=PersonSought(**person) if person else None,
                reason=self.reason,
                hours=self.hours,
                sharing=Sharing(basis=self.basis) if self.basis else None,
            )
        except ValidationError as error:
            raise Invalid(problems_from(error, BreakGlassForm)) from None


class Reviewing(Form):
    """What a reviewer found. version: of the use, as they read it."""

    version: int
    finding: Finding = Field(title="Finding")
    review: Long = Field(None, title="Why")


@router.get("")
async def listed(visit: AtVisit, cursor: AtCursor) -> Response:
    """Uses, newest first: for an auditor those that wait for a review, unless the address asks for all."""
    actor = await visit.person()
    reviews = actor.may(Verb.REVIEW_BREAK_GLASS)
    everything = not reviews or visit.request.query_params.get("all") == "yes"
    page = await visit.read(
        break_glass.listed, is_open=None, reviewed=None if everything else False, after=cursor, limit=_LISTED
    )
    return visit.page(
        "emergency/list.html",
        uses=page.value["items"],
        after=f"/emergency?{'all=yes&' if everything else ''}cursor={page.next_cursor}" if page.next_cursor else None,
        reviews=reviews,
        everything=everything,
        opens=actor.may(Verb.BREAK_GLASS),
        **_words(visit),
    )


@router.get("/open")
async def ask(visit: AtVisit) -> Response:
    """The form, once it is shown again who asks."""
    return await _asking(visit, blank(Opening, hours="2"))


@router.post("/open")
async def open_case(visit: AtVisit) -> Response:
    """Open it. Of a case that is not there and one that nobody may know of, the page says the same."""
    form = visit.form(Opening, hours="Choose for how long")
    if form.value is not None:
        try:
            made = await _open(visit, form.value.asked)
        except Invalid as refused:
            form = form.refused(_at_fields(refused))
        except NotFound:
            form = form.refused(_said("not_found", _NOTHING))
        except Conflict as refused:
            form = form.refused(_said(refused.code, refused.message))
        else:
            visit.say("The case is open to you for reading. Those who lead it and the auditors have been told.")
            return visit.to(f"/cases/{made.case_id}")
    return await _asking(visit, form)


@router.get("/{use_id}")
async def show(visit: AtVisit, use_id: UseId) -> Response:
    """One use; with the review, or the form for it."""
    return await _one(visit, use_id, blank(Reviewing))


@router.post("/{use_id}/end")
async def end(visit: AtVisit, use_id: UseId) -> Response:
    """Give a case up before the hours are over."""
    await visit.do(break_glass.end, use_id)
    visit.say("You have given the case up. It is closed to you again.")
    return visit.to("/emergency")


@router.post("/{use_id}/review")
async def review(visit: AtVisit, use_id: UseId) -> Response:
    """Say what was found. It stands."""
    form = visit.form(Reviewing, finding="Choose whether it was justified")
    if form.value is not None:
        told = ReviewForm(finding=form.value.finding, review=form.value.review)
        try:
            await visit.do(break_glass.review, use_id, told, form.value.version)
        except Invalid as refused:
            form = form.refused(refused)
        except Stale:
            form = form.refused(_said("stale", "This changed while you were writing. Read it again, then send again."))
        except Conflict as refused:
            form = form.refused(_said(refused.code, refused.message))
        else:
            visit.say("Your review is kept.")
            return visit.to("/emergency")
    return await _one(visit, use_id, form)


async def _open(visit: Visit, asked: BreakGlassForm) -> Document:
    """The try is counted whatever comes of it, and the auditors hear of a name that fitted several cases."""
    await visit.do(break_glass.knock, asked)
    try:
        return await visit.do(break_glass.use, asked)
    except Ambiguous:
        await visit.do(break_glass.tell_of_several)
        raise


async def _asking(visit: Visit, form: Filled[Opening]) -> Response:
    register = await visit.do(break_glass.to_open)
    usual = register.proposed(Purpose.EMERGENCY)
    bases = [
        (each.code, f"{each.title} (usual for this)" if each == usual else each.title, each.help)
        for each in sorted(register.bases, key=lambda each: each != usual)
    ]
    return visit.page(
        "emergency/open.html", 422 if form.problems else 200, form=form, bases=bases, hours=_HOURS, words=case_words
    )


async def _one(visit: Visit, use_id: UUID, form: Filled[Reviewing]) -> Response:
    use = orjson.loads((await visit.do(break_glass.read, use_id)).body)
    own = use["person"]["id"] == str(visit.me.user_id)
    may = visit.me.may(Verb.REVIEW_BREAK_GLASS)
    return visit.page(
        "emergency/use.html",
        422 if form.problems else 200,
        form=form,
        use=use,
        own=own,
        to_review=may and not own and use["review"] is None,
        **_words(visit),
    )


def _words(visit: Visit) -> dict[str, Any]:
    return {"words": case_words, "FINDINGS": FINDINGS, "me": str(visit.me.user_id)}


def _at_fields(refused: Invalid) -> Invalid:
    """The same problems, each at its field of the page and in its words."""
    here = []
    for each in refused.problems:
        place = each.pointer.removeprefix("/person").removeprefix("/sharing")
        text = "Choose a lawful basis" if place == "/basis" else each.message
        if (place, each.code) == ("/reference", "missing"):
            text = "Enter the reference of the case, or the name and date of birth of somebody in it"
        elif each.code == "one_or_the_other":
            place, text = "/reference", "Enter the reference or the person, not both"
        here.append(replace(each, pointer=place, message=text))
    return Invalid(here)


def _said(code: str, message: str) -> Invalid:
    return Invalid([FieldProblem("", code, message)])
