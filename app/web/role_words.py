"""What people do here, in words."""

from typing import Final

from app.domain.access import Role

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
