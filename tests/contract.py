"""Every JSON answer in every test is held against the OpenAPI document: undeclared statuses and fields are faults."""

import re
from functools import lru_cache
from typing import Any

import httpx
from fastapi import FastAPI
from jsonschema import Draft202012Validator

_BEFORE_ROUTING = {404, 405, 413, 500}


def check_against_schema(app: FastAPI, method: str, answer: httpx.Response) -> None:
    """Fail when the answer is not what the document says of this route and status."""
    media = answer.headers.get("content-type", "")
    if "json" not in media:
        return
    declared = _operation(app, method, answer.url.path)
    if declared is None:
        assert answer.status_code in (404, 405), f"{method} {answer.url.path} is not in the OpenAPI document"
        return
    response = declared["responses"].get(str(answer.status_code))
    if response is None:
        assert answer.status_code in {400, 415, *_BEFORE_ROUTING}, (
            f"{method} {answer.url.path} answered {answer.status_code}, which it does not declare: {answer.text[:500]}"
        )
        return
    schema = next(iter(response["content"].values()))["schema"]
    whole = {**schema, "components": app.openapi()["components"]}
    problems = [f"{e.json_path}: {e.message[:300]}" for e in Draft202012Validator(whole).iter_errors(answer.json())]
    assert not problems, f"{method} {answer.url.path}: {problems[:5]}"


def _operation(app: FastAPI, method: str, path: str) -> dict[str, Any] | None:
    for pattern, operations in _paths(id(app), app):
        if pattern.fullmatch(path):
            found: dict[str, Any] | None = operations.get(method.lower())
            if found is not None:
                return found
    return None


@lru_cache(maxsize=4)
def _paths(_: int, app: FastAPI) -> list[tuple[re.Pattern[str], dict[str, Any]]]:
    spec = app.openapi()
    fixed_first = sorted(spec["paths"], key=lambda path: path.count("{"))
    return [(re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)), spec["paths"][path]) for path in fixed_first]
