"""What a page works with: who visits, the form that they sent, and the answer with its cookies."""

import secrets
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial, update_wrapper
from typing import Annotated, Any, Concatenate, Final, ParamSpec, TypeVar
from uuid import UUID

import orjson
from fastapi import Depends
from markupsafe import Markup
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from app.db.session import Credentials, UnitOfWork
from app.db.vault import Vault
from app.domain.access import Actor
from app.domain.clock import local as local_time
from app.domain.clock import say_date
from app.domain.errors import DomainError, Invalid, Unauthenticated
from app.domain.fields import problems_from
from app.domain.sessions import SessionKey, form_token, form_token_holds, same
from app.services import presses, sessions, stay
from app.services.errand import Errand
from app.services.once import Document
from app.services.presses import Led
from app.web import cookies, forms
from app.web.cookies import Cookie
from app.web.exits import near
from app.web.forgery import FromElsewhere, OpenBefore, check_origin, masked, unmasked
from app.web.navigation import navigation
from app.web.packing import ENCODING, packed, takes_packed
from app.web.paths import local, opens
from app.web.pressing import Onward, in_turn
from app.web.render import render

P = ParamSpec("P")
T = TypeVar("T")
F = TypeVar("F", bound=BaseModel)

CSRF_HEADER: Final = "x-csrf-token"
_SAFE: Final = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class Site:
    """What the pages must know of the deployment.

    origin: as people reach it, such as ``https://roundtable.example``; None takes each request's word for it, which
    only the demonstration does. demo: the people here are invented, and pages say so. marking: stands on every sheet of
    a page that is printed; those of a partnership that has chosen its own words, and that know them, say those.
    """

    origin: str | None = None
    demo: bool = False
    marking: str = "OFFICIAL-SENSITIVE"


@dataclass(frozen=True, slots=True)
class Read:
    """What a document says. version: for the form that changes it. next_cursor: where its next page begins."""

    value: Any
    version: int | None
    next_cursor: str | None


def policy(nonce: str) -> str:
    """The Content-Security-Policy of a page: our own scripts that carry the nonce, and nothing from anywhere else."""
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self'; font-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


