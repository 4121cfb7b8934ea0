"""A request is answered by the route that asking every route in turn would have found."""

import re
from itertools import product

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute, Match
from starlette.types import Scope

from app.api.routing import ByWords

_PARAMETER = re.compile(r"\{[^}]+\}")
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


def scope_of(app: FastAPI, method: str, path: str) -> Scope:
    return {"type": "http", "method": method, "path": path, "root_path": "", "headers": [], "app": app}


def by_asking_all(routes: list[BaseRoute], scope: Scope) -> tuple[Match, BaseRoute | None]:
    found: tuple[Match, BaseRoute | None] = (Match.NONE, None)
    for route in routes:
        match, _ = route.matches(dict(scope))
        if match is Match.FULL:
            return match, route
        if match is Match.PARTIAL and found[0] is Match.NONE:
            found = (match, route)
    return found


def test_the_route_found_by_words_is_the_one_found_by_asking_all(app: FastAPI) -> None:
    first, *routes = app.routes
    assert isinstance(first, ByWords)
    paths = {str(context.path) for context in iter_route_contexts(routes) if context.methods}
    # A parameter as an identifier, and as the word that another route has in its place.
    filled = {_PARAMETER.sub("0b7e1c7e-5d0c-4b39-9f0e-1d2f3a4b5c6d", path) for path in paths}
    folders = {path.rpartition("/")[0] for path in paths if path.endswith("}")}
    filled |= {_PARAMETER.sub("x", path) for path in paths if path.rpartition("/")[0] in folders}
    answered = 0
    for method, path in product(("GET", "POST"), sorted(filled)):
        scope = scope_of(app, method, path)
        expected, route = by_asking_all(routes, scope)
        match, chosen = first.matches(dict(scope))
        assert (match, chosen.get("roundtable.route")) == (expected, route), (method, path)
        answered += match is Match.FULL
    assert answered > len(paths)


def test_every_method_of_a_path_is_found_and_any_other_is_refused_by_the_same_route(app: FastAPI) -> None:
    first, *routes = app.routes
    for method, path in product(_METHODS, ("/health", "/api/v1/me", "/api/v1/cases", "/account", "/sign-out")):
        scope = scope_of(app, method, path)
        match, chosen = first.matches(dict(scope))
        assert (match, chosen.get("roundtable.route")) == by_asking_all(routes, scope), (method, path)


def test_what_no_words_lead_to_is_left_to_the_search(app: FastAPI) -> None:
    for path in ("/nowhere", "/api/v1/nowhere", "/health/", "//health", "/static/roundtable.css", "", "/{}"):
        assert app.routes[0].matches(scope_of(app, "GET", path))[0] is Match.NONE, path
    assert app.routes[0].matches({"type": "lifespan"})[0] is Match.NONE
