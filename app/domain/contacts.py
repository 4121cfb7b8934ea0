"""Contact details and safe-contact instructions.

Details (addresses, phones, emails, schools) say where somebody can be found: they live in a table of their
own under a key of their own, so they are kept in one separable value. Instructions say in words how contact
can be made safely; whoever may see the case may see those. ``mask`` is what whoever sees the case may know of
the details, and ``look_ups`` what they can be found by without being read.
"""

import re
from datetime import timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import phonenumbers
from pydantic import Field

from app.domain.agendas import without_contact_details
from app.domain.disclosures import Sharing, completed
from app.domain.errors import FieldProblem
from app.domain.fields import Day, Email, Flag, Form, Known, Line, Long, Phone, Postcode, Short
from app.domain.lawful_bases import Purpose

RELEASED_FOR = timedelta(minutes=15)
"""How long somebody who asked for contact details sees them, before they must say again why they need them."""


class Address(Form):
    """lines: as written on an envelope, without the postcode. safe None: nobody said."""

    lines: Annotated[tuple[Line, ...], Field(min_length=1, max_length=6)]
    postcode: Postcode | None = None
    since: Day | None = None
    until: Day | None = None
    current: Flag | None = None
    safe: Flag | None = None
    note: Long = None


class PhoneNumber(Form):
    number: Phone
    kind: Short = None
    safe: Flag | None = None
    note: Long = None


class EmailAddress(Form):
    address: Email
    safe: Flag | None = None
    note: Long = None


class School(Form):
    """A school, college, nursery or childminder. ``key_adult``: whom Operation Encompass tells."""

    name: Line
    town: Short = None
    key_adult: Short = None


class ContactDetails(Form):
    addresses: Annotated[tuple[Address, ...], Field(max_length=200)] = ()
    phones: Annotated[tuple[PhoneNumber, ...], Field(max_length=200)] = ()
    emails: Annotated[tuple[EmailAddress, ...], Field(max_length=200)] = ()
    schools: Annotated[tuple[School, ...], Field(max_length=200)] = ()


class SafeContact(Form):
    """How to reach somebody without harm. Words only: no number and no address belongs here."""

    safe_to_call: Known | None = None
    when: Long = None
    who_must_not_know: Long = None
    voicemail: Known | None = None
    message: Known | None = None
    letter: Known | None = None
    email: Known | None = None
    say: Long = None
    note: Long = None


class Contacts(Form):
    """The contact details of each party of one form, by party key ("victim", "child-2")."""

    parties: dict[str, ContactDetails] = Field(default_factory=dict)


class ReleaseReason(StrEnum):
    """Why contact details are asked for."""

    CONTACT_VICTIM = "contact_victim"
    PLAN_SAFETY = "plan_safety"
    VISIT = "visit"
    WELFARE_CHECK = "welfare_check"
    SAFEGUARD_CHILD = "safeguard_child"
    CHECK_RECORD = "check_record"
    OTHER = "other"


class Release(Form):
    """Whose contact details are asked for, and why. because: in words, when no reason fits ("other").

    sharing: needed when another agency gave them. Of it the basis is enough: the rest is known from what is asked.
    """

    reason: ReleaseReason
    because: Long = None
    parties: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=50)]
    sharing: Sharing | None = None

    def problems(self) -> tuple[FieldProblem, ...]:
        """What is missing."""
        if self.reason is ReleaseReason.OTHER and not self.because:
            return (FieldProblem("/because", "required", "Say in words why you need these contact details."),)
        return ()

    @property
    def told(self) -> Sharing:
        """Why it is lawful, with what this says of itself."""
        why = _NECESSARY[self.reason]
        return completed(
            self.sharing,
            necessity=f"{why} {self.because}" if self.because else why,
            proportionality=_PROPORTIONATE,
        )

    @property
    def purpose(self) -> Purpose:
        """What the register proposes a basis for."""
        return _PURPOSES.get(self.reason, Purpose.CONTACT)


