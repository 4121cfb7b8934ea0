"""Home: who you are here, and where you can go."""

from contextlib import suppress
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from app.domain.access import Role
from app.domain.errors import NotFound, Unauthenticated
from app.services import sessions
from app.web.paths import opens
from app.web.visit import AtVisit

router = APIRouter()

ROLES: Final = {
    Role.PRACTITIONER: "Practitioner",
    Role.SAFEGUARDING_OFFICER: "Safeguarding officer",
    Role.IDVA: "IDVA",
    Role.AGENCY_REPRESENTATIVE: "Agency representative at meetings",
    Role.TRIAGE_PRACTITIONER: "Triage practitioner",
    Role.MARAC_COORDINATOR: "MARAC coordinator",
    Role.CHAIR: "Chair of meetings",
    Role.GOVERNANCE_AUDITOR: "Governance auditor",
    Role.AGENCY_ADMINISTRATOR: "Administrator of your agency",
    Role.PARTNERSHIP_ADMINISTRATOR: "Administrator of the partnership",
    Role.PARTNER_SYSTEM: "Partner system",
    Role.PLATFORM_OPERATOR: "Operator of this service",
}
"""Each role, in words."""


@router.get("/home")
async def home(visit: AtVisit) -> Response:
    """Who is signed in, and what they can do today."""
    person = await visit.person()
    roles = [words for role, words in ROLES.items() if role in person.roles]
    return visit.page("home/home.html", roles=roles)


@router.post("/sign-out")
async def sign_out(visit: AtVisit) -> Response:
    """End the session that this browser holds. One that has ended already is no obstacle."""
    with suppress(Unauthenticated, NotFound):
        await visit.do(sessions.end_own)
    visit.signed_out()
    visit.say("You are signed out.")
    return visit.to("/sign-in" if opens(visit.request, "/sign-in") else "/")
