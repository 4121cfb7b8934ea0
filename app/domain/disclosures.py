"""Sharing: what one agency tells another, or decides not to tell, on a basis that somebody chose.

Consent is not the basis. What the people concerned know of it, and think of it, is recorded all the same.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.domain.errors import FieldProblem, Invalid
from app.domain.fields import Form, Long, Moment, Short
from app.domain.lawful_bases import LawfulBasis, Purpose, Register, SharingAgreement


class Kind(StrEnum):
    """Shared, or kept although it might have been shared."""

    SHARED = "shared"
    WITHHELD = "withheld"


class Act(StrEnum):
    """What was done that shared something."""

    REFERRAL = "referral"
    LISTED = "listed"
    RESEARCH = "research"
    AGENDA = "agenda"
    ADDENDUM = "addendum"
    MINUTES = "minutes"
    EXPORT = "export"
    ACTION = "action"
    IDVA_ALLOCATED = "idva_allocated"
    SUPPORT_OFFERED = "support_offered"
    CONTACT_RELEASE = "contact_release"
    BREAK_GLASS = "break_glass"
    NAMED = "named"
    BY_HAND = "by_hand"


class Item(StrEnum):
    """What was shared, by its kind. Words about it go into ``detail``."""

    CASE = "case"
    REFERRAL = "referral"
    IDENTITIES = "identities"
    CONTACT_DETAILS = "contact_details"
    INCIDENT = "incident"
    HISTORY = "history"
    RISK_ASSESSMENT = "risk_assessment"
    RESEARCH = "research"
    HEALTH = "health"
    OFFENCES = "offences"
    CHILDREN = "children"
    VIEWS = "views"
    AGENDA = "agenda"
    MINUTES = "minutes"
    PLAN = "plan"
    OTHER = "other"


class Nature(StrEnum):
    """Whether it is fact, opinion, or both: whoever receives it must know which."""

    FACT = "fact"
    OPINION = "opinion"
    BOTH = "both"


class Channel(StrEnum):
    """How it was told. Roundtable's own acts are 'roundtable'; a document taken out of it is 'document'."""

    ROUNDTABLE = "roundtable"
    DOCUMENT = "document"
    PHONE = "phone"
    EMAIL = "email"
    PAPER = "paper"
    IN_PERSON = "in_person"
    VIDEO = "video"
    OTHER_SYSTEM = "other_system"


LONGEST_AGO = timedelta(days=3653)
OUTSIDE_ROUNDTABLE = tuple(each for each in Channel if each not in (Channel.ROUNDTABLE, Channel.DOCUMENT))


class Sharing(Form):
    """Why it is lawful to share this. basis: a code from the register of lawful bases, for your agency.

    necessity: why it cannot be done without sharing. proportionality: why this much and no more. awareness: what the
    people concerned know of it and think of it. onward: what the one who receives it may not do with it. agreement:
    left out, the one in force.
    """

    basis: Short = None
    necessity: Long = None
    proportionality: Long = None
    nature: Nature | None = None
    awareness: Long = None
    onward: Long = None
    agreement: UUID | None = None


