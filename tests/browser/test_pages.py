"""What holds of every page: anyone can use it, on any device, with JavaScript or without, and only we are asked."""

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from app.db.session import Database
from tests.browser.pages import ELSEWHERE, PAGES, Shown
from tests.browser.windows import Window, sign_in
from tests.world import Clock, World


@pytest.mark.parametrize("shown", PAGES, ids=lambda each: each.name)
async def test_anyone_can_use_the_page(
    shown: Shown, phone: Window, desktop_without_javascript: Window, town: World, clock: Clock, database: Database
) -> None:
    clock.reset()
    path = await shown.path_in(town)
    key = await sign_in(database, town[shown.who]) if shown.who else None
    expected = (f"status of {shown.status}",) if shown.status >= 400 else ()
    for window in (phone, desktop_without_javascript):
        await window.hold(key)
        assert await window.go(path) == shown.status
        assert window.path == path
        await window.check()
        window.nothing_went_wrong(expected)


def test_every_page_there_is_is_looked_at(app: FastAPI) -> None:
    got = {
        str(context.path_format)
        for context in iter_route_contexts(app.routes)
        if "GET" in (getattr(context.original_route, "methods", None) or ())
    }
    pages = {path for path in got if not path.startswith("/api/")}
    assert pages - {shown.path for shown in PAGES} - ELSEWHERE.keys() == set()
    assert ELSEWHERE.keys() <= pages
