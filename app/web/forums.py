"""Forums: settings from a day on, dates, and which agencies sit on them. For the partnership's administrator."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Path
from pydantic import Field, ValidationError
from starlette.responses import Response

from app.domain.access import Verb
from app.domain.clock import local_date, say_date
from app.domain.errors import Invalid
from app.domain.fields import Form, Line, problems_from
from app.domain.forum_forms import ForumChange, NewForum, Reopening
from app.domain.forums import Forum, ForumKind
from app.domain.rules import FromDay
from app.services import forums, reference
from app.web import account_words, forum_words
from app.web.forms import Filled, blank
from app.web.forum_fields import CadenceTyped, SettingsTyped, typed
from app.web.forum_pages import at_day, forum_page, page
from app.web.visit import AtVisit, Visit

router = APIRouter(prefix="/forums")

ForumId = Annotated[UUID, Path()]
AgencyId = Annotated[UUID, Path()]


class Called(Form):
    """What a forum is, and what it is called."""

    kind: ForumKind = Field(title="What it is")
    name: Line = Field(title="Name")


class NewTyped(CadenceTyped, Called):
    """A forum that is added."""

    members: tuple[UUID, ...] = Field(title="Agencies")
    because: Line = Field(title="Why")


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
    return await forum_page(visit, "forums/forum.html", forum_id)


@router.get("/{forum_id}/change")
async def ask_change(visit: AtVisit, forum_id: ForumId) -> Response:
    """The form for its settings."""
    found = await visit.read(forums.read, forum_id)
    shown = typed(Forum.model_validate(found.value["settings"]))
    form = blank(SettingsTyped, version=str(found.version), **shown)
    return page(visit, "forums/change.html", found.value, form=form)


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
            form = form.refused(at_day(refused, "effective_from"))
    return await forum_page(visit, "forums/change.html", forum_id, 422, form=form)


@router.get("/{forum_id}/take-back/{since}")
async def ask_back(visit: AtVisit, forum_id: ForumId, since: date) -> Response:
    """Ask why planned settings are not to come."""
    return await forum_page(visit, "forums/take_back.html", forum_id, form=blank(Reopening), since=since)


@router.post("/{forum_id}/take-back/{since}")
async def take_back(visit: AtVisit, forum_id: ForumId, since: date) -> Response:
    """Take them back."""
    form = visit.form(Reopening, because="Say why")
    if form.value is None:
        return await forum_page(visit, "forums/take_back.html", forum_id, 422, form=form, since=since)
    told = FromDay(effective_from=since, because=form.value.because)
    await visit.do(forums.take_back, forum_id, told, None)
    visit.say("Taken back. What holds now goes on.")
    return visit.to(f"/forums/{forum_id}")


async def _confirm(visit: Visit, forum_id: UUID, form: Filled[SettingsTyped], told: ForumChange) -> Response:
    before, after, diary = await visit.do(forums.foresee, forum_id, told)
    return await forum_page(
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


def _made(model: type[NewForum], told: dict[str, Any]) -> NewForum:
    try:
        return model.model_validate(told)
    except ValidationError as error:
        raise Invalid(problems_from(error, model)) from None
