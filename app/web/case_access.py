"""Who may know of a case: keeping one person from it, or everybody who is not on a list."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import Field
from starlette.responses import Response

from app.domain.exclusions import MOST_NAMED, ExclusionForm, LiftForm, NamedForm, RestrictionForm
from app.domain.fields import Form, Long
from app.domain.lawful_bases import Purpose
from app.services import exclusions, restrictions
from app.services.case_page import Act
from app.web.basis import WithBasis
from app.web.case_forms import asking, attempt
from app.web.cases import CaseId
from app.web.forms import Filled, blank
from app.web.visit import AtVisit, Visit

router = APIRouter(prefix="/cases/{case_id}/access")


class Keeping(Form):
    """Whom to keep from the case."""

    user_id: UUID = Field(title="Who")
    because: Long = Field(None, title="Why")


@router.get("/keep-apart")
async def ask_keep(visit: AtVisit, case_id: CaseId) -> Response:
    """The form that keeps somebody from the case."""
    return await asking(visit, case_id, Act.KEEP_APART, "cases/keep_apart.html", blank(Keeping))


@router.post("/keep-apart")
async def keep(visit: AtVisit, case_id: CaseId) -> Response:
    """Keep them from it. They are not told."""

    async def work(told: Keeping) -> None:
        await visit.do(exclusions.record, case_id, ExclusionForm(user_id=told.user_id, because=told.because))

    form = await attempt(visit.form(Keeping, user_id="Choose whom to keep from the case"), work)
    if form is None:
        return _done(visit, case_id, "They are kept from the case. They are not told.")
    return await asking(visit, case_id, Act.KEEP_APART, "cases/keep_apart.html", form)


class Ending(Form):
    """version: of what is ended."""

    version: int


@router.post("/let-back/{exclusion_id}")
async def let_back(visit: AtVisit, case_id: CaseId, exclusion_id: Annotated[UUID, Path()]) -> Response:
    """Let somebody see the case again, if anything opens it to them."""

    async def work(told: Ending) -> None:
        await visit.do(exclusions.end, case_id, exclusion_id, told.version)

    done = await attempt(visit.form(Ending), work) is None
    said = "They can see the case again, if anything opens it to them." if done else "Somebody was there before you."
    return _done(visit, case_id, said)


class Restricting(WithBasis):
    """Whom the case is for. Whoever restricts it is on the list."""

    because: Long = Field(None, title="Why")
    named: Annotated[tuple[UUID, ...], Field(max_length=MOST_NAMED, title="Who")] = ()


@router.get("/restrict")
async def ask_restrict(visit: AtVisit, case_id: CaseId) -> Response:
    """The form that opens a case to named people only."""
    return await _restricting(visit, case_id, blank(Restricting))


@router.post("/restrict")
async def restrict(visit: AtVisit, case_id: CaseId) -> Response:
    """Open it to them, and to nobody else."""

    async def work(told: Restricting) -> None:
        asked = RestrictionForm(because=told.because, named=told.named, sharing=told.sharing)
        await visit.do(restrictions.restrict, case_id, asked)

    form = await attempt(visit.form(Restricting), work)
    if form is None:
        return _done(visit, case_id, "The case exists for those on the list only.")
    return await _restricting(visit, case_id, form)


class Renaming(WithBasis):
    """The whole list, as it should be. version: of the restriction."""

    version: int
    named: Annotated[tuple[UUID, ...], Field(max_length=MOST_NAMED, title="Who")] = ()


@router.get("/names")
async def ask_names(visit: AtVisit, case_id: CaseId) -> Response:
    """The list of a restricted case, to be changed."""
    return await _listing(visit, case_id, "cases/names.html", None)


@router.post("/names")
async def rename(visit: AtVisit, case_id: CaseId) -> Response:
    """Change it."""

    async def work(told: Renaming) -> None:
        asked = NamedForm(named=told.named, sharing=told.sharing)
        await visit.do(restrictions.rename, case_id, asked, told.version)

    form = await attempt(visit.form(Renaming), work)
    if form is None:
        return _done(visit, case_id, "The list is changed.")
    return await _listing(visit, case_id, "cases/names.html", form)


class Lifting(WithBasis):
    """version: of the restriction."""

    version: int


@router.get("/lift")
async def ask_lift(visit: AtVisit, case_id: CaseId) -> Response:
    """What lifting the restriction does, before it is done."""
    return await _listing(visit, case_id, "cases/lift.html", None)


@router.post("/lift")
async def lift(visit: AtVisit, case_id: CaseId) -> Response:
    """Lift it: whatever opened the case before opens it again."""

    async def work(told: Lifting) -> None:
        await visit.do(restrictions.lift, case_id, LiftForm(sharing=told.sharing), told.version)

    form = await attempt(visit.form(Lifting), work)
    if form is None:
        visit.say("The restriction is lifted.")
        return visit.to("/cases")  # who was only named does not see the case any more
    return await _listing(visit, case_id, "cases/lift.html", form)


_PROTECT: Final = Purpose.PROTECT


async def _restricting(visit: Visit, case_id: UUID, form: Filled[Restricting]) -> Response:
    me = (await visit.person()).user
    return await asking(visit, case_id, Act.KEEP_APART, "cases/restrict.html", form, purpose=_PROTECT, me=str(me))


async def _listing(visit: Visit, case_id: UUID, template: str, form: Filled[Any] | None) -> Response:
    """A form about the list of a restricted case. Raises NotFound when it is not restricted."""
    found = await visit.read(restrictions.read, case_id)
    named = tuple(each["id"] for each in found.value["named"])
    filled = form or blank(Renaming, named=named)
    return await asking(visit, case_id, Act.KEEP_APART, template, filled, purpose=_PROTECT, restriction=found.value)


def _done(visit: Visit, case_id: UUID, said: str) -> Response:
    visit.say(said)
    return visit.to(f"/cases/{case_id}/access")
