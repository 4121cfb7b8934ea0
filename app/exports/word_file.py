"""Sets a document as a Word file that keeps its structure: real headings, lists, repeated header rows, British English.

The file names no author; its recipient, time and marking stand in the header and footer of every page.
"""

from io import BytesIO

import docx
from docx.document import Document as WordFile
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Length, Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph as WordParagraph

from app.exports.blocks import Block, Bullets, Callout, Document, Facts, Heading, Paragraph, Table
from app.exports.words import tidy

_FONT = "Arial"
_INK = RGBColor(0x1D, 0x21, 0x26)
_QUIET = RGBColor(0x4A, 0x52, 0x5C)
_RULE = "B9C0C8"
_WASH = "F2F4F6"
_MARGIN = Mm(19)
_TEXT_WIDTH = Mm(210 - 2 * 19)
_LABEL_WIDTH = Mm(38)
_TWIP = Pt(1) // 20
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_PARAGRAPH_STYLES = {"normal": "Normal", "quiet": "Quiet", "quote": "Quote"}


def write_docx(document: Document) -> bytes:
    """The document as DOCX bytes."""
    word = docx.Document()
    _set_styles(word)
    _set_page(word, document)
    for block in document.blocks:
        _add(word, block)
    properties = word.core_properties
    properties.title = tidy(document.title)[:255]
    properties.author = properties.last_modified_by = properties.comments = ""
    properties.language = "en-GB"
    properties.created = properties.modified = document.exported_at
    out = BytesIO()
    word.save(out)
    return out.getvalue()


def _add(word: WordFile, block: Block) -> None:
    match block:
        case Heading():
            _heading(word, block)
        case Paragraph():
            _paragraph(word, _PARAGRAPH_STYLES[block.style], block.text)
        case Facts():
            for label, value in block.pairs:
                fact = _paragraph(word, "Fact")
                fact.add_run(tidy(label)).bold = True
                fact.add_run(f"\t{tidy(value)}")
        case Bullets():
            for item in block.items:
                _paragraph(word, "ListBullet", item)
        case Callout():
            _paragraph(word, "Callout").add_run(tidy(block.title)).bold = True
            for line in block.lines:
                _paragraph(word, "Callout", line)
        case Table():
            _table(word, block)


def _paragraph(word: WordFile, style_id: str, text: str = "") -> WordParagraph:
    """The style is set by its id: python-docx reads every style of the file for one asked for by name."""
    paragraph = word.add_paragraph(tidy(text))
    paragraph._p.style = style_id
    return paragraph


def _heading(word: WordFile, block: Heading) -> None:
    paragraph = _paragraph(word, f"Heading{block.level}", block.text)
    if block.new_page:
        paragraph.paragraph_format.page_break_before = True
    if block.aside:
        paragraph.paragraph_format.tab_stops.add_tab_stop(_TEXT_WIDTH, WD_TAB_ALIGNMENT.RIGHT)
        run = paragraph.add_run(f"\t{tidy(block.aside)}")
        run.bold = False
        run.font.size = Pt(10)
        run.font.color.rgb = _QUIET


def _table(word: WordFile, block: Table) -> None:
    """Built from elements: python-docx looks through the whole table for each cell it is asked for."""
    share = _TEXT_WIDTH // sum(block.widths) // _TWIP
    widths = [str(share * width) for width in block.widths]
    table = _element("w:tbl")
    properties = _within(table, "w:tblPr")
    _within(properties, "w:tblW", type="dxa", w=str(share * sum(block.widths)))
    borders = _within(properties, "w:tblBorders")
    for edge in ("top", "bottom", "insideH"):
        _within(borders, f"w:{edge}", val="single", sz="4", space="0", color=_RULE)
    _within(properties, "w:tblLayout", type="fixed")
    _within(properties, "w:tblLook", val="0020", firstRow="1", firstColumn="0")
    grid = _within(table, "w:tblGrid")
    for width in widths:
        _within(grid, "w:gridCol", w=width)
    for number, texts in enumerate((block.headers, *block.rows)):
        _row(_within(table, "w:tr"), texts, widths, is_header=number == 0)
    word.element.body.insert_element_before(table, "w:sectPr")
    _paragraph(word, "AfterTable")


def _row(row: BaseOxmlElement, texts: tuple[str, ...], widths: list[str], *, is_header: bool) -> None:
    properties = _within(row, "w:trPr")
    _within(properties, "w:cantSplit")
    if is_header:
        _within(properties, "w:tblHeader")
    for width, text in zip(widths, texts, strict=True):
        cell = _within(row, "w:tc")
        _within(_within(cell, "w:tcPr"), "w:tcW", type="dxa", w=width)
        paragraph = _within(cell, "w:p")
        _within(_within(paragraph, "w:pPr"), "w:pStyle", val="Cell")
        run = _within(paragraph, "w:r")
        if is_header:
            _within(_within(run, "w:rPr"), "w:b")
        for number, line in enumerate(tidy(text).split("\n")):
            if number:
                _within(run, "w:br")
            shown = _within(run, "w:t")
            shown.text = line
            shown.set(_SPACE, "preserve")


