"""Joining by a link: an invitation, or an administrator's link for somebody who starts over; or only a new password.

The link's secret is in the address for one request only: from then on the browser's cookie holds what it began.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from starlette.responses import Response

from app.domain.authenticators import in_fours
from app.domain.ceremonies import BeginAgain, CeremonyKey
from app.domain.errors import Invalid, NotFound
from app.domain.passkeys import Made, NameForm
from app.domain.sign_in_links import JoinForm, LinkOver, LinkToken, ResetForm
from app.services import joining, sign_in
from app.services.joining import Guest, Joined
from app.web.authenticators import square
from app.web.cookies import Cookie
from app.web.forms import Filled, blank
from app.web.passkeys import Nothing, begun, go, held, party, suggested
from app.web.paths import HOME
from app.web.sign_in import signed_in, whence
from app.web.visit import AtVisit, Visit

router = APIRouter()

JOIN = "/join"
_OVER = (LinkOver, BeginAgain)
_NO_PASSWORD = "Enter a new password"  # noqa: S105  # what is said of an empty field

AppId = Annotated[UUID, Path()]


@router.get(JOIN)
async def choose(visit: AtVisit) -> Response:
    """Whom the link is for, and the ways to sign in; or the form for a new password, if it is for no more."""
    try:
        guest = await _guest(visit)
    except _OVER:
        return await _over(visit)
    if guest.link.password_only:
        return visit.page("join/password.html", form=blank(ResetForm), guest=guest)
    providers = await visit.do_as_nobody(_key(visit).partnership_id, sign_in.providers)
    return visit.page("join/choose.html", guest=guest, providers=providers)


@router.post(JOIN)
async def set_password(visit: AtVisit) -> Response:
    """A new password, by a link that does nothing else."""
    form = visit.form(ResetForm, new_password=_NO_PASSWORD)
    try:
        guest = await _guest(visit)
        if form.value is not None:
            passwords = visit.request.app.state.passwords
            await joining.with_new_password(visit.errand, _key(visit), form.value, passwords)
    except Invalid as refusal:
        form = form.refused(refusal)
    except _OVER:
        return await _over(visit)
    if form.problems:
        return visit.page("join/password.html", 422, form=form, guest=guest)
    visit.forget(Cookie.JOIN)
    visit.signed_out()
    visit.say("Your password was changed. Sign in with it, and with a code as before.")
    return visit.to("/sign-in")


@router.post(f"{JOIN}/app")
async def begin_app(visit: AtVisit) -> Response:
    """Draw the secret of an app."""
    try:
        made = await joining.begin_app(visit.errand, _key(visit))
    except _OVER:
        return await _over(visit)
    return visit.to(f"{JOIN}/app/{made.id}")


@router.get(f"{JOIN}/app/{{app}}")
async def ask_app(visit: AtVisit, app: AppId) -> Response:
    """A password, the square for the app, and the field for its first code."""
    return await _app_page(visit, app, blank(JoinForm), 200)


@router.post(f"{JOIN}/app/{{app}}")
async def finish_app(visit: AtVisit, app: AppId) -> Response:
    """Finish with them."""
    form = visit.form(JoinForm, new_password=_NO_PASSWORD, code="Enter the code that the app shows")
    if form.value is None:
        return await _app_page(visit, app, form, 422)
    state = visit.request.app.state
    try:
        joined = await joining.with_password(
            visit.errand, _key(visit), app, form.value, state.passwords, whence(visit), state.lifetimes
        )
    except Invalid as refusal:
        return await _app_page(visit, app, form.refused(refusal), 422)
    except NotFound:
        return visit.to(JOIN)
    except _OVER:
        return await _over(visit)
    await _joined(visit, joined)
    return visit.page("join/codes.html", codes=joined.codes)


@router.get(f"{JOIN}/passkey")
async def ask_passkey(visit: AtVisit) -> Response:
    """The button that has the device make a passkey."""
    try:
        guest = await _guest(visit)
    except _OVER:
        return await _over(visit)
    if guest.link.password_only:
        return visit.to(JOIN)
    form = blank(NameForm, name=suggested(visit.request.headers))
    return visit.page("join/passkey.html", form=form, guest=guest)


@router.post(f"{JOIN}/passkey/begin")
async def begin_passkey(visit: AtVisit) -> Response:
    """Ask the device for one."""
    await visit.json(Nothing)
    return begun(visit, await joining.begin_passkey(visit.errand, _key(visit), party(visit)))


@router.post(f"{JOIN}/passkey/finish")
async def finish_passkey(visit: AtVisit) -> Response:
    """Finish with it."""
    made = await visit.json(Made)
    lifetimes = visit.request.app.state.lifetimes
    await _joined(
        visit,
        await joining.with_passkey(
            visit.errand, _key(visit), held(visit), made, party(visit), whence(visit), lifetimes
        ),
    )
    visit.say("You are signed in. Add a second passkey under Your account, in case you lose this device.")
    return go(visit, HOME)


@router.get(f"{JOIN}/{{token}}")
async def open_link(visit: AtVisit, token: str) -> Response:
    """Begin with a link, and take its secret out of the address."""
    found = LinkToken.parse(token)
    try:
        if found is None:
            raise LinkOver
        key = await visit.do_as_nobody(found.partnership_id, joining.open_link, found)
    except LinkOver:
        return await _over(visit)
    visit.keep(Cookie.JOIN, key.text, joining.MINUTES * 60)
    return visit.to(JOIN)


def _key(visit: Visit) -> CeremonyKey:
    key = CeremonyKey.parse(visit.cookie(Cookie.JOIN))
    if key is None:
        raise BeginAgain
    return key


async def _guest(visit: Visit) -> Guest:
    key = _key(visit)
    return await visit.do_as_nobody(key.partnership_id, joining.guest, key)


async def _app_page(visit: Visit, app: UUID, form: Filled[JoinForm], status: int) -> Response:
    try:
        guest = await _guest(visit)
        made = await joining.app_again(visit.errand, _key(visit), app)
    except NotFound:
        return visit.to(JOIN)
    except _OVER:
        return await _over(visit)
    return visit.page(
        "join/app.html", status, form=form, guest=guest, square=square(made.uri), secret=in_fours(made.secret)
    )


async def _joined(visit: Visit, joined: Joined) -> None:
    visit.forget(Cookie.JOIN)
    await signed_in(visit, joined.signed_in)


async def _over(visit: Visit) -> Response:
    """The same for a link that never was, and for one that is too old, was used, or was replaced."""
    await visit.errand.on_the_beat()
    visit.forget(Cookie.JOIN)
    return visit.page("join/over.html", 410)
