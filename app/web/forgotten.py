"""Who has forgotten their password asks here for a mail. The answer is the same whoever they are."""

from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.responses import Response

from app.domain.sign_in_links import Delivery, ForgottenForm
from app.services import resets, sign_in
from app.services.sign_in import Partnership
from app.web.forms import Filled, blank
from app.web.sign_in import PARTNERSHIP, chosen, whence
from app.web.visit import AtVisit, Visit

router = APIRouter()

FORGOTTEN = "/forgotten"


@router.get(FORGOTTEN)
async def ask(visit: AtVisit) -> Response:
    """The form; or whom to ask, where no mail is sent."""
    return await _page(visit, await chosen(visit), blank(ForgottenForm), 200)


@router.post(FORGOTTEN)
async def write(visit: AtVisit) -> Response:
    """Write down what was asked. Who it is, is looked up afterwards, and not here."""
    partnership = await chosen(visit)
    form = visit.form(ForgottenForm, email="Enter your email address")
    if partnership is None or form.value is None or not _mails(visit):
        return await _page(visit, partnership, form, 422)
    await visit.do_as_nobody(partnership.id, resets.ask, form.value.email, whence(visit).address)
    await visit.errand.on_the_beat()
    return visit.page("forgotten/asked.html")


def _mails(visit: Visit) -> bool:
    delivery: Delivery = visit.request.app.state.delivery
    return delivery.mails


async def _page(visit: Visit, partnership: Partnership | None, form: Filled[ForgottenForm], status: int) -> Response:
    if partnership is None:
        there = await sign_in.partnerships(visit.errand)
        choices = [(each.name, f"{FORGOTTEN}?{urlencode({PARTNERSHIP: each.slug})}") for each in there]
        return visit.page("sign_in/choose.html", status, choices=choices)
    return visit.page("forgotten/forgotten.html", status, form=form, mails=_mails(visit), partnership=partnership)