def completed(told: Sharing | None, *, necessity: str, proportionality: str) -> Sharing:
    """The sharing with what an act says of itself where nothing else was said. Never the basis."""
    told = told or Sharing()
    known = {"necessity": told.necessity or necessity, "proportionality": told.proportionality or proportionality}
    return told.model_copy(update=known)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A sharing whose basis is in the register for this agency on this day, and which lacks nothing."""

    told: Sharing
    nature: Nature
    basis: LawfulBasis
    agreement: SharingAgreement | None
    purpose: Purpose


def check_sharing(
    told: Sharing | None,
    register: Register,
    *,
    purpose: Purpose,
    nature: Nature | None = None,
) -> tuple[FieldProblem, ...]:
    """Everything missing or wrong, each at its place under ``/sharing``; empty when nothing is.

    A missing basis is never filled in: the problem names what may be chosen, and what is proposed for the purpose.
    ``nature``: known from what is shared, so that nobody need say it; what somebody says goes before it.
    """
    told = told or Sharing()
    problems = []
    if told.basis is None:
        text = f"Choose the lawful basis for sharing this. {register.choices(purpose)}"
        problems.append(FieldProblem("/sharing/basis", "required", text))
    elif register.find(told.basis) is None:
        text = f"Your agency cannot share on this basis today. {register.choices(purpose)}"
        problems.append(FieldProblem("/sharing/basis", "not_in_register", text))
    if told.necessity is None:
        text = "Say why sharing this is necessary: what could not be done without it."
        problems.append(FieldProblem("/sharing/necessity", "required", text))
    if told.proportionality is None:
        text = "Say why sharing this is proportionate: why this much, with these people, and no more."
        problems.append(FieldProblem("/sharing/proportionality", "required", text))
    if told.nature is None and nature is None:
        text = "Say whether what is shared is 'fact', 'opinion' or 'both'."
        problems.append(FieldProblem("/sharing/nature", "required", text))
    if told.agreement is not None and all(each.id != told.agreement for each in register.agreements):
        text = "No agreement with this id is in force. Choose one from /sharing-agreements, or leave it out."
        problems.append(FieldProblem("/sharing/agreement", "not_in_force", text))
    return tuple(problems)


def choose(
    told: Sharing | None,
    register: Register,
    *,
    purpose: Purpose,
    nature: Nature | None = None,
) -> Chosen:
    """The sharing with the entry and the agreement that it names. Raises Invalid with every problem at once."""
    problems = check_sharing(told, register, purpose=purpose, nature=nature)
    basis = register.find(told.basis) if told and told.basis else None
    stated = (told.nature if told else None) or nature
    if problems or told is None or basis is None or stated is None:
        raise Invalid(problems)
    in_force = (each for each in register.agreements if told.agreement in (None, each.id))
    return Chosen(told, stated, basis, next(in_force, None), purpose)


def check_considered(told: Sharing, register: Register, purpose: Purpose) -> tuple[FieldProblem, ...]:
    """What is wrong with what was weighed before something was kept: a basis may be named, and then must be ours."""
    if told.basis is None or register.find(told.basis):
        return ()
    text = f"Your agency has no such basis today. {register.choices(purpose)}"
    return (FieldProblem("/sharing/basis", "not_in_register", text),)


class DisclosureForm(Form):
    """Something told outside Roundtable, or a decision not to tell.

    to_agencies: partners by id. to_outside: anybody else, such as a GP, a school or a court. subjects: party ids; none
    means everybody in the case. at: when it was told, if not now. because: why it was not shared, which is needed for
    'withheld'. corrects: the entry of your agency that this one puts right.
    """

    kind: Kind = Kind.SHARED
    to_agencies: Annotated[tuple[UUID, ...], Field(max_length=50)] = ()
    to_outside: Short = None
    subjects: Annotated[tuple[UUID, ...], Field(max_length=100)] = ()
    items: Annotated[tuple[Item, ...], Field(min_length=1, max_length=len(Item))]
    detail: Long = None
    purpose: Purpose
    channel: Channel | None = None
    at: Moment | None = None
    sharing: Sharing | None = None
    because: Long = None
    corrects: UUID | None = None


def check_disclosure(
    form: DisclosureForm, *, own: UUID, agencies: Collection[UUID], parties: Collection[UUID], now: datetime
) -> tuple[FieldProblem, ...]:
    """What is wrong with an entry made by hand, but for its basis. ``agencies``, ``parties``: those that there are."""
    problems = []
    shared = form.kind is Kind.SHARED
    for n, each in enumerate(form.to_agencies):
        if each == own:
            text = "This is your own agency. Telling a colleague is not a disclosure."
            problems.append(FieldProblem(f"/to_agencies/{n}", "own_agency", text))
        elif each not in agencies:
            text = "There is no agency with this id. Choose from /agencies, or name it in 'to_outside'."
            problems.append(FieldProblem(f"/to_agencies/{n}", "unknown", text))
    if not form.to_agencies and not form.to_outside:
        text = "Say who was told: an agency of the partnership, or somebody outside in 'to_outside'."
        problems.append(FieldProblem("/to_agencies", "required", text))
    for n, each in enumerate(form.subjects):
        if each not in parties:
            text = "There is nobody with this id in this case. Leave the list empty for everybody."
            problems.append(FieldProblem(f"/subjects/{n}", "unknown", text))
    if Item.OTHER in form.items and not form.detail:
        problems.append(FieldProblem("/detail", "required", "Say what 'other' is."))
    if shared and form.channel not in OUTSIDE_ROUNDTABLE:
        options = ", ".join(f"'{each}'" for each in OUTSIDE_ROUNDTABLE)
        text = f"Say how it was told: {options}."
        problems.append(FieldProblem("/channel", "not_allowed" if form.channel else "required", text))
    if not shared and not form.because:
        problems.append(FieldProblem("/because", "required", "Say why your agency does not share this."))
    if shared and form.because:
        text = "This is for a decision not to share. Say why you shared it under 'sharing'."
        problems.append(FieldProblem("/because", "contradiction", text))
    if form.at is not None and not now - LONGEST_AGO <= form.at <= now:
        text = "Give a time that is past, at most ten years ago, or leave it out for now."
        problems.append(FieldProblem("/at", "out_of_range", text))
    return tuple(problems)
