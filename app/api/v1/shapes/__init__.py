"""The shapes of answers: declared here, built by PostgreSQL or the services, and held together by tests."""

from typing import Any, get_args
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from pydantic.json_schema import models_json_schema

from app.api.problems import Problem

Responses = dict[int | str, dict[str, Any]]

_COMPONENT = "#/components/schemas/{model}"
_declared: dict[str, type[BaseModel]] = {"Problem": Problem}


def answers(status: int, shape: Any, *refusals: int, repeats: bool = False) -> Responses:
    """The documented answers of a route: its success, the refusals every route has, and its own.

    ``shape``: a model, a union of models, or None for an answer that is not JSON. Only its name is noted: building
    hundreds of validators that nobody validates with took a third of the service's start.
    """
    success = {"description": "Done."} | ({} if shape is None else _content(shape))
    described: Responses = {status: success}
    if repeats:
        described[200] = {**success, "description": "Sent before: the first answer again. Nothing was done twice."}
    refused: Responses = {code: _content(Problem) for code in sorted({401, 403, 422, 503, *refusals})}
    return {**described, **refused}


def components() -> dict[str, Any]:
    """The JSON schema of every shape that a route answers with, and of what those contain, by name."""
    _, schemas = models_json_schema([(model, "validation") for model in _declared.values()], ref_template=_COMPONENT)
    found: dict[str, Any] = schemas["$defs"]
    return found


def _content(shape: Any) -> dict[str, Any]:
    references = [{"$ref": _COMPONENT.format(model=_note(model))} for model in get_args(shape) or (shape,)]
    schema = references[0] if len(references) == 1 else {"anyOf": references}
    return {"content": {"application/json": {"schema": schema}}}


def _note(model: type[BaseModel]) -> str:
    if _declared.setdefault(model.__name__, model) is not model:
        raise TypeError(f"Two shapes are called {model.__name__}.")
    return model.__name__


class Shape(BaseModel):
    """Base of every answer: a field that is not declared is a fault, and tests find it."""

    model_config = ConfigDict(extra="forbid", defer_build=True)


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
