"""The agenda as a workbook to sort and filter: a sheet of cases, a sheet of actions.

No cell is ever a formula or a link, whatever it begins with.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import xlsxwriter  # type: ignore[import-untyped]  # ships no type information

from app.domain.agendas import FrozenAction, FrozenAgenda, FrozenItem, FrozenParty, KnownHere, Recipient
from app.exports import words
from app.exports.agenda import SECTION_TITLES, Progress

# Excel's own limits, in characters.
_CELL_LIMIT = 32_767
_FRAME_LIMIT = 255
_CUT = "... [cut here: the PDF has the rest]"

_CASE_COLUMNS = (
    ("No.", 5), ("Time", 9), ("Minutes", 8), ("Part", 18), ("Case", 14), ("Risk", 12), ("Score", 22), ("Repeat", 8),
    ("Victim", 24), ("Alleged perpetrator", 24), ("Children", 24), ("Grounds", 28), ("Critical markers", 32),
    ("Referred by", 24), ("Referred on", 12), ("IDVA", 26), ("Before you contact anyone", 40), ("What happened", 60),
    ("In the victim's words", 40), ("What they want", 40), ("What agencies know", 60), ("Risks", 40),
)  # fmt: skip
_ACTION_COLUMNS = (("Case", 14), ("What", 60), ("Agency", 28), ("Owner", 24), ("Due", 12), ("Status", 14), ("From", 26))

Cell = str | int | date | None


def agenda_xlsx(
    agenda: FrozenAgenda, recipient: Recipient, at: datetime, progress: Progress = lambda done, total: None
) -> bytes:
    """One recipient's copy as XLSX. ``at`` is aware. ``progress(done, total)`` is called once per case.

    A text longer than Excel's cell (32,767 characters) is cut, and says so.
    """
    out = BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    book.set_properties({"title": words.running_title(agenda, "agenda"), "created": at.astimezone(UTC)})
    items = agenda.all_items
    cases: list[tuple[Cell, ...]] = []
    for number, item in enumerate(items, 1):
        cases.append(_case_row(agenda, item, number))
        progress(number, len(items))
    _sheet(book, "Cases", _CASE_COLUMNS, cases, (agenda, recipient, at))
    _sheet(book, "Actions", _ACTION_COLUMNS, list(_action_rows(agenda)), (agenda, recipient, at))
    book.close()
    return out.getvalue()


def _case_row(agenda: FrozenAgenda, item: FrozenItem, number: int) -> tuple[Cell, ...]:
    return (
        number,
        words.clock_time(agenda.starts_at + timedelta(minutes=item.offset_minutes)),
        item.minutes,
        SECTION_TITLES[item.section],
        item.case_reference,
        words.level(item.level),
        item.score,
        "Yes" if item.repeat else "No",
        _people(item, "victim"),
        _people(item, "perpetrator"),
        _people(item, "child"),
        "; ".join(item.grounds),
        "; ".join(item.markers),
        item.referrer_agency,
        item.referred_on,
        item.idva,
        "\n".join(item.safe_contact),
        item.summary,
        item.victim_words,
        item.victim_wishes,
        "\n".join(_research(item)),
        "\n".join(f"{risk.person}: {', '.join(risk.risks)}" for risk in item.risks),
    )


def _people(item: FrozenItem, role: str) -> str:
    return "\n".join(_person(party) for party in item.parties if role in party.role.casefold())


def _person(party: FrozenParty) -> str:
    aliases = f" (also {', '.join(party.aliases)})" if party.aliases else ""
    return f"{party.name}{aliases}, born {words.born(party)}"


def _research(item: FrozenItem) -> Iterator[str]:
    for found in item.research:
        told = [words.known(found.known)]
        if found.known is KnownHere.YES or found.facts or found.opinion:
            told += [f"Facts: {found.facts or 'none shared'}", f"Opinion: {found.opinion or 'none shared'}"]
        yield f"{found.agency}. {'. '.join(told)}"


def _action_rows(agenda: FrozenAgenda) -> Iterator[tuple[Cell, ...]]:
    for action in agenda.unfinished_actions:
        yield _action_row(action, "Earlier meetings")
    for item in agenda.all_items:
        for action in item.open_actions:
            yield _action_row(action, "Open on a listed case")


def _action_row(action: FrozenAction, origin: str) -> tuple[Cell, ...]:
    status = words.spoken(action.status)
    return (action.case_reference, action.what, action.agency, action.owner, action.due, status, origin)


def _sheet(
    book: xlsxwriter.Workbook,
    name: str,
    columns: tuple[tuple[str, int], ...],
    rows: list[tuple[Cell, ...]],
    copy: tuple[FrozenAgenda, Recipient, datetime],
) -> None:
    sheet = book.add_worksheet(name)
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top", "bg_color": "#F2F4F6"})
    text = book.add_format({"text_wrap": True, "valign": "top"})
    day = book.add_format({"num_format": "d mmm yyyy", "valign": "top", "align": "left"})
    for column, (title, width) in enumerate(columns):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, title, head)
    for line, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            match value:
                case None | "":
                    sheet.write_blank(line, column, None, text)
                case int():
                    sheet.write_number(line, column, value, text)
                case date():
                    sheet.write_datetime(line, column, value, day)
                case str():
                    sheet.write_string(line, column, _fit(words.tidy(value)), text)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(rows), 1), len(columns) - 1)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    _print_frame(sheet, *copy)


def _print_frame(
    sheet: xlsxwriter.worksheet.Worksheet, agenda: FrozenAgenda, recipient: Recipient, at: datetime
) -> None:
    marking = _escaped(agenda.marking, 60)
    before = f'&L&"-,Bold"{marking}&R'
    sheet.set_header(before + _escaped(words.running_title(agenda, "agenda"), _FRAME_LIMIT - _width(before)))
    after = f"&C{words.exported(at)}&R{marking}, page &P of &N"
    sheet.set_footer(f"&L{_escaped(words.copy_for(recipient), _FRAME_LIMIT - _width(after) - 2)}{after}")


def _escaped(text: str, room: int) -> str:
    """The text for Excel's header or footer, where an ampersand begins a code, cut to the room there is."""
    kept = ""
    for letter in words.tidy(text).replace("\n", " "):
        letter = "&&" if letter == "&" else letter
        if _width(kept + letter) > room:
            break
        kept += letter
    return kept


def _width(text: str) -> int:
    """How long Excel takes the text to be."""
    return len(text.encode("utf-16-le")) // 2


def _fit(text: str) -> str:
    if _width(text) <= _CELL_LIMIT:
        return text
    # A letter may count twice, so half the limit always fits.
    kept = _CELL_LIMIT - len(_CUT)
    return text[: kept if _width(text[:kept]) <= kept else kept // 2] + _CUT
