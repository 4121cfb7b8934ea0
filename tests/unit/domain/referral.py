"""A complete referral, to change what a test is about."""

import json
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from app.domain.errors import FieldProblem
from app.domain.fields import problems_from
from app.domain.referrals import ReferralForm
from app.risk.instruments import load_catalogue

CATALOGUE = load_catalogue()
TODAY = date(2026, 11, 20)
FORM: dict[str, Any] = {
    "referrer": {"name": "Imran Shah", "role": "Police constable", "phone": "01632 960001"},
    "victim": {
        "given_name": "Elin",
        "family_name": "Marsh",
        "date_of_birth": "1991-04-02",
        "contact": {
            "addresses": [{"lines": ["1 Invented Row"], "postcode": "so14 7ly", "safe": False}],
            "phones": [{"number": "07700 900123", "safe": True}],
        },
        "safe_contact": {"safe_to_call": "yes", "when": "10:00 to 14:00", "voicemail": "no"},
    },
    "perpetrators": [{"given_name": "Dale", "family_name": "Marsh", "relationship": "husband"}],
    "children": [
        {
            "given_name": "Cai",
            "estimated_age": 6,
            "relationships": [{"to": "victim", "relationship": "son"}],
            "lives_with": ["victim", "perpetrator-1"],
            "contact": {"schools": [{"name": "Invented Primary"}]},
        }
    ],
    "incident": {"occurred_on": "2026-11-19", "narrative": "She showed bruises on her neck."},
    "victim_view": {"aware": "yes"},
    "sharing": {"basis": "public_task", "necessity": "Safety.", "proportionality": "No more than that."},
    "assessment": {
        "instrument": "dash-27",
        "answers": {"18": {"value": "yes", "note": "Both hands"}, "2": {"value": "dont_know"}},
        "assessed_at": "2026-11-20T03:10:00+00:00",
        "assessed_by": "Imran Shah",
    },
}


def changed(*changes: tuple[str, Any]) -> ReferralForm:
    """The complete form with the values at these slash-separated places replaced; ... removes."""
    data = json.loads(json.dumps(FORM))
    for place, value in changes:
        *path, last = [int(part) if part.isdigit() else part for part in place.split("/")]
        at = data
        for part in path:
            at = at.setdefault(part, {}) if isinstance(at, dict) else at[part]
        if value is ...:
            del at[last]
        else:
            at[last] = value
    return ReferralForm.model_validate(data)


def refused(data: Any) -> dict[str, FieldProblem]:
    with pytest.raises(ValidationError) as caught:
        ReferralForm.model_validate(data)
    return {problem.pointer: problem for problem in problems_from(caught.value, ReferralForm)}
