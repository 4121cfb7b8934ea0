from io import BytesIO

import docx
import pypdf
from docx.oxml.ns import qn

from app.exports.minutes_docx import minutes_docx
from app.exports.minutes_pdf import minutes_pdf

from .samples import EXPORTED, RECIPIENT, minutes

TOLD = (
    "Harbour MARAC minutes",
    "PC Dev Rana",
    "Observer",
    "Not accepted",
    "Ines Duarte",
    "1. C-2001",
    "2. C-2002",
    "Heard, plan agreed",
    "Each agency has an action",
    "Homicide",
    "Met: 8 of 6 agencies needed",
)


def test_the_pdf_says_who_came_who_accepted_and_what_was_agreed() -> None:
    texts = [
        page.extract_text() for page in pypdf.PdfReader(BytesIO(minutes_pdf(minutes(), RECIPIENT, EXPORTED))).pages
    ]
    for told in TOLD:
        assert told in "\n".join(texts)
    for number, text in enumerate(texts, 1):
        assert "Copy for Dr Amy Osei, Solent Mental Health Trust" in text
        assert f"Page {number} of {len(texts)}" in text


def test_the_word_file_says_the_same() -> None:
    word = docx.Document(BytesIO(minutes_docx(minutes(), RECIPIENT, EXPORTED)))
    text = "\n".join(node.text or "" for node in word.element.iter(qn("w:t")))
    for told in TOLD:
        assert told in text


def test_minutes_of_a_meeting_that_nobody_attended_say_so() -> None:
    empty = minutes(0).model_copy(update={"attendees": (), "observers": (), "apologies": (), "unfinished_actions": ()})
    text = pypdf.PdfReader(BytesIO(minutes_pdf(empty, RECIPIENT, EXPORTED))).pages[0].extract_text()
    assert "Nobody was recorded as present." in text
    assert "None were received." in text
