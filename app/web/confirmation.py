"""Showing again who one is, for what asks for it."""

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.domain.sign_in import ConfirmForm, NotRight
from app.domain.throttle import TooMany
from app.services import confirmation, identities
from app.web.forms import Filled, blank
from app.web.paths import local
from app.web.sign_in import too_many
from app.web.visit import AtVisit, Visit

router = APIRouter()


@router.get("/confirm")
async def ask(visit: AtVisit) -> Response:
    """The ways to confirm."""
    return await _page(visit, blank(ConfirmForm), 200)


@router.post("/confirm")
async def with_password(visit: AtVisit) -> Response:
    """A password and a code."""
    form = visit.form(
        ConfirmForm,
        password="Enter your password",  # noqa: S106  # what is said of an empty field
        code="Enter the code from your app, or a recovery code",
    )
    if form.value is None:
        return await _page(visit, form, 422)
    state = visit.request.app.state
    try:
        key = await confirmation.by_password(visit.do, form.value, state.passwords, state.lifetimes)
    except NotRight as refusal:
        return await _page(visit, form.refused(refusal), 422)
    except TooMany as refusal:
        return await _page(visit, form.refused(too_many(refusal, "/password")), 429)
    visit.signed_in(key)
    return visit.to(local(visit.next))


@router.post("/confirm/demo")
async def in_demonstration(visit: AtVisit) -> Response:
    """One press, in a demonstration; anywhere else there is no such address."""
    if not visit.site.demo:
        raise HTTPException(404)
    visit.signed_in(await visit.do(confirmation.in_demonstration, visit.request.app.state.lifetimes))
    return visit.to(local(visit.next))


async def _page(visit: Visit, form: Filled[ConfirmForm], status: int) -> Response:
    means = await visit.do(confirmation.means)
    providers = await visit.do(identities.to_confirm_with)
    return visit.page("confirmation/confirm.html", status, form=form, means=means, providers=providers)
