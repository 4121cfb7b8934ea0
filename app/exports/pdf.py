"""Sets a document as a tagged PDF that meets PDF/UA-1, with fonts that travel with the program.

Typst refuses to write a file that breaks the standard, so what comes out is accessible or nothing comes out.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from app.exports import glyphs, words
from app.exports.blocks import Document, Paragraph
from app.exports.typesetting import TEMPLATES, typeset

_BOXES = Paragraph(
    f"{glyphs.BOX} stands for a letter that this file cannot print. "
    "The case on screen and the Word file have the whole text.",
    "quiet",
)


# Each loses more than the one before it; the second and third are for what only typst itself can find out.
_REDUCTIONS: tuple[Callable[[str], str], ...] = (
    glyphs.printable,
    lambda text: glyphs.without_marks(glyphs.printable(text)),
    lambda text: glyphs.left_to_right(glyphs.without_marks(glyphs.printable(text))),
)


class CannotTypeset(RuntimeError):
    """The document could not be set. Says nothing of its words, which are personal."""

    def __init__(self) -> None:
        super().__init__("The PDF could not be made. Ask for the Word file of the same document instead.")


def write_pdf(document: Document) -> bytes:
    """The document as PDF bytes. Letters that no bundled font has are printed as an open box, and a note says so.

    Raises CannotTypeset when typst refuses the document. Keeps the processor busy (tens of milliseconds for
    twenty cases), so an event loop should call it in a thread.
    """
    return set_pdf("document", lambda reduce: source(document, reduce), document.exported_at)


def set_pdf(template: str, source_of: Callable[[Callable[[str], str]], str], made_at: datetime) -> bytes:
    """The template of that name as PDF bytes, given under that name what ``source_of`` makes with each text reduced.

    Raises CannotTypeset when typst refuses it however little is left.
    """
    for reduce in _REDUCTIONS:
        pdf = typeset(TEMPLATES / f"{template}.typ", {template: source_of(reduce)}, made_at)
        if pdf is not None:
            return pdf
    raise CannotTypeset


def source(document: Document, reduce: Callable[[str], str]) -> str:
    """The document as the template reads it, each text reduced; with a note on the boxes where there are any."""
    source = _dump(document, reduce)
    if glyphs.BOX in source:
        front, *rest = document.blocks
        source = _dump(replace(document, blocks=(front, _BOXES, *rest)), reduce)
    return source


def _dump(document: Document, reduce: Callable[[str], str]) -> str:
    return dump(asdict(document), reduce)


def dump(value: Any, reduce: Callable[[str], str]) -> str:
    """A value as a template reads it, each text reduced."""
    return json.dumps(_each_text(value, lambda text: reduce(words.tidy(text))), ensure_ascii=False)


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    match value:
        case str():
            return change(value)
        case dict():
            return {key: _each_text(inner, change) for key, inner in value.items()}
        case list() | tuple():
            return [_each_text(inner, change) for inner in value]
        case datetime():
            return value.isoformat()
        case _:
            return value
