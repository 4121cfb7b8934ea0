"""Which routes may answer a path, by its words: asking every route in turn took a fifth of the service's time."""

from collections.abc import Iterator
from typing import Final

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

_CHOSEN: Final = "roundtable.route"
_ANY: Final = "{}"


class ByWords(BaseRoute):
    """Stands before the routes of an app, and hands a request to the one that would have answered it anyway.

    A path of a route is taken word by word, a word with a parameter in it for any word. What no word tells of, such as
    a mounted folder, is left to the app's own search, and so is a path that nothing answers.
    """

    def __init__(self, app: FastAPI) -> None:
        self._routes = tuple(app.routes)
        self._steps: list[dict[str, int]] = [{}]
        self._ends: dict[int, list[int]] = {}
        for place, route in enumerate(self._routes):
            for context in iter_route_contexts([route]):
                # A parameter that takes several words, a mounted folder, and a second router's default are no words.
                if context.methods and context.path and ":path}" not in context.path:
                    self._add(context.path, place)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """The first of the routes that answers fully; else the first that would answer another method."""
        if scope["type"] != "http" or scope.get("root_path"):
            return Match.NONE, {}
        partial: tuple[Match, Scope] = (Match.NONE, {})
        for place in sorted(self._places(scope["path"])):
            route = self._routes[place]
            match, found = route.matches(scope)
            if match is Match.FULL:
                return match, {**found, _CHOSEN: route}
            if match is Match.PARTIAL and partial[0] is Match.NONE:
                partial = (match, {**found, _CHOSEN: route})
        return partial

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Have the route that matched answer."""
        await scope[_CHOSEN].handle(scope, receive, send)

    def _add(self, path: str, place: int) -> None:
        at = 0
        for word in path.split("/"):
            steps = self._steps[at]
            at = steps.setdefault(_ANY if "{" in word else word, len(self._steps))
            if at == len(self._steps):
                self._steps.append({})
        places = self._ends.setdefault(at, [])
        if place not in places:
            places.append(place)

    def _places(self, path: str) -> Iterator[int]:
        here = [0]
        for word in path.split("/"):
            here = [
                steps[each] for steps in map(self._steps.__getitem__, here) for each in (word, _ANY) if each in steps
            ]
        for at in here:
            yield from self._ends.get(at, ())


def find_by_words(app: FastAPI) -> None:
    """Put it before the routes that the app has by now. Call it when all of them are there."""
    app.router.routes.insert(0, ByWords(app))
