"""Single sign-on: the providers by which people sign in, as the partnership's administrator keeps them."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Path
from starlette.responses import Response

from app.db.ids import new_id
from app.domain.administration import GIVEN_BY_AGENCY
from app.domain.errors import Invalid
from app.domain.providers import (
    BACK,
    ChangedProvider,
    FactorForm,
    NewProvider,
    RuleForm,
    SecondFactor,
    Trust,
    Versioned,
)
from app.services import providers
from app.services.openid import Openid
from app.services.providers import AgencyName, Provider
from app.web.forms import Filled, blank
from app.web.role_words import ROLES
from app.web.visit import AtVisit, Visit

router = APIRouter(prefix="/single-sign-on")

FACTORS: Final = (
    (
        SecondFactor.NEVER,
        "No, only one",
        "Roundtable asks for a passkey or a code as well.",
    ),
    (
        SecondFactor.WHEN_SAID,
        "Sometimes, and it says when",
        "Its answer then holds one of the methods or levels below.",
    ),
    (
        SecondFactor.ALWAYS,
        "Yes, always",
        "Choose this only if nobody can sign in there with a password alone, from anywhere.",
    ),
)
"""Each way to answer whether a provider asks for two factors: its value, in words, and what follows."""
_ROLES: Final = tuple((role, words) for role, words in ROLES.items() if role in GIVEN_BY_AGENCY)
_EMPTY: Final = {
    "name": "Enter a name, such as the organisation's",
    "issuer": "Enter the issuer",
    "client_id": "Enter the client ID",
    "client_secret": "Enter the client secret",
    "second_factor": "Choose whether it asks for two factors",
    "claim": "Enter the name of a claim",
    "values": "Enter at least one value",
    "agency_id": "Choose an agency",
}

ProviderId = Annotated[UUID, Path()]


class ChangeForm(ChangedProvider):
    """A changed provider, as its page sends it."""

    version: int


def openid_of(visit: Visit) -> Openid:
    """The process's client of OpenID providers."""
    found: Openid = visit.request.app.state.openid
    return found


def redirect_address(visit: Visit, provider_id: UUID | str) -> str:
    """Where a provider sends people back to. Each has its own, so that no answer can be taken for another's."""
    return f"{visit.origin}{BACK}/{provider_id}"


@router.get("")
async def everyone(visit: AtVisit) -> Response:
    """The providers."""
    return visit.page("single_sign_on/list.html", providers=await visit.do(providers.listed))


@router.get("/add")
async def ask(visit: AtVisit) -> Response:
    """The form for a new one, with the address to register there."""
    await visit.do(providers.may_keep)
    return _adding(visit, blank(NewProvider, id=str(new_id())))


@router.post("/add")
async def add(visit: AtVisit) -> Response:
    """Add one, once it has answered."""
    form = visit.form(NewProvider, **_EMPTY)
    told = form.value
    if told:
        try:
            await providers.add(visit.do, openid_of(visit), visit.errand.now, told)
        except Invalid as refused:
            form = form.refused(refused)
        else:
            visit.say("The provider was added. Say now whom it lets in.")
            return visit.to(f"/single-sign-on/{told.id}")
    await visit.do(providers.may_keep)
    return _adding(visit, form, 422)


@router.get("/{provider_id}")
async def one(visit: AtVisit, provider_id: ProviderId) -> Response:
    """A provider, its rules, and all that can be changed of it."""
    found, agencies = await visit.do(providers.read, provider_id)
    return _page(visit, found, agencies)


@router.get("/{provider_id}/change")
async def ask_change(visit: AtVisit, provider_id: ProviderId) -> Response:
    """The form for its name and for who we are there."""
    await visit.do(providers.may_keep)
    found, _ = await visit.do(providers.read, provider_id)
    form = blank(ChangeForm, version=str(found.version), name=found.name, client_id=found.client_id)
    return visit.page("single_sign_on/change.html", form=form, provider=found)


@router.post("/{provider_id}/change")
async def change(visit: AtVisit, provider_id: ProviderId) -> Response:
    """Change its name and who we are there."""
    form = visit.form(ChangeForm, **_EMPTY)
    if form.value:
        await visit.do(providers.change, provider_id, form.value.version, form.value)
        visit.say("The change was saved.")
        return visit.to(f"/single-sign-on/{provider_id}")
    found, _ = await visit.do(providers.read, provider_id)
    return visit.page("single_sign_on/change.html", 422, form=form, provider=found)


