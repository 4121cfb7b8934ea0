"""Systems: the programs that call in an agency's name, what each may do, and the secrets and keys that prove it."""

from datetime import date, timedelta
from typing import Annotated, Any, Final
from uuid import UUID

import orjson
from fastapi import APIRouter, Path
from pydantic import Field
from starlette.responses import Response

from app.domain.access import Verb
from app.domain.clients import MOST_DAYS, ChangedClient, NewClient
from app.domain.clock import local_date
from app.domain.errors import Invalid, NotFound
from app.domain.fields import LONG, Form
from app.services import clients
from app.web import account_words
from app.web.forms import Filled, blank
from app.web.visit import AtVisit, Visit

router = APIRouter(prefix="/systems")

ClientId = Annotated[UUID, Path()]

SCOPES: Final = (
    (Verb.LOOK_UP, "Look up", "The partnership’s agencies, forums, dates of meetings, checklists and lawful bases."),
    (Verb.REFER, "Refer", "Send referrals, and search for somebody who may be known already."),
    (Verb.READ, "Read", "Everything of the cases that are open to the agency."),
    (Verb.ASSESS, "Assess", "Answer a risk checklist again, or correct it, in a case that is open to the agency."),
    (Verb.RESEARCH, "Research", "Send what the agency knows of the people on a meeting’s list."),
    (Verb.UPDATE_ACTION, "Update actions", "Say how the agency’s own actions stand."),
    (Verb.KEEP_HEADS, "Keep seals", "Fetch the seals of the audit trail, to keep them outside Roundtable."),
)
"""Each scope: its name, in words, and what it lets a program do."""
_LASTS: Final = (("30", "30 days"), ("90", "90 days"), ("365", "A year"), ("730", "Two years"))
_EMPTY: Final = {
    "name": "Enter a name",
    "purpose": "Enter why it calls Roundtable",
    "scopes": "Choose at least one thing that it may do",
    "days": "Choose how long it is good for",
    "jwk": "Paste the public key",
}


class ChangeForm(ChangedClient):
    """A changed client, as its page sends it."""

    version: int


class SecretForm(Form):
    """How long a secret is good for."""

    days: int = Field(ge=1, le=MOST_DAYS, title="Good for")


class KeyForm(SecretForm):
    """A public key as somebody pasted it."""

    jwk: str = Field(min_length=1, max_length=LONG, title="Public key")


@router.get("")
async def everything(visit: AtVisit) -> Response:
    """The systems."""
    found = orjson.loads((await visit.do(clients.listed)).body)["items"]
    return visit.page("systems/list.html", systems=found, words=account_words)


@router.get("/add")
async def ask(visit: AtVisit) -> Response:
    """The form for a new one."""
    return await _adding(visit, blank(NewClient), 200)


@router.post("/add")
async def add(visit: AtVisit) -> Response:
    """Add it."""
    form = visit.form(NewClient, **_EMPTY)
    if form.value:
        try:
            made = await visit.do(clients.add, form.value)
        except Invalid as refused:
            form = form.refused(refused)
        else:
            visit.say("The system was added. Now give it a secret or a key.")
            return visit.to(f"/systems/{orjson.loads(made.body)['id']}")
    return await _adding(visit, form, 422)


@router.get("/{client_id}")
async def show(visit: AtVisit, client_id: ClientId) -> Response:
    """One system, and what it proves itself with."""
    system = await _told(visit, client_id)
    scopes = [words for scope, words, _ in SCOPES if scope in system["scopes"]]
    return visit.page("systems/system.html", system=system, scopes=scopes, words=account_words, origin=visit.origin)


@router.get("/{client_id}/change")
async def ask_change(visit: AtVisit, client_id: ClientId) -> Response:
    """The form for its name, its purpose and what it may do."""
    system = await _kept(visit, client_id)
    kept = {name: system[name] for name in ("name", "purpose", "scopes")}
    form = blank(ChangeForm, version=str(system["version"]), **kept)
    return visit.page("systems/change.html", system=system, form=form, SCOPES=SCOPES)


@router.post("/{client_id}/change")
async def change(visit: AtVisit, client_id: ClientId) -> Response:
    """Change it."""
    form = visit.form(ChangeForm, **_EMPTY)
    if form.value:
        told = ChangedClient(**form.value.model_dump(exclude={"version"}))
        await visit.do(clients.change, client_id, form.value.version, told)
        visit.say("The change was saved.")
        return visit.to(f"/systems/{client_id}")
    system = await _kept(visit, client_id)
    return visit.page("systems/change.html", 422, system=system, form=form, SCOPES=SCOPES)


