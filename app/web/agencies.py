"""Agencies: who takes part, and locking one out in an emergency. For the partnership's administrator."""

from typing import Annotated, Any, Final
from uuid import UUID

import orjson
from fastapi import APIRouter, Path
from starlette.responses import Response

from app.domain.access import Verb
from app.domain.agencies import AgencyForm, AgencyKind, LockOutForm, RenameForm
from app.domain.errors import Invalid
from app.services import agencies, forums
from app.web import account_words
from app.web.forms import blank
from app.web.visit import AtVisit, Visit

router = APIRouter(prefix="/agencies")

AgencyId = Annotated[UUID, Path()]

_KINDS: Final = tuple(sorted(((kind.value, kind.words) for kind in AgencyKind), key=lambda each: each[1]))


@router.get("")
async def everyone(visit: AtVisit) -> Response:
    """Every agency."""
    found = orjson.loads((await visit.do(agencies.listed)).body)["items"]
    return visit.page("agencies/list.html", agencies=found, kinds=dict(_KINDS))


@router.get("/add")
async def ask(visit: AtVisit) -> Response:
    """The form for a new one."""
    (await visit.person()).must(Verb.ADMINISTER_PARTNERSHIP)
    return visit.page("agencies/add.html", form=blank(AgencyForm), kinds=_KINDS)


@router.post("/add")
async def add(visit: AtVisit) -> Response:
    """Add it."""
    form = visit.form(AgencyForm, name="Enter its name", kind="Choose what it is")
    if form.value:
        try:
            made = await visit.do(agencies.add, form.value)
        except Invalid as refused:
            form = form.refused(refused)
        else:
            visit.say("The agency was added. Now choose its forums, and invite its administrator.")
            return visit.to(f"/agencies/{orjson.loads(made.body)['id']}")
    await visit.person()
    return visit.page("agencies/add.html", 422, form=form, kinds=_KINDS)


@router.get("/{agency_id}")
async def show(visit: AtVisit, agency_id: AgencyId) -> Response:
    """One agency, and the forums that it sits on or could."""
    seats = await visit.do(forums.of_agency, agency_id)
    return await _agency(visit, "agencies/agency.html", agency_id, seats=seats)


@router.get("/{agency_id}/rename")
async def ask_name(visit: AtVisit, agency_id: AgencyId) -> Response:
    """The form for its new name."""
    agency = await _told(visit, agency_id)
    return visit.page("agencies/rename.html", agency=agency, form=blank(RenameForm, name=agency["name"]))


@router.post("/{agency_id}/rename")
async def rename(visit: AtVisit, agency_id: AgencyId) -> Response:
    """Rename it."""
    form = visit.form(RenameForm, name="Enter its name")
    if form.value:
        try:
            await visit.do(agencies.rename, agency_id, form.value)
        except Invalid as refused:
            form = form.refused(refused)
        else:
            visit.say("The agency was renamed.")
            return visit.to(f"/agencies/{agency_id}")
    return visit.page("agencies/rename.html", 422, agency=await _told(visit, agency_id), form=form)


@router.get("/{agency_id}/suspend")
async def ask_suspend(visit: AtVisit, agency_id: AgencyId) -> Response:
    """Ask why it is to be locked out."""
    return await _agency(visit, "agencies/suspend.html", agency_id, form=blank(LockOutForm))


@router.post("/{agency_id}/suspend")
async def suspend(visit: AtVisit, agency_id: AgencyId) -> Response:
    """Lock it out."""
    form = visit.form(LockOutForm, because="Say why")
    if form.value is None:
        return await _agency(visit, "agencies/suspend.html", agency_id, 422, form=form)
    await visit.do(agencies.suspend, agency_id, form.value)
    visit.say("The agency is locked out. Nobody of theirs is signed in.")
    return visit.to(f"/agencies/{agency_id}")


@router.get("/{agency_id}/restore")
async def ask_restore(visit: AtVisit, agency_id: AgencyId) -> Response:
    """Ask whether to let it in again."""
    await visit.do(agencies.may_restore)
    return await _agency(visit, "agencies/restore.html", agency_id)


@router.post("/{agency_id}/restore")
async def restore(visit: AtVisit, agency_id: AgencyId) -> Response:
    """Let it in again."""
    await visit.do(agencies.restore, agency_id)
    visit.say("The agency is let in again. Its people sign in anew.")
    return visit.to(f"/agencies/{agency_id}")


@router.get("/{agency_id}/end")
async def ask_end(visit: AtVisit, agency_id: AgencyId) -> Response:
    """Ask whether it has left."""
    return await _agency(visit, "agencies/end.html", agency_id)


@router.post("/{agency_id}/end")
async def end(visit: AtVisit, agency_id: AgencyId) -> Response:
    """It leaves."""
    await visit.do(agencies.end, agency_id)
    visit.say("The agency has left the partnership.")
    return visit.to(f"/agencies/{agency_id}")


async def _agency(visit: Visit, template: str, agency_id: UUID, status: int = 200, **facts: object) -> Response:
    agency = await _told(visit, agency_id)
    own = str(visit.me.agency_id) == agency["id"]
    return visit.page(template, status, agency=agency, own=own, kinds=dict(_KINDS), words=account_words, **facts)


async def _told(visit: Visit, agency_id: UUID) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads((await visit.do(agencies.read, agency_id)).body)
    return found
