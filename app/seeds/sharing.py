"""On what the story's people share: a public body on its task, a charity on the interest that the law recognises."""

from datetime import date

from app.domain.disclosures import Sharing
from app.domain.standard_register import RECOGNISED_SINCE
from app.seeds.people import AGENCY_OF

_CHARITIES = ("idva_service", "domestic_abuse_service", "substance_misuse")
TO_ACT = "Those who are to act on it cannot do so without knowing it."
_NO_MORE = "Only agencies that can do something for this family hear of it, and nobody is told where they live."


def sharing(who: str, on: date, necessity: str = TO_ACT) -> Sharing:
    """What this person says when they share something on that day."""
    code = "public_task"
    if AGENCY_OF[who].kind in _CHARITIES:
        code = "recognised_legitimate_interest" if on >= RECOGNISED_SINCE else "legitimate_interests"
    return Sharing(basis=code, necessity=necessity, proportionality=_NO_MORE)
