"""The API's document: what the routes declare, completed in one place with what they read by hand, and examples."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from app.api.problems import MEDIA_TYPE
from app.api.v1.rights import RIGHTS
from app.api.v1.shapes import components
from app.domain.clients import SCOPES

_METHODS = ("get", "put", "post", "patch", "delete")
_DESCRIPTION = """
Cases of domestic abuse at high risk, from the referral to the minutes of the meeting and what became of each action.

Every request carries a bearer token. A partner system gets one at `/oauth/token` by OAuth 2.0 client credentials
(`/.well-known/oauth-authorization-server` says how, `/.well-known/jwks.json` what tokens are signed with); each
operation names the scope that it needs, and one without `OAuth2` is not for systems.

What exists for you is what your agency or your part in a case opens to you:
anything else answers 404, exactly as if it did not exist. Every read of a person or a case is recorded.

- **Errors** are RFC 9457 problem details: `code` is stable, `errors` names every field at once by its JSON pointer.
- **Lists** are pages in a stable order: send `next` as `cursor`, until it is null.
- **Changes** need `If-Match` with the `ETag` you read: 428 without it, 412 when someone was faster.
- **Making things twice** is prevented by `Idempotency-Key`: the same key and request again give the first answer.
""".strip()
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A new UUID for each thing you make. Sent again with the same request, it gets the first answer "
    "again, with `Idempotent-Replayed: true`; with another request it is refused (409).",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": r"^[\x21-\x7e]+$"},
}
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": 'The `ETag` of what you read and now change, such as `"3"`; or `*` to change it whatever it is.',
    "schema": {"type": "string", "pattern": r'^(\*|(W/)?"\d{1,9}")$'},
}
_BEARER = "HTTPBearer"
_OAUTH = "OAuth2"
_OAUTH_SCHEME = {
    "type": "oauth2",
    "description": "For partner systems. Add a client under Systems, or by `POST /api/v1/clients`.",
    "flows": {
        "clientCredentials": {
            "tokenUrl": "/oauth/token",
            "scopes": {
                scope: f"What '{scope.replace('_', ' ')}' allows, by docs/access-matrix.txt." for scope in SCOPES
            },
        }
    },
}
_ETAG = {"description": "The version, for `If-Match`.", "schema": {"type": "string"}}
_LOCATION = {"description": "Where to find what was made.", "schema": {"type": "string"}}
_REPLAYED = {"description": "`true` when this had been asked before.", "schema": {"type": "string"}}
_REFUSALS = {
    "400": "The request could not be read.",
    "401": "The token is missing, expired or no longer accepted.",
    "403": "You can see this and may not do it.",
    "404": "It does not exist, or not for you.",
    "409": "The state of things does not allow it.",
    "412": "It has changed since you read it.",
    "422": "Some fields need attention; each is named in `errors`.",
    "428": "`If-Match` is missing.",
    "503": "The database could not be reached; nothing was changed.",
}


@dataclass(frozen=True, slots=True)
class Example:
    """One request to one operation, with the status and some members of the answer it must get.

    ``{name}`` in a value stands for something that an earlier example kept. as_whom, at and keep are for running it.
    """

    key: str
    operation: str
    summary: str
    as_whom: str
    status: int
    path: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    expect: Any
    keep: Mapping[str, str]
    at: str | None


def read_examples(folder: Path) -> list[Example]:
    """The examples of a folder in order. Raises KeyError or ValueError for a file that is not one."""
    return [_example(path) for path in sorted(folder.glob("*.json"))]


def _example(path: Path) -> Example:
    said = json.loads(path.read_text(encoding="utf-8"))
    example = Example(
        key=path.stem.partition("-")[2],
        operation=said.pop("operation"),
        summary=said.pop("summary"),
        as_whom=said.pop("as"),
        status=said.pop("status"),
        path=said.pop("path", {}),
        query=said.pop("query", {}),
        headers=said.pop("headers", {}),
        body=said.pop("body", None),
        expect=said.pop("expect", None),
        keep=said.pop("keep", {}),
        at=said.pop("at", None),
    )
    if said:
        raise ValueError(f"{path.name} has members that mean nothing: {', '.join(said)}.")
    return example


def filled(value: Any, kept: Mapping[str, str]) -> Any:
    """A value of an example with each ``{name}`` replaced. Raises KeyError for a name that was never kept."""
    if isinstance(value, str):
        return kept[value[1:-1]] if value.startswith("{") and value.endswith("}") else value
    if isinstance(value, Mapping):
        return {name: filled(each, kept) for name, each in value.items()}
    if isinstance(value, list):
        return [filled(each, kept) for each in value]
    return value


class _Illustrated(dict[str, str]):
    """Stands in for what a run would have kept: the same id for the same name in every document."""

    def __missing__(self, name: str) -> str:
        return str(uuid5(NAMESPACE_URL, f"urn:roundtable:example:{name}"))


def register_document(app: FastAPI, folder: Path) -> None:
    """Answer with the completed document, and the examples of ``folder`` if it is there; made when first asked for."""
    plain = app.openapi

    @cache
    def whole() -> dict[str, Any]:
        return _describe(app, plain(), read_examples(folder))

    app.openapi = whole  # type: ignore[method-assign]  # this is how FastAPI is told of another document


def _describe(app: FastAPI, document: dict[str, Any], examples: Sequence[Example]) -> dict[str, Any]:
    document["info"]["description"] = _DESCRIPTION
    document["components"]["schemas"] = {**components(), **document["components"].get("schemas", {})}
    document["info"]["license"] = {"name": "MIT", "identifier": "MIT"}
    tags: dict[str, str] = {}
    for path, route in routes_of(app):
        for method in sorted(route.methods or ()):
            operation = document["paths"][path][method.lower()]
            _complete(operation, route, document)
            module = sys.modules[route.endpoint.__module__].__doc__ or ""
            tags.update(dict.fromkeys(operation.get("tags", ()), module.strip()))
    document["tags"] = [{"name": name, "description": text} for name, text in sorted(tags.items())]
    document["components"]["securitySchemes"][_OAUTH] = _OAUTH_SCHEME
    named = {operation["operationId"]: operation for _, _, operation in operations(document)}
    for example in examples:
        _show(named[example.operation], example)
    return document


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and operation, in the document's order."""
    for path, methods in document["paths"].items():
        for method in _METHODS:
            if method in methods:
                yield path, method, methods[method]


