"""Risks: each about one of the people in the case, or about staff."""

from uuid import UUID

import pytest

from app.domain.risks import About, RiskForm, check_risk

HER, HIM = UUID(int=1), UUID(int=2)
ROLES = {HER: "victim", HIM: "perpetrator"}


@pytest.mark.parametrize(
    ("form", "codes"),
    [
        (RiskForm(about=About.VICTIM, party_id=HER, risk="He will find her."), []),
        (RiskForm(about=About.STAFF, risk="Do not visit alone."), []),
        (RiskForm(about=About.VICTIM, risk=None), ["required"]),
        (RiskForm(about=About.VICTIM, party_id=HIM, risk="He will find her."), ["other_role"]),
        (RiskForm(about=About.VICTIM, party_id=UUID(int=3), risk="He will find her."), ["unknown_person"]),
    ],
)
def test_a_risk_says_what_it_is_and_whom_it_is_about(form: RiskForm, codes: list[str]) -> None:
    assert [each.code for each in check_risk(form, ROLES)] == codes
