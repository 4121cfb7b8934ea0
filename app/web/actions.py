"""Actions: whose turn it is, by when, and what became of each."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path
from pydantic import Field
from starlette.responses import Response

from app.domain.access import DESK_ROLES, Actor
from app.domain.actions import OUTSTANDING, ActionStatus, ActionUpdateForm
from app.domain.clock import local_date
from app.domain.due import say_due_on
from app.domain.errors import FieldProblem, Invalid, Stale
from app.domain.fields import Form, Long
from app.domain.lawful_bases import Purpose
from app.services import action_page, actions
from app.web import case_words
from app.web.basis import WithBasis, at_fields, proposed
from app.web.forms import Filled, blank
from app.web.visit import AtVisit, Visit

router = APIRouter(prefix="/actions")

ActionId = Annotated[UUID, Path()]

_PAGE: Final = 25
WHOSE: Final = {"me": "Mine", "agency": "My agency’s", "all": "All that I see"}
WHICH: Final = {"owed": "Still to do", "overdue": "Overdue", "all": "All"}
# What became of it, but for done and handed over, which have forms of their own.
_BECAME: Final = {
    ActionStatus.NOT_DONE: (
        "It was not done in time, and still has to be",
        "It stays on your list until it is done, handed over or no longer possible.",
    ),
    ActionStatus.NOT_POSSIBLE: ("It can no longer be done", "It leaves your list."),
}


class Narrowed(Form):
    """Which actions, as the address says: what it cannot mean narrows nothing."""

    of: str | None = None
    show: str = "owed"
    case: UUID | None = None
    meeting: UUID | None = None
    cursor: str | None = None


class Done(Form):
    """That an action is done; today, unless a day is given."""

    version: int
    reason: Long = Field(None, title="What was done")
    day: int | None = Field(None, title="Day")
    month: int | None = Field(None, title="Month")
    year: int | None = Field(None, title="Year")

    def done_on(self) -> date | None:
        """The day. Raises Invalid when there is no such day."""
        if self.day is self.month is self.year is None:
            return None
        try:
            return date(self.year or 0, self.month or 0, self.day or 0)
        except (ValueError, OverflowError):
            text = "Enter the day it was done, such as 20 11 2026, or leave it empty for today"
            raise Invalid([FieldProblem("/day", "bad_date", text)]) from None


class Became(Form):
    """That an action was not done, or cannot be."""

    version: int
    status: ActionStatus = Field(title="What became of it")
    reason: Long = Field(None, title="Why")


class HandedOver(WithBasis):
    """To whom an action goes, and why."""

    version: int
    to_agency_id: UUID = Field(title="Agency")
    reason: Long = Field(None, title="Why")


class OpenedAgain(WithBasis):
    """That an action is still to be done after all."""

    version: int
    reason: Long = Field(None, title="Why")


async def _narrowed(of: str = "", show: str = "", case: str = "", meeting: str = "", cursor: str = "") -> Narrowed:
    def known(value: str) -> UUID | None:
        try:
            return UUID(value) if value else None
        except ValueError:
            return None

    return Narrowed(
        of=of if of in WHOSE else None,
        show=show if show in WHICH else "owed",
        case=known(case),
        meeting=known(meeting),
        cursor=cursor[:200] or None,
    )


AsNarrowed = Annotated[Narrowed, Depends(_narrowed)]


@router.get("")
async def everything(visit: AtVisit, narrowed: AsNarrowed) -> Response:
    """Actions by due date, the longest overdue first."""
    # Whether somebody sits at a desk is known once they have entered.
    chosen = narrowed.of

    async def listed(uow: Any) -> Any:
        nonlocal chosen
        whole = narrowed.case or narrowed.meeting
        chosen = chosen or ("all" if whole else _usual(uow.actor))
        return await actions.listed(
            uow,
            agency=None,
            mine=chosen == "agency",
            case_id=narrowed.case,
            meeting_id=narrowed.meeting,
            owner=uow.actor.user if chosen == "me" else None,
            statuses=() if narrowed.show == "all" else OUTSTANDING,
            overdue=narrowed.show == "overdue",
            cursor=narrowed.cursor,
            limit=_PAGE,
        )

    found = await visit.read(listed)
    only = {name: str(value) for name in ("case", "meeting") if (value := getattr(narrowed, name))}
    return visit.page(
        "actions/list.html",
        actions=found.value["items"],
        after=found.next_cursor,
        of=chosen,
        show=narrowed.show,
        only="".join(f"&{name}={value}" for name, value in only.items()),
        narrowed=narrowed,
        WHOSE=WHOSE,
        WHICH=WHICH,
        **_words(visit),
    )


@router.get("/{action_id}")
async def show(visit: AtVisit, action_id: ActionId) -> Response:
    """One action, with everything that became of it."""
    return await _show(visit, action_id, blank(Done))


@router.post("/{action_id}/done")
async def done(visit: AtVisit, action_id: ActionId) -> Response:
    """Say that it is done, and what was done."""
    form = visit.form(Done)

    def said(told: Done) -> ActionUpdateForm:
        return ActionUpdateForm(status=ActionStatus.DONE, reason=told.reason, done_on=told.done_on())

    return await _update(visit, action_id, form, said, _show, "The action is done.", {"/done_on": "/day"})


@router.get("/{action_id}/update")
async def ask_what_became(visit: AtVisit, action_id: ActionId) -> Response:
    """The form for what was not done, or cannot be."""
    return await _ask_what_became(visit, action_id, blank(Became))


@router.post("/{action_id}/update")
async def say_what_became(visit: AtVisit, action_id: ActionId) -> Response:
    """Say why it was not done, or cannot be."""
    form = visit.form(Became, status="Say what became of it")

    def said(told: Became) -> ActionUpdateForm:
        return ActionUpdateForm(status=told.status, reason=told.reason)

    return await _update(visit, action_id, form, said, _ask_what_became, "That was written down.")


@router.get("/{action_id}/hand-over")
async def ask_to_whom(visit: AtVisit, action_id: ActionId) -> Response:
    """The form for handing it over."""
    return await _ask_to_whom(visit, action_id, None)


@router.post("/{action_id}/hand-over")
async def hand_over(visit: AtVisit, action_id: ActionId) -> Response:
    """Hand it over to another agency, whose action it then is."""
    form = visit.form(HandedOver, to_agency_id="Choose the agency that takes it on")

    def said(told: HandedOver) -> ActionUpdateForm:
        return ActionUpdateForm(
            status=ActionStatus.HANDED_OVER, reason=told.reason, to_agency_id=told.to_agency_id, sharing=told.sharing
        )

    return await _update(visit, action_id, form, said, _ask_to_whom, "The action was handed over.")


@router.get("/{action_id}/open-again")
async def ask_to_open_again(visit: AtVisit, action_id: ActionId) -> Response:
    """The form for what turns out not to be done."""
    return await _ask_to_open_again(visit, action_id, None)


@router.post("/{action_id}/open-again")
async def open_again(visit: AtVisit, action_id: ActionId) -> Response:
    """Put it back on its agency's list."""
    form = visit.form(OpenedAgain)

    def said(told: OpenedAgain) -> ActionUpdateForm:
        return ActionUpdateForm(status=ActionStatus.OPEN, reason=told.reason, sharing=told.sharing)

    return await _update(visit, action_id, form, said, _ask_to_open_again, "The action is open again.")


