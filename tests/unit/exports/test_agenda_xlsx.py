from io import BytesIO

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.workbook import Workbook

from app.domain.agendas import Recipient
from app.exports.agenda_xlsx import agenda_xlsx

from .samples import EXPORTED, RECIPIENT, agenda, item


def opened(made: bytes) -> Workbook:
    return openpyxl.load_workbook(BytesIO(made))


def column(book: Workbook, title: str, sheet: str = "Cases") -> list[object]:
    head, *rows = book[sheet].iter_rows(values_only=True)
    return [row[head.index(title)] for row in rows]


def framed(book: Workbook, sheet: str) -> dict[str, str]:
    page = book[sheet]
    parts = {"header": page.oddHeader, "footer": page.oddFooter}
    return {
        f"{name} {place}": str(getattr(part, place).text)
        for name, part in parts.items()
        if part is not None
        for place in ("left", "center", "right")
    }


def test_there_is_a_sheet_of_cases_and_a_sheet_of_actions() -> None:
    book = opened(agenda_xlsx(agenda(3), RECIPIENT, EXPORTED))
    assert book.sheetnames == ["Cases", "Actions"]
    assert column(book, "Case") == ["C-2001", "C-2002", "C-2003"]
    # Two carried over from earlier meetings and one open on each case.
    assert len(column(book, "Case", "Actions")) == 2 + 3


@pytest.mark.parametrize("sheet", ["Cases", "Actions"])
def test_each_sheet_keeps_its_header_in_sight_and_prints_whose_copy_it_is(sheet: str) -> None:
    book = opened(agenda_xlsx(agenda(3), RECIPIENT, EXPORTED))
    assert book[sheet].freeze_panes == "A2"
    assert book[sheet].print_title_rows == "$1:$1"
    frame = framed(book, sheet)
    assert "OFFICIAL-SENSITIVE" in frame["header left"]
    assert frame["footer left"] == "Copy for Dr Amy Osei, Solent Mental Health Trust"
    assert frame["footer center"] == "Exported 21 November 2026 at 11:31pm"
    assert frame["footer right"].startswith("OFFICIAL-SENSITIVE, page ")


@pytest.mark.parametrize(
    "text",
    ['=HYPERLINK("http://evil.example","x")', "+1+1", "-2", "@SUM(A1)", "https://example.org", "=cmd|'/c'!A0", "007"],
)
def test_nothing_becomes_a_formula_a_link_or_a_number(text: str) -> None:
    frozen = agenda(1, items=(item(1).model_copy(update={"summary": text, "case_reference": text}),))
    book = opened(agenda_xlsx(frozen, RECIPIENT, EXPORTED))
    for title in ("What happened", "Case"):
        head = next(book["Cases"].iter_rows(values_only=True))
        cell = book["Cases"].cell(2, head.index(title) + 1)
        assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)


def test_a_text_too_long_for_a_cell_is_cut_and_says_so() -> None:
    frozen = agenda(1, items=(item(1).model_copy(update={"summary": "word " * 10_000}),))
    (told,) = column(opened(agenda_xlsx(frozen, RECIPIENT, EXPORTED)), "What happened")
    assert len(str(told)) <= 32_767
    assert str(told).endswith("the PDF has the rest]")


def test_a_recipient_with_an_endless_name_leaves_the_time_and_marking_in_place() -> None:
    long = Recipient(name="A&B " * 200, agency="Agency")
    frame = framed(opened(agenda_xlsx(agenda(1), long, EXPORTED)), "Cases")
    assert frame["footer center"] == "Exported 21 November 2026 at 11:31pm"
    assert frame["footer right"].startswith("OFFICIAL-SENSITIVE, page ")


def test_an_agenda_without_cases_is_a_sheet_of_headings() -> None:
    assert column(opened(agenda_xlsx(agenda(0), RECIPIENT, EXPORTED)), "Case") == []


@settings(max_examples=15, deadline=None)
@given(st.text(max_size=200))
def test_any_text_makes_a_file_that_opens(text: str) -> None:
    frozen = agenda(1, items=(item(1).model_copy(update={"summary": text, "idva": text}),), marking=text)
    assert opened(agenda_xlsx(frozen, Recipient(name=text, agency=text), EXPORTED)).sheetnames == ["Cases", "Actions"]
