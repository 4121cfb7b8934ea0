"""Rules by date: thresholds, the pathway and IDVA norms, set from a day on. For the partnership's administrator."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Path
from pydantic import Field, ValidationError, create_model
from starlette.responses import Response

from app.db.json import to_json
from app.domain.access import Verb
from app.domain.clock import local_date, say_date
from app.domain.day_said import day_said
from app.domain.errors import Conflict, FieldProblem, Invalid, NotFound
from app.domain.fields import Form, Line, problems_from
from app.domain.forums import LocalTime
from app.domain.idva_support import SupportRules
from app.domain.routing import Pathway, SupportKind
from app.domain.rules import FromDay, GradingChange, Preview, RoutingChange, Rule, RuleChange, SupportChange
from app.risk.grading import Ground, RepeatDefinition
from app.services import rules
from app.web import rule_words
from app.web.account_words import moment
from app.web.forms import Filled, blank
from app.web.visit import AtVisit, Visit

router = APIRouter(prefix="/rules")

RuleName = Annotated[Rule, Path()]

_Count = Annotated[int, Field(ge=1, le=200)]
_Months = Annotated[int, Field(ge=1, le=120)]
_HIGH: Final = "high_"


class DayTyped(Form):
    """From which day, as people write days, and why."""

    day: Line = Field(title="From which day")
    because: Line = Field(title="Why")


class Changing(DayTyped):
    """version: what was there when the page was opened. sure: it was looked at once more."""

    version: int = 0
    sure: bool = False


# What is wrong is told in the order of the page: fields of a base that is named later come first.


class GradingValues(Form):
    """Thresholds, but for those of each checklist."""

    medium_at: _Count = Field(title="Medium risk")
    escalation_events: _Count = Field(title="Number of events")
    escalation_months: _Months = Field(title="Within how many months")
    repeat_months: _Months = Field(title="Months in which it is a repeat")
    repeat_definition: RepeatDefinition = Field(title="What counts as a repeat")


class RoutingValues(Form):
    """The pathway."""

    pathway: Pathway = Field(title="Where high-risk referrals go first")
    refer_under_threshold: tuple[Ground, ...] = ()
    medium_support: SupportKind = Field(title="Support for medium risk")
    medium_accept_days: Annotated[int, Field(ge=1, le=60)] = Field(title="Working days to accept a medium-risk case")
    standard_support: SupportKind = Field(title="Support for standard risk")
    standard_accept_days: Annotated[int, Field(ge=1, le=60)] = Field(
        title="Working days to accept a standard-risk case"
    )


class SupportValues(Form):
    """The norms of IDVA support."""

    contact_within_days: Annotated[int, Field(ge=0, le=14)] = Field(title="Days until first contact")
    contact_by: LocalTime = Field(title="By what time")
    referrals_a_year: Annotated[int, Field(ge=1, le=1000)] = Field(title="Referrals a year")


class GradingTyped(Changing, GradingValues):
    """Thresholds, and when and why."""


class RoutingTyped(Changing, RoutingValues):
    """The pathway, and when and why."""


class SupportTyped(Changing, SupportValues):
    """The norms, and when and why."""


_CHANGES: Final[Mapping[Rule, type[FromDay]]] = {
    Rule.GRADING: GradingChange,
    Rule.ROUTING: RoutingChange,
    Rule.IDVA_SUPPORT: SupportChange,
}
_STANDARD: Final = {Rule.IDVA_SUPPORT: SupportRules().model_dump(mode="json")}


@router.get("")
async def everything(visit: AtVisit) -> Response:
    """What holds, what is planned, and what there was."""
    found = await _told(visit)
    return visit.page("rules/list.html", **found)


@router.get("/{rule}")
async def ask(visit: AtVisit, rule: RuleName) -> Response:
    """The form for a change."""
    found = await _told(visit)
    told = found["rules"][rule]
    value = told["holds"]["value"] if told["holds"] else _STANDARD.get(rule, {})
    typed = {name: _typed(each) for name, each in value.items() if name not in ("version", "high_at")}
    if "contact_by" in typed:
        typed["contact_by"] = typed["contact_by"][:5]  # nobody is asked for seconds
    if rule is Rule.GRADING:
        typed |= {field: str(high) for field, high in _thresholds(found["instruments"], value).items()}
    model = _model(rule, tuple(each["id"] for each in found["instruments"]))
    names = {name: each for name, each in typed.items() if name in model.model_fields}
    return _form(visit, rule, found, blank(model, version=str(told["version"]), **names))


@router.post("/{rule}")
async def change(visit: AtVisit, rule: RuleName) -> Response:
    """Show what would change and, once whoever asks is sure, change it."""
    found = await _told(visit)
    model = _model(rule, tuple(each["id"] for each in found["instruments"]))
    form: Filled[Any] = visit.form(model, day="Say from which day", because="Say why")
    if form.value is None:
        return _form(visit, rule, found, form, 422)
    try:
        told = _change(visit, rule, form.value)
        counts = await _check(visit, told)
        if form.value.sure:
            await visit.do(rules.change, rule, told, form.value.version)
            visit.say(f"Saved. It holds from {say_date(told.effective_from)}.")
            return visit.to("/rules")
    except Invalid as refused:
        return _form(visit, rule, found, form.refused(_in_fields(refused)), 422)
    return _confirm(visit, rule, found, form, told, counts)


@router.get("/{rule}/take-back/{day}")
async def ask_back(visit: AtVisit, rule: RuleName, day: str) -> Response:
    """Ask why a planned change is not to come."""
    return await _back(visit, rule, day, blank(DayTyped, day=day))


@router.post("/{rule}/take-back/{day}")
async def take_back(visit: AtVisit, rule: RuleName, day: str) -> Response:
    """Take it back."""
    form = visit.form(DayTyped, because="Say why")
    if form.value is None:
        return await _back(visit, rule, day, form, 422)
    since = day_said(form.value.day, local_date(visit.errand.now))
    if since is None:
        raise NotFound("rule")
    await visit.do(rules.take_back, rule, FromDay(effective_from=since, because=form.value.because), None)
    visit.say("Taken back. What holds now goes on.")
    return visit.to("/rules")


async def _told(visit: Visit) -> dict[str, Any]:
    told = orjson.loads(to_json(await visit.do(rules.everything)))
    instruments = told.pop("instruments")
    return {
        "rules": told,
        "instruments": instruments,
        "checklists": {each["id"]: each for each in instruments},
        "standard": _STANDARD,
        "words": rule_words,
        "moment": moment,
    }


@lru_cache
def _model(rule: Rule, instruments: tuple[str, ...]) -> type[Changing]:
    if rule is Rule.ROUTING:
        return RoutingTyped
    if rule is Rule.IDVA_SUPPORT:
        return SupportTyped
    fields: Any = {_field(each): (_Count, Field(title="High risk")) for each in instruments}
    thresholds = create_model("Thresholds", __base__=Form, **fields)
    bases: tuple[type[Changing], ...] = (GradingTyped, thresholds)  # type: ignore[assignment]  # only together are they one
    return create_model("GradingTyped", __base__=bases)


def _field(instrument: str) -> str:
    return _HIGH + instrument.replace("-", "_")


def _thresholds(instruments: list[dict[str, Any]], value: Mapping[str, Any]) -> dict[str, int]:
    return {_field(each["id"]): value["high_at"].get(each["id"], each["high_at"]) for each in instruments}


def _typed(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else str(value)


def _change(visit: Visit, rule: Rule, typed: Changing) -> RuleChange:
    """What was typed, as the rule's own form. Raises Invalid."""
    since = day_said(typed.day, local_date(visit.errand.now))
    if since is None:
        raise Invalid([FieldProblem("/day", "bad_date", "Write the day as 1 January 2027 or 1/1/2027.")])
    told = typed.model_dump(exclude={"day", "version", "sure"})
    high = {name: told.pop(name) for name in [*told] if name.startswith(_HIGH)}
    if rule is Rule.GRADING:
        told["high_at"] = {name.removeprefix(_HIGH).replace("_", "-"): each for name, each in high.items()}
    model = _CHANGES[rule]
    try:
        made: Any = model.model_validate({**told, "effective_from": since})
    except ValidationError as error:
        raise Invalid(problems_from(error, model)) from None
    return made  # type: ignore[no-any-return]  # one of the three, by its rule