async def _update(
    visit: Visit,
    action_id: UUID,
    form: Filled[Any],
    said: Callable[[Any], ActionUpdateForm],
    again: Callable[[Visit, UUID, Filled[Any], int], Awaitable[Response]],
    sentence: str,
    fields: dict[str, str] | None = None,
) -> Response:
    """Do what the form says, or show it again. Whoever says that it is done may not see it any more: off to the list.

    fields: what the page calls a field of the service's.
    """
    status = 422
    if form.value:
        try:
            update = said(form.value)
            await visit.do(actions.update, action_id, update, form.value.version)
        except Invalid as refused:
            found = at_fields(refused).problems
            form = form.refused(
                Invalid([replace(each, pointer=(fields or {}).get(each.pointer, each.pointer)) for each in found])
            )
        except Stale:
            text = "Somebody else updated this action meanwhile. See below what they said, then send yours again"
            form, status = form.refused(Invalid([FieldProblem("/", "stale", text)])), 412
        else:
            visit.say(sentence)
            return visit.to(f"/actions/{action_id}" if update.status in OUTSTANDING else "/actions")
    return await again(visit, action_id, form, status)


async def _show(visit: Visit, action_id: UUID, form: Filled[Any], status: int = 200) -> Response:
    shown = await visit.do(action_page.show, action_id)
    return visit.page("actions/action.html", status, form=form, shown=shown, **_words(visit))


async def _ask_what_became(visit: Visit, action_id: UUID, form: Filled[Any], status: int = 200) -> Response:
    shown = await visit.do(action_page.to_update, action_id)
    choices = [(each, *words) for each, words in _BECAME.items() if each != shown.action["status"]]
    return visit.page("actions/update.html", status, form=form, shown=shown, choices=choices, **_words(visit))


async def _ask_to_whom(visit: Visit, action_id: UUID, form: Filled[Any] | None, status: int = 200) -> Response:
    asked = await visit.do(action_page.to_share, action_id)
    form = form or blank(HandedOver, **proposed(asked.register, Purpose.PLAN))
    return visit.page("actions/hand_over.html", status, form=form, asked=asked, shown=asked.shown, **_words(visit))


async def _ask_to_open_again(visit: Visit, action_id: UUID, form: Filled[Any] | None, status: int = 200) -> Response:
    asked = await visit.do(action_page.to_share, action_id)
    form = form or blank(OpenedAgain, **proposed(asked.register, Purpose.PLAN))
    return visit.page("actions/open_again.html", status, form=form, asked=asked, shown=asked.shown, **_words(visit))


def _usual(actor: Actor) -> str:
    return "agency" if actor.roles & DESK_ROLES else "me"


def _words(visit: Visit) -> dict[str, Any]:
    today = local_date(visit.errand.now)
    return {
        "words": case_words,
        "OUTSTANDING": OUTSTANDING,
        "due": lambda on: say_due_on(date.fromisoformat(on), today),
    }
