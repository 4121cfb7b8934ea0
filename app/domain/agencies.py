"""Agencies: what kinds there are, and what is said when one is added, renamed or locked out."""

import re
import unicodedata
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from app.domain.fields import Form, Line

_SLUG_LONGEST: Final = 60


class AgencyKind(StrEnum):
    """What an agency is. On what it may share, and what it is asked for, goes by this."""

    POLICE = "police"
    LOCAL_AUTHORITY = "local_authority"
    CHILDRENS_SERVICES = "childrens_services"
    ADULT_SOCIAL_CARE = "adult_social_care"
    HEALTH = "health"
    MENTAL_HEALTH = "mental_health"
    AMBULANCE = "ambulance"
    PROBATION = "probation"
    YOUTH_JUSTICE = "youth_justice"
    PRISON = "prison"
    EDUCATION = "education"
    HOUSING = "housing"
    FIRE_AND_RESCUE = "fire_and_rescue"
    CAFCASS = "cafcass"
    IDVA_SERVICE = "idva_service"
    DOMESTIC_ABUSE_SERVICE = "domestic_abuse_service"
    VICTIM_SUPPORT = "victim_support"
    SUBSTANCE_MISUSE = "substance_misuse"
    REFUGE = "refuge"
    PERPETRATOR_PROGRAMME = "perpetrator_programme"
    CHARITY = "charity"

    @property
    def words(self) -> str:
        """The kind as a page says it."""
        return _WORDS.get(self, self.value.replace("_", " ").capitalize())


_WORDS = {
    AgencyKind.CHILDRENS_SERVICES: "Children’s services",
    AgencyKind.IDVA_SERVICE: "IDVA service",
    AgencyKind.CAFCASS: "Cafcass",
    AgencyKind.FIRE_AND_RESCUE: "Fire and rescue",
}


class AgencyForm(Form):
    """An agency that joins the partnership."""

    name: Annotated[Line, Field(title="Name")]
    kind: Annotated[AgencyKind, Field(title="Kind")]


class RenameForm(Form):
    """What an agency is called from now on."""

    name: Annotated[Line, Field(title="Name")]


class LockOutForm(Form):
    """Why an agency is locked out, for those who will ask. Administrators read it."""

    because: Annotated[Line, Field(title="Reason")]


def slug_of(name: str) -> str:
    """An agency's short name, as commands know it: 'Wessex Police' is ``wessex-police``. Empty if nothing is left."""
    plain = unicodedata.normalize("NFKD", name.replace("'", "").replace("’", "")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:_SLUG_LONGEST].strip("-")
