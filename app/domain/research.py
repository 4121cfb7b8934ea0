"""Research: what one agency found in its own files about a family, what of it it shares, and why it keeps the rest."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.domain.errors import FieldProblem
from app.domain.fields import Flag, Form, Long


class ResearchForm(Form):
    """One agency's return for one case. Only ``shared_facts`` and ``shared_opinion`` ever leave the agency.

    known: whether the family is known to the agency; None: not searched yet. release: show the meeting whether the
    family is known, and what is shared.
    """

    known: Flag | None = None
    facts: Long = None
    opinion: Long = None
    shared_facts: Long = None
    shared_opinion: Long = None
    kept_because: Long = None
    release: Flag = False


class NotKnownForm(Form):
    """Agenda items whose families are not known to the agency."""

    items: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=200)]


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
    found = form.facts or form.opinion
    shared = form.shared_facts or form.shared_opinion
    if found and not shared and not form.kept_because:
        text = "You found something and share none of it. Say why your agency keeps it."
        return (FieldProblem("/kept_because", "required", text),)
    return ()
