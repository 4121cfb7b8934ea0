"""Signing in by way of an organisation's provider: away to it, back from it, a second factor, and links to it."""

from typing import Annotated, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Path
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.domain.ceremonies import BeginAgain, CeremonyKey
from app.domain.errors import DomainError, FieldProblem, Invalid
from app.domain.openid import OpenidError
from app.domain.providers import LinkForm, NoDetails, NotLetIn, OneFactor, UnlinkForm
from app.domain.sign_in import CodeForm, NotRight
from app.domain.sign_in_links import LinkOver
from app.domain.throttle import TooMany
from app.services import identities, joining, sign_in, single_sign_on
from app.services.identities import Purpose, Returned
from app.services.single_sign_on import MINUTES, Away, Second
from app.web.cookies import Cookie
from app.web.forms import Filled, blank
from app.web.paths import local
from app.web.sign_in import PARTNERSHIP, chosen, signed_in, too_many, whence
from app.web.single_sign_on import openid_of, redirect_address
from app.web.visit import AtVisit, Visit

router = APIRouter()

ProviderId = Annotated[UUID, Path()]
_SECONDS: Final = MINUTES * 60
_ACCOUNT: Final = "/account/single-sign-on"


@router.get("/sign-in/with/{provider_id}")
async def go(visit: AtVisit, provider_id: ProviderId) -> Response:
    """Off to a provider, to sign in."""
    partnership = await chosen(visit)
    if partnership is None:
        raise HTTPException(404)
    return await _go(visit, partnership.id, provider_id, Purpose.SIGN_IN, None)


@router.get("/join/with/{provider_id}")
async def go_to_join(visit: AtVisit, provider_id: ProviderId) -> Response:
    """Off to a provider, as the way to sign in that somebody who was invited chose."""
    key = CeremonyKey.parse(visit.cookie(Cookie.JOIN))
    try:
        if key is None:
            raise BeginAgain
        guest = await visit.do_as_nobody(key.partnership_id, joining.guest, key)
    except (BeginAgain, LinkOver) as refusal:
        return _refused(visit, refusal)
    return await _go(visit, key.partnership_id, provider_id, Purpose.JOIN, guest.link.user_id)


@router.get("/confirm/with/{provider_id}")
async def go_to_confirm(visit: AtVisit, provider_id: ProviderId) -> Response:
    """Off to a provider, to show again who one is."""
    person = await visit.person()
    return await _go(visit, person.partnership_id, provider_id, Purpose.CONFIRM, person.user)


@router.get("/sign-in/back/{provider_id}")
async def back(visit: AtVisit, provider_id: ProviderId) -> Response:
    """Back from a provider, for whatever one was sent there."""
    key = CeremonyKey.parse(visit.cookie(Cookie.OPENID))
    visit.forget(Cookie.OPENID)
    query = visit.request.query_params
    # What is said twice is said by nobody.
    answer = {name: query[name] for name in query if len(query.getlist(name)) == 1}
    try:
        returned = await single_sign_on.come_back(
            visit.errand, openid_of(visit), key, provider_id, redirect_address(visit, provider_id), answer
        )
        return await _arrived(visit, returned)
    except (BeginAgain, LinkOver, OpenidError, NotLetIn, NoDetails, OneFactor) as refusal:
        return _refused(visit, refusal)


@router.get("/sign-in/second")
async def ask_second(visit: AtVisit) -> Response:
    """The form for a second factor."""
    try:
        return await _second(visit, blank(CodeForm), 200)
    except BeginAgain as refusal:
        return _refused(visit, refusal)


@router.post("/sign-in/second")
async def second(visit: AtVisit) -> Response:
    """A code, from whoever a provider has vouched for."""
    form = visit.form(CodeForm, code="Enter the code from your app, or a recovery code")
    key = CeremonyKey.parse(visit.cookie(Cookie.SECOND))
    try:
        if form.value is None:
            return await _second(visit, form, 422)
        code, lifetimes = form.value.code.get_secret_value(), visit.request.app.state.lifetimes
        found, going = await single_sign_on.by_second_factor(visit.errand, key, code, whence(visit), lifetimes)
    except NotRight:
        wrong = FieldProblem("/code", NotRight.code, "The code is not right. Check it and try again.")
        return await _second(visit, form.refused(Invalid([wrong])), 422)
    except TooMany as refusal:
        return await _second(visit, form.refused(too_many(refusal, "/code")), 429)
    except BeginAgain as refusal:
        visit.forget(Cookie.SECOND)
        return _refused(visit, refusal)
    visit.forget(Cookie.SECOND)
    return await signed_in(visit, found, going)


