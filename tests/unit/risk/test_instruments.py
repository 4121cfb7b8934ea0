import json
from pathlib import Path
from typing import Any

import pytest

from app.risk.instruments import Audience, InstrumentError, UnknownInstrumentError, load_catalogue
from app.risk.markers import Marker

CATALOGUE = load_catalogue()


def site(folder: Path, name: str = "dash-27.json", /, **changes: Any) -> Path:
    data = json.loads(CATALOGUE.get("dash-27").model_dump_json()) | {"version": "2"} | changes
    (folder / name).write_text(json.dumps({k: v for k, v in data.items() if v is not ...}))
    return folder


def carrying(instrument: str, marker: Marker) -> set[int]:
    return {q.number for q in CATALOGUE.get(instrument).questions if marker in q.markers}


@pytest.mark.parametrize(
    ("name", "questions", "high_at", "audience"),
    [
        ("dash-27", 27, 14, Audience.ADULT),
        ("dash-24", 24, 14, Audience.ADULT),
        ("young-people", 24, 14, Audience.YOUNG_PERSON),
        ("stalking-11", 11, None, Audience.ANYONE),
        ("hba", 10, None, Audience.ANYONE),
    ],
)
def test_the_shipped_instruments_have_their_questions_and_thresholds(
    name: str,
    questions: int,
    high_at: int | None,
    audience: Audience,
) -> None:
    instrument = CATALOGUE.get(name)
    assert (len(instrument.questions), instrument.high_at, instrument.audience) == (questions, high_at, audience)


def test_the_shorter_variant_is_the_longer_one_without_its_questions_on_children() -> None:
    longer, shorter = CATALOGUE.get("dash-27"), CATALOGUE.get("dash-24")
    kept = [q.topic for q in longer.questions if q.number not in (10, 11, 12)]
    assert [q.topic for q in shorter.questions] == kept


@pytest.mark.parametrize(
    ("marker", "numbers"),
    [
        (Marker.STRANGULATION, {18}),
        (Marker.THREATS_TO_KILL, {17}),
        (Marker.WEAPONS, {16}),
        (Marker.SEPARATION_WITH_CONTROL, {6, 15}),
        (Marker.STALKING, {8}),
        (Marker.SEXUAL, {19}),
        (Marker.HONOUR_BASED_ABUSE, {20}),
        (Marker.PREGNANCY, {9}),
        (Marker.ESCALATION, {13, 14}),
        (Marker.CHILD_HARM, {11, 12}),
        (Marker.VICTIM_FEAR, {2, 3}),
        (Marker.SUICIDAL_THOUGHTS, {5, 25}),
    ],
)
def test_each_critical_marker_is_tied_to_its_questions(marker: Marker, numbers: set[int]) -> None:
    assert carrying("dash-27", marker) == numbers


@pytest.mark.parametrize("marker", Marker)
def test_each_marker_says_what_to_do_tonight(marker: Marker) -> None:
    assert marker.label
    assert len(marker.tonight) > 60


def test_stalking_prompts_the_screen_and_isolation_or_others_prompt_honour_based_abuse() -> None:
    prompts = {q.number: q.prompts for q in CATALOGUE.get("dash-27").questions if q.prompts}
    assert prompts == {4: ("hba",), 8: ("stalking-11",), 20: ("hba",)}


def test_a_site_replaces_an_instrument_by_a_higher_version_and_the_old_one_stays_readable(tmp_path: Path) -> None:
    catalogue = load_catalogue(site(tmp_path, title="Licensed wording", version="10"))
    assert catalogue.get("dash-27").title == "Licensed wording"
    assert catalogue.get("dash-27", "1") == CATALOGUE.get("dash-27")
    assert catalogue.versions("dash-27") == ("10", "1")


def test_versions_are_compared_as_numbers_not_as_text(tmp_path: Path) -> None:
    site(tmp_path, "a.json", version="9")
    site(tmp_path, "b.json", version="10")
    assert load_catalogue(tmp_path).get("dash-27").version == "10"


def test_a_site_adds_an_instrument(tmp_path: Path) -> None:
    assert "dara" in load_catalogue(site(tmp_path, id="dara")).ids()


def test_an_unknown_instrument_or_version_is_said_to_be_unknown() -> None:
    with pytest.raises(UnknownInstrumentError):
        CATALOGUE.get("dash-28")
    with pytest.raises(UnknownInstrumentError):
        CATALOGUE.get("dash-27", "99")


def questions(**changes: Any) -> list[dict[str, Any]]:
    first = {"number": 1, "section": "S", "topic": "T", "text": "Q?"}
    return [{**first, **changes}]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"title": ...}, "title: is missing"),
        ({"titel": "x"}, "titel: is not a field"),
        ({"version": "two"}, "version: 'two' is not accepted"),
        ({"version": "1"}, "already defined by dash-27.json"),
        ({"high_at": 28}, "there are only 27 questions"),
        ({"audience": "adults"}, "Did you mean 'adult'?"),
        ({"questions": questions(markers=["strangling"])}, "Did you mean 'strangulation'?"),
        ({"questions": questions(number=2), "high_at": 1}, "number the questions 1, 2, 3"),
        ({"questions": questions(prompts=["nothing"]), "high_at": 1, "needs_all": []}, "no instrument 'nothing'"),
        ({"questions": questions(), "high_at": 1}, "separation_with_control"),
        ({"questions": []}, "questions"),
    ],
)
def test_a_file_that_cannot_be_used_names_itself_the_field_and_the_fix(
    changes: dict[str, Any], says: str, tmp_path: Path
) -> None:
    with pytest.raises(InstrumentError) as caught:
        load_catalogue(site(tmp_path, "mine.json", **changes))
    assert "mine.json" in str(caught.value)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"{", "line 1, column 2"),
        (b"\xff{}", "Save the file as UTF-8"),
        (b'{"id": "a", "id": "b"}', "appears twice"),
        (b"[]", "mine.json: file:"),
    ],
)
def test_a_file_that_is_not_json_says_where(content: bytes, says: str, tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_bytes(content)
    with pytest.raises(InstrumentError, match=r"mine\.json") as caught:
        load_catalogue(tmp_path)
    assert says in str(caught.value)


def test_a_folder_that_does_not_exist_is_an_error_not_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(InstrumentError, match="not a folder"):
        load_catalogue(tmp_path / "nowhere")
