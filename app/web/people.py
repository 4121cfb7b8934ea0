"""People: who has what, inviting somebody, what they may do, and ending their access. For administrators."""

from typing import Annotated, Any, Final
from urllib.parse import quote, urlencode
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Path
from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError
from starlette.responses import Response

from app.domain.access import Actor, Role, Verb
from app.domain.accounts import UNUSED_DAYS, AccountState
from app.domain.administration import GIVEN_BY_AGENCY, NewUser, RoleGiven
from app.domain.errors import Conflict, FieldProblem, Invalid
from app.domain.fields import Email, Form, Line, Short
from app.domain.sessions import ConfirmFirst
from app.domain.sign_in_links import Delivery
from app.services import accounts, administration, invitations, reference
from app.services.accounts import Account, Wanted
from app.web import account_words
from app.web.forms import Filled, blank
from app.web.role_words import ROLES
from app.web.visit import AtVisit, Visit

router = APIRouter(prefix="/people")

PersonId = Annotated[UUID, Path()]
RoleInPath = Annotated[Role, Path()]

_PAGE: Final = 50
_ROLES: Final = {**ROLES, Role.AGENCY_ADMINISTRATOR: "Administrator of their agency"}
"""Others' roles, in words."""
_EMPTY: Final = {"name": "Enter their name", "email": "Enter their email address", "agency_id": "Choose an agency"}


def _typed(value: Any) -> Any:
    """An empty field is not a misspelt address."""
    if isinstance(value, str) and not value.strip():
        raise PydanticCustomError("missing", "Fill this in.")
    return value


class Newcomer(Form):
    """Somebody who joins, as the page asks for them. Without an agency: the administrator's own."""

    name: Line = Field(title="Name")
    email: Annotated[Email, BeforeValidator(_typed)] = Field(title="Email address")
    job_title: Short = Field(None, title="Job title")
    agency_id: UUID | None = Field(None, title="Agency")
    roles: tuple[Role, ...] = Field((), title="Roles")


class Narrowed(Form):
    """Which people, as the address says: what it cannot mean narrows nothing."""

    agency: UUID | None = None
    role: Role | None = None
    state: AccountState | None = None
    unused: bool = False
    cursor: UUID | None = None

    @property
    def wanted(self) -> Wanted:
        """As the service takes it."""
        return Wanted(self.agency, self.role, self.state, UNUSED_DAYS if self.unused else None)

    @property
    def query(self) -> str:
        """The same in an address, without the place in the list."""
        fields = self.model_dump(mode="json", exclude={"cursor", "unused"}, exclude_none=True)
        return urlencode({**fields, **({"unused": "yes"} if self.unused else {})})


async def _narrowed(agency: str = "", role: str = "", state: str = "", unused: str = "", cursor: str = "") -> Narrowed:
    def known(kind: Any, value: str) -> Any:
        try:
            return kind(value) if value else None
        except ValueError:
            return None

    return Narrowed(
        agency=known(UUID, agency),
        role=known(Role, role),
        state=known(AccountState, state),
        unused=unused == "yes",
        cursor=known(UUID, cursor),
    )


AsNarrowed = Annotated[Narrowed, Depends(_narrowed)]


@router.get("")
async def everyone(visit: AtVisit, narrowed: AsNarrowed) -> Response:
    """Who has what."""
    found = await visit.do(accounts.listed, narrowed.wanted, after=narrowed.cursor, limit=_PAGE)
    page = orjson.loads(found.body)
    chosen = {name: str(value) for name, value in narrowed.model_dump(exclude={"unused", "cursor"}).items() if value}
    form = blank(Narrowed, **chosen, **({"unused": ("yes",)} if narrowed.unused else {}))
    return visit.page(
        "people/list.html",
        people=page["items"],
        after=page["next"],
        form=form,
        query=narrowed.query,
        agencies=await _agencies(visit),
        words=account_words,
        ROLES=_ROLES,
        UNUSED_DAYS=UNUSED_DAYS,
    )


@router.get("/download")
async def download(visit: AtVisit, narrowed: AsNarrowed) -> Response:
    """The same for a spreadsheet, once whoever asks has shown again who they are."""
    try:
        made = await visit.do(accounts.exported, narrowed.wanted)
    except ConfirmFirst:
        return visit.to(f"/confirm?next={quote(f'/people/download?{narrowed.query}')}")
    headers = {"content-disposition": 'attachment; filename="people.csv"'}
    return visit.finish(Response(made, headers=headers, media_type="text/csv; charset=utf-8"))


@router.get("/invite")
async def ask(visit: AtVisit) -> Response:
    """The form for somebody new."""
    await visit.do(invitations.may_invite)
    return await _asking(visit, blank(Newcomer, agency_id=visit.request.query_params.get("agency", "")))


@router.post("/invite")
async def invite(visit: AtVisit) -> Response:
    """Add somebody; with a mail server, the invitation goes off at once."""
    form = visit.form(Newcomer, **_EMPTY)
    if form.value:
        try:
            added = await visit.do(invitations.add_user, NewUser(**form.value.model_dump()), _delivery(visit))
        except Invalid as refused:
            form = form.refused(refused)
        except Conflict as refused:
            form = form.refused(Invalid([FieldProblem("/email", "taken", refused.message)]))
        else:
            mailed = _delivery(visit).mails
            said = "Their invitation is on its way by email." if mailed else "Now make their sign-in link."
            visit.say(f"They were added. {said}")
            return visit.to(f"/people/{orjson.loads(added.body)['id']}")
    return await _asking(visit, form, 422)