@router.get("/{provider_id}/second-factor")
async def ask_factors(visit: AtVisit, provider_id: ProviderId) -> Response:
    """The form for whether signing in there takes two factors."""
    await visit.do(providers.may_keep)
    found, _ = await visit.do(providers.read, provider_id)
    trust = found.trust
    form = blank(
        FactorForm,
        version=str(found.version),
        second_factor=trust.second_factor,
        amr="\n".join(trust.amr),
        acr="\n".join(trust.acr),
    )
    return visit.page("single_sign_on/second_factor.html", form=form, provider=found, FACTORS=FACTORS)


@router.post("/{provider_id}/second-factor")
async def set_factors(visit: AtVisit, provider_id: ProviderId) -> Response:
    """Say whether signing in there takes two factors."""
    form = visit.form(FactorForm, **_EMPTY)
    if form.value:
        try:
            await visit.do(providers.set_factors, provider_id, form.value)
        except Invalid as refused:
            form = form.refused(refused)
        else:
            visit.say("The change was saved.")
            return visit.to(f"/single-sign-on/{provider_id}")
    found, _ = await visit.do(providers.read, provider_id)
    return visit.page("single_sign_on/second_factor.html", 422, form=form, provider=found, FACTORS=FACTORS)


@router.get("/{provider_id}/rules/add")
async def ask_rule(visit: AtVisit, provider_id: ProviderId) -> Response:
    """The form for a rule."""
    await visit.do(providers.may_keep)
    found, agencies = await visit.do(providers.read, provider_id)
    return _ruling(visit, found, agencies, blank(RuleForm, version=str(found.version)))


@router.post("/{provider_id}/rules/add")
async def add_rule(visit: AtVisit, provider_id: ProviderId) -> Response:
    """Add a rule behind the others."""
    form = visit.form(RuleForm, **_EMPTY)
    if form.value:
        try:
            await visit.do(providers.add_rule, provider_id, form.value)
        except Invalid as refused:
            form = form.refused(refused)
        else:
            visit.say("The rule was added.")
            return visit.to(f"/single-sign-on/{provider_id}")
    found, agencies = await visit.do(providers.read, provider_id)
    return _ruling(visit, found, agencies, form, 422)


@router.post("/{provider_id}/rules/{place}/end")
async def end_rule(visit: AtVisit, provider_id: ProviderId, place: int) -> Response:
    """Take a rule away."""
    form = visit.form(Versioned)
    if form.value:
        await visit.do(providers.end_rule, provider_id, place, form.value.version)
        visit.say("The rule was removed. Whoever joined by it stays.")
    return visit.to(f"/single-sign-on/{provider_id}")


@router.get("/{provider_id}/end")
async def ask_end(visit: AtVisit, provider_id: ProviderId) -> Response:
    """Is that really meant?"""
    found, _ = await visit.do(providers.read, provider_id)
    return visit.page("single_sign_on/end.html", provider=found)


@router.post("/{provider_id}/end")
async def end(visit: AtVisit, provider_id: ProviderId) -> Response:
    """Switch it off."""
    form = visit.form(Versioned)
    if form.value:
        await visit.do(providers.end, provider_id, form.value.version)
        visit.say("The provider was switched off. Nobody signs in by way of it any more.")
    return visit.to("/single-sign-on")


def _adding(visit: Visit, form: Filled[NewProvider], status: int = 200) -> Response:
    back = redirect_address(visit, form.text("id"))
    return visit.page("single_sign_on/add.html", status, form=form, redirect_address=back)


def _ruling(
    visit: Visit, found: Provider, agencies: list[AgencyName], form: Filled[RuleForm], status: int = 200
) -> Response:
    choices = [("", "Choose an agency"), *((str(each.id), each.name) for each in agencies)]
    return visit.page("single_sign_on/rule.html", status, form=form, provider=found, AGENCIES=choices, ROLES=_ROLES)


def _page(visit: Visit, found: Provider, agencies: list[AgencyName]) -> Response:
    names = {each.id: each.name for each in agencies}
    return visit.page(
        "single_sign_on/one.html",
        provider=found,
        redirect_address=redirect_address(visit, found.id),
        factors=_factors(found.trust),
        rules=[
            {
                "claim": rule.claim,
                "values": rule.one_of,
                "agency": names.get(rule.agency_id, "An agency that has left"),
                "roles": [ROLES[role] for role in rule.roles],
            }
            for rule in found.trust.rules
        ],
    )


def _factors(trust: Trust) -> str:
    words = next(words for value, words, _ in FACTORS if value is trust.second_factor)
    said = ", ".join((*trust.amr, *trust.acr))
    return f"{words}: {said}" if trust.second_factor is SecondFactor.WHEN_SAID else words
