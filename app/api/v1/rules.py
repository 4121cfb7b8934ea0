"""Rules by date: grading, routing and the norms of IDVA support. For the partnership's administrator."""

from fastapi import APIRouter, Response

from app.api.request import AtDesk
from app.api.v1.shapes import answers
from app.api.v1.shapes.rules import GradingByDate, GradingPreview, RoutingByDate, SupportByDate
from app.domain.rules import FromDay, GradingChange, RoutingChange, Rule, SupportChange
from app.services import rules

router = APIRouter(prefix="/rules", tags=["Rules"])

_ANY = GradingByDate | RoutingByDate | SupportByDate


@router.get("/{rule}", responses=answers(200, _ANY, 404))
async def read_rule(desk: AtDesk, rule: Rule) -> Response:
    """A rule: what holds today, what is to hold later, and who changed what, when and why."""
    return await desk.show(rules.read, rule)


@router.post("/grading/preview", responses=answers(200, GradingPreview, 409))
async def preview_grading(desk: AtDesk, form: GradingChange) -> Response:
    """How many of the last 90 days' assessments these rules would have graded differently. Nothing is changed, and
    nobody is named."""
    return await desk.show(rules.preview_change, form)


@router.post("/grading/changes", responses=answers(200, GradingByDate, 412, 428))
async def change_grading(desk: AtDesk, form: GradingChange) -> Response:
    """Set thresholds from a day on. Earlier decisions keep the rules they were made by. Needs `If-Match`."""
    return await desk.make(200, rules.change, Rule.GRADING, form, desk.version("rule"))


@router.post("/routing/changes", responses=answers(200, RoutingByDate, 412, 428))
async def change_routing(desk: AtDesk, form: RoutingChange) -> Response:
    """Set where cases go, from a day on. Needs `If-Match`."""
    return await desk.make(200, rules.change, Rule.ROUTING, form, desk.version("rule"))


@router.post("/idva_support/changes", responses=answers(200, SupportByDate, 412, 428))
async def change_idva_norms(desk: AtDesk, form: SupportChange) -> Response:
    """Set what is expected of IDVAs, from a day on. Needs `If-Match`."""
    return await desk.make(200, rules.change, Rule.IDVA_SUPPORT, form, desk.version("rule"))


@router.post("/{rule}/take-back", responses=answers(200, _ANY, 404, 409, 412, 428))
async def take_back_rule(desk: AtDesk, rule: Rule, form: FromDay) -> Response:
    """Undo a change that is planned for a day to come. Needs `If-Match`."""
    return await desk.make(200, rules.take_back, rule, form, desk.version("rule"))
