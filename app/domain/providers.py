"""What a partnership has decided about an organisation's own sign-in: whom it vouches for, and how surely."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, SecretStr, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from app.domain.access import Role
from app.domain.administration import GIVEN_BY_AGENCY
from app.domain.errors import DomainError, FieldProblem, Invalid
from app.domain.fields import LONG, Email, Form, Line, Long, problems_from

BACK = "/sign-in/back"
"""Where a provider sends people back to, with the provider's id behind it; each has its own."""
# Of a person's groups an organisation may send hundreds.
_MOST = 50

Secret = Annotated[SecretStr, Field(min_length=1, max_length=1000)]


class SecondFactor(StrEnum):
    """Whether signing in at the organisation proves a person by two factors."""

    NEVER = "never"
    WHEN_SAID = "when_said"
    ALWAYS = "always"


def _given_by_agency(roles: tuple[Role, ...]) -> tuple[Role, ...]:
    if not set(roles) <= GIVEN_BY_AGENCY:
        allowed = ", ".join(sorted(GIVEN_BY_AGENCY))
        raise PydanticCustomError(
            "not_by_rule", "A rule can give only these roles: {allowed}. Give others by hand.", {"allowed": allowed}
        )
    return tuple(dict.fromkeys(roles))


class JoiningRule(Form):
    """Whoever's ``claim`` is, or contains, one of these values joins this agency, in these roles."""

    claim: Line
    one_of: Annotated[tuple[Line, ...], Field(min_length=1, max_length=_MOST)]
    agency_id: UUID
    roles: Annotated[tuple[Role, ...], Field(max_length=len(Role)), AfterValidator(_given_by_agency)] = ()

    def matches(self, claims: Mapping[str, object]) -> bool:
        """Whether these claims are meant: a text that is one of the values, or a list that holds one."""
        if self.claim == "email" and claims.get("email_verified") is not True:
            # Some providers let people type any e-mail they like.
            return False
        said = claims.get(self.claim)
        texts = said if isinstance(said, list) else [said]
        return any(isinstance(each, str) and each in self.one_of for each in texts)


class Trust(Form):
    """How far a provider is trusted. Of the rules the first that matches counts.

    acr, amr: with WHEN_SAID, any one of these in the ID token means that two factors were used (RFC 8176 for amr).
    """

    rules: Annotated[tuple[JoiningRule, ...], Field(max_length=_MOST)] = ()
    second_factor: SecondFactor = SecondFactor.NEVER
    acr: Annotated[tuple[Line, ...], Field(max_length=_MOST)] = ()
    amr: Annotated[tuple[Line, ...], Field(max_length=_MOST)] = ()

    def agency(self, claims: Mapping[str, object]) -> JoiningRule | None:
        """The rule by which a person nobody knows yet joins; None when no rule matches."""
        return next((each for each in self.rules if each.matches(claims)), None)

    def two_factors(self, claims: Mapping[str, object]) -> bool:
        """Whether whoever brings these claims has proven themselves by two factors already."""
        if self.second_factor is not SecondFactor.WHEN_SAID:
            return self.second_factor is SecondFactor.ALWAYS
        acr, amr = claims.get("acr"), claims.get("amr")
        said = {each for each in amr if isinstance(each, str)} if isinstance(amr, list) else set()
        return (isinstance(acr, str) and acr in self.acr) or not said.isdisjoint(self.amr)

    @property
    def asks_for(self) -> tuple[str, ...]:
        """The claims that the rules read."""
        return tuple(dict.fromkeys(each.claim for each in self.rules))


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody whom a provider vouches for and nobody knows yet."""

    name: str
    email: str


_NAME: TypeAdapter[str] = TypeAdapter(Line)
_EMAIL: TypeAdapter[str] = TypeAdapter(Email)


def newcomer(claims: Mapping[str, object]) -> Newcomer | None:
    """Who they are by their claims; None when there is no name, or no e-mail that the provider stands by.

    An e-mail that the provider says it has not verified is none. Where it says nothing, the administrator who added
    the provider vouches for it. Without one, the name that they sign in with there is taken, if it is written as one:
    Microsoft Entra leaves the e-mail out unless it is told otherwise.
    """
    parts = [part for part in (claims.get("given_name"), claims.get("family_name")) if isinstance(part, str)]
    name = claims.get("name") or " ".join(parts)
    if claims.get("email_verified", True) is not True:
        return None
    email = claims.get("email") or claims.get("preferred_username")
    try:
        return Newcomer(_NAME.validate_python(name), _EMAIL.validate_python(email).lower())
    except ValidationError:
        return None


class NewProvider(Form):
    """A provider as the partnership's administrator enters it. ``id``: drawn when the form was shown."""

    id: UUID
    name: Line = Field(title="Name")
    issuer: Line = Field(title="Issuer")
    client_id: Line = Field(title="Client ID")
    client_secret: Secret = Field(title="Client secret")


