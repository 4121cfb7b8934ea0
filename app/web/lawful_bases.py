"""The register of lawful bases and the sharing agreements. For the partnership's administrator."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated, Any, Final, TypeVar
from uuid import UUID

import orjson
from fastapi import APIRouter, Path
from starlette.responses import Response

from app.domain.access import Verb
from app.domain.agencies import AgencyKind
from app.domain.clock import local_date
from app.domain.errors import Invalid, NotFound
from app.domain.fields import Form
from app.domain.lawful_bases import (
    AgreementForm,
    EndForm,
    LawfulBasis,
    LawfulBasisForm,
    Purpose,
    SharingAgreement,
    in_force,
    needs_next,
)
from app.services import lawful_bases
from app.services.lawful_bases import Kept
from app.services.once import Document
from app.web import case_words
from app.web.case_words import Tag
from app.web.forms import Filled, blank
from app.web.visit import AtVisit, Visit

router = APIRouter(prefix="/lawful-bases")

K = TypeVar("K", LawfulBasis, SharingAgreement)
F = TypeVar("F", bound=Form)

BasisId = Annotated[UUID, Path()]
AgreementId = Annotated[UUID, Path()]

KINDS: Final = tuple(sorted(((kind.value, kind.words) for kind in AgencyKind), key=lambda each: each[1]))
PURPOSES: Final = tuple((each.value, f"To {each.words}") for each in Purpose)
_EMPTY: Final = {
    "code": "Give it a short code",
    "title": "Enter its name",
    "help": "Say when to choose it, and when not",
    "version": "Enter its version, as it calls itself",
    "effective_from": "Enter the day from which it holds",
    "on": "Enter the first day on which it no longer holds",
}


@router.get("")
async def everything(visit: AtVisit) -> Response:
    """The agreements, and what may be chosen today; what ended is behind a fold."""
    kept = await visit.do(lawful_bases.kept)
    return visit.page(
        "lawful_bases/list.html",
        agreements=[(each, _tag(each, kept), kept.times.get(each.id, 0)) for each in kept.agreements],
        bases=[(each, _tag(each, kept), kept.times.get(each.id, 0)) for each in kept.bases if _stands(each, kept)],
        ended=[each for each in kept.bases if not _stands(each, kept)],
        **_WORDS,
    )


@router.get("/add")
async def ask(visit: AtVisit) -> Response:
    """The form for a new entry."""
    (await visit.person()).must(Verb.ADMINISTER_PARTNERSHIP)
    return _adding(visit, blank(LawfulBasisForm, effective_from=_today(visit)), None)


@router.post("/add")
async def add(visit: AtVisit) -> Response:
    """Add it."""
    form, made = await _saved(visit.form(LawfulBasisForm, **_EMPTY), lambda told: visit.do(lawful_bases.add, told))
    if made:
        visit.say("The entry was added to the register.")
        return visit.to(f"/lawful-bases/{made}")
    (await visit.person()).must(Verb.ADMINISTER_PARTNERSHIP)
    return _adding(visit, form, None, 422)


@router.get("/agreements/add")
async def ask_agreement(visit: AtVisit) -> Response:
    """The form for an agreement that was signed."""
    kept = await visit.do(lawful_bases.kept)
    newest = next(iter(kept.agreements), None)
    since = newest.effective_until if newest and newest.effective_until else kept.today
    form = blank(AgreementForm, title=newest.title if newest else "", effective_from=str(max(since, kept.today)))
    return visit.page("lawful_bases/add_agreement.html", form=form)


@router.post("/agreements/add")
async def add_agreement(visit: AtVisit) -> Response:
    """Write it down."""
    form = visit.form(AgreementForm, **_EMPTY)
    form, made = await _saved(form, lambda told: visit.do(lawful_bases.sign_agreement, told))
    if made:
        visit.say("The agreement was added.")
        return visit.to(f"/lawful-bases/agreements/{made}")
    (await visit.person()).must(Verb.ADMINISTER_PARTNERSHIP)
    return visit.page("lawful_bases/add_agreement.html", 422, form=form)


@router.get("/agreements/{agreement_id}")
async def show_agreement(visit: AtVisit, agreement_id: AgreementId) -> Response:
    """One agreement."""
    return await _agreement(visit, "lawful_bases/agreement.html", agreement_id)


@router.get("/agreements/{agreement_id}/end")
async def ask_end_agreement(visit: AtVisit, agreement_id: AgreementId) -> Response:
    """Ask from which day it no longer holds."""
    form = blank(EndForm, on=_today(visit))
    return await _agreement(visit, "lawful_bases/end_agreement.html", agreement_id, form=form)


@router.post("/agreements/{agreement_id}/end")
async def end_agreement(visit: AtVisit, agreement_id: AgreementId) -> Response:
    """End it."""
    form = visit.form(EndForm, **_EMPTY)
    form, ended = await _saved(form, lambda told: visit.do(lawful_bases.end_agreement, agreement_id, told))
    if ended:
        visit.say("The day on which the agreement ends was saved. What was shared under it stands.")
        return visit.to(f"/lawful-bases/agreements/{agreement_id}")
    return await _agreement(visit, "lawful_bases/end_agreement.html", agreement_id, 422, form=form)


@router.get("/{basis_id}")
async def show(visit: AtVisit, basis_id: BasisId) -> Response:
    """One entry, with its other versions."""
    return await _basis(visit, "lawful_bases/basis.html", basis_id)


@router.get("/{basis_id}/revise")
async def ask_revise(visit: AtVisit, basis_id: BasisId) -> Response:
    """The form for the next version."""
    kept = await visit.do(lawful_bases.kept)
    found = _found(kept.bases, basis_id)
    said = found.model_dump(
        mode="json", include={"code", "title", "help", "article_6", "article_9", "article_10", "power"}
    )
    typed: dict[str, Any] = {name: value or "" for name, value in said.items()}
    many = {"agency_kinds": found.agency_kinds, "proposed_for": found.proposed_for}
    return _adding(visit, blank(LawfulBasisForm, effective_from=str(kept.today), **typed, **many), found)


@router.post("/{basis_id}/revise")
async def revise(visit: AtVisit, basis_id: BasisId) -> Response:
    """Add the next version, with which the one before it ends."""
    form, made = await _saved(visit.form(LawfulBasisForm, **_EMPTY), lambda told: visit.do(lawful_bases.add, told))
    if made:
        visit.say("The new version was added. What was shared before keeps its words.")
        return visit.to(f"/lawful-bases/{made}")
    kept = await visit.do(lawful_bases.kept)
    return _adding(visit, form, _found(kept.bases, basis_id), 422)


@router.get("/{basis_id}/end")
async def ask_end(visit: AtVisit, basis_id: BasisId) -> Response:
    """Ask from which day nobody may choose it."""
    return await _basis(visit, "lawful_bases/end.html", basis_id, form=blank(EndForm, on=_today(visit)))


@router.post("/{basis_id}/end")
async def end(visit: AtVisit, basis_id: BasisId) -> Response:
    """End it."""
    form = visit.form(EndForm, **_EMPTY)
    form, ended = await _saved(form, lambda told: visit.do(lawful_bases.end, basis_id, told))
    if ended:
        visit.say("The day on which the entry ends was saved. What was shared on it stands.")
        return visit.to(f"/lawful-bases/{basis_id}")
    return await _basis(visit, "lawful_bases/end.html", basis_id, 422, form=form)


async def _saved(form: Filled[F], save: Callable[[F], Awaitable[Document]]) -> tuple[Filled[F], str | None]:
    """Save what the form says: the id of what that was; or the form, with what stands in the way, and None."""
    if form.value is None:
        return form, None
    try:
        kept = await save(form.value)
    except Invalid as refused:
        return form.refused(refused), None
    saved: str = orjson.loads(kept.body)["id"]
    return form, saved


def _adding(visit: Visit, form: Filled[LawfulBasisForm], revised: LawfulBasis | None, status: int = 200) -> Response:
    return visit.page("lawful_bases/add.html", status, form=form, revised=revised, **_WORDS)


async def _basis(visit: Visit, template: str, basis_id: UUID, status: int = 200, **facts: object) -> Response:
    kept = await visit.do(lawful_bases.kept)
    basis = _found(kept.bases, basis_id)
    others = [each for each in kept.bases if each.code == basis.code and each.id != basis.id]
    return visit.page(template, status, basis=basis, others=others, **_standing(basis, kept), **facts, **_WORDS)


async def _agreement(visit: Visit, template: str, agreement_id: UUID, status: int = 200, **facts: object) -> Response:
    kept = await visit.do(lawful_bases.kept)
    found = _found(kept.agreements, agreement_id)
    return visit.page(template, status, agreement=found, **_standing(found, kept), **facts, **_WORDS)


def _found(every: tuple[K, ...], row_id: UUID) -> K:
    for each in every:
        if each.id == row_id:
            return each
    raise NotFound("entry")


def _standing(each: LawfulBasis | SharingAgreement, kept: Kept) -> dict[str, Any]:
    return {"tag_of": _tag(each, kept), "times": kept.times.get(each.id, 0), "stands": _stands(each, kept)}


def _stands(each: LawfulBasis | SharingAgreement, kept: Kept) -> bool:
    """Whether it holds, or is still to."""
    return each.effective_until is None or each.effective_until > kept.today


def _tag(each: LawfulBasis | SharingAgreement, kept: Kept) -> Tag:
    if isinstance(each, SharingAgreement) and needs_next(each, kept.agreements, kept.today):
        return ("Ends soon", "orange")
    if in_force(each, kept.today):
        return ("In force", "green")
    return ("To come", "blue") if each.effective_from > kept.today else ("Ended", "grey")


def _today(visit: Visit) -> str:
    today: date = local_date(visit.errand.now)
    return str(today)


_WORDS: Final[dict[str, Any]] = {
    "words": case_words,
    "KINDS": KINDS,
    "kinds": dict(KINDS),
    "PURPOSES": PURPOSES,
    "purposes": dict(PURPOSES),
}
