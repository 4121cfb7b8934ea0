"""Signing in: with a passkey, an organisation's own sign-in, or an e-mail address, a password and a code."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.domain.errors import FieldProblem, Invalid, NotFound, Unauthenticated
from app.domain.fields import Email, Form
from app.domain.sign_in import Browser, NotRight, SignInForm
from app.domain.throttle import TooMany
from app.services import sessions, sign_in
from app.services.sign_in import Partnership, Provider, SignedIn, Whence
from app.web import devices
from app.web.cookies import Cookie
from app.web.forms import Filled, blank
from app.web.paths import local
from app.web.visit import AtVisit, Visit, credentials_of

router = APIRouter()

# So long is a browser known that has signed somebody in.
_KNOWN_SECONDS: Final = 400 * 24 * 3600
PARTNERSHIP: Final = "partnership"


class DemoForm(Form):
    """Whom to be in a demonstration."""

    email: Email


@dataclass(frozen=True, slots=True)
class DemoChoice:
    """Somebody invented, as a button names them."""

    email: str
    name: str
    does: str


@router.get("/sign-in")
async def ask(visit: AtVisit) -> Response:
    """The ways to sign in; whoever is signed in goes on."""
    if visit.key is not None:
        try:
            await visit.person()
        except Unauthenticated:
            visit.signed_out()
        else:
            return visit.to(local(visit.next))
    return await _page(visit, await chosen(visit), blank(SignInForm), 200)


@router.post("/sign-in")
async def with_password(visit: AtVisit) -> Response:
    """E-mail, password and code, judged together."""
    partnership = await chosen(visit)
    form = visit.form(
        SignInForm,
        email="Enter your email address",
        password="Enter your password",  # noqa: S106  # what is said of an empty field
        code="Enter the code from your app, or a recovery code",
    )
    if partnership is None or form.value is None:
        return await _page(visit, partnership, form, 422)
    state = visit.request.app.state
    try:
        found = await sign_in.by_password(
            visit.errand, partnership.id, form.value, whence(visit), state.passwords, state.lifetimes
        )
    except NotRight as refusal:
        return await _page(visit, partnership, form.refused(refusal), 422)
    except TooMany as refusal:
        return await _page(visit, partnership, form.refused(too_many(refusal, "/email")), 429)
    return await signed_in(visit, found)


@router.post("/sign-in/demo")
async def as_demo_person(visit: AtVisit) -> Response:
    """One press, in a demonstration; anywhere else there is no such address."""
    partnership = await chosen(visit)
    form = visit.form(DemoForm)
    if partnership is None or form.value is None or form.value.email not in {each.email for each in _people(visit)}:
        raise HTTPException(404)
    try:
        found = await sign_in.as_demo_person(
            visit.errand, partnership.id, form.value.email, whence(visit), visit.request.app.state.lifetimes
        )
    except NotRight:
        raise HTTPException(404) from None
    return await signed_in(visit, found)


async def chosen(visit: Visit) -> Partnership | None:
    """The partnership to sign in to: the one that the address names, or the only one. None: still to be chosen."""
    there = await sign_in.partnerships(visit.errand)
    slug = visit.request.query_params.get(PARTNERSHIP)
    if slug is None and len(there) == 1:
        return there[0]
    return next((each for each in there if each.slug == slug), None)


def whence(visit: Visit) -> Whence:
    """Where a try comes from."""
    client = visit.request.client
    return Whence(
        address=client.host if client else "",
        browser=Browser.parse(visit.cookie(Cookie.DEVICE) or ""),
        device=devices.described(visit.request.headers.get("user-agent", "")),
    )


async def signed_in(visit: Visit, found: SignedIn, going: str | None = None) -> Response:
    """Give the browser its session, and go on to where the visitor was going, as told here or as the form says.

    A session that it held until now ends: after this, only a copy of its cookie could use it.
    """
    if visit.key is not None:
        with suppress(Unauthenticated, NotFound):  # it had ended already
            await visit.errand.do(credentials_of(visit.key), sessions.end_own)
    visit.signed_in(found.key)
    visit.keep(Cookie.DEVICE, found.browser.text, _KNOWN_SECONDS)
    return visit.to(local(going or visit.next))


def too_many(refusal: TooMany, pointer: str) -> Invalid:
    """The same refusal, told at a field."""
    return Invalid([FieldProblem(pointer, refusal.code, refusal.message)])


async def _page(visit: Visit, partnership: Partnership | None, form: Filled[SignInForm], status: int) -> Response:
    if partnership is None:
        there = await sign_in.partnerships(visit.errand)
        choices = [(each.name, _path("/sign-in", visit, each)) for each in there]
        return visit.page("sign_in/choose.html", status, choices=choices)
    providers: list[Provider] = await visit.do_as_nobody(partnership.id, sign_in.providers)
    return visit.page(
        "sign_in/sign_in.html",
        status,
        form=form,
        partnership=partnership,
        path=_path("/sign-in", visit, partnership),
        demo_path=_path("/sign-in/demo", visit, partnership),
        providers=[(each.name, _path(f"/sign-in/with/{each.id}", visit, partnership)) for each in providers],
        people=_people(visit) if partnership.demo else [],
    )


def _path(path: str, visit: Visit, partnership: Partnership) -> str:
    going = local(visit.next, "")
    return f"{path}?{urlencode({PARTNERSHIP: partnership.slug} | ({'next': going} if going else {}))}"


def _people(visit: Visit) -> list[DemoChoice]:
    """The invented people: none outside a demonstration."""
    people = visit.request.app.state.demo_people if visit.site.demo else []
    return [DemoChoice(each.email, each.name, each.does) for each in people]
