"""An IDVA's caseload, the first page of one client, and logging an attempt to reach her."""

from collections.abc import Callable, Mapping
from datetime import date, time
from typing import Any, Final

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from app.domain.caseload import Why
from app.domain.clock import at_local, local_date
from app.domain.contact_attempts import AttemptForm, AttemptOutcome, Means
from app.domain.fields import Day, Form, Long
from app.domain.safe_times import Hour
from app.services import caseload, contact_attempts
from app.web import case_words, idva_words
from app.web.case_forms import attempt
from app.web.client_pages import CaseId, client
from app.web.forms import Filled, blank
from app.web.visit import AtVisit

router = APIRouter(prefix="/caseload")

# In what order those of a group are told of: who can wait least comes first.
_SOONEST: Final[Mapping[Why, Callable[[dict[str, Any]], str]]] = {
    Why.OVERDUE: lambda each: each["contact_due_at"],
    Why.NEW: lambda each: each["referred_at"],
    Why.CALL_NOW: lambda each: each["calls"]["open_until"],
    Why.ACTION_DUE: lambda each: each["actions"][0]["due_on"],
    Why.DATE_AHEAD: lambda each: each["dates"][0]["held_on"],
}


class Attempted(Form):
    """An attempt, as the page asks for it. Without a day and a time: now."""

    outcome: AttemptOutcome = Field(title="What happened")
    means: Means = Field(Means.PHONE, title="How")
    on: Day | None = Field(None, title="Day")
    starts: Hour | None = Field(None, title="Time")
    note: Long = Field(None, title="Note")

    def told(self, today: date) -> AttemptForm:
        """As the service takes it."""
        at = None
        if self.on or self.starts:
            at = at_local(self.on or today, time.fromisoformat(self.starts) if self.starts else time(12))
        return AttemptForm(outcome=self.outcome, means=self.means, at=at, note=self.note)


@router.get("")
async def mine(visit: AtVisit, whose: str = "") -> Response:
    """Whom to look at today, and why; then everybody."""
    service = whose == "service"
    found = await visit.read(caseload.listed, mine=not service)
    clients: list[dict[str, Any]] = found.value["items"]
    groups = [(why, sorted((each for each in clients if why in each["why"]), key=_SOONEST[why])) for why in Why]
    return visit.page(
        "caseload/list.html",
        clients=sorted(clients, key=lambda each: each["client"].casefold()),
        groups=[(why, them) for why, them in groups if them],
        norm=found.value["norm"],
        more=found.value["more"],
        service=service,
        now=visit.errand.now,
        words=idva_words,
        case_words=case_words,
    )


@router.get("/{case_id}")
async def show(visit: AtVisit, case_id: CaseId) -> Response:
    """How to reach her, what came of trying, and what is next."""
    return await client(visit, case_id, "caseload/client.html", blank(Attempted, means="phone"), to_reach=True)


@router.post("/{case_id}")
async def log(visit: AtVisit, case_id: CaseId) -> Response:
    """Log an attempt. Where it was not safe to speak, ask next when it is."""
    today = local_date(visit.errand.now)
    asked: Filled[Attempted] = visit.form(Attempted, outcome="Choose what happened")

    async def work(told: Attempted) -> None:
        await visit.do(contact_attempts.log, case_id, told.told(today))

    form = await attempt(asked, work)
    if form is not None:
        return await client(visit, case_id, "caseload/client.html", form, to_reach=True)
    if asked.value and asked.value.outcome is AttemptOutcome.UNSAFE:
        visit.say("The attempt is logged. Now say when it is safe, if you know.")
        return visit.to(f"/caseload/{case_id}/safe-times")
    visit.say("The attempt is logged.")
    return visit.to(f"/caseload/{case_id}")


@router.get("/{case_id}/attempts")
async def attempts(visit: AtVisit, case_id: CaseId) -> Response:
    """Every attempt to reach her."""
    return await client(visit, case_id, "caseload/attempts.html")
