"""The shapes of answers: declared here, built by PostgreSQL or the services, and held together by tests."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from app.api.problems import Problem

Responses = dict[int | str, dict[str, Any]]


def answers(status: int, shape: Any, *refusals: int, repeats: bool = False) -> Responses:
    """The documented answers of a route: its success, the refusals every route has, and its own."""
    success: Responses = {status: {"model": shape}}
    if repeats:
        success[200] = {"model": shape, "description": "Sent before: the first answer again. Nothing was done twice."}
    problems: Responses = {code: {"model": Problem} for code in sorted({401, 403, 422, 503, *refusals})}
    return {**success, **problems}


class Shape(BaseModel):
    """Base of every answer: a field that is not declared is a fault, and tests find it."""

    model_config = ConfigDict(extra="forbid")


class ReasonShape(Shape):
    """One reason for a decision: the rule's id, its version, and a sentence."""

    rule: str
    version: str
    text: str


class Named(Shape):
    """Somebody or something by id and name."""

    id: UUID
    name: str


class Page(Shape):
    """A page of a list. `next` goes into `cursor` for the following page; null at the end."""

    next: UUID | None
