"""What a page of fields does to a draft: its own part of the form, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from app.domain.errors import FieldProblem, Invalid, Stale
from app.domain.fields import problems_from
from app.domain.referrals import ReferralForm
from app.web.forms import Typed
from app.web.refer_fields import Field, base_of, placed, told
from app.web.refer_steps import PARTY_LISTS, People, StepPage, entries


@dataclass(slots=True)
class Change:
    """What a page does to the draft: its part, as it was sent. Raises Stale when that is not what the page showed.

    key: of the person that the page is about, if it is one of several. found: what is wrong, at its field.
    """

    step: StepPage
    sent: Typed
    key: str | None = None
    found: list[FieldProblem] = field(default_factory=list)
    fields: tuple[Field, ...] = ()
    places: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, form: ReferralForm) -> ReferralForm:
        """The whole form with the part as it was sent."""
        data = form.model_dump(mode="json", exclude_none=True)
        part, top = part_of(data, self.step, self.key)
        self.fields = entries(self.step.groups(form, part, self.sent))
        changed = told(self.fields, part, self.sent, top)
        self.places = changed.places
        self.found = list(changed.problems)
        if self.step.needs and changed.part and self.step.needs[0] not in changed.part:
            self.found.append(FieldProblem(f"/{self.step.needs[0]}", "missing", self.step.needs[1]))
        try:
            after = ReferralForm.model_validate(_with_part(data, self.step, self.key, changed.part))
        except ValidationError as error:
            self.found += [placed(each, self.fields, self.places) for each in problems_from(error, ReferralForm)]
        if self.found:
            raise Invalid(self.found)
        if after != form and first(self.sent, "base") != base_of(self.fields, part):
            raise Stale("page")
        return after

    def problems(self, refusal: Invalid) -> list[FieldProblem]:
        """What was refused, at its field."""
        return self.found or [placed(each, self.fields, self.places) for each in refusal.problems]


def part_of(data: Mapping[str, Any], step: StepPage, key: str | None) -> tuple[dict[str, Any], str]:
    """The part of the form that a step fills in, and its pointer; empty if there is none yet."""
    if key is not None:
        name = list_of(key)
        rows = data.get(name) or []
        found = next((n for n, each in enumerate(rows) if each["key"] == key), len(rows))
        return (rows[found] if found < len(rows) else {}), f"/{name}/{found}"
    here: Any = data
    for each in step.part:
        here = here.get(each) or {}
    return here, "".join(f"/{each}" for each in step.part)


def list_of(key: str) -> People:
    """The list of the form in which somebody with this key is."""
    start = key.partition("-")[0]
    return People(next(name for name, begins in PARTY_LISTS.items() if begins == start))


def next_key(form: ReferralForm, people: People) -> str:
    """A key for somebody new: none that was ever given out on this form, as far as it tells."""
    numbers = [int(each.key.partition("-")[2]) for each in getattr(form, people)]
    return f"{PARTY_LISTS[people]}-{max(numbers, default=0) + 1}"


def _with_part(data: Mapping[str, Any], step: StepPage, key: str | None, part: dict[str, Any]) -> dict[str, Any]:
    if key is not None:
        name = list_of(key)
        rows = list(data.get(name) or [])
        place = next((n for n, each in enumerate(rows) if each["key"] == key), len(rows))
        rows[place : place + 1] = [{**part, "key": key}] if part else []
        return {**data, name: rows}
    if not step.part:
        return part
    return {**data, step.part[0]: part or None}


def first(sent: Typed, name: str) -> str:
    """The first value of a field that was sent; empty if there is none."""
    return next(iter(sent.get(name, ())), "")
