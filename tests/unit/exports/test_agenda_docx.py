from io import BytesIO

import docx
import pytest
from docx.document import Document as WordFile
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.agendas import Recipient
from app.exports.agenda_docx import agenda_docx

from .samples import EXPORTED, RECIPIENT, agenda, item


def opened(made: bytes) -> WordFile:
    return docx.Document(BytesIO(made))


def everything(word: WordFile) -> str:
    return "\n".join(node.text or "" for node in word.element.iter(qn("w:t")))


@pytest.fixture(scope="module")
def three_cases() -> WordFile:
    return opened(agenda_docx(agenda(3), RECIPIENT, EXPORTED))


def test_headings_are_real_headings(three_cases: WordFile) -> None:
    headings = [
        (p.style.name, p.text.split("\t")[0])
        for p in three_cases.paragraphs
        if p.style and "Heading" in str(p.style.name)
    ]
    assert headings[0] == ("Heading 1", "Harbour MARAC agenda")
    assert ("Heading 2", "1. C-2001") in headings
    assert ("Heading 3", "Before you contact anyone") not in headings


def test_every_table_repeats_its_header_row(three_cases: WordFile) -> None:
    assert three_cases.tables
    for table in three_cases.tables:
        assert table.rows[0]._tr.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None


def test_header_and_footer_carry_recipient_time_and_marking(three_cases: WordFile) -> None:
    section = three_cases.sections[0]
    framed = "\n".join(p.text for part in (section.header, section.footer) for p in part.paragraphs)
    for told in (
        "OFFICIAL-SENSITIVE",
        "Copy for Dr Amy Osei, Solent Mental Health Trust",
        "Exported 21 November 2026 at 11:31pm",
    ):
        assert told in framed
    codes = [field.get(qn("w:instr")) for field in section.footer._element.iter(qn("w:fldSimple"))]
    assert codes == ["PAGE", "NUMPAGES"]


def test_the_file_speaks_british_english_and_names_no_author(three_cases: WordFile) -> None:
    assert three_cases.core_properties.language == "en-GB"
    assert three_cases.core_properties.author == ""
    languages = {node.get(qn("w:val")) for node in three_cases.styles.element.iter(qn("w:lang"))}
    assert languages == {"en-GB"}


def test_every_case_of_sixty_is_there() -> None:
    text = everything(opened(agenda_docx(agenda(60), RECIPIENT, EXPORTED)))
    for number in range(1, 61):
        assert f"{number}. C-{2000 + number}" in text


def test_letters_that_the_pdf_cannot_print_are_whole_here() -> None:
    frozen = agenda(1, items=(item(1).model_copy(update={"idva": "李明"}),))
    assert "李明" in everything(opened(agenda_docx(frozen, RECIPIENT, EXPORTED)))


@settings(max_examples=15, deadline=None)
@given(st.text(max_size=200))
def test_any_text_makes_a_file_that_opens(text: str) -> None:
    frozen = agenda(
        1, items=(item(1).model_copy(update={"summary": text, "reasons": (text,), "idva": text}),), marking=text
    )
    assert opened(agenda_docx(frozen, Recipient(name=text, agency=text), EXPORTED)).paragraphs
