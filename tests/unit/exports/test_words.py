from datetime import UTC, datetime
from xml.sax.saxutils import escape

from docx.oxml.parser import parse_xml
from hypothesis import given
from hypothesis import strategies as st

from app.exports.words import clock_time, meeting_day, moment, tidy


@given(st.text(alphabet=st.characters()))
def test_tidied_text_fits_into_xml_and_json_alike(text: str) -> None:
    tidied = tidy(text)
    assert parse_xml(f"<t>{escape(tidied)}</t>".encode()).text in {tidied, None}
    assert tidy(tidied) == tidied


def test_tidying_keeps_lines_and_letters_and_shows_where_something_was_lost() -> None:
    assert tidy("Siân\r\nŁucja\rمحمد\tx") == "Siân\nŁucja\nمحمد x"
    assert tidy("a\x00b\ud800c") == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c"


def test_times_are_told_as_londons_clocks_show_them() -> None:
    summer = datetime(2026, 7, 1, 11, 5, tzinfo=UTC)
    winter = datetime(2026, 12, 1, 0, 5, tzinfo=UTC)
    assert (clock_time(summer), clock_time(winter)) == ("12:05pm", "12:05am")
    assert moment(summer) == "1 July 2026 at 12:05pm"
    assert meeting_day(winter) == "Tuesday 1 December 2026"
