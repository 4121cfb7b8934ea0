import unicodedata
from datetime import UTC, datetime
from io import BytesIO

import pikepdf
import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.agendas import FrozenAgenda, FrozenItem, Recipient
from app.exports import glyphs
from app.exports.agenda import compose_agenda
from app.exports.agenda_pdf import agenda_pdf
from app.exports.pdf import source
from app.exports.typesetting import TEMPLATES, typeset

from .samples import EXPORTED, RECIPIENT, addendum, agenda, item, parties


def pages(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(BytesIO(pdf)).pages]


def squeezed(text: str) -> str:
    return "".join(text.split())


def with_first_item(**changes: object) -> FrozenAgenda:
    return agenda(1, items=(item(1).model_copy(update=changes),))


def tags(element: pikepdf.Object) -> list[str]:
    found = [str(element["/S"])] if "/S" in element else []
    kids = element.get("/K", pikepdf.Array())
    listed = kids if isinstance(kids, pikepdf.Array) else [kids]
    for kid in listed:
        if isinstance(kid, pikepdf.Dictionary):
            found += tags(kid)
    return found


@pytest.fixture(scope="module")
def three_cases() -> bytes:
    return agenda_pdf(agenda(3), RECIPIENT, EXPORTED)


def test_the_file_declares_pdf_ua_1_with_language_title_and_tags(three_cases: bytes) -> None:
    with pikepdf.open(BytesIO(three_cases)) as pdf:
        root = pdf.Root
        assert "<pdfuaid:part>1</pdfuaid:part>" in bytes(root.Metadata.read_bytes()).decode()
        assert root.MarkInfo.Marked
        assert str(root.Lang) == "en-GB"
        assert root.ViewerPreferences.DisplayDocTitle
        assert str(pdf.docinfo["/Title"]) == "Harbour MARAC agenda, Thursday 26 November 2026"


def test_headings_tables_and_lists_are_tagged_as_such(three_cases: bytes) -> None:
    with pikepdf.open(BytesIO(three_cases)) as pdf:
        found = tags(pdf.Root.StructTreeRoot)
    assert found.count("/H1") == 1
    # Order of the day, unfinished actions and a heading for each case.
    assert found.count("/H2") == 2 + 3
    assert found.count("/TH") > 0
    assert {"/Table", "/THead", "/TBody", "/TD", "/H3", "/L", "/LI"} <= set(found)


def test_each_case_can_be_jumped_to_from_the_outline(three_cases: bytes) -> None:
    with pikepdf.open(BytesIO(three_cases)) as pdf, pdf.open_outline() as outline:
        titles = [entry.title for entry in outline.root[0].children]
    assert titles == ["Order of the day", "Unfinished actions", "1. C-2001", "2. C-2002", "3. C-2003"]


def test_no_font_but_those_that_travel_with_the_program_is_used(three_cases: bytes) -> None:
    with pikepdf.open(BytesIO(three_cases)) as pdf:
        names = {
            str(font.BaseFont).split("+")[-1] for page in pdf.pages for font in page.Resources.Font.as_dict().values()
        }
    assert names
    assert all(name.startswith("SourceSans3") for name in names)


def test_every_page_carries_recipient_time_marking_and_its_number(three_cases: bytes) -> None:
    texts = pages(three_cases)
    for number, text in enumerate(texts, 1):
        assert "Copy for Dr Amy Osei, Solent Mental Health Trust" in text
        assert "Exported 21 November 2026 at 11:31pm" in text
        assert "OFFICIAL-SENSITIVE" in text
        assert f"Page {number} of {len(texts)}" in text


def test_the_time_of_export_is_london_time_in_summer() -> None:
    text = pages(agenda_pdf(agenda(0), RECIPIENT, datetime(2026, 7, 1, 22, 30, tzinfo=UTC)))[0]
    assert "Exported 1 July 2026 at 11:30pm" in text


def test_the_first_page_gives_the_order_of_the_day_with_times(three_cases: bytes) -> None:
    first = pages(three_cases)[0]
    for start, reference in (("9:45am", "C-2001"), ("9:57am", "C-2002"), ("10:09am", "C-2003")):
        assert start in first
        assert reference in first
    assert first.index("Cases with children") < first.index("C-2001") < first.index("Adults only")


def test_each_case_begins_a_page(three_cases: bytes) -> None:
    texts = pages(three_cases)
    for number in (1, 2, 3):
        assert any(f"{number}. C-200{number}" in text.split("Risk")[0] for text in texts[1:])


def test_a_case_moved_by_hand_keeps_the_times_running_on() -> None:
    frozen = agenda(3)
    first, second, third = frozen.items
    moved = frozen.model_copy(
        update={"items": (third.model_copy(update={"position": 1, "offset_minutes": 0}), first, second)}
    )
    text = pages(agenda_pdf(moved, RECIPIENT, EXPORTED))[0]
    assert text.index("9:30am") < text.index("9:45am") < text.index("9:57am")
    assert text.index("Adults only") < text.index("Cases with children")


def test_an_agenda_without_cases_says_so() -> None:
    assert "No cases are listed" in pages(agenda_pdf(agenda(0), RECIPIENT, EXPORTED))[0]


def test_sixty_cases_are_all_there() -> None:
    # Only what the order of the day needs: reading pages back is what takes the time.
    short = tuple(
        entry.model_copy(update={"research": (), "risks": (), "reasons": (), "open_actions": (), "summary": None})
        for entry in agenda(60).items
    )
    text = "\n".join(pages(agenda_pdf(agenda(0, items=short), RECIPIENT, EXPORTED)))
    for number in range(1, 61):
        assert f"{number}. C-{2000 + number}" in text


