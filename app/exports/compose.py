"""What agendas and minutes say alike: the parts of a case, as blocks."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from app.domain.agendas import (
    FrozenAction,
    FrozenMeeting,
    FrozenParty,
    FrozenRisk,
    Recipient,
)
from app.exports import words
from app.exports.blocks import Block, Callout, Document, Facts, Heading, Paragraph, Table


def document(
    meeting: FrozenMeeting, what: str, recipient: Recipient, at: datetime, blocks: Iterable[Block]
) -> Document:
    """The blocks with what every page of this recipient's copy must carry. ``what``: 'agenda', 'minutes'."""
    return Document(
        title=f"{meeting.forum} {what}, {words.meeting_day(meeting.starts_at)}",
        running_title=words.running_title(meeting, what),
        marking=meeting.marking,
        copy_for=words.copy_for(recipient),
        exported=words.exported(at),
        exported_at=at,
        blocks=tuple(blocks),
    )


def front(meeting: FrozenMeeting, what: str, version: int, facts: Iterable[tuple[str, str]]) -> Iterator[Block]:
    """Title, when, and the facts of the meeting."""
    yield Heading(1, f"{meeting.forum} {what}", aside=f"Version {version}")
    yield Paragraph(
        f"{meeting.partnership}. {words.meeting_day(meeting.starts_at)}, {words.clock_time(meeting.starts_at)}."
    )
    yield Facts(tuple((label, value) for label, value in facts if value))


def published(meeting: FrozenMeeting) -> str:
    """When and by whom."""
    by = meeting.published_by
    return f"{words.moment(meeting.published_at)} by {by.name}, {by.agency}"


def safe_contact(warnings: Iterable[str]) -> Iterator[Block]:
    """What to know before contacting anyone; nothing when there is nothing to warn of."""
    if lines := tuple(warnings):
        yield Callout("Before you contact anyone", lines)


def people(parties: Iterable[FrozenParty]) -> Iterator[Block]:
    """Everyone in the case."""
    if rows := tuple(
        (
            words.spoken(party.role),
            words.full_name(party),
            words.born(party),
            "\n".join(filter(None, (party.relationship, party.notes))),
        )
        for party in parties
    ):
        yield Heading(3, "People")
        yield Table(("Role", "Name", "Born", "Relationship and notes"), (4, 5, 4, 6), rows)


def risks(found: Iterable[FrozenRisk]) -> Iterator[Block]:
    """Risks, person by person."""
    if rows := tuple(
        (
            f"{risk.person}\n{words.spoken(risk.role)}" if risk.role else risk.person,
            "\n".join(risk.risks) or "None named",
        )
        for risk in found
    ):
        yield Heading(3, "Risks")
        yield Table(("To whom", "Risk"), (4, 14), rows)


def actions(listed: Iterable[FrozenAction], *, with_case: bool) -> Iterator[Block]:
    """A table of actions; ``with_case`` when they belong to more than one case."""
    rows = tuple(
        (
            *((action.case_reference,) if with_case else ()),
            action.what,
            "\n".join(filter(None, (action.agency, action.owner))),
            words.short_day(action.due) if action.due else "No date",
            words.spoken(action.status),
        )
        for action in listed
    )
    if not rows:
        return
    headers, widths = ("What", "Who", "Due", "Status"), (8, 5, 3, 3)
    if with_case:
        yield Table(("Case", *headers), (3, *widths), rows)
    else:
        yield Table(headers, widths, rows)
