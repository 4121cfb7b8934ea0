"""What was shared from a case, with whom and on what basis; and to write down what was told elsewhere, or kept."""

from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import Field
from starlette.responses import Response

from app.domain.clock import at_local
from app.domain.disclosures import OUTSIDE_ROUNDTABLE, Act, Channel, DisclosureForm, Item, Kind, Nature, Sharing
from app.domain.errors import FieldProblem, Invalid
from app.domain.fields import Day, Long, Short
from app.domain.lawful_bases import Purpose
from app.services import case_page, disclosures
from app.web.basis import WithBasis
from app.web.case_forms import asking, attempt
from app.web.cases import AtCursor, CaseId, known, show
from app.web.forms import blank
from app.web.visit import AtVisit

router = APIRouter(prefix="/cases/{case_id}/sharing")

_ENTRIES: Final = 20
_EMPTY: Final = {
    "items": "Choose what it was about",
    "purpose": "Choose what it was for",
}
ITEMS: Final = {
    Item.CASE: "The case as a whole",
    Item.REFERRAL: "The referral",
    Item.IDENTITIES: "Who they are",
    Item.CONTACT_DETAILS: "Where they can be found",
    Item.INCIDENT: "What happened",
    Item.HISTORY: "What happened before",
    Item.RISK_ASSESSMENT: "The risk assessment",
    Item.RESEARCH: "What an agency found in its files",
    Item.HEALTH: "Health",
    Item.OFFENCES: "Offences",
    Item.CHILDREN: "Children",
    Item.VIEWS: "What the victim thinks and wants",
    Item.AGENDA: "An agenda",
    Item.MINUTES: "Minutes",
    Item.PLAN: "The plan",
    Item.OTHER: "Something else",
}
ACTS: Final = {
    Act.REFERRAL: "A referral was sent",
    Act.LISTED: "The case was put on a list",
    Act.RESEARCH: "Research was shared",
    Act.AGENDA: "An agenda was circulated",
    Act.ADDENDUM: "A change to an agenda was circulated",
    Act.MINUTES: "Minutes were circulated",
    Act.EXPORT: "A document was taken out",
    Act.ACTION: "An action was given",
    Act.IDVA_ALLOCATED: "An IDVA was given",
    Act.SUPPORT_OFFERED: "The case was offered to a support service",
    Act.CONTACT_RELEASE: "Contact details were shown",
    Act.BREAK_GLASS: "The case was opened in an emergency",
    Act.NAMED: "Somebody was named on a restricted case",
    Act.BY_HAND: "Told outside Roundtable",
}
CHANNELS: Final = {
    Channel.ROUNDTABLE: "In Roundtable",
    Channel.DOCUMENT: "In a document",
    Channel.PHONE: "By telephone",
    Channel.EMAIL: "By email",
    Channel.PAPER: "On paper",
    Channel.IN_PERSON: "In person",
    Channel.VIDEO: "By video",
    Channel.OTHER_SYSTEM: "In another system",
}
NATURES: Final = {Nature.FACT: "Fact", Nature.OPINION: "Opinion", Nature.BOTH: "Both"}


class Entry(WithBasis):
    """An entry of the ledger, as the page asks for it. on: the day, if not today."""

    to_agencies: Annotated[tuple[UUID, ...], Field(max_length=50, title="Who")] = ()
    to_outside: Short = Field(None, title="Somebody outside")
    subjects: Annotated[tuple[UUID, ...], Field(max_length=100, title="About whom")] = ()
    items: Annotated[tuple[Item, ...], Field(min_length=1, max_length=len(Item), title="What")]
    detail: Long = Field(None, title="In your own words")
    purpose: Purpose = Field(title="What for")
    channel: Channel | None = Field(None, title="How")
    on: Day | None = Field(None, title="When")
    nature: Nature | None = Field(None, title="Fact or opinion")
    awareness: Long = Field(None, title="What they know of it")
    onward: Long = Field(None, title="Limits")
    because: Long = Field(None, title="Why not")
    corrects: UUID | None = None

    def told(self, kind: Kind, now: datetime) -> DisclosureForm:
        """As the service takes it."""
        weighed = {name: getattr(self, name) for name in ("basis", "necessity", "proportionality", "awareness")}
        weighed |= {"nature": self.nature, "onward": self.onward}
        at = None if self.on is None else min(at_local(self.on, datetime.max.time().replace(microsecond=0)), now)
        return DisclosureForm(
            kind=kind,
            to_agencies=self.to_agencies,
            to_outside=self.to_outside,
            subjects=self.subjects,
            items=self.items,
            detail=self.detail,
            purpose=self.purpose,
            channel=self.channel if kind is Kind.SHARED else None,
            at=at,
            sharing=Sharing(**weighed) if any(weighed.values()) else None,
            because=self.because if kind is Kind.WITHHELD else None,
            corrects=self.corrects,
        )


_KINDS: Final = {"told": Kind.SHARED, "kept": Kind.WITHHELD}
KindInPath = Annotated[str, Path(pattern="^(told|kept)$")]


@router.get("")
async def listed(visit: AtVisit, case_id: CaseId, cursor: AtCursor) -> Response:
    """What was shared, newest first; and what one's own agency kept."""
    page = await visit.do(case_page.sharing, case_id, after=cursor, limit=_ENTRIES)
    own = str(visit.me.agency_id)
    return show(visit, "cases/sharing.html", page.head, items=page.items, after=page.next_cursor, own=own, **_WORDS)


@router.get("/{kind}")
async def ask(visit: AtVisit, case_id: CaseId, kind: KindInPath) -> Response:
    """The form for an entry; ``corrects`` in the address: the one that it puts right."""
    corrects = known(UUID, visit.request.query_params.get("corrects", ""))
    form = blank(Entry, **({"corrects": str(corrects)} if corrects else {}))
    return await asking(visit, case_id, case_page.Act.SHARE, "cases/disclosure.html", form, kind=kind, **_WORDS)


@router.post("/{kind}")
async def record(visit: AtVisit, case_id: CaseId, kind: KindInPath) -> Response:
    """Write it down. It is never changed; another entry can put it right."""

    async def work(entry: Entry) -> None:
        if entry.on is not None and entry.on > visit.errand.now.date():
            raise Invalid([FieldProblem("/on", "in_future", "Enter a day that is past, or leave it empty for today")])
        await visit.do(disclosures.record, case_id, entry.told(_KINDS[kind], visit.errand.now))

    form = await attempt(visit.form(Entry, **_EMPTY), work)
    if form is None:
        visit.say("It is written down.")
        return visit.to(f"/cases/{case_id}/sharing")
    return await asking(visit, case_id, case_page.Act.SHARE, "cases/disclosure.html", form, kind=kind, **_WORDS)


_WORDS: Final[dict[str, Any]] = {
    "ITEMS": ITEMS,
    "ACTS": ACTS,
    "CHANNELS": CHANNELS,
    "NATURES": NATURES,
    "PURPOSES": {each: each.words for each in Purpose},
    "OUTSIDE": OUTSIDE_ROUNDTABLE,
}
