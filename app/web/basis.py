"""On what basis something is shared, as a page asks it: the proposal is chosen, in sight, and can be changed."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from pydantic import Field

from app.domain.disclosures import Sharing
from app.domain.errors import Invalid
from app.domain.fields import Form, Long, Short
from app.domain.lawful_bases import Purpose, Register

WHY: Final = {
    Purpose.ASSESS_RISK: (
        "The meeting cannot judge the risk to a family without knowing which agencies know them, and what they know.",
        "Only what the meeting needs is told, and only to the agencies that see the case.",
    ),
    Purpose.PLAN: (
        "The agencies cannot agree and carry out a plan that keeps the family safe without hearing of it.",
        "Only the agencies that see the case are told, and only what they need in order to act.",
    ),
}
"""Why it is necessary, and why it is proportionate, as each purpose is usually answered."""


class WithBasis(Form):
    """A form that may tell others something: it need not, if they know it already."""

    basis: Short = Field(None, title="Lawful basis")
    necessity: Long = Field(None, title="Why it is necessary")
    proportionality: Long = Field(None, title="Why it is proportionate")

    @property
    def sharing(self) -> Sharing | None:
        """As services take it; None when nothing was said."""
        given = {name: getattr(self, name) for name in ("basis", "necessity", "proportionality")}
        return Sharing(**given) if any(given.values()) else None


def proposed(register: Register, purpose: Purpose) -> dict[str, str]:
    """What the fields of a basis say before anybody has changed them."""
    basis = register.proposed(purpose)
    necessity, proportionality = WHY[purpose]
    return {
        "basis": basis.code if basis else "",
        "necessity": necessity,
        "proportionality": proportionality,
    }


def at_fields(refused: Invalid, called: Mapping[str, str] = MappingProxyType({})) -> Invalid:
    """The same refusal, each problem at its field on the page: ``/sharing/basis`` is ``/basis`` there.

    called: what else the page calls otherwise than the service.
    """
    places = ((each, each.pointer.removeprefix("/sharing")) for each in refused.problems)
    here = (replace(each, pointer=called.get(place, place)) for each, place in places)
    # Programs are told the codes that there are; on a page they are choices with names.
    return Invalid(
        replace(each, message="Choose the lawful basis for telling the others.") if each.pointer == "/basis" else each
        for each in here
    )