@router.get(_ACCOUNT)
async def links(visit: AtVisit) -> Response:
    """One's links to providers."""
    return visit.page("openid/links.html", links=await visit.do(identities.mine))


@router.post(_ACCOUNT)
async def go_to_link(visit: AtVisit) -> Response:
    """Begin a link. The way to the provider is a link on the page that follows: a form may lead nowhere else."""
    form = visit.form(LinkForm)
    if form.value is None:
        return visit.to(_ACCOUNT)
    name = await visit.do(identities.may_link, form.value.provider_id)
    person = await visit.person()
    try:
        away = await _away(visit, person.partnership_id, form.value.provider_id, Purpose.LINK, person.user, _ACCOUNT)
    except OpenidError as refusal:
        return _refused(visit, refusal)
    return visit.page("openid/go.html", url=away.url, name=name)


@router.post(f"{_ACCOUNT}/end")
async def unlink(visit: AtVisit) -> Response:
    """End a link."""
    form = visit.form(UnlinkForm)
    if form.value is not None:
        await visit.do(identities.unlink, form.value.identity_id)
        visit.say("The link was removed.")
    return visit.to(_ACCOUNT)


async def _go(
    visit: Visit, partnership_id: UUID, provider_id: UUID, purpose: Purpose, user_id: UUID | None
) -> Response:
    try:
        away = await _away(visit, partnership_id, provider_id, purpose, user_id, local(visit.next))
    except OpenidError as refusal:
        return _refused(visit, refusal)
    return visit.away(away.url)


async def _away(
    visit: Visit, partnership_id: UUID, provider_id: UUID, purpose: Purpose, user_id: UUID | None, going: str
) -> Away:
    away = await single_sign_on.begin(
        visit.errand,
        openid_of(visit),
        partnership_id,
        provider_id,
        redirect_address(visit, provider_id),
        purpose,
        going=going,
        user_id=user_id,
    )
    visit.keep(Cookie.OPENID, away.key.text, _SECONDS)
    return away


async def _second(visit: Visit, form: Filled[CodeForm], status: int) -> Response:
    key = CeremonyKey.parse(visit.cookie(Cookie.SECOND))
    if key is None:
        raise BeginAgain
    going = await visit.do_as_nobody(key.partnership_id, single_sign_on.second_is_due, key)
    slug = next(each.slug for each in await sign_in.partnerships(visit.errand) if each.id == key.partnership_id)
    # What a passkey's script asks for is asked for in this partnership, and leads to the same place.
    path = f"/sign-in/second?{urlencode({PARTNERSHIP: slug, 'next': going})}"
    return visit.page("openid/second.html", status, form=form, path=path)


async def _arrived(visit: Visit, returned: Returned) -> Response:
    lifetimes = visit.request.app.state.lifetimes
    if returned.purpose is Purpose.CONFIRM:
        visit.signed_in(await visit.do(identities.confirm, returned, lifetimes))
        return visit.to(returned.going)
    if returned.purpose is Purpose.LINK:
        await identities.link(visit.errand, visit.do, returned)
        visit.say("Your organisation’s account is linked. You can sign in by way of it from now on.")
        return visit.to(_ACCOUNT)
    if returned.purpose is Purpose.JOIN:
        key = CeremonyKey.parse(visit.cookie(Cookie.JOIN))
        if key is None:
            raise BeginAgain
        joined = await joining.with_provider(visit.errand, key, returned, whence(visit), lifetimes)
        visit.forget(Cookie.JOIN)
        return await signed_in(visit, joined.signed_in, returned.going)
    found = await single_sign_on.let_in(visit.errand, openid_of(visit), returned, whence(visit), lifetimes)
    if isinstance(found, Second) and found.to_set_up:
        visit.keep(Cookie.JOIN, found.key.text, joining.MINUTES * 60)
        return visit.to("/join")
    if isinstance(found, Second):
        visit.keep(Cookie.SECOND, found.key.text, _SECONDS)
        return visit.to("/sign-in/second")
    return await signed_in(visit, found, returned.going)


def _refused(visit: Visit, refusal: DomainError) -> Response:
    status = 409 if isinstance(refusal, BeginAgain) else 403
    return visit.page("openid/refused.html", status, message=refusal.message)
