"""What is printed of the ledger about one person: who was told what, by whom, for what and on what basis.

No address and no words of a case are in it: codes, names and times alone.
"""

from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from app.domain.agendas import Recipient
from app.domain.disclosures import Channel, Item, Nature
from app.domain.lawful_bases import Purpose

MOST_ENTRIES = 200
"""A sheet longer than this says that there is more."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Named(_Part):
    name: str


class _From(_Part):
    agency: _Named
    person: _Named


class _To(_Part):
    agencies: tuple[_Named, ...]
    people: tuple[_Named, ...]
    outside: str | None


class _Case(_Part):
    reference: str | None


class BasisKept(_Part):
    """A basis as it stood when it was chosen."""

    title: str
    version: int
    article_6: str | None
    article_9: str | None
    article_10: str | None
    power: str | None


class _Agreement(_Part):
    title: str
    version: str


class SheetEntry(_Part):
    """One sharing, as far as it is printed."""

    id: str
    at: datetime
    case: _Case
    items: tuple[Item, ...]
    sender: _From
    to: _To
    purpose: Purpose
    basis: BasisKept
    nature: Nature
    channel: Channel
    corrects: str | None
    corrected_by: str | None
    agreement: _Agreement | None


@dataclass(frozen=True, slots=True)
class SharingSheet:
    """The sheet of one person, the newest first.

    person: the name, where the reader may know it. more: there are older entries, which it leaves out.
    """

    person: str | None
    person_reference: str
    partnership: str
    marking: str
    entries: tuple[SheetEntry, ...]
    more: bool
    recipient: Recipient
    at: datetime
