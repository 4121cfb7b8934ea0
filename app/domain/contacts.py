"""Contact details and safe-contact instructions.

Details (addresses, phones, emails, schools) say where somebody can be found: they live in a table of their
own under a key of their own, so they are kept in one separable value. Instructions say in words how contact
can be made safely; whoever may see the case may see those.
"""

from typing import Annotated

from pydantic import Field

from app.domain.fields import Day, Email, Flag, Form, Known, Line, Long, Phone, Postcode, Short


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