@router.get("/{person_id}")
async def show(visit: AtVisit, person_id: PersonId) -> Response:
    """One person: roles, how they sign in, where they are signed in, recent sign-ins."""
    return await _person(visit, "people/person.html", person_id)


@router.get("/{person_id}/roles")
async def ask_role(visit: AtVisit, person_id: PersonId) -> Response:
    """Choose a role to give."""
    await visit.do(invitations.may_invite)
    return await _person(visit, "people/give_role.html", person_id, form=blank(RoleGiven))


@router.post("/{person_id}/roles")
async def give_role(visit: AtVisit, person_id: PersonId) -> Response:
    """Give it."""
    form = visit.form(RoleGiven, role="Choose a role")
    if form.value:
        try:
            await visit.do(administration.give_role, person_id, form.value)
        except Invalid as refused:
            form = form.refused(refused)
        else:
            visit.say("The role was given. It holds from their next request on.")
            return visit.to(f"/people/{person_id}")
    return await _person(visit, "people/give_role.html", person_id, 422, form=form)


@router.get("/{person_id}/roles/{role}/end")
async def ask_end_role(visit: AtVisit, person_id: PersonId, role: RoleInPath) -> Response:
    """Ask whether to take a role away."""
    return await _person(visit, "people/end_role.html", person_id, role=role)


@router.post("/{person_id}/roles/{role}/end")
async def end_role(visit: AtVisit, person_id: PersonId, role: RoleInPath) -> Response:
    """Take it away."""
    await visit.do(administration.end_role, person_id, role)
    visit.say("The role was taken away. What it opened is closed to them.")
    return visit.to(f"/people/{person_id}")


@router.get("/{person_id}/sign-out")
async def ask_sign_out(visit: AtVisit, person_id: PersonId) -> Response:
    """Ask whether to sign somebody out everywhere."""
    return await _person(visit, "people/sign_out.html", person_id)


@router.post("/{person_id}/sign-out")
async def sign_out(visit: AtVisit, person_id: PersonId) -> Response:
    """Sign them out."""
    await visit.do(accounts.end_sessions, person_id)
    visit.say("They are signed out everywhere.")
    return visit.to(f"/people/{person_id}")


@router.get("/{person_id}/link")
async def ask_link(visit: AtVisit, person_id: PersonId) -> Response:
    """Say what a sign-in link does, before one is made."""
    await visit.do(invitations.may_invite)
    return await _person(visit, "people/link.html", person_id, link=None)


@router.post("/{person_id}/link")
async def make_link(visit: AtVisit, person_id: PersonId) -> Response:
    """Make one, and show it this once; or mail it."""
    link = await visit.do(invitations.invite, person_id, _delivery(visit))
    if link is None:
        visit.say("The invitation is on its way by email.")
        return visit.to(f"/people/{person_id}")
    return await _person(visit, "people/link.html", person_id, link=link)


@router.get("/{person_id}/end")
async def ask_end(visit: AtVisit, person_id: PersonId) -> Response:
    """Ask whether to end somebody's access."""
    return await _person(visit, "people/end.html", person_id)


@router.post("/{person_id}/end")
async def end(visit: AtVisit, person_id: PersonId) -> Response:
    """End it."""
    await visit.do(administration.end_user, person_id)
    visit.say("Their access has ended.")
    return visit.to(f"/people/{person_id}")


async def _asking(visit: Visit, form: Filled[Newcomer], status: int = 200) -> Response:
    agencies = await _agencies(visit)
    visit.me.must_be_allowed(Verb.GRANT_ACCESS)
    return visit.page("people/invite.html", status, form=form, agencies=agencies, roles=_to_give(visit.me))


async def _person(visit: Visit, template: str, person_id: UUID, status: int = 200, **facts: object) -> Response:
    account = await visit.do(accounts.read, person_id)
    return visit.page(
        template,
        status,
        account=account,
        person=account.told,
        keeps=_keeps(visit.me, account),
        roles=[each for each in _to_give(visit.me) if each[0] not in account.told["roles"]],
        words=account_words,
        ROLES=_ROLES,
        **facts,
    )


async def _agencies(visit: Visit) -> list[tuple[str, str]]:
    """Those to choose from; none for an agency's administrator, who keeps their own."""
    found = orjson.loads((await visit.do(reference.agencies)).body)["items"]
    if not visit.me.may(Verb.ADMINISTER_PARTNERSHIP):
        return []
    return [(each["id"], each["name"]) for each in found]


def _to_give(actor: Actor) -> list[tuple[str, str]]:
    may = set(Role) - {Role.PARTNER_SYSTEM} if actor.may(Verb.ADMINISTER_PARTNERSHIP) else GIVEN_BY_AGENCY
    return [(role.value, words) for role, words in _ROLES.items() if role in may]


def _keeps(actor: Actor, account: Account) -> bool:
    """Whether the actor could end them, which is what the page then offers. The services decide."""
    told = account.told
    if told["ended_at"] is not None or UUID(told["id"]) == actor.user_id:
        return False
    return actor.may(Verb.ADMINISTER_PARTNERSHIP) or all(role in GIVEN_BY_AGENCY for role in told["roles"])


def _delivery(visit: Visit) -> Delivery:
    found: Delivery = visit.request.app.state.delivery
    return found