def _set_styles(word: WordFile) -> None:
    normal = _style(word, "Normal")
    _type(normal, Pt(10.5))
    normal.paragraph_format.space_after = Pt(6)
    for run_properties in word.styles.element.iter(qn("w:rPr")):
        for language in run_properties.findall(qn("w:lang")):
            language.set(qn("w:val"), "en-GB")
    for level, size, before in ((1, 22, 0), (2, 15, 16), (3, 11.5, 12)):
        heading = _style(word, f"Heading {level}")
        _type(heading, Pt(size))
        heading.font.bold = True
        heading.paragraph_format.space_before = Pt(before)
        heading.paragraph_format.space_after = Pt(4)
        heading.paragraph_format.keep_with_next = True
    quote = _style(word, "Quote")
    _type(quote, Pt(10.5))
    quote.font.italic = False
    quote.paragraph_format.left_indent = Mm(5)
    quiet = _new_style(word, "Quiet", Pt(9.5))
    quiet.font.color.rgb = _QUIET
    fact = _new_style(word, "Fact", Pt(10.5))
    fact.paragraph_format.left_indent = _LABEL_WIDTH
    fact.paragraph_format.first_line_indent = Length(-_LABEL_WIDTH)
    fact.paragraph_format.tab_stops.add_tab_stop(_LABEL_WIDTH)
    fact.paragraph_format.space_after = Pt(2)
    _new_style(word, "Cell", Pt(9.5)).paragraph_format.space_after = Pt(2)
    _new_style(word, "AfterTable", Pt(4)).paragraph_format.space_after = Pt(0)
    callout = _new_style(word, "Callout", Pt(10.5))
    callout.paragraph_format.left_indent = Mm(3)
    callout.paragraph_format.space_before = callout.paragraph_format.space_after = Pt(0)
    paragraph = callout.element.get_or_add_pPr()
    border = _element("w:pBdr")
    _within(border, "w:left", val="single", sz="24", space="8", color=str(_INK))
    paragraph.insert_element_before(border, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc")
    paragraph.insert_element_before(
        _element("w:shd", val="clear", color="auto", fill=_WASH), "w:tabs", "w:spacing", "w:ind", "w:jc"
    )


def _set_page(word: WordFile, document: Document) -> None:
    section = word.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = _MARGIN
    section.top_margin, section.bottom_margin = Mm(25), Mm(25)
    head = section.header.paragraphs[0]
    _two_ends(head, document.marking, document.running_title)
    foot = section.footer.paragraphs[0]
    _two_ends(foot, document.copy_for, document.marking)
    last = section.footer.add_paragraph(style="Footer")
    _two_ends(last, document.exported, "Page ")
    last._p.append(_field("PAGE"))
    last.add_run(" of ").font.size = Pt(9)
    last._p.append(_field("NUMPAGES"))


def _two_ends(paragraph: WordParagraph, left: str, right: str) -> None:
    stops = paragraph.paragraph_format.tab_stops
    stops.clear_all()
    stops.add_tab_stop(_TEXT_WIDTH, WD_TAB_ALIGNMENT.RIGHT)
    paragraph.add_run(f"{tidy(left)}\t{tidy(right)}").font.size = Pt(9)


def _field(code: str) -> BaseOxmlElement:
    field = _element("w:fldSimple", instr=code)
    run = _within(field, "w:r")
    _within(_within(run, "w:rPr"), "w:sz", val="18")
    _within(run, "w:t").text = "1"
    return field


def _style(word: WordFile, name: str) -> ParagraphStyle:
    style = word.styles[name]
    if not isinstance(style, ParagraphStyle):
        raise TypeError(f"'{name}' is not a paragraph style in the Word template.")
    return style


def _new_style(word: WordFile, name: str, size: Length) -> ParagraphStyle:
    word.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH).base_style = word.styles["Normal"]
    style = _style(word, name)
    style.font.size = size
    return style


def _type(style: ParagraphStyle, size: Length) -> None:
    style.font.name = _FONT
    style.font.size = size
    style.font.color.rgb = _INK
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    # The template's headings name a theme font, which would win over the one named here.
    for attribute in [name for name in fonts.attrib if "Theme" in name or "theme" in name]:
        del fonts.attrib[attribute]


def _within(parent: BaseOxmlElement, tag: str, **values: str) -> BaseOxmlElement:
    child = _element(tag, **values)
    parent.append(child)
    return child


def _element(tag: str, **values: str) -> BaseOxmlElement:
    element = OxmlElement(tag)
    for name, value in values.items():
        element.set(qn(f"w:{name}"), value)
    return element
