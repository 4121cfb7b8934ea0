"""Finding somebody who is known already: by name, by a reference, or by how they can be reached."""

import re
from typing import Any, Final

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from app.domain.access import Verb
from app.domain.clock import local_date
from app.domain.errors import FieldProblem, Invalid
from app.domain.fields import Day, Email, Form, Line, Phone, Postcode
from app.domain.people import PersonSearch
from app.services import people
from app.web import case_words
from app.web.forms import Filled, blank
from app.web.visit import AtVisit, Visit

router = APIRouter(prefix="/search")

_REFERENCE: Final = re.compile(r"[CP]-[0-9A-Z]{7,8}", re.IGNORECASE)


class Sought(Form):
    """Whom somebody looks for. name: as it was heard; or the reference of a case or a person."""

    name: Line = Field(title="Name or reference")
    date_of_birth: Day | None = Field(None, title="Date of birth")


class Reached(Form):
    """The same by how somebody can be reached. One of these is enough."""

    phone: Phone | None = Field(None, title="Telephone")
    email: Email | None = Field(None, title="Email address")
    postcode: Postcode | None = Field(None, title="Postcode")


@router.get("")
async def ask(visit: AtVisit) -> Response:
    """The form."""
    (await visit.person()).must(Verb.REFER)
    return _page(visit, "search/search.html", blank(Sought))


@router.post("")
async def search(visit: AtVisit) -> Response:
    """Who fits. What was typed is in no address."""
    form = visit.form(Sought, name="Enter a name, or the reference of a case or a person")
    if form.value is None:
        (await visit.person()).must(Verb.REFER)
        return _page(visit, "search/search.html", form)
    told = form.value
    if _REFERENCE.fullmatch(told.name):
        page = await visit.read(people.by_reference, told.name)
    else:
        page = await visit.read(people.search, PersonSearch(known_as=told.name, date_of_birth=told.date_of_birth))
    return await _answered(visit, "search/search.html", form, page.value["items"])


@router.get("/contact")
async def ask_contact(visit: AtVisit) -> Response:
    """The form for how they can be reached; first it is shown again who asks."""
    (await visit.person()).must(Verb.RELEASE_CONTACTS)
    return _page(visit, "search/contact.html", blank(Reached))


@router.post("/contact")
async def search_contact(visit: AtVisit) -> Response:
    """Whose it is, in the cases that are open to whoever asks."""
    form = visit.form(Reached)
    if form.value is not None and not any(form.value.model_dump().values()):
        text = "Enter a telephone number, an email address or a postcode"
        form = form.refused(Invalid([FieldProblem("/phone", "missing", text)]))
    if form.value is None:
        (await visit.person()).must(Verb.RELEASE_CONTACTS)
        return _page(visit, "search/contact.html", form)
    page = await visit.read(people.search, PersonSearch(**form.value.model_dump()))
    return await _answered(visit, "search/contact.html", form, page.value["items"])


async def _answered(visit: Visit, template: str, form: Filled[Any], found: list[dict[str, Any]]) -> Response:
    """On the beat: that a record is hidden takes no longer than that there is none."""
    response = _page(visit, template, form, found)
    await visit.errand.on_the_beat()
    return response


def _page(visit: Visit, template: str, form: Filled[Any], found: list[dict[str, Any]] | None = None) -> Response:
    return visit.page(
        template,
        422 if form.problems else 200,
        form=form,
        found=found,
        today=local_date(visit.errand.now),
        by_contact=visit.me.may(Verb.RELEASE_CONTACTS),
        emergencies=visit.me.may(Verb.BREAK_GLASS),
        words=case_words,
    )
