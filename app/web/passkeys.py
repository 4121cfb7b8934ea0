"""Passkeys: to sign in, to confirm, and one's own. What a script here sends, and is answered, is JSON."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.domain.ceremonies import CeremonyKey, CeremonyKind
from app.domain.fields import Form
from app.domain.passkeys import Made, NameForm, Shown
from app.services import passkeys
from app.services.passkeys import Begun
from app.services.webauthn import Party
from app.web import devices
from app.web.cookies import Cookie
from app.web.forms import blank
from app.web.paths import local
from app.web.sign_in import chosen, signed_in, whence
from app.web.visit import AtVisit, Visit

router = APIRouter()

LIST = "/account/passkeys"
_NO_NAME = "Enter a name for the passkey"

PasskeyId = Annotated[UUID, Path()]


class Nothing(Form):
    """What a script sends to begin: that it begins."""


def party(visit: Visit) -> Party:
    """Who asks for passkeys: this service, as this browser reached it. Answers 400 to one that does not say how."""
    asks = Party(visit.origin)
    if not asks.id:
        raise HTTPException(400)
    return asks


def begun(visit: Visit, made: Begun) -> Response:
    """Have the browser hold what was begun, and its script ask the device."""
    visit.keep(Cookie.PASSKEY, made.key.text, passkeys.MINUTES * 60)
    return visit.data(made.options)


def held(visit: Visit) -> CeremonyKey | None:
    """What this browser has begun. It is finished now, one way or the other."""
    visit.forget(Cookie.PASSKEY)
    return CeremonyKey.parse(visit.cookie(Cookie.PASSKEY))


def go(visit: Visit, path: str | None) -> Response:
    """Have the script go on to another page."""
    return visit.data({"to": local(path)})


@router.post("/sign-in/passkey/begin")
async def begin_sign_in(visit: AtVisit) -> Response:
    """Ask for a passkey, whosever it is."""
    await visit.json(Nothing)
    partnership = await chosen(visit)
    if partnership is None:
        raise HTTPException(404)
    kind = CeremonyKind.PASSKEY_SIGN_IN
    return begun(visit, await visit.do_as_nobody(partnership.id, passkeys.to_show, party(visit), kind))


@router.post("/sign-in/passkey/finish")
async def sign_in(visit: AtVisit) -> Response:
    """Sign in by it."""
    shown = await visit.json(Shown)
    lifetimes = visit.request.app.state.lifetimes
    found = await passkeys.by_passkey(visit.errand, held(visit), shown, party(visit), whence(visit), lifetimes)
    await signed_in(visit, found)
    return go(visit, visit.next)


@router.post("/confirm/passkey/begin")
async def begin_confirming(visit: AtVisit) -> Response:
    """Ask for one of one's own."""
    await visit.json(Nothing)
    actor = await visit.person()
    kind = CeremonyKind.PASSKEY_CONFIRM
    return begun(visit, await visit.do(passkeys.to_show, party(visit), kind, actor.user))


@router.post("/confirm/passkey/finish")
async def confirm(visit: AtVisit) -> Response:
    """Confirm by it."""
    shown = await visit.json(Shown)
    actor = await visit.person()
    kind = CeremonyKind.PASSKEY_CONFIRM
    proven = await passkeys.prove(visit.errand, held(visit), kind, shown, party(visit), of=actor.user)
    visit.signed_in(await visit.do(passkeys.confirm, proven, visit.request.app.state.lifetimes))
    return go(visit, visit.next)


@router.get(LIST)
async def mine(visit: AtVisit) -> Response:
    """One's own passkeys."""
    return visit.page("passkeys/list.html", passkeys=await visit.do(passkeys.mine))


@router.get(f"{LIST}/add")
async def ask(visit: AtVisit) -> Response:
    """The name, and the button that has the device make one."""
    await visit.do(passkeys.may_add)
    return visit.page("passkeys/add.html", form=blank(NameForm, name=suggested(visit.request.headers)))


@router.post(f"{LIST}/add/begin")
async def begin_adding(visit: AtVisit) -> Response:
    """Ask the device for a new one."""
    await visit.json(Nothing)
    return begun(visit, await visit.do(passkeys.to_make, party(visit)))


@router.post(f"{LIST}/add/finish")
async def add(visit: AtVisit) -> Response:
    """Keep it."""
    made = await visit.json(Made)
    await visit.do(passkeys.add, held(visit), made, party(visit))
    visit.say("The passkey was added. You can sign in with it from now on.")
    return go(visit, LIST)


@router.get(f"{LIST}/{{passkey_id}}")
async def ask_name(visit: AtVisit, passkey_id: PasskeyId) -> Response:
    """What to call one."""
    found = await visit.do(passkeys.one, passkey_id)
    return visit.page("passkeys/name.html", form=blank(NameForm, name=found.name), passkey=found)


@router.post(f"{LIST}/{{passkey_id}}")
async def rename(visit: AtVisit, passkey_id: PasskeyId) -> Response:
    """Call it that."""
    form = visit.form(NameForm, name=_NO_NAME)
    if form.value:
        await visit.do(passkeys.rename, passkey_id, form.value)
        visit.say("The name was changed.")
        return visit.to(LIST)
    return visit.page("passkeys/name.html", 422, form=form, passkey=await visit.do(passkeys.one, passkey_id))


@router.get(f"{LIST}/{{passkey_id}}/remove")
async def ask_end(visit: AtVisit, passkey_id: PasskeyId) -> Response:
    """Is that really meant?"""
    return visit.page("passkeys/remove.html", passkey=await visit.do(passkeys.one_to_end, passkey_id))


@router.post(f"{LIST}/{{passkey_id}}/remove")
async def end(visit: AtVisit, passkey_id: PasskeyId) -> Response:
    """End it."""
    await visit.do(passkeys.end, passkey_id)
    visit.say("The passkey was removed. It signs nobody in any more.")
    return visit.to(LIST)


def suggested(headers: Mapping[str, str]) -> str:
    """What to call a passkey that this browser makes."""
    return devices.described(headers.get("user-agent", ""))