_NECESSARY = {
    ReleaseReason.CONTACT_VICTIM: "To reach the victim.",
    ReleaseReason.PLAN_SAFETY: "To plan for safety where they live.",
    ReleaseReason.VISIT: "To visit them.",
    ReleaseReason.WELFARE_CHECK: "To see whether they are safe and well.",
    ReleaseReason.SAFEGUARD_CHILD: "To safeguard a child.",
    ReleaseReason.CHECK_RECORD: "To check that a record is about the right person.",
    ReleaseReason.OTHER: "For the reason given.",
}
_PROPORTIONATE = "Only of the people named, to one person, for 15 minutes."
_PURPOSES = {
    ReleaseReason.PLAN_SAFETY: Purpose.PLAN,
    ReleaseReason.WELFARE_CHECK: Purpose.PROTECT,
    ReleaseReason.SAFEGUARD_CHILD: Purpose.SAFEGUARD_CHILD,
}


class PhoneKind(StrEnum):
    MOBILE = "mobile"
    HOME = "home"
    WORK = "work"
    OTHER = "other"


class MaskedAddress(Form):
    """That there is an address. postcode: whether one was given."""

    current: Flag | None = None
    safe: Flag | None = None
    postcode: Flag = False


class MaskedPhone(Form):
    """ends_in: the last two digits, so that somebody can say which number they mean."""

    kind: PhoneKind | None = None
    ends_in: str | None = None
    safe: Flag | None = None


class MaskedEmail(Form):
    safe: Flag | None = None


class MaskedContact(Form):
    """That there are contact details, and which are safe to use: never a street, a place, a name or a number."""

    addresses: tuple[MaskedAddress, ...] = ()
    phones: tuple[MaskedPhone, ...] = ()
    emails: tuple[MaskedEmail, ...] = ()
    schools: int = 0


_ENOUGH_DIGITS = 6
_SHOWN_DIGITS = 2


def mask(told: ContactDetails) -> MaskedContact:
    """What everyone who sees the case may know of these details. Holds no word that anybody typed."""
    return MaskedContact(
        addresses=tuple(
            MaskedAddress(current=each.current, safe=each.safe, postcode=each.postcode is not None)
            for each in told.addresses
        ),
        phones=tuple(
            MaskedPhone(kind=_kind(each.kind), ends_in=_end(each.number), safe=each.safe) for each in told.phones
        ),
        emails=tuple(MaskedEmail(safe=each.safe) for each in told.emails),
        schools=len(told.schools),
    )


def _kind(told: str | None) -> PhoneKind | None:
    if told is None:
        return None
    return next((kind for kind in PhoneKind if told.casefold() == kind), PhoneKind.OTHER)


def _end(number: str) -> str | None:
    digits = re.sub(r"[^0-9]", "", number)
    return digits[-_SHOWN_DIGITS:] if len(digits) >= _ENOUGH_DIGITS else None


def in_words_only(told: SafeContact) -> SafeContact:
    """The instructions without anything that is shaped like a number, a postcode or an e-mail after all."""
    texts = {name: value for name, value in told if isinstance(value, str) and not isinstance(value, Known)}
    return told.model_copy(update={name: without_contact_details(text) for name, text in texts.items()})


class LookUpKind(StrEnum):
    """What contact details can be found by."""

    PHONE = "phone"
    EMAIL = "email"
    POSTCODE = "postcode"


def look_ups(told: ContactDetails) -> frozenset[tuple[LookUpKind, str]]:
    """Everything these details can be found by, as one spelling: phones as E.164, e-mails in small letters,
    postcodes without their space."""
    found = [(LookUpKind.PHONE, phone_look_up(each.number)) for each in told.phones]
    found += [(LookUpKind.EMAIL, email_look_up(each.address)) for each in told.emails]
    found += [(LookUpKind.POSTCODE, postcode_look_up(each.postcode)) for each in told.addresses if each.postcode]
    return frozenset(found)


def phone_look_up(number: Phone) -> str:
    """A number as the whole world writes it: +441632960001."""
    return phonenumbers.format_number(phonenumbers.parse(number, "GB"), phonenumbers.PhoneNumberFormat.E164)


def email_look_up(address: Email) -> str:
    """An e-mail as two people would write it."""
    return address.casefold()


def postcode_look_up(postcode: Postcode) -> str:
    """A postcode as two people would write it."""
    return postcode.replace(" ", "").upper()
