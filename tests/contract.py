"""Every JSON answer in every test is held against the OpenAPI document: undeclared statuses and fields are faults."""

import re
from typing import Any
from urllib.parse import quote

import httpx
import orjson
import pytest
from fastapi import FastAPI
from jsonschema_rs import Draft202012Validator, Registry

_BEFORE_ROUTING = {404, 405, 413, 500}
_DOCUMENT = "urn:openapi"


class Contract:
    """The document of the service, made ready to hold many answers against."""

    def __init__(self, document: dict[str, Any]) -> None:
        paths = document["paths"]
        fixed_first = sorted(paths, key=lambda path: path.count("{"))
        self._paths = [(re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)), path) for path in fixed_first]
        self._operations: dict[str, dict[str, Any]] = paths
        # Read once: a validator that held the document itself would take a hundred times as long to make.
        self._registry = Registry([(_DOCUMENT, document)])
        self._validators: dict[tuple[str, str, str], Draft202012Validator] = {}

    def place(self, method: str, path: str) -> str | None:
        """The path, as the document has it, of the operation that answers."""
        matching = (name for pattern, name in self._paths if pattern.fullmatch(path))
        return next((name for name in matching if method in self._operations[name]), None)

    def validator(self, method: str, place: str, status: str) -> Draft202012Validator | None:
        """What such an answer is held against, or None when the document does not know of it."""
        found = self._validators.get((method, place, status))
        if found is None:
            response = self._operations[place][method]["responses"].get(status)
            if response is None:
                return None
            media = next(iter(response["content"]))
            pointer = ("paths", place, method, "responses", status, "content", media, "schema")
            escaped = "/".join(quote(word.replace("~", "~0").replace("/", "~1")) for word in pointer)
            found = Draft202012Validator({"$ref": f"{_DOCUMENT}#/{escaped}"}, registry=self._registry)
            self._validators[method, place, status] = found
        return found


_contracts: list[Contract] = []


def check_against_schema(app: FastAPI, method: str, answer: httpx.Response) -> None:
    """Fail when the answer is not what the document says of this route and status."""
    media = answer.headers.get("content-type", "")
    if "json" not in media:
        return
    if not _contracts:  # however often a test composes the service, its document is the same
        _contracts.append(Contract(app.openapi()))
    contract, path = _contracts[0], answer.url.path
    place = contract.place(method.lower(), path)
    if place is None:
        assert answer.status_code in (404, 405), f"{method} {path} is not in the OpenAPI document"
        return
    validator = contract.validator(method.lower(), place, str(answer.status_code))
    if validator is None:
        assert answer.status_code in {400, 415, *_BEFORE_ROUTING}, (
            f"{method} {path} answered {answer.status_code}, which it does not declare: {answer.text[:500]}"
        )
        return
    told = orjson.loads(answer.content)
    if not validator.is_valid(told):
        problems = [f"{'/'.join(map(str, e.instance_path))}: {e.message[:300]}" for e in validator.iter_errors(told)]
        pytest.fail(f"{method} {path}: {problems[:5]}")
