"""What a partnership has decided about an organisation's own sign-in: whom it vouches for, and how surely."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from app.domain.access import Role
from app.domain.administration import GIVEN_BY_AGENCY
from app.domain.fields import Email, Form, Line

# Of a person's groups an organisation may send hundreds.
_MOST = 50


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


class Rule(Form):
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

    rules: Annotated[tuple[Rule, ...], Field(max_length=_MOST)] = ()
    second_factor: SecondFactor = SecondFactor.NEVER
    acr: Annotated[tuple[Line, ...], Field(max_length=_MOST)] = ()
    amr: Annotated[tuple[Line, ...], Field(max_length=_MOST)] = ()

    def agency(self, claims: Mapping[str, object]) -> Rule | None:
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
    the provider vouches for it.
    """
    parts = [part for part in (claims.get("given_name"), claims.get("family_name")) if isinstance(part, str)]
    name = claims.get("name") or " ".join(parts)
    if claims.get("email_verified", True) is not True:
        return None
    try:
        return Newcomer(_NAME.validate_python(name), _EMAIL.validate_python(claims.get("email")).lower())
    except ValidationError:
        return None
