"""A document before it has a file format: the few kinds of block that agendas and minutes are made of.

Agendas and minutes are composed once as blocks; PDF and DOCX each know only how to set a block. All text here
is plain: nothing in it is ever read as mark-up.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Heading:
    """level 1 to 3, never skipping one. ``aside`` stands quietly at the other end of the line."""

    level: Literal[1, 2, 3]
    text: str
    aside: str = ""
    new_page: bool = False
    kind: Literal["heading"] = field(default="heading", init=False)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text; its line breaks are kept. A quote is somebody's own words."""

    text: str
    style: Literal["normal", "quiet", "quote"] = "normal"
    kind: Literal["paragraph"] = field(default="paragraph", init=False)


@dataclass(frozen=True, slots=True)
class Facts:
    """Short labelled facts, each (label, value)."""

    pairs: tuple[tuple[str, str], ...]
    kind: Literal["facts"] = field(default="facts", init=False)


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list without order."""

    items: tuple[str, ...]
    kind: Literal["bullets"] = field(default="bullets", init=False)


@dataclass(frozen=True, slots=True)
class Callout:
    """What must not be missed, set apart by a rule and a word, never by colour alone."""

    title: str
    lines: tuple[str, ...]
    kind: Literal["callout"] = field(default="callout", init=False)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headers. ``widths`` are shares of the line."""

    headers: tuple[str, ...]
    widths: tuple[int, ...]
    rows: tuple[tuple[str, ...], ...]
    kind: Literal["table"] = field(default="table", init=False)


Block = Heading | Paragraph | Facts | Bullets | Callout | Table


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document.

    running_title, copy_for, exported and marking are printed on every page, with the page's number.
    """

    title: str
    running_title: str
    marking: str
    copy_for: str
    exported: str
    exported_at: datetime
    blocks: tuple[Block, ...]
