"""Records that may be one person: two side by side, and what a coordinator decides about them."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import Field
from starlette.responses import Response

from app.domain.clock import local_date
from app.domain.lawful_bases import Purpose
from app.domain.matches import Decision
from app.services import matches
from app.web import case_words
from app.web.basis import WithBasis
from app.web.case_forms import attempt
from app.web.cases import AtCursor
from app.web.forms import Filled, blank
from app.web.visit import AtVisit, Visit

router = APIRouter(prefix="/matches")

PartyId = Annotated[UUID, Path()]


class Deciding(WithBasis):
    """What is decided: ``yes``, they are one person; ``no``, they are two."""

    same: Annotated[str, Field(pattern="^(yes|no)$", title="One person or two")]


_EMPTY: Final = {"same": "Choose whether they are one person"}


@router.get("")
async def listed(visit: AtVisit, cursor: AtCursor) -> Response:
    """Pairs that nobody has decided about, newest first."""
    page = await visit.read(matches.listed, after=cursor)
    after = f"/matches?cursor={page.next_cursor}" if page.next_cursor else None
    return visit.page("matches/list.html", pairs=page.value["items"], after=after, words=case_words)


@router.get("/{party_id}/{other_id}")
async def compare(visit: AtVisit, party_id: PartyId, other_id: PartyId) -> Response:
    """Two records side by side."""
    return await _comparing(visit, party_id, other_id, blank(Deciding))


@router.post("/{party_id}/{other_id}")
async def decide(visit: AtVisit, party_id: PartyId, other_id: PartyId) -> Response:
    """Keep what was decided. A case that is graded again by it opens to whoever comes to hear it."""

    async def work(told: Deciding) -> None:
        decision = Decision(party_id=party_id, other_party_id=other_id, same=told.same == "yes", sharing=told.sharing)
        await visit.do(matches.decide, decision)

    form = await attempt(visit.form(Deciding, **_EMPTY), work)
    if form is None:
        visit.say("Your decision is kept.")
        return visit.to("/matches")
    return await _comparing(visit, party_id, other_id, form)


async def _comparing(visit: Visit, party_id: UUID, other_id: UUID, form: Filled[Deciding]) -> Response:
    pair, register = await visit.do(matches.compared, party_id, other_id)
    return visit.page(
        "matches/compare.html",
        422 if form.problems else 200,
        form=form,
        pair=pair,
        register=register,
        proposed=register.proposed(Purpose.PLAN),
        today=local_date(visit.errand.now),
        words=case_words,
    )