def routes_of(app: FastAPI) -> Iterator[tuple[str, APIRoute]]:
    """Each documented route with its path."""
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, APIRoute) and context.include_in_schema:
            yield str(context.path_format), route


def uses(route: APIRoute, method: str) -> bool:
    """Whether the route's function calls that method of its desk: what it calls is what it reads by hand."""
    return any(each in (method, f"{method}_once") for each in route.endpoint.__code__.co_names)


def _complete(operation: dict[str, Any], route: APIRoute, document: dict[str, Any]) -> None:
    operation["operationId"] = route.name
    operation["summary"] = route.name.replace("_", " ").capitalize()
    operation["security"] = _security(route.name)
    headers = [_IF_MATCH] if uses(route, "version") else []
    headers += [_IDEMPOTENCY_KEY] if uses(route, "make") else []
    if headers:
        operation["parameters"] = [*operation.get("parameters", ()), *headers]
    for status, answer in operation["responses"].items():
        content = answer.get("content", {})
        if status in _REFUSALS:
            answer["description"] = _REFUSALS[status]
            answer["content"] = {MEDIA_TYPE: content["application/json"]} if "application/json" in content else content
            continue
        told = {"ETag": _ETAG} if _has_version(content, document) else {}
        if uses(route, "make"):
            told |= {"Location": _LOCATION, "Idempotent-Replayed": _REPLAYED}
        if told:
            answer["headers"] = {**answer.get("headers", {}), **told}


def _security(name: str) -> list[dict[str, list[str]]]:
    """By what a caller may be let in: a system by any one of the scopes that it can have for this."""
    verbs = RIGHTS[name].verbs
    scopes = [[verb.value] for verb in verbs if verb in SCOPES] if verbs else [[]]
    return [{_BEARER: []}, *({_OAUTH: each} for each in scopes)]


def _has_version(content: Mapping[str, Any], document: Mapping[str, Any]) -> bool:
    reference = content.get("application/json", {}).get("schema", {}).get("$ref", "")
    shape = document["components"]["schemas"].get(reference.rpartition("/")[2], {})
    return "version" in shape.get("properties", {})


def _show(operation: dict[str, Any], example: Example) -> None:
    kept = _Illustrated()
    if example.body is not None:
        content = operation["requestBody"]["content"]["application/json"]
        value = filled(example.body, kept)
        content.setdefault("examples", {})[example.key] = {"summary": example.summary, "value": value}
    answer = operation["responses"][str(example.status)]
    for media, content in answer.get("content", {}).items():
        if media.endswith("json") and example.expect is not None:
            summary = f"{example.summary} (some members of the answer)"
            value = filled(example.expect, kept)
            content.setdefault("examples", {})[example.key] = {"summary": summary, "value": value}
