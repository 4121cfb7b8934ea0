"""Forums: settings from a day on, dates, and which agencies sit on them. For the partnership's administrator."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Path
from pydantic import Field, ValidationError
from starlette.responses import Response

from app.db.session import UnitOfWork
from app.domain.access import Verb
from app.domain.clock import local_date, say_date
from app.domain.day_said import day_said
from app.domain.errors import Conflict, FieldProblem, Invalid, NotFound
from app.domain.fields import Form, Line, problems_from
from app.domain.forum_forms import Closing, DateSaid, ForumChange, NewForum, SeatEnd, SeatForm
from app.domain.forums import Forum, ForumKind
from app.domain.rules import FromDay
from app.services import forums, reference, seats
from app.services.once import Document
from app.web import account_words, forum_words
from app.web.forms import Filled, blank
from app.web.forum_fields import BAD_DAY, CadenceTyped, SettingsTyped, typed
from app.web.visit import AtVisit, Visit

router = APIRouter(prefix="/forums")

ForumId = Annotated[UUID, Path()]
AgencyId = Annotated[UUID, Path()]

_FIRST_DATES = 12


class NewTyped(CadenceTyped):
    """A forum that is added."""

    kind: ForumKind = Field(title="What it is")
    name: Line = Field(title="Name")
    members: tuple[UUID, ...] = Field(title="Agencies")
    because: Line = Field(title="Why")


class DayTyped(Form):
    """A day, as people write days, and why."""

    day: Line = Field(title="Day")
    because: Line = Field(title="Why")


class SeatTyped(DayTyped):
    """An agency, too."""

    agency_id: UUID = Field(title="Agency")


@router.get("")
async def everything(visit: AtVisit) -> Response:
    """Every forum."""
    items = (await visit.read(forums.listed)).value["items"]
    for each in items:
        each["settings"] = Forum.model_validate(each["settings"])
    return visit.page("forums/list.html", forums=items, words=forum_words, moment=account_words.moment)


@router.get("/add")
async def ask(visit: AtVisit) -> Response:
    """The form for a new one."""
    (await visit.person()).must(Verb.ADMIT)
    return await _adding(visit, blank(NewTyped, starts_at="09:30"))


@router.post("/add")
async def add(visit: AtVisit) -> Response:
    """Add it."""
    missing = {"kind": "Choose what it is", "name": "Enter its name", "every": "Choose when it sits"}
    form = visit.form(NewTyped, **missing, members="Choose at least one agency", because="Say why")
    if form.value:
        told = form.value
        try:
            fields = told.model_dump(include={"kind", "name", "starts_at", "members", "because"})
            cadence = told.cadence(local_date(visit.errand.now))
            new = _made(NewForum, {**fields, "cadence": cadence})
            made = await visit.do(forums.add, new)
        except Invalid as refused:
            form = form.refused(refused)
        else:
            visit.say("The forum was added, with its sittings of the next three months.")
            return visit.to(f"/forums/{orjson.loads(made.body)['id']}")
    return await _adding(visit, form, 422)


@router.get("/{forum_id}")
async def show(visit: AtVisit, forum_id: ForumId) -> Response:
    """One forum."""
    return await _forum(visit, "forums/forum.html", forum_id)


@router.get("/{forum_id}/change")
async def ask_change(visit: AtVisit, forum_id: ForumId) -> Response:
    """The form for its settings."""
    found = await visit.read(forums.read, forum_id)
    shown = typed(Forum.model_validate(found.value["settings"]))
    form = blank(SettingsTyped, version=str(found.version), **shown)
    return _page(visit, "forums/change.html", found.value, form=form)


@router.post("/{forum_id}/change")
async def change(visit: AtVisit, forum_id: ForumId) -> Response:
    """Show what would change and, once whoever asks is sure, change it."""
    form = visit.form(SettingsTyped, day="Say from which day", because="Say why", every="Choose when it sits")
    if form.value:
        try:
            told = form.value.change(local_date(visit.errand.now))
            if form.value.sure:
                await visit.do(forums.change, forum_id, told, form.value.version)
                visit.say(f"Saved. It holds from {say_date(told.effective_from)}.")
                return visit.to(f"/forums/{forum_id}")
            return await _confirm(visit, forum_id, form, told)
        except Invalid as refused:
            form = form.refused(_on(refused, "effective_from"))
    return await _forum(visit, "forums/change.html", forum_id, 422, form=form)


@router.get("/{forum_id}/take-back/{since}")
async def ask_back(visit: AtVisit, forum_id: ForumId, since: date) -> Response:
    """Ask why planned settings are not to come."""
    return await _forum(visit, "forums/take_back.html", forum_id, form=blank(Closing), since=since)


@router.post("/{forum_id}/take-back/{since}")
async def take_back(visit: AtVisit, forum_id: ForumId, since: date) -> Response:
    """Take them back."""
    form = visit.form(Closing, because="Say why")
    if form.value is None:
        return await _forum(visit, "forums/take_back.html", forum_id, 422, form=form, since=since)
    told = FromDay(effective_from=since, because=form.value.because)
    await visit.do(forums.take_back, forum_id, told, None)
    visit.say("Taken back. What holds now goes on.")
    return visit.to(f"/forums/{forum_id}")


@router.get("/{forum_id}/skip")
async def ask_skip(visit: AtVisit, forum_id: ForumId) -> Response:
    """Ask which date to skip, and why."""
    return await _forum(visit, "forums/skip.html", forum_id, form=blank(DayTyped, day=_asked_day(visit)))


@router.post("/{forum_id}/skip")
async def skip(visit: AtVisit, forum_id: ForumId) -> Response:
    """Skip it."""
    return await _dated(visit, forum_id, "forums/skip.html", forums.skip, "The forum does not sit on {day}.")


@router.get("/{forum_id}/sit")
async def ask_sit(visit: AtVisit, forum_id: ForumId) -> Response:
    """Ask on which date it sits as well."""
    return await _forum(visit, "forums/sit.html", forum_id, form=blank(DayTyped, day=_asked_day(visit)))


@router.post("/{forum_id}/sit")
async def sit(visit: AtVisit, forum_id: ForumId) -> Response:
    """Put it into the diary."""
    return await _dated(visit, forum_id, "forums/sit.html", forums.sit, "The forum sits on {day}.")


@router.get("/{forum_id}/agencies/add")
async def ask_seat(visit: AtVisit, forum_id: ForumId) -> Response:
    """Ask which agency sits on it, and from when."""
    (await visit.person()).must(Verb.ADMIT)
    agency = visit.request.query_params.get("agency", "")
    return await _seating(visit, forum_id, blank(SeatTyped, agency_id=agency, day="today"))


@router.post("/{forum_id}/agencies/add")
async def add_seat(visit: AtVisit, forum_id: ForumId) -> Response:
    """Give it a seat."""
    form = visit.form(SeatTyped, agency_id="Choose an agency", day="Say from which day", because="Say why")
    if form.value:
        try:
            since = _day(visit, form.value.day)
            told = SeatForm(agency_id=form.value.agency_id, from_day=since, because=form.value.because)
            await visit.do(seats.add, forum_id, told, None)
        except Invalid as refused:
            form = form.refused(_on(refused, "from_day"))
        except Conflict as refused:
            form = form.refused(Invalid([FieldProblem("/agency_id", "seated", refused.message)]))
        else:
            visit.say(f"The agency sits on this forum from {say_date(since)}.")
            return visit.to(f"/forums/{forum_id}")
    return await _seating(visit, forum_id, form, 422)


@router.get("/{forum_id}/agencies/{agency_id}/end")
async def ask_end_seat(visit: AtVisit, forum_id: ForumId, agency_id: AgencyId) -> Response:
    """Ask from when an agency sits on it no more."""
    return await _seat(visit, forum_id, agency_id, blank(DayTyped, day="today"))


@router.post("/{forum_id}/agencies/{agency_id}/end")
async def end_seat(visit: AtVisit, forum_id: ForumId, agency_id: AgencyId) -> Response:
    """End its seat."""
    form = visit.form(DayTyped, day="Say from which day", because="Say why")
    if form.value:
        try:
            until = _day(visit, form.value.day)
            told = SeatEnd(from_day=until, because=form.value.because)
            await visit.do(seats.end, forum_id, agency_id, told, None)
        except Invalid as refused:
            form = form.refused(_on(refused, "from_day"))
        else:
            visit.say(f"The agency sits on this forum no more from {say_date(until)}.")
            return visit.to(f"/forums/{forum_id}")
    return await _seat(visit, forum_id, agency_id, form, 422)


@router.get("/{forum_id}/close")
async def ask_close(visit: AtVisit, forum_id: ForumId) -> Response:
    """Ask why it meets no more, or why it meets again."""
    return await _forum(visit, "forums/close.html", forum_id, form=blank(Closing))


@router.post("/{forum_id}/close")
async def close(visit: AtVisit, forum_id: ForumId) -> Response:
    """Close it."""
    return await _closing(visit, forum_id, forums.close, "The forum is closed.")


@router.post("/{forum_id}/reopen")
async def reopen(visit: AtVisit, forum_id: ForumId) -> Response:
    """Open it again."""
    return await _closing(visit, forum_id, forums.reopen, "The forum is open again. Check its dates.")


async def _dated(
    visit: Visit,
    forum_id: UUID,
    template: str,
    act: Callable[[UnitOfWork, UUID, DateSaid, int | None], Awaitable[Document]],
    done: str,
) -> Response:
    form = visit.form(DayTyped, day="Enter the date", because="Say why")
    if form.value:
        try:
            told = DateSaid(day=_day(visit, form.value.day), because=form.value.because)
            await visit.do(act, forum_id, told, None)
        except Invalid as refused:
            form = form.refused(refused)
        except Conflict as refused:
            form = form.refused(Invalid([FieldProblem("/day", "taken", refused.message)]))
        else:
            visit.say(done.format(day=say_date(told.day)))
            return visit.to(f"/forums/{forum_id}")
    return await _forum(visit, template, forum_id, 422, form=form)


async def _closing(
    visit: Visit,
    forum_id: UUID,
    act: Callable[[UnitOfWork, UUID, Closing, int | None], Awaitable[Document]],
    done: str,
) -> Response:
    form = visit.form(Closing, because="Say why")
    if form.value:
        try:
            await visit.do(act, forum_id, form.value, None)
        except Conflict as refused:
            form = form.refused(Invalid([FieldProblem("", "conflict", refused.message)]))
        else:
            visit.say(done)
            return visit.to(f"/forums/{forum_id}")
    return await _forum(visit, "forums/close.html", forum_id, 422, form=form)


async def _confirm(visit: Visit, forum_id: UUID, form: Filled[SettingsTyped], told: ForumChange) -> Response:
    before, after, diary = await visit.do(forums.foresee, forum_id, told)
    return await _forum(
        visit,
        "forums/confirm.html",
        forum_id,
        sent=form.typed,
        differences=forum_words.changed(before, after),
        effects=forum_words.effects(diary),
        since=say_date(told.effective_from),
        because=told.because,
    )


async def _adding(visit: Visit, form: Filled[NewTyped], status: int = 200) -> Response:
    found = (await visit.read(reference.agencies)).value["items"]
    agencies = [(each["id"], each["name"]) for each in found]
    return visit.page("forums/add.html", status, form=form, agencies=agencies, words=forum_words)


async def _seating(visit: Visit, forum_id: UUID, form: Filled[SeatTyped], status: int = 200) -> Response:
    found = (await visit.read(reference.agencies)).value["items"]
    agencies = [("", "Choose"), *((each["id"], each["name"]) for each in found)]
    return await _forum(visit, "forums/add_agency.html", forum_id, status, form=form, agencies=agencies)


async def _seat(visit: Visit, forum_id: UUID, agency_id: UUID, form: Filled[DayTyped], status: int = 200) -> Response:
    found = (await visit.read(forums.read, forum_id)).value
    seat = next((each for each in found["seats"] if each["agency"]["id"] == str(agency_id)), None)
    if seat is None:
        raise NotFound("agency")
    return _page(visit, "forums/end_agency.html", found, status, form=form, agency=seat["agency"])


async def _forum(visit: Visit, template: str, forum_id: UUID, status: int = 200, **facts: Any) -> Response:
    return _page(visit, template, (await visit.read(forums.read, forum_id)).value, status, **facts)


def _page(visit: Visit, template: str, found: dict[str, Any], status: int = 200, **facts: Any) -> Response:
    settings = Forum.model_validate(found["settings"])
    for each in found["planned"]:
        each["lines"] = forum_words.changed(settings, Forum.model_validate(each["value"]))
    dates = found["dates"]
    return visit.page(
        template,
        status,
        forum=found,
        settings=settings,
        soon=dates[:_FIRST_DATES],
        further=dates[_FIRST_DATES:],
        words=forum_words,
        moment=account_words.moment,
        day=_say,
        **facts,
    )


def _say(day: str | date) -> str:
    return say_date(date.fromisoformat(day) if isinstance(day, str) else day)


def _asked_day(visit: Visit) -> str:
    """The date that a link named, in words."""
    try:
        return say_date(date.fromisoformat(visit.request.query_params.get("day", ""))).partition(" ")[2]
    except ValueError:
        return ""


def _day(visit: Visit, text: str) -> date:
    found = day_said(text, local_date(visit.errand.now))
    if found is None:
        raise Invalid([FieldProblem("/day", "bad_date", BAD_DAY)])
    return found


def _on(refused: Invalid, name: str) -> Invalid:
    """The page asks for that day in words."""
    return Invalid(
        FieldProblem("/day" if each.pointer == f"/{name}" else each.pointer, each.code, each.message)
        for each in refused.problems
    )


def _made(model: type[NewForum], told: dict[str, Any]) -> NewForum:
    try:
        return model.model_validate(told)
    except ValidationError as error:
        raise Invalid(problems_from(error, model)) from None