async def _check(visit: Visit, told: RuleChange) -> Preview | None:
    if isinstance(told, GradingChange):
        return await visit.do(rules.count_differences, told)
    problems = told.problems(local_date(visit.errand.now))
    if problems:
        raise Invalid(problems)
    return None


def _in_fields(refused: Invalid) -> Invalid:
    """The page asks for the day in words."""
    return Invalid(
        FieldProblem("/day" if each.pointer == "/effective_from" else each.pointer, each.code, each.message)
        for each in refused.problems
    )


def _form(visit: Visit, rule: Rule, found: dict[str, Any], form: Filled[Any], status: int = 200) -> Response:
    fields = [(_field(each["id"]), each["title"]) for each in found["instruments"]]
    return visit.page(f"rules/{rule}.html", status, rule=rule, form=form, high=fields, **found)


def _confirm(
    visit: Visit, rule: Rule, found: dict[str, Any], form: Filled[Any], told: RuleChange, counts: Preview | None
) -> Response:
    held = found["rules"][rule]["holds"]
    before = rule_words.lines(rule, held["value"] if held else _STANDARD.get(rule, {}), found["checklists"])
    after = rule_words.lines(rule, told.rules("preview").model_dump(mode="json"), found["checklists"])
    planned = [each for each in found["rules"][rule]["planned"] if each["effective_from"] > str(told.effective_from)]
    return visit.page(
        "rules/confirm.html",
        rule=rule,
        sent=form.typed,
        differences=rule_words.changed(before, after),
        since=say_date(told.effective_from),
        because=told.because,
        counts=counts,
        then=planned[0] if planned else None,
        **found,
    )


async def _back(visit: Visit, rule: Rule, day: str, form: Filled[DayTyped], status: int = 200) -> Response:
    (await visit.person()).must(Verb.ADMINISTER_PARTNERSHIP)
    found = await _told(visit)
    planned = next((each for each in found["rules"][rule]["planned"] if each["effective_from"] == day), None)
    if planned is None:
        raise Conflict("Nothing is planned for that day any more.")
    return visit.page("rules/take_back.html", status, rule=rule, form=form, planned=planned, **found)
