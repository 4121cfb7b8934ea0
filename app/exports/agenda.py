"""The agenda as blocks: a front page with the order of the day, then a page or more for each case."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import groupby

from app.domain.agendas import AgendaSection, FrozenAgenda, FrozenItem, Recipient
from app.exports import compose, words
from app.exports.blocks import Block, Bullets, Callout, Document, Facts, Heading, Paragraph, Table

Progress = Callable[[int, int], None]

SECTION_TITLES = {
    AgendaSection.CHILDREN: "Cases with children",
    AgendaSection.ADULTS: "Adults only",
    AgendaSection.TWELVE_MONTH_REVIEW: "Reaching 12 months",
    AgendaSection.OTHER: "Other cases",
}


def compose_agenda(
    agenda: FrozenAgenda, recipient: Recipient, at: datetime, progress: Progress = lambda done, total: None
) -> Document:
    """The agenda for one recipient. ``progress(done, total)`` is called once per case."""
    items = agenda.all_items
    blocks = [*_front_page(agenda), *_addenda(agenda)]
    for done, item in enumerate(items, 1):
        blocks.extend(_case(agenda, item, done))
        progress(done, len(items))
    return compose.document(agenda, "agenda", recipient, at, blocks)


def _front_page(agenda: FrozenAgenda) -> Iterator[Block]:
    items = agenda.all_items
    until = f", ending at about {words.clock_time(agenda.ends_at)}" if items else ""
    yield from compose.front(
        agenda,
        "agenda",
        agenda.current_version,
        (
            ("Listed", f"{words.count(len(items), 'case')}{until}"),
            ("Chair", agenda.chair or "Not named"),
            ("Published", compose.published(agenda)),
            ("Member agencies", ", ".join(agenda.member_agencies)),
        ),
    )
    yield Callout("Confidentiality", (agenda.confidentiality_statement,))
    yield Heading(2, "Order of the day")
    if not items:
        yield Paragraph("No cases are listed for this meeting.")
    yield Paragraph(_opening(agenda))
    # Neighbours are grouped, not all of a section, so that the times run on even when a case was moved by hand.
    for section, group in groupby(enumerate(items, 1), lambda numbered: numbered[1].section):
        rows = tuple(_row(agenda, item, number) for number, item in group)
        yield Heading(3, SECTION_TITLES[section], aside=words.count(len(rows), "case"))
        yield Table(("Time", "Case", "Victim", "Alleged perpetrator", "Risk", "Referred by"), (3, 4, 6, 7, 4, 7), rows)
    if agenda.other_business:
        yield Heading(3, "Other business")
        yield Bullets(agenda.other_business)
    yield Heading(2, "Unfinished actions", aside=words.count(len(agenda.unfinished_actions), "action"))
    if agenda.unfinished_actions:
        yield from compose.actions(agenda.unfinished_actions, with_case=True)
    else:
        yield Paragraph("None are carried over from earlier meetings.")


def _opening(agenda: FrozenAgenda) -> str:
    unfinished = len(agenda.unfinished_actions)
    actions = f" and {words.count(unfinished, 'unfinished action')}" if unfinished else ""
    between = "," if unfinished else " and"
    return f"{words.clock_time(agenda.starts_at)}: introductions{between} the confidentiality statement{actions}."


def _row(agenda: FrozenAgenda, item: FrozenItem, number: int) -> tuple[str, ...]:
    return (
        words.clock_time(agenda.starts_at + timedelta(minutes=item.offset_minutes)),
        f"{number}. {item.case_reference}",
        words.names_of(item.parties, "victim") or "Not named",
        words.names_of(item.parties, "perpetrator") or "Not named",
        "\n".join(filter(None, (words.level(item.level), "Repeat" if item.repeat else None))),
        item.referrer_agency or "Not recorded",
    )


def _addenda(agenda: FrozenAgenda) -> Iterator[Block]:
    if not agenda.addenda:
        return
    yield Heading(2, "Added since publishing")
    for addendum in agenda.addenda:
        yield Heading(3, f"Version {addendum.version}", aside=words.moment(addendum.at))
        yield Paragraph(addendum.text)
        cases = ", ".join(item.case_reference for item in addendum.items)
        by = f"Added by {addendum.by.name}, {addendum.by.agency}."
        yield Paragraph(f"{by} Cases added: {cases}." if cases else by, "quiet")


def _case(agenda: FrozenAgenda, item: FrozenItem, number: int) -> Iterator[Block]:
    starts = words.clock_time(agenda.starts_at + timedelta(minutes=item.offset_minutes))
    yield Heading(
        2,
        f"{number}. {item.case_reference}",
        aside=f"{starts}, {words.count(item.minutes, 'minute')}",
        new_page=True,
    )
    yield Facts(tuple((label, value) for label, value in _case_facts(item) if value))
    yield from compose.safe_contact(item.safe_contact)
    yield from compose.people(item.parties)
    if item.reasons:
        yield Heading(3, "Why this case is here")
        yield Bullets(item.reasons)
    if item.summary:
        yield Heading(3, "What happened")
        yield Paragraph(item.summary)
    yield from _victims_voice(item)
    yield from _research(item)
    yield from compose.risks(item.risks)
    if item.open_actions:
        yield Heading(3, "Open actions")
        yield from compose.actions(item.open_actions, with_case=False)
    if item.earlier_meetings:
        yield Heading(3, "Earlier meetings")
        yield Bullets(
            tuple(
                f"{words.day(earlier.on)}, {earlier.forum}" + (f": {earlier.outcome}" if earlier.outcome else "")
                for earlier in item.earlier_meetings
            )
        )


def _case_facts(item: FrozenItem) -> Iterator[tuple[str, str]]:
    level = words.level(item.level)
    yield "Risk", ", ".join(filter(None, (level, item.score, "repeat case" if item.repeat else None)))
    yield "Grounds", words.sentence("; ".join(item.grounds))
    yield "Critical markers", words.sentence("; ".join(item.markers)) or "None recorded"
    on = f" on {words.day(item.referred_on)}" if item.referred_on else ""
    yield "Referred by", f"{item.referrer_agency}{on}" if item.referrer_agency else "Not recorded"
    yield "IDVA", item.idva or "Not yet allocated"


def _victims_voice(item: FrozenItem) -> Iterator[Block]:
    if not (item.victim_words or item.victim_wishes):
        return
    yield Heading(3, "In the victim's words")
    if item.victim_words:
        yield Paragraph(item.victim_words, "quote")
    if item.victim_wishes:
        yield Facts((("What they want", item.victim_wishes),))


def _research(item: FrozenItem) -> Iterator[Block]:
    if rows := tuple(
        (found.agency, words.known(found.known), found.facts or "None shared", found.opinion or "None shared")
        for found in item.research
    ):
        yield Heading(3, "What agencies know")
        yield Table(("Agency", "Family", "Facts", "Opinion"), (4, 3, 7, 5), rows)
