"""One's own authenticator app: set up by scanning a square, and shown to work by a first code."""

import io
from uuid import UUID

import segno
from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import Response

from app.domain.authenticators import CodeRefused, in_fours
from app.domain.sign_in import CodeForm
from app.services import authenticators
from app.services.authenticators import Enrolment
from app.web.forms import Filled, blank
from app.web.visit import AtVisit, Visit

router = APIRouter()


@router.get("/account/app")
async def show(visit: AtVisit) -> Response:
    """Whether there is an app, and the way to set one up."""
    stands = await visit.do(authenticators.stands)
    return visit.page("authenticators/app.html", stands=stands)


@router.post("/account/app")
async def begin(visit: AtVisit) -> Response:
    """Draw a secret."""
    made = await visit.do(authenticators.begin)
    return visit.to(f"/account/app/{made.id}")


@router.get("/account/app/{authenticator_id}")
async def ask(visit: AtVisit, authenticator_id: UUID) -> Response:
    """The square, the secret, and the field for the first code."""
    return _page(visit, await visit.do(authenticators.again, authenticator_id), blank(CodeForm), 200)


@router.post("/account/app/{authenticator_id}")
async def finish(visit: AtVisit, authenticator_id: UUID) -> Response:
    """The first code."""
    form = visit.form(CodeForm, code="Enter the code that the app shows")
    if form.value is not None:
        try:
            await visit.do(authenticators.finish, authenticator_id, form.value.code.get_secret_value())
        except CodeRefused as refusal:
            form = form.refused(refusal)
        else:
            visit.say("Your authenticator app is set up. No earlier one works any more.")
            return visit.to("/account")
    return _page(visit, await visit.do(authenticators.again, authenticator_id), form, 422)


def square(text: str) -> Markup:
    """A QR code as SVG, to be put into a page."""
    drawn = io.BytesIO()
    segno.make(text, micro=False).save(
        drawn, kind="svg", xmldecl=False, svgclass="rt-square", lineclass=None, omitsize=True, light="#fff"
    )
    return Markup(drawn.getvalue().decode())  # noqa: S704  # segno draws; what it draws from is in no attribute


def _page(visit: Visit, made: Enrolment, form: Filled[CodeForm], status: int) -> Response:
    return visit.page(
        "authenticators/set_up.html",
        status,
        form=form,
        path=f"/account/app/{made.id}",
        square=square(made.uri),
        secret=in_fours(made.secret),
    )
