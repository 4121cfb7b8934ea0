"""What the pages about one client have in common."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path
from starlette.responses import Response

from app.domain.errors import Forbidden, NotFound
from app.services import client_page
from app.services.client_page import ClientPage
from app.web import case_words, idva_words
from app.web.forms import Filled
from app.web.visit import Visit

CaseId = Annotated[UUID, Path()]


async def client(
    visit: Visit,
    case_id: UUID,
    template: str,
    form: Filled[Any] | None = None,
    *,
    to_reach: bool = False,
    for_writing: bool = False,
    **facts: object,
) -> Response:
    """A page about a client. for_writing: nothing but a form, so only for whoever supports her."""
    page = await visit.do(client_page.show, case_id, to_reach=to_reach)
    if for_writing and not page.told["supports"]:
        raise Forbidden("Only the IDVA service that supports the client can do this, while it supports her.")
    return draw(visit, template, page, form, **facts)


def draw(visit: Visit, template: str, page: ClientPage, form: Filled[Any] | None = None, **facts: object) -> Response:
    """The same, of what was read."""
    told = page.told
    return visit.page(
        template,
        422 if form and form.problems else 200,
        told=told,
        client=told["client"],
        case=told["case"],
        support=told["support"],
        supports=told["supports"],
        contacts=page.contacts,
        reads_notes=page.reads_notes,
        now=page.now,
        words=idva_words,
        case_words=case_words,
        form=form or Filled(),
        **facts,
    )


def found(page: ClientPage, among: str, row_id: UUID, noun: str) -> dict[str, Any]:
    """One row of what a page tells of a client. Raises NotFound."""
    for each in page.told[among]:
        if each["id"] == str(row_id):
            row: dict[str, Any] = each
            return row
    raise NotFound(noun)