def test_what_was_added_after_publishing_is_named_with_its_version() -> None:
    text = "\n".join(pages(agenda_pdf(agenda(1, addenda=(addendum(7),)), RECIPIENT, EXPORTED)))
    assert text.index("Version 2") < text.index("Order of the day")
    assert "One case added at the chair's request" in text.replace("’", "'")
    assert "2. C-2007" in text


@pytest.mark.parametrize(
    "name",
    ["#panic[x]", "*bold* _it_", "$x^2$", "@ref <label>", "`raw` \\ /* c */ // d", '"quoted" #{1+1}', "[a](b) = c"],
)
def test_typsts_own_signs_print_as_they_were_typed(name: str) -> None:
    frozen = with_first_item(parties=(parties(1, with_children=False)[0].model_copy(update={"name": name}),))
    text = "".join(pages(agenda_pdf(frozen, RECIPIENT, EXPORTED)))
    assert squeezed(name) in squeezed(text)


def test_a_name_that_is_markup_in_the_recipient_prints_as_typed() -> None:
    pdf = agenda_pdf(agenda(0), Recipient(name="#sys.inputs", agency="*A* & <B>"), EXPORTED)
    assert "Copy for #sys.inputs, *A* & <B>" in pages(pdf)[0]


@pytest.mark.parametrize(
    "name", ["Łucja Wójcik", "Siân Ŵyn-Jones", "Ελένη", "Дмитрий", "Nguyễn Thị Ánh", "Şükrü Iğdır"]
)
def test_welsh_polish_greek_cyrillic_vietnamese_and_turkish_letters_print_whole(name: str) -> None:
    text = "".join(pages(agenda_pdf(with_first_item(idva=name), RECIPIENT, EXPORTED)))
    assert squeezed(name) in squeezed(text)
    assert glyphs.BOX not in text


@pytest.mark.parametrize("name", ["محمد علي", "שלום"])
def test_arabic_and_hebrew_letters_have_glyphs(name: str) -> None:
    pdf = agenda_pdf(with_first_item(idva=name), RECIPIENT, EXPORTED)
    assert glyphs.printable(name) == name
    assert glyphs.BOX not in "".join(pages(pdf))


def test_letters_without_a_glyph_print_as_boxes_and_the_first_page_says_why() -> None:
    texts = pages(agenda_pdf(with_first_item(idva="李明 Li Ming"), RECIPIENT, EXPORTED))
    assert "□□ Li Ming" in "".join(texts)
    assert "□ stands for a letter that this file cannot print" in texts[0]


@pytest.mark.parametrize(
    "text", ["a\u00adb" * 400, "محمد \U0001f642 عليڿ " * 300, "\x00\x07\ufeff\u200d\ud800", "ڿۿݿ" * 500]
)
def test_text_that_upsets_typst_still_makes_a_page(text: str) -> None:
    changes = {"summary": text, "idva": text[:50]}
    assert pages(agenda_pdf(with_first_item(**changes), RECIPIENT, EXPORTED))


def test_a_narrative_of_many_pages_is_printed_to_its_end() -> None:
    long = "She was told that he would find her. " * 1000 + "The end of it."
    assert "The end of it." in " ".join(pages(agenda_pdf(with_first_item(summary=long), RECIPIENT, EXPORTED)))


@settings(max_examples=15, deadline=None)
@given(st.text(max_size=80), st.text(min_size=1, max_size=40))
def test_any_text_makes_a_valid_file(narrative: str, name: str) -> None:
    frozen = with_first_item(summary=narrative, reasons=(narrative,), idva=name)
    assert len(pages(agenda_pdf(frozen, Recipient(name=name, agency=name), EXPORTED))) >= 2


def test_every_letter_said_to_print_does_so_with_the_typst_that_is_installed() -> None:
    letters = [letter for letter in sorted(glyphs.coverage()) if not unicodedata.category(letter).startswith("M")]
    document = compose_agenda(with_first_item(summary=" ".join(letters)), RECIPIENT, EXPORTED)
    assert len(letters) > 5000
    assert typeset(TEMPLATES / "document.typ", {"document": source(document, glyphs.printable)}, EXPORTED)


def test_a_mark_beside_a_letter_of_another_font_is_dropped_rather_than_the_letter() -> None:
    assert glyphs.without_marks("שָׁלוֹם") == "שלום"
    text = "".join(pages(agenda_pdf(with_first_item(summary="ש\u0303\u1dc4 Siân"), RECIPIENT, EXPORTED)))
    assert "ש" in text
    assert "Siân" in text


def test_contact_details_in_a_warning_never_reach_the_page() -> None:
    warned = FrozenItem.model_validate(
        item(1).model_dump() | {"safe_contact": ["Ring 07700 900987 or write to SO14 7LY"]}
    )
    text = squeezed("".join(pages(agenda_pdf(agenda(1, items=(warned,)), RECIPIENT, EXPORTED))))
    assert "900987" not in text
    assert "7LY" not in text
    assert "[withheld]" in text


def test_the_same_copy_made_twice_is_the_same_file() -> None:
    assert agenda_pdf(agenda(2), RECIPIENT, EXPORTED) == agenda_pdf(agenda(2), RECIPIENT, EXPORTED)
