"""Where people in a case can be found: masked, and shown for a quarter of an hour to whoever says why."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from app.domain.contacts import Release, ReleaseReason
from app.domain.disclosures import Sharing
from app.domain.fields import Form, Long, Short
from app.domain.lawful_bases import Purpose
from app.services import case_page, contacts
from app.web import case_words
from app.web.case_forms import attempt
from app.web.cases import CaseId
from app.web.forms import Filled, blank
from app.web.visit import AtVisit, Visit

router = APIRouter(prefix="/cases/{case_id}/contacts")

_EMPTY: Final = {"parties": "Choose whose contact details you need", "reason": "Choose why you need them"}


class ContactsAsked(Form):
    """Whose contact details, why, and on what basis they are told by the agencies that gave them."""

    parties: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=50, title="Whose")]
    reason: ReleaseReason = Field(title="Why")
    because: Long = Field(None, title="In your own words")
    basis: Short = Field(None, title="Lawful basis")

    @property
    def release(self) -> Release:
        """As the service takes it."""
        sharing = Sharing(basis=self.basis) if self.basis else None
        return Release(reason=self.reason, because=self.because, parties=self.parties, sharing=sharing)


@router.get("")
async def ask(visit: AtVisit, case_id: CaseId) -> Response:
    """What there is, what stands shown, and the form to be shown more. Asks first who one is, if that was long ago."""
    return await _page(visit, case_id, None)


@router.post("")
async def show(visit: AtVisit, case_id: CaseId) -> Response:
    """Show them, on this page and nowhere else."""

    async def work(asked: ContactsAsked) -> None:
        await visit.do(contacts.release, case_id, asked.release)

    form = await attempt(visit.form(ContactsAsked, **_EMPTY), work)
    return await _page(visit, case_id, form)


async def _page(visit: Visit, case_id: UUID, form: Filled[ContactsAsked] | None) -> Response:
    choices, masked, shown = await visit.do(case_page.to_show_contacts, case_id)
    hidden = [each for each in masked if each["given"] and each["party_id"] not in shown]
    proposed = choices.register.proposed(Purpose.CONTACT)
    return visit.page(
        "cases/contacts.html",
        422 if form else 200,
        head=choices.head,
        words=case_words,
        masked=masked,
        shown=shown,
        hidden=hidden,
        register=choices.register,
        proposed=proposed,
        form=form or _prefilled(hidden),
    )


def _prefilled(hidden: list[dict[str, str]]) -> Filled[ContactsAsked]:
    victim = tuple(each["party_id"] for each in hidden if each["role"] == "victim")
    return blank(ContactsAsked, parties=victim, reason=ReleaseReason.CONTACT_VICTIM)
