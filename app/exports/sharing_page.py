"""What was shared about one person, on one page where it fits: tagged PDF, marked, without an address."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from app.domain.clock import local_date
from app.domain.disclosures import Channel, Item, Nature
from app.domain.sharing_sheet import BasisKept, SharingSheet, SheetEntry
from app.exports import words
from app.exports.pdf import dump, set_pdf

_ITEMS = {
    Item.CASE: "the case",
    Item.REFERRAL: "the referral",
    Item.IDENTITIES: "who they are",
    Item.CONTACT_DETAILS: "where they can be reached",
    Item.INCIDENT: "what happened",
    Item.HISTORY: "history",
    Item.RISK_ASSESSMENT: "risk assessment",
    Item.RESEARCH: "what the agency knows",
    Item.HEALTH: "health",
    Item.OFFENCES: "offences",
    Item.CHILDREN: "the children",
    Item.VIEWS: "their views",
    Item.AGENDA: "agenda",
    Item.MINUTES: "minutes",
    Item.PLAN: "plan and actions",
    Item.OTHER: "other",
}
_NATURE = {Nature.FACT: "fact", Nature.OPINION: "opinion", Nature.BOTH: "fact and opinion"}
_CHANNEL = {
    Channel.ROUNDTABLE: "",
    Channel.DOCUMENT: "as a document",
    Channel.PHONE: "by phone",
    Channel.EMAIL: "by e-mail",
    Channel.PAPER: "on paper",
    Channel.IN_PERSON: "in person",
    Channel.VIDEO: "by video",
    Channel.OTHER_SYSTEM: "by another system",
}


# Longer lists of agencies that come again are printed once, under a name.
_LONG = 3


def sharing_page(sheet: SharingSheet) -> bytes:
    """The sheet as PDF/UA-1. Keeps the processor busy, so an event loop should call it in a thread.

    Raises CannotTypeset (app.exports.pdf) when typst refuses it.
    """
    composed = compose_sheet(sheet)
    return set_pdf("sharing", lambda reduce: dump(composed, reduce), sheet.at)


def compose_sheet(sheet: SharingSheet) -> dict[str, Any]:
    """What the template sets: everything in words, bases and long lists of agencies once each, under a mark."""
    entries = sorted(sheet.entries, key=lambda each: (each.at, each.id), reverse=True)
    bases = list(dict.fromkeys(each.basis for each in entries))
    groups = _groups(entries)
    cases = len({each.case for each in entries})
    return {
        "title": f"What has been shared about {sheet.person or sheet.person_reference}",
        "marking": sheet.marking,
        "partnership": sheet.partnership,
        "summary": _summary(sheet, entries, cases),
        "copy_for": words.copy_for(sheet.recipient),
        "exported": words.exported(sheet.at),
        "rows": [_row(each, bases, groups, name_case=cases > 1) for each in entries],
        "bases": [{"mark": _mark(n), "text": _basis(each)} for n, each in enumerate(bases)],
        "groups": [{"mark": mark, "text": ", ".join(sorted(names))} for names, mark in groups.items()],
        "agreements": list(dict.fromkeys(_agreement(each) for each in entries if each.agreement)),
    }


def _summary(sheet: SharingSheet, entries: Sequence[SheetEntry], cases: int) -> str:
    name = f"{sheet.person_reference}. "
    if not entries:
        return f"{name}Nothing has been shared in the cases that you can see."
    newest, oldest = (words.day(local_date(entries[n].at)) for n in (0, -1))
    span = f"on {newest}" if newest == oldest else f"from {oldest} to {newest}"
    older = " Older entries are left out: the ledger has them all." if sheet.more else ""
    count = words.count(len(entries), "entry", "entries")
    only = next(iter(entries)).case.reference if cases == 1 else None
    where = f"case {only}" if only else words.count(cases, "case")
    return f"{name}{count} in {where}, {span}, the newest first. Told in Roundtable unless it says how.{older}"


def _row(
    entry: SheetEntry, bases: Sequence[BasisKept], groups: dict[frozenset[str], str], *, name_case: bool
) -> dict[str, str]:
    note = "put right by a later entry" if entry.corrected_by else "puts an earlier entry right"
    case = f" ({entry.case.reference})" if name_case and entry.case.reference else ""
    return {
        "when": f"{words.short_day(local_date(entry.at))}\n{words.clock_time(entry.at)}",
        "sender": f"{entry.sender.agency.name}\n{entry.sender.person.name}",
        "told": _told(entry, groups),
        "what": words.sentence(", ".join(_ITEMS[each] for each in entry.items)),
        "how": ", ".join(filter(None, (_NATURE[entry.nature], _CHANNEL[entry.channel]))),
        "note": note if entry.corrected_by or entry.corrects else "",
        "why": f"{words.sentence(entry.purpose.words)}{case}",
        "basis": _mark(bases.index(entry.basis)),
    }


def _told(entry: SheetEntry, groups: dict[frozenset[str], str]) -> str:
    """Who was told, in words. Whoever told the rest of a group is not in it, so it is called the others of it."""
    agencies = [each.name for each in entry.to.agencies]
    group = groups.get(_circle(entry))
    told = f"{group}: the other {len(agencies)}" if group else ", ".join(agencies)
    if entry.to.people:
        told += f" ({', '.join(each.name for each in entry.to.people)})"
    if entry.to.outside:
        told += f", {entry.to.outside} (outside the partnership)" if told else entry.to.outside
    return told


def _circle(entry: SheetEntry) -> frozenset[str]:
    return frozenset({entry.sender.agency.name, *(each.name for each in entry.to.agencies)})


def _groups(entries: Sequence[SheetEntry]) -> dict[frozenset[str], str]:
    circles = Counter(map(_circle, entries))
    often = [names for names, times in circles.items() if times > 1 and len(names) > _LONG]
    return {names: f"Group {n}" for n, names in enumerate(often, 1)}


def _mark(place: int) -> str:
    return f"B{place + 1}"


def _basis(basis: BasisKept) -> str:
    law = [each for each in (basis.article_6, basis.article_9, basis.article_10, basis.power) if each]
    return f"{basis.title} (version {basis.version}): {'; '.join(law)}."


def _agreement(entry: SheetEntry) -> str:
    agreement = entry.agreement
    return f"{agreement.title}, version {agreement.version}" if agreement else ""
