"""The minutes as blocks: who was there and what they accepted, then the risks, actions and outcome of each case."""

from collections.abc import Iterator
from datetime import datetime

from app.domain.agendas import FrozenMinutes, MinutesItem, Recipient
from app.exports import compose, words
from app.exports.agenda import Progress
from app.exports.blocks import Block, Bullets, Callout, Document, Facts, Heading, Paragraph, Table


def compose_minutes(
    minutes: FrozenMinutes, recipient: Recipient, at: datetime, progress: Progress = lambda done, total: None
) -> Document:
    """The minutes for one recipient. ``progress(done, total)`` is called once per case."""
    blocks = [*_front_page(minutes)]
    items = sorted(minutes.items, key=lambda item: item.position)
    for done, item in enumerate(items, 1):
        blocks.extend(_case(item, done))
        progress(done, len(items))
    return compose.document(minutes, "minutes", recipient, at, blocks)


def _front_page(minutes: FrozenMinutes) -> Iterator[Block]:
    yield from compose.front(
        minutes,
        "minutes",
        minutes.version,
        (
            ("Cases heard", str(len(minutes.items))),
            ("Chair", minutes.chair or "Not named"),
            ("Quorum", minutes.quorum or ""),
            ("Issued", compose.published(minutes)),
        ),
    )
    yield Callout("Confidentiality", (minutes.confidentiality_statement,))
    yield Heading(2, "Attendance")
    present = (
        *((person, "Member") for person in minutes.attendees),
        *((person, "Observer") for person in minutes.observers),
    )
    if present:
        yield Table(
            ("Name", "Agency", "Present as", "Confidentiality statement"),
            (6, 6, 4, 5),
            tuple(
                (
                    person.name,
                    person.agency,
                    capacity,
                    "Accepted" if person.confidentiality_accepted else "Not accepted",
                )
                for person, capacity in present
            ),
        )
    else:
        yield Paragraph("Nobody was recorded as present.")
    yield Heading(2, "Apologies", aside=words.count(len(minutes.apologies), "apology", "apologies"))
    if minutes.apologies:
        yield Table(
            ("Name", "Agency", "Information sent"),
            (6, 6, 9),
            tuple(
                (apology.name, apology.agency, "Yes" if apology.information_sent else "No")
                for apology in minutes.apologies
            ),
        )
    else:
        yield Paragraph("None were received.")
    if minutes.unfinished_actions:
        yield Heading(2, "Actions from earlier meetings")
        yield from compose.actions(minutes.unfinished_actions, with_case=True)
    if minutes.other_business:
        yield Heading(2, "Other business")
        yield Bullets(minutes.other_business)


def _case(item: MinutesItem, number: int) -> Iterator[Block]:
    yield Heading(2, f"{number}. {item.case_reference}", new_page=True)
    yield Facts(
        (
            ("Outcome", item.outcome or "Not recorded"),
            *((("Reason", item.outcome_reason),) if item.outcome_reason else ()),
        )
    )
    yield from compose.safe_contact(item.safe_contact)
    yield from compose.people(item.parties)
    if item.discussion:
        yield Heading(3, "What was shared and discussed")
        yield Paragraph(item.discussion)
    yield from compose.risks(item.risks)
    yield Heading(3, "Actions agreed", aside=words.count(len(item.actions), "action"))
    if item.actions:
        yield from compose.actions(item.actions, with_case=False)
    else:
        yield Paragraph("No actions were agreed.")
