"""Research: what one agency found in its own files about a family, what of it it shares, and why it keeps the rest."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.domain.disclosures import Nature, Sharing
from app.domain.errors import FieldProblem
from app.domain.fields import Flag, Form, Long


class ResearchForm(Form):
    """One agency's return for one case. Only ``shared_facts`` and ``shared_opinion`` ever leave the agency.

    known: whether the family is known to the agency; None: not searched yet. release: show the meeting whether the
    family is known, and what is shared; it needs ``sharing``.
    """

    known: Flag | None = None
    facts: Long = None
    opinion: Long = None
    shared_facts: Long = None
    shared_opinion: Long = None
    kept_because: Long = None
    release: Flag = False
    sharing: Sharing | None = None


class ReleaseForm(Form):
    """Why it is lawful to share a return that was kept until now."""

    sharing: Sharing | None = None


class NotKnownForm(Form):
    """Agenda items whose families are not known to the agency, and why it is lawful to say so."""

    items: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=200)]
    sharing: Sharing | None = None


def check_return(form: ResearchForm) -> tuple[FieldProblem, ...]:
    """Everything wrong with a return as it is kept; empty when nothing is."""
    if form.known is not False:
        return ()
    text = "The family is marked as not known. Remove this, or mark the family as known."
    fields = ("facts", "opinion", "shared_facts", "shared_opinion")
    return tuple(FieldProblem(f"/{field}", "contradiction", text) for field in fields if getattr(form, field))


def check_release(form: ResearchForm) -> tuple[FieldProblem, ...]:
    """What keeps a return from being released; empty when nothing does. Not sharing is a decision with a reason."""
    if form.known is None:
        return (FieldProblem("/known", "required", "Say whether the family is known to your agency."),)
    if keeps(form) and not form.kept_because:
        text = "You found something and share none of it. Say why your agency keeps it."
        return (FieldProblem("/kept_because", "required", text),)
    return ()


def keeps(form: ResearchForm) -> bool:
    """Whether something of what was found is kept whole. Of parts that are kept, ``kept_because`` tells."""
    return bool((form.facts and not form.shared_facts) or (form.opinion and not form.shared_opinion))


def nature_of(form: ResearchForm) -> Nature:
    """What a release tells. Whether the family is known is a fact."""
    if form.shared_opinion:
        return Nature.BOTH
    return Nature.FACT
