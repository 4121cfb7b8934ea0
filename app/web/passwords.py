"""One's own password: a new one in place of the old, or a first one."""

from fastapi import APIRouter
from starlette.responses import Response

from app.domain.errors import Invalid
from app.domain.sign_in import NewPasswordForm
from app.domain.throttle import TooMany
from app.services import confirmation
from app.web.forms import Filled, blank
from app.web.sign_in import too_many
from app.web.visit import AtVisit, Visit

router = APIRouter()


@router.get("/account/password")
async def ask(visit: AtVisit) -> Response:
    """The form."""
    return await _page(visit, blank(NewPasswordForm), 200)


@router.post("/account/password")
async def change(visit: AtVisit) -> Response:
    """Set it. Everywhere else the person is signed out."""
    form = visit.form(NewPasswordForm, new_password="Enter a new password")  # noqa: S106  # what is said of an empty field
    if form.value is None:
        return await _page(visit, form, 422)
    try:
        key = await confirmation.change_password(visit.do, form.value, visit.request.app.state.passwords)
    except Invalid as refusal:
        return await _page(visit, form.refused(refusal), 422)
    except TooMany as refusal:
        return await _page(visit, form.refused(too_many(refusal, "/password")), 429)
    visit.signed_in(key)
    visit.say("Your password was changed. Everywhere else you have been signed out.")
    return visit.to("/account")


async def _page(visit: Visit, form: Filled[NewPasswordForm], status: int) -> Response:
    has_password = await visit.do(confirmation.may_change_password)
    return visit.page("passwords/password.html", status, form=form, has_password=has_password)
