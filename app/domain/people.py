"""People as a referral tells of them, and as they are known from all that was ever told."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from app.domain.contacts import (
    Address,
    ContactDetails,
    EmailAddress,
    LookUpKind,
    PhoneNumber,
    SafeContact,
    email_look_up,
    phone_look_up,
    postcode_look_up,
)
from app.domain.fields import LONG, Day, Email, Flag, Form, Known, Line, Long, Phone, Postcode, Short


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    NOT_KNOWN = "not_known"


class Diversity(Form):
    """What partnerships must report on, as the person describes themselves. None: nobody said."""

    ethnicity: Short = None
    minoritised_ethnicity: Flag | None = None
    sexual_orientation: Short = None
    gender_identity: Short = None
    lgbt: Flag | None = None
    disabled: Flag | None = None
    disability: Short = None
    religion: Short = None
    no_recourse_to_public_funds: Flag | None = None


class PersonTold(Form):
    """What one referral says of one person. Everything is optional: ``known_as`` is a name as it was heard.

    estimated_age: in years, for when nobody knows the date of birth.
    """

    given_name: Short = None
    family_name: Short = None
    known_as: Short = None
    aliases: Annotated[tuple[Line, ...], Field(max_length=20)] = ()
    date_of_birth: Day | None = None
    dob_variants: Annotated[tuple[Day, ...], Field(max_length=10)] = ()
    estimated_age: Annotated[int, Field(ge=0, le=120, strict=True)] | None = None
    sex: Sex | None = None
    diversity: Diversity | None = None
    interpreter_needed: Known | None = None
    language: Short = None
    contact: ContactDetails | None = None
    safe_contact: SafeContact | None = None
    note: Long = None

    @property
    def name(self) -> str | None:
        """Given and family name; failing those, the name as heard."""
        return _full(self.given_name, self.family_name) or self.known_as

    @property
    def all_names(self) -> tuple[str, ...]:
        named = (self.name, self.known_as, *self.aliases)
        return tuple(dict.fromkeys(each for each in named if each))

    @property
    def all_dates_of_birth(self) -> tuple[date, ...]:
        dates = (self.date_of_birth, *self.dob_variants)
        return tuple(dict.fromkeys(each for each in dates if each))


class PersonSearch(Form):
    """Whom somebody is about to refer or to assess: enough to find what is already known of them.

    phone, email, postcode: as the person has them; any spelling finds any other.
    """

    given_name: Short = None
    family_name: Short = None
    known_as: Short = None
    aliases: Annotated[tuple[Line, ...], Field(max_length=20)] = ()
    date_of_birth: Day | None = None
    dob_variants: Annotated[tuple[Day, ...], Field(max_length=10)] = ()
    phone: Phone | None = None
    email: Email | None = None
    postcode: Postcode | None = None

    @property
    def told(self) -> PersonTold:
        """The same, as a referral would tell it, without contact details."""
        return PersonTold(**self.model_dump(exclude={"phone", "email", "postcode"}))

    @property
    def look_ups(self) -> tuple[tuple[LookUpKind, str], ...]:
        """What to find by contact details, each in its one spelling."""
        found = []
        if self.phone:
            found.append((LookUpKind.PHONE, phone_look_up(self.phone)))
        if self.email:
            found.append((LookUpKind.EMAIL, email_look_up(self.email)))
        if self.postcode:
            found.append((LookUpKind.POSTCODE, postcode_look_up(self.postcode)))
        return tuple(found)


class AlsoTold(Form):
    """Something told that differs from what is kept in the field. ``field``: "sex", "diversity.religion"."""

    field: str
    value: str


class PersonKnown(PersonTold):
    """What is known of one person from everything told so far. Its lists have no upper limit."""

    aliases: tuple[str, ...] = ()
    dob_variants: tuple[Day, ...] = ()
    also_told: tuple[AlsoTold, ...] = ()


def known_from(told: PersonTold) -> PersonKnown:
    """The first thing known of somebody."""
    return merge(PersonKnown(), told)


def merge(known: PersonKnown, told: PersonTold) -> PersonKnown:
    """What is known after being told. Blanks are filled; nothing is ever lost.

    A different name becomes an alias, a different date of birth a variant, a new address or phone another
    one, any other difference an entry in ``also_told``. Safe-contact instructions that differ turn to the
    safe side: "no" wins over "yes", and texts are kept one under the other.
    """
    also = list(known.also_told)
    names = _names(known, told)
    kept = (*names.values(), _full(names["given_name"], names["family_name"]))
    others = [each for each in (*known.all_names, *told.all_names) if each not in kept]
    born = known.date_of_birth or told.date_of_birth
    dates = [each for each in (*known.all_dates_of_birth, *told.all_dates_of_birth) if each != born]
    changes: dict[str, Any] = {
        **names,
        "aliases": tuple(dict.fromkeys(others)),
        "date_of_birth": born,
        "dob_variants": tuple(dict.fromkeys(dates)),
        "diversity": _diversity(known.diversity, told.diversity, also),
        "contact": _contact(known.contact, told.contact),
        "safe_contact": _safe_contact(known.safe_contact, told.safe_contact, also),
        "note": _both_texts("note", known.note, told.note, also),
    }
    for field in ("estimated_age", "sex", "interpreter_needed", "language"):
        changes[field] = _first(field, getattr(known, field), getattr(told, field), also)
    return known.model_copy(update={**changes, "also_told": tuple(dict.fromkeys(also))})


def _full(given: str | None, family: str | None) -> str | None:
    return " ".join(part for part in (given, family) if part) or None


def _names(known: PersonKnown, told: PersonTold) -> dict[str, str | None]:
    """Given and family name are filled only if neither contradicts: two halves of two names are no name."""
    given = {known.given_name, told.given_name} - {None}
    family = {known.family_name, told.family_name} - {None}
    agree = len(given) <= 1 and len(family) <= 1
    return {
        "given_name": (known.given_name or told.given_name) if agree else known.given_name,
        "family_name": (known.family_name or told.family_name) if agree else known.family_name,
        "known_as": known.known_as or told.known_as,
    }


_NO_ANSWER = (None, Sex.NOT_KNOWN, Known.DONT_KNOW)


def _first(field: str, known: Any, told: Any, also: list[AlsoTold]) -> Any:
    """What is known, or what is told if nothing is; what is told otherwise goes to ``also``."""
    if told in _NO_ANSWER or told == known:
        return told if known is None else known
    if known in _NO_ANSWER:
        return told
    also.append(AlsoTold(field=field, value=_written(told)))
    return known


def _written(value: Any) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _both_texts(field: str, known: str | None, told: str | None, also: list[AlsoTold]) -> str | None:
    if not known or not told:
        return known or told
    if told in known.split("\n\n"):
        return known
    joined = f"{known}\n\n{told}"
    if len(joined) <= LONG:
        return joined
    also.append(AlsoTold(field=field, value=told))
    return known


def _diversity(known: Diversity | None, told: Diversity | None, also: list[AlsoTold]) -> Diversity | None:
    if known is None or told is None:
        return known or told
    changes = {
        field: _first(f"diversity.{field}", getattr(known, field), getattr(told, field), also)
        for field in Diversity.model_fields
    }
    return known.model_copy(update=changes)


def _safe_contact(known: SafeContact | None, told: SafeContact | None, also: list[AlsoTold]) -> SafeContact | None:
    if known is None or told is None:
        return known or told
    changes: dict[str, Any] = {}
    for field in SafeContact.model_fields:
        before, now = getattr(known, field), getattr(told, field)
        name = f"safe_contact.{field}"
        if now is Known.NO:
            # The first value is the one kept, the other is noted: "no" goes first.
            changes[field] = _first(name, now, before, also)
        elif isinstance(before, Known) or isinstance(now, Known):
            changes[field] = _first(name, before, now, also)
        else:
            changes[field] = _both_texts(name, before, now, also)
    return known.model_copy(update=changes)


def _contact(known: ContactDetails | None, told: ContactDetails | None) -> ContactDetails | None:
    if known is None and told is None:
        return None
    known, told = known or ContactDetails(), told or ContactDetails()
    unsafe = {_place(each) for each in (*_places(known), *_places(told)) if each.safe is False}

    def together(field: str) -> tuple[Any, ...]:
        both = (*getattr(known, field), *getattr(told, field))
        # A number that is unsafe in one telling must not look safe in another.
        return tuple(
            dict.fromkeys(
                each.model_copy(update={"safe": False}) if field != "schools" and _place(each) in unsafe else each
                for each in both
            )
        )

    return known.model_copy(update={field: together(field) for field in ContactDetails.model_fields})


def _places(contact: ContactDetails) -> tuple[Address | PhoneNumber | EmailAddress, ...]:
    return (*contact.addresses, *contact.phones, *contact.emails)


def _place(each: Address | PhoneNumber | EmailAddress) -> object:
    if isinstance(each, Address):
        return each.lines, each.postcode
    return each.number if isinstance(each, PhoneNumber) else each.address
