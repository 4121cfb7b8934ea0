"""Research returns: what may be kept, and what may be released."""

from hypothesis import given
from hypothesis import strategies as st

from app.domain.research import ResearchForm, check_release, check_return

texts = st.none() | st.sampled_from(["Seen in May.", "Likely to recur."])
returns = st.builds(
    ResearchForm,
    known=st.none() | st.booleans(),
    facts=texts,
    opinion=texts,
    shared_facts=texts,
    shared_opinion=texts,
    kept_because=texts,
)


def test_not_known_holds_no_finding() -> None:
    problems = check_return(ResearchForm(known=False, facts="Seen in May.", shared_opinion="Likely to recur."))
    assert [each.pointer for each in problems] == ["/facts", "/shared_opinion"]


@given(returns)
def test_what_is_found_is_shared_or_kept_for_a_reason(form: ResearchForm) -> None:
    kept = (form.facts and not form.shared_facts) or (form.opinion and not form.shared_opinion)
    expected = {"/known"} if form.known is None else {"/kept_because"} if kept and not form.kept_because else set()
    assert {each.pointer for each in check_release(form)} == expected