class ChangedProvider(Form):
    """What can change of a provider; another issuer would be another provider. Without a secret the one kept stays."""

    name: Line = Field(title="Name")
    client_id: Line = Field(title="Client ID")
    client_secret: Secret | None = Field(None, title="Client secret")


class FactorForm(Form):
    """How surely the provider proves people. acr, amr: one value a line."""

    version: int
    second_factor: SecondFactor = Field(title="Second factor")
    amr: Long = Field(None, title="Methods")
    acr: Long = Field(None, title="Levels")

    def on(self, trust: Trust) -> Trust:
        """The trust with this changed. Raises Invalid."""
        amr, acr = _lines(self.amr), _lines(self.acr)
        if self.second_factor is SecondFactor.WHEN_SAID and not (amr or acr):
            text = "Enter at least one method or level by which the provider says that two factors were used."
            raise Invalid([FieldProblem("/amr", "missing", text)])
        return _trust(trust, second_factor=self.second_factor, amr=amr, acr=acr)


class RuleForm(Form):
    """A rule as it is typed. values: one a line."""

    version: int
    claim: Line = Field(title="Claim")
    values: Annotated[str, Field(min_length=1, max_length=LONG)] = Field(title="Values")
    agency_id: UUID | None = Field(None, title="Agency")
    roles: tuple[Role, ...] = Field((), title="Roles")

    def on(self, trust: Trust) -> Trust:
        """The trust with this as its last rule. Raises Invalid."""
        values = _lines(self.values)
        if not values:
            raise Invalid([FieldProblem("/values", "missing", "Enter at least one value.")])
        rule = {"claim": self.claim, "one_of": values, "agency_id": self.agency_id, "roles": self.roles}
        return _trust(trust, rules=(*trust.rules, rule))


class LinkForm(Form):
    """The provider to link."""

    provider_id: UUID


class UnlinkForm(Form):
    """The link to end."""

    identity_id: UUID


class Versioned(Form):
    """A change that needs no more than to be pressed, of what was seen."""

    version: int


def without_rule(trust: Trust, place: int) -> Trust:
    """The trust without one of its rules. ``place`` counts from nought; one that is not there changes nothing."""
    return trust.model_copy(update={"rules": tuple(rule for n, rule in enumerate(trust.rules) if n != place)})


def _lines(text: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line.strip() for line in (text or "").splitlines() if line.strip()))


def _trust(trust: Trust, **changes: object) -> Trust:
    try:
        return Trust.model_validate({**dict(trust), **changes})
    except ValidationError as error:
        # The field of the form that each part of a rule came from.
        fields = {"claim": "claim", "one_of": "values", "agency_id": "agency_id", "roles": "roles"}
        found = problems_from(error, Trust)
        raise Invalid(
            replace(each, pointer="/" + next((to for name, to in fields.items() if name in each.pointer), "values"))
            for each in found
        ) from None


class NotLetIn(DomainError):
    """A provider vouches for somebody who cannot come in: unknown, or gone, or locked out. Never says which."""

    code = "not_let_in"

    def __init__(self) -> None:
        super().__init__(
            "Your organisation knows you, but Roundtable does not know that account. If you have signed in to "
            "Roundtable in another way before, do that now, then link the account under ‘Your account’. Otherwise ask "
            "your agency’s administrator to invite you."
        )


class NoDetails(DomainError):
    """A provider vouches for somebody new, and leaves out who they are."""

    code = "no_details"

    def __init__(self) -> None:
        super().__init__(
            "Your organisation’s sign-in does not pass on your name and a verified email address, so you cannot join "
            "by way of it. Ask your organisation’s IT help desk, or your agency’s administrator to invite you."
        )


class OneFactor(DomainError):
    """A provider vouches for somebody by one factor where two are needed."""

    code = "one_factor"

    def __init__(self) -> None:
        super().__init__(
            "Your organisation’s sign-in did not say that it used two factors, so it is not enough here. Use another "
            "way."
        )