class Visit:
    """One request of a browser: the only way from a page to a service, and from a page to an answer."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.site: Site = request.app.state.site
        self.nonce = secrets.token_urlsafe(16)
        self._token: str | None = None
        self._once = secrets.token_urlsafe(9)
        self.actor: Actor | None = None
        """Who visits, once a service was run for them."""
        self.sent: forms.Typed = {}
        """The fields of the form that was sent."""
        self.again = False
        """Whether what was sent is only to be shown again, in the form of this page; it is False once it was."""
        origin = self.site.origin or f"{request.url.scheme}://{request.headers.get('host', '')}"
        self.origin = origin
        self.secure = origin.startswith("https:")
        self.key = SessionKey.parse(self.cookie(Cookie.SESSION) or "")
        """The session that the browser says it has; not proven before a service is run."""
        self._visitor = cookies.visitor_secret(self.cookie(Cookie.VISITOR))
        self._kept: dict[Cookie, tuple[str | None, int | None]] = {}
        self._errand: Errand | None = None
        self._to_say: str | None = None
        self._press: str | None = None
        self._acted = False
        self._vault: Vault | None = None

    @property
    def errand(self) -> Errand:
        """The request's errand, with its ``now`` and its beat."""
        if self._errand is None:
            state = self.request.app.state
            self._errand = Errand(state.database, state.clock())
        return self._errand

    async def do(
        self, use_case: Callable[Concatenate[UnitOfWork, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run one service function as whoever is signed in. Raises Unauthenticated, which sends them to sign in."""
        if self.key is None:
            raise Unauthenticated

        async def noticed(uow: UnitOfWork, /, *args: P.args, **kwargs: P.kwargs) -> tuple[T, bool]:
            self.actor, self._vault = uow.actor, uow.vault
            if self._press is None or self._acted:
                return await use_case(uow, *args, **kwargs), self._acted
            return await presses.act_once(uow, self._press, partial(use_case, uow, *args, **kwargs))

        update_wrapper(noticed, use_case)
        doing = partial(self.errand.do, credentials_of(self.key), noticed, *args, **kwargs)
        result, self._acted = await in_turn(doing, self.request)
        await self._reissue()
        return result

    async def read(
        self, use_case: Callable[Concatenate[UnitOfWork, P], Awaitable[Document]], *args: P.args, **kwargs: P.kwargs
    ) -> Read:
        """Run a service function that answers with a document, and look into it."""
        document = await self.do(use_case, *args, **kwargs)
        return Read(orjson.loads(document.body), document.version, document.next_cursor)

    async def do_as_nobody(
        self,
        partnership_id: UUID,
        use_case: Callable[Concatenate[UnitOfWork, P], Awaitable[T]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Run one service function before it is known who visits."""
        return await self.errand.do_as_nobody(partnership_id, use_case, *args, **kwargs)

    @property
    def me(self) -> Actor:
        """Who visits, on a page for which a service was run for them. Raises Unauthenticated before that."""
        if self.actor is None:
            raise Unauthenticated
        return self.actor

    async def person(self) -> Actor:
        """Whoever is signed in, for pages that run no other service. Raises Unauthenticated."""
        return await self.do(_enter)

    def form(self, model: type[F], **missing: str) -> forms.Filled[F]:
        """The form that was sent, as the model or with what is wrong with it.

        missing: what to say of a field left empty, by its name, such as ``email="Enter your email address"``.
        """
        return forms.fill(model, self.sent, missing)

    async def json(self, model: type[F]) -> F:
        """What a script of ours sent. Raises Invalid."""
        try:
            return model.model_validate(orjson.loads(await self.request.body()))
        except orjson.JSONDecodeError:
            raise HTTPException(400) from None
        except ValidationError as error:
            raise Invalid(problems_from(error, model)) from None

    def page(self, template: str, status: int = 200, **facts: object) -> Response:
        """A page. ``form`` among the facts may be a Filled, whose problems the layout then lists."""
        form = facts.get("form")
        if self.again and isinstance(form, forms.Filled):
            self.again, status, facts = False, 422, {**facts, "form": form.to_press_again(self.sent)}
        headers = {"content-security-policy": policy(self.nonce), "vary": "Accept-Encoding"}
        page = self.draw(template, **facts).encode()
        if takes_packed(self.request.headers):
            page = packed(page)
            headers["content-encoding"] = ENCODING
        return self._answer(HTMLResponse(page, status, headers))

    def draw(self, template: str, **facts: object) -> str:
        """The HTML of a page."""
        return render(
            template,
            {
                "form": forms.Filled(),
                "csrf": self.form_token,
                "csrf_field": self._csrf_field,
                "typing_key": self._typing_key,
                "opened": self._opened,
                "near": near(self.request.url.path),
                "nonce": self.nonce,
                "site": self.site,
                "actor": self.actor,
                "held": self.key is not None,
                "here": self.request.url.path,
                "there_is": lambda path: opens(self.request, path),
                "navigation": navigation(self.actor, self.request),
                "next": local(self.next, ""),
                "said": self._said(),
                **facts,
            },
        )

    def to(self, path: str) -> Response:
        """Send the browser on to another page of ours, which it then gets. Anywhere else is home."""
        to = local(path)
        written = partial(self._lead, Led(to, self._to_say or "")) if self._acted else None
        return self._answer(Onward(to, written))

    def away(self, url: str) -> Response:
        """Send the browser to another site, such as a provider to sign in with. Never to what somebody typed."""
        return self._answer(RedirectResponse(url, 303))

    def data(self, value: Mapping[str, object], status: int = 200) -> Response:
        """Answer a script of ours."""
        return self._answer(JSONResponse(value, status))

    def say(self, sentence: str) -> None:
        """Have the next page begin with this sentence, such as ``Your password was changed.`` No personal data."""
        self._to_say = sentence

    def signed_in(self, key: SessionKey) -> None:
        """Have the browser hold this session from now on."""
        old = self.key
        if old is not None and (old.partnership_id, old.user_id) == (key.partnership_id, key.user_id):
            self.keep(Cookie.BEFORE, old.form_token)
        else:
            self.forget(Cookie.BEFORE)
        self.key, self._token = key, None
        self.keep(Cookie.SESSION, key.text)
        self.forget(Cookie.VISITOR)

    def signed_out(self) -> None:
        """Have the browser hold no session. Tabs that are told at once share a secret, or only one could post."""
        if self.key is not None:
            text = cookies.visitor_after(self.key.secret)
            self._visitor = cookies.visitor_secret(text)
            self.keep(Cookie.VISITOR, text)
        self.forget(Cookie.BEFORE)
        self.key = self.actor = self._token = None
        self.forget(Cookie.SESSION)

    def cookie(self, cookie: Cookie) -> str | None:
        """What the browser holds; None if nothing."""
        return cookies.read(self.request, cookie, secure=self.secure)

    def keep(self, cookie: Cookie, value: str, seconds: int | None = None) -> None:
        """Have the browser hold this until it is closed, or for so many seconds."""
        self._kept[cookie] = (value, seconds)

    def forget(self, cookie: Cookie) -> None:
        """Have the browser hold it no longer."""
        self._kept[cookie] = (None, None)

    @property
    def next(self) -> str | None:
        """Where the visitor was going, as the address or the form says. Only ``to`` makes it safe to follow."""
        return self._first(forms.NEXT_FIELD) or self.request.query_params.get(forms.NEXT_FIELD)

    def form_token(self) -> str:
        """The token for a form on this page; a browser without a session is given a visitor's cookie for it."""
        if self._token is None:
            self._token = masked(form_token(self._secret()))
        return self._token

    def take(self, sent: forms.Typed) -> None:
        """Take in the form that was sent."""
        url = self.request.url
        self._press = forms.press(f"{url.path}?{url.query}", sent)
        self.sent = {name: values for name, values in sent.items() if name != forms.ONCE_FIELD}

    def check_form(self) -> None:
        """Raise FromElsewhere unless what was sent came from a page of ours, in this browser.

        Raises OpenBefore when the page was opened before this person's session was replaced.
        """
        check_origin(self.request, self.origin)
        told = unmasked(self.request.headers.get(CSRF_HEADER) or self._first(forms.CSRF_FIELD) or "")
        held = (self.key.secret if self.key else None, self._visitor)
        if not any(secret is not None and form_token_holds(secret, told) for secret in held):
            before = self.cookie(Cookie.BEFORE)
            opened_before = self.key is not None and before is not None and same(before, told)
            raise OpenBefore if opened_before else FromElsewhere

    def finish(self, response: Response) -> Response:
        """Put what the browser is to keep or forget on an answer that was made elsewhere."""
        return self._answer(response)

    async def _lead(self, led: Led) -> None:
        if self.key is None or self._press is None:
            return
        with suppress(DomainError):  # what was asked for is done, and whoever presses again is told so all the same
            await self.errand.do(credentials_of(self.key), presses.lead, self._press, led)

    async def _reissue(self) -> None:
        """Give the browser a new session, when what its holder may do has grown since it began."""
        if self.key is None or self.actor is None or self.actor.session is None or not self.actor.session.reissue:
            return
        try:
            key = await self.errand.do(credentials_of(self.key), sessions.renew)
        except Unauthenticated:
            return  # another request of the same browser was first, or this one signed them out
        self.actor = replace(self.actor, session=replace(self.actor.session, id=key.session_id, reissue=False))
        self.signed_in(key)

    def _csrf_field(self, once: bool = True) -> Markup:
        """What each form that is sent by POST carries. once: sent twice by one page, it is acted on once.

        Not so for what is saved again and again from one page, and for what shows in its answer what only that shows.
        """
        field = Markup('<input type="hidden" name="{}" value="{}">')
        token = field.format(forms.CSRF_FIELD, self.form_token())
        return token + field.format(forms.ONCE_FIELD, self._once) if once and self.key else token

    def _opened(self) -> str:
        """When, as paper is to say it."""
        at = local_time(self.errand.now)
        return f"{say_date(at.date())} at {at:%H:%M}"

    def _typing_key(self) -> dict[str, str]:
        """What the page seals under what was typed on it, should whoever typed it be signed out meanwhile."""
        if self.actor is None or self._vault is None:
            return {"salt": "", "key": ""}
        salt = secrets.token_urlsafe(16)
        return {"salt": salt, "key": b64encode(stay.typing_key(self._vault, self.actor, salt)).decode()}

    def _first(self, name: str) -> str | None:
        return next(iter(self.sent.get(name, ())), None)

    def _secret(self) -> bytes:
        if self.key is not None:
            return self.key.secret
        if self._visitor is None:
            text = cookies.new_visitor()
            self._visitor = cookies.visitor_secret(text)
            self.keep(Cookie.VISITOR, text)
        assert self._visitor is not None  # noqa: S101  # made above
        return self._visitor

    def _said(self) -> str | None:
        text = self.cookie(Cookie.SAID)
        if text is None:
            return None
        self.forget(Cookie.SAID)
        return cookies.said(text, self._secret())

    def _answer(self, response: Response) -> Response:
        if self._to_say is not None:
            self.keep(Cookie.SAID, cookies.said_text(self._to_say, self._secret()), 60)
        for cookie, (value, seconds) in self._kept.items():
            cookies.write(response, cookie, value, secure=self.secure, seconds=seconds)
        return response


def credentials_of(key: SessionKey) -> Credentials:
    """Who a browser's session key says that it acts for; entering the database proves it."""
    return Credentials(key.partnership_id, key.user_id, key.session_id, key.digest)


async def _enter(uow: UnitOfWork) -> Actor:
    return uow.actor


def visit_of(request: Request) -> Visit:
    """The request's visit, for whoever answers it; made when there is none yet."""
    found: Visit | None = getattr(request.state, "visit", None)
    if found is None:
        found = request.state.visit = Visit(request)
    return found


async def _visit(request: Request) -> Visit:
    visit = visit_of(request)
    if request.method not in _SAFE:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() == forms.FORM_TYPE:
            visit.take(forms.read(await request.body()))
        visit.check_form()
    return visit


AtVisit = Annotated[Visit, Depends(_visit)]
