"""Research: the families that an agency is asked about, and what it says of each."""

from enum import StrEnum
from typing import Annotated, Any, Final
from uuid import UUID

import orjson
from fastapi import APIRouter, Path
from pydantic import Field
from starlette.responses import Response

from app.domain.errors import Conflict, FieldProblem, Invalid, Stale
from app.domain.fields import Long
from app.domain.lawful_bases import Purpose
from app.domain.research import NotKnownForm, ResearchForm
from app.services import meeting_pages, research
from app.web import meeting_words
from app.web.basis import WithBasis, at_fields, proposed
from app.web.forms import Filled, blank
from app.web.visit import AtVisit, Visit

router = APIRouter(prefix="/research")

ItemId = Annotated[UUID, Path()]

_PAGE: Final = 50
_KNOWN: Final = {True: "yes", False: "no", None: ""}


class NotKnownTyped(WithBasis):
    """The family whose button was pressed; or, with ``all``, every one that the page showed."""

    item: UUID | None = None
    all: bool = False
    every: tuple[UUID, ...] = ()


class Known(StrEnum):
    """Whether the agency knows the family; a page asks it by two radios, and neither is chosen at first."""

    YES = "yes"
    NO = "no"


class Doing(StrEnum):
    """Which button was pressed: keep it for one's own agency, or release it to the others too."""

    KEEP = "keep"
    RELEASE = "release"


class ReturnTyped(WithBasis):
    """A return as its page sends it."""

    do: Doing
    version: int
    known: Known | None = Field(None, title="Known to you")
    facts: Long = Field(None, title="Facts in your files")
    opinion: Long = Field(None, title="What you think")
    shared_facts: Long = Field(None, title="Facts that you share")
    shared_opinion: Long = Field(None, title="Opinion that you share")
    kept_because: Long = Field(None, title="Why you keep the rest")

    @property
    def filled(self) -> ResearchForm:
        """As the service takes it."""
        release = self.do is Doing.RELEASE
        kept = self.model_dump(include=set(ResearchForm.model_fields) - {"known", "release", "sharing"})
        known = None if self.known is None else self.known is Known.YES
        return ResearchForm(**kept, known=known, release=release, sharing=self.sharing if release else None)


@router.get("")
async def every(visit: AtVisit, answered: str = "", after: str = "") -> Response:
    """The people to look for, by family; or those that were answered."""
    return await _listing(visit, None, answered=answered == "yes", after=after)


@router.post("/not-known")
async def not_known(visit: AtVisit) -> Response:
    """Answer that a family, or every one on the page, is not known."""
    form = visit.form(NotKnownTyped)
    if form.value:
        told = form.value
        items = told.every if told.all else (told.item,) if told.item else ()
        try:
            if not items:
                raise Invalid([FieldProblem("", "required", "Press the button beside a family.")])
            await visit.do(research.not_known, NotKnownForm(items=items, sharing=told.sharing))
        except Invalid as refused:
            form = form.refused(_in_words(refused))
        else:
            count = "1 family" if len(items) == 1 else f"{len(items)} families"
            visit.say(f"{count} answered: not known.")
            return visit.to("/research")
    return await _listing(visit, form)


@router.get("/{item_id}")
async def ask(visit: AtVisit, item_id: ItemId) -> Response:
    """What one's agency says of a family."""
    return await _return(visit, item_id, None, 200)


@router.post("/{item_id}")
async def write(visit: AtVisit, item_id: ItemId) -> Response:
    """Keep it, or release it."""
    form = visit.form(ReturnTyped)
    status = 422
    if form.value:
        told = form.value
        try:
            await visit.do(research.write, item_id, told.filled, told.version)
        except Invalid as refused:
            form = form.refused(at_fields(refused))
        except Stale:
            status = 412
            text = "A colleague wrote this return meanwhile. Below is what you typed, and above it what they wrote."
            form = form.refused(Invalid([FieldProblem("", "stale", text)]))
        except Conflict as refused:
            text = "This was released already. Release what you changed as well, or leave it as it is."
            closed = "closed" in refused.message
            form = form.refused(Invalid([FieldProblem("", refused.code, refused.message if closed else text)]))
        else:
            if told.do is Doing.RELEASE:
                visit.say("Released. The meeting sees what you chose to share, and nothing else.")
                return visit.to("/research")
            visit.say("Kept. Nobody outside your agency can read it until you release it.")
            return visit.to(f"/research/{item_id}")
    return await _return(visit, item_id, form, status)


async def _listing(
    visit: Visit, form: Filled[NotKnownTyped] | None, *, answered: bool = False, after: str = ""
) -> Response:
    status = "released" if answered else "missing"
    found, register = await visit.do(meeting_pages.worklist, status=status, after=_place(after), limit=_PAGE)
    families = orjson.loads(found.body)["items"]
    return visit.page(
        "research/list.html",
        422 if form else 200,
        form=form or blank(NotKnownTyped, **proposed(register, Purpose.ASSESS_RISK)),
        families=families,
        unanswered=[each["agenda_item_id"] for each in families if each["answer"] == "not_answered"],
        answered=answered,
        after=found.next_cursor,
        register=register,
        now=visit.errand.now,
        words=meeting_words,
    )


async def _return(visit: Visit, item_id: UUID, form: Filled[ReturnTyped] | None, status: int) -> Response:
    page = await visit.do(meeting_pages.research_page, item_id)
    own = page.own
    texts = ("facts", "opinion", "shared_facts", "shared_opinion", "kept_because")
    shown: dict[str, Any] = {name: own[name] or "" for name in texts} | {"known": _KNOWN[own["known"]]}
    return visit.page(
        "research/return.html",
        status,
        form=form or blank(ReturnTyped, **shown, **proposed(page.register, Purpose.ASSESS_RISK)),
        family=page.family,
        own=own,
        heard=page.heard,
        register=page.register,
        stale=status == 412,
        now=visit.errand.now,
        words=meeting_words,
    )


def _in_words(refused: Invalid) -> Invalid:
    """What is wrong with a family has no field of its own on the page, only a button."""
    told = [
        FieldProblem("", each.code, "One of these families was answered meanwhile. See below which still wait.")
        if each.pointer.startswith("/items")
        else each
        for each in at_fields(refused).problems
    ]
    return Invalid(list(dict.fromkeys(told)))


def _place(after: str) -> UUID | None:
    try:
        return UUID(after) if after else None
    except ValueError:
        return None
