"""Two records that may be one person: what a coordinator decides about them."""

from collections.abc import Iterable
from uuid import UUID

from app.domain.disclosures import Sharing
from app.domain.fields import Flag, Form
from app.domain.matching import same_person
from app.domain.people import PersonKnown


class Decision(Form):
    """party_id, other_party_id: people in two cases. same: whether they are one person.

    sharing: needed when the later case, graded again, opens to an agency that does not see it.
    """

    party_id: UUID
    other_party_id: UUID
    same: Flag
    sharing: Sharing | None = None


def one_in_common(some: Iterable[tuple[UUID, PersonKnown]], others: Iterable[tuple[UUID, PersonKnown]]) -> bool:
    """Whether two groups share somebody: joined already, or of the same name and date of birth.

    The second is enough to ask whether abuse is a repeat, since that only ever raises a grade; it links nobody.
    """
    known = list(others)
    return any(
        person_id == other_id or same_person(details, other) for person_id, details in some for other_id, other in known
    )