@router.get("/{client_id}/secrets/add")
async def ask_secret(visit: AtVisit, client_id: ClientId) -> Response:
    """The form for a new secret."""
    form = blank(SecretForm, days="365")
    return visit.page("systems/add_secret.html", system=await _kept(visit, client_id), form=form, LASTS=_LASTS)


@router.post("/{client_id}/secrets/add")
async def add_secret(visit: AtVisit, client_id: ClientId) -> Response:
    """Draw a secret, and show it on this page and on no other."""
    form = visit.form(SecretForm, **_EMPTY)
    if form.value:
        drawn = await visit.do(clients.add_secret, client_id, _last_day(visit, form.value))
        return visit.page("systems/secret.html", drawn=orjson.loads(drawn.body), words=account_words)
    return visit.page("systems/add_secret.html", 422, system=await _kept(visit, client_id), form=form, LASTS=_LASTS)


@router.get("/{client_id}/keys/add")
async def ask_key(visit: AtVisit, client_id: ClientId) -> Response:
    """The form for a public key."""
    form = blank(KeyForm, days="365")
    return visit.page("systems/add_key.html", system=await _kept(visit, client_id), form=form, LASTS=_LASTS)


@router.post("/{client_id}/keys/add")
async def add_key(visit: AtVisit, client_id: ClientId) -> Response:
    """Register it."""
    form = visit.form(KeyForm, **_EMPTY)
    if form.value:
        try:
            await visit.do(clients.add_key, client_id, form.value.jwk, _last_day(visit, form.value))
        except Invalid as refused:
            form = form.refused(refused)
        else:
            visit.say("The key was added.")
            return visit.to(f"/systems/{client_id}")
    return visit.page("systems/add_key.html", 422, system=await _kept(visit, client_id), form=form, LASTS=_LASTS)


@router.get("/{client_id}/credentials/{credential_id}/end")
async def ask_end_credential(visit: AtVisit, client_id: ClientId, credential_id: UUID) -> Response:
    """Is that really meant?"""
    system = await _told(visit, client_id)
    credential = next((each for each in system["credentials"] if each["id"] == str(credential_id)), None)
    if credential is None:
        raise NotFound("secret or key")
    return visit.page("systems/end_credential.html", system=system, credential=credential, words=account_words)


@router.post("/{client_id}/credentials/{credential_id}/end")
async def end_credential(visit: AtVisit, client_id: ClientId, credential_id: UUID) -> Response:
    """End a secret or a key."""
    await visit.do(clients.end_credential, client_id, credential_id)
    visit.say("It has ended, and so has every token that was given for it.")
    return visit.to(f"/systems/{client_id}")


@router.get("/{client_id}/end")
async def ask_end(visit: AtVisit, client_id: ClientId) -> Response:
    """Is that really meant?"""
    return visit.page("systems/end.html", system=await _told(visit, client_id))


@router.post("/{client_id}/end")
async def end(visit: AtVisit, client_id: ClientId) -> Response:
    """End it."""
    await visit.do(clients.end, client_id)
    visit.say("The system was ended. Nothing that it sends is taken any more.")
    return visit.to(f"/systems/{client_id}")


async def _told(visit: Visit, client_id: UUID) -> Any:
    return orjson.loads((await visit.do(clients.read, client_id)).body)


async def _kept(visit: Visit, client_id: UUID) -> Any:
    """The same, for whoever has just shown who they are: what they then type is not lost on the way to /confirm."""
    return orjson.loads((await visit.do(clients.may_keep, client_id)).body)


async def _adding(visit: Visit, form: Filled[NewClient], status: int) -> Response:
    found = await visit.do(clients.choices)
    own = str(visit.me.agency_id)
    others = [(str(each.id), each.name) for each in found.agencies]
    return visit.page(
        "systems/add.html",
        status,
        form=form if form.text("agency_id") else _with(form, agency_id=own),
        SCOPES=SCOPES,
        AGENCIES=others if len(others) > 1 else [],
        SYSTEMS=[("", "A new one of its own"), *((str(each.id), each.name) for each in found.systems)],
    )


def _with(form: Filled[NewClient], **typed: str) -> Filled[NewClient]:
    return Filled(
        form.value, form.problems, {**form.typed, **{name: (value,) for name, value in typed.items()}}, form.names
    )


def _last_day(visit: Visit, form: SecretForm) -> date:
    return local_date(visit.errand.now) + timedelta(days=form.days)
