"""What holds of every page: anyone can use it, on any device, with JavaScript or without, and only we are asked."""

import re

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from app.db.session import Database
from tests.browser.elsewhere import ELSEWHERE
from tests.browser.pages import PAGES, Shown
from tests.browser.windows import DESKTOP, NARROWEST, Window, sign_in
from tests.world import Clock, World

# The scripts that the layout gives to every page, and the components that show and hide nothing on a desktop.
LAYOUTS = frozenset({"enabled.js", "exit.js", "kept.js", "roundtable.js", "sending.js", "stay.js"})
STILL = frozenset(
    {
        "govuk-button",
        "govuk-checkboxes",
        "govuk-error-summary",
        "govuk-notification-banner",
        "govuk-radios",
        "govuk-service-navigation",
        "govuk-skip-link",
    }
)
_SCRIPT = re.compile(r'<script\b[^>]*?\bsrc="/static/([^?"]+)')
_MODULE = re.compile(r'\bdata-module="([^"]+)"')


def is_the_same_without_scripts(page: str) -> bool:
    """Whether scripts make no more of this page than the layout's make of every page."""
    scripts = _SCRIPT.findall(page)
    assert len(scripts) == page.count("<script"), "a script that is no file of ours"
    return LAYOUTS.issuperset(scripts) and STILL.issuperset(_MODULE.findall(page)) and "__conditional" not in page


@pytest.mark.parametrize("shown", PAGES, ids=lambda each: each.name)
async def test_anyone_can_use_the_page(
    shown: Shown, phone: Window, desktop_without_javascript: Window, town: World, clock: Clock, database: Database
) -> None:
    clock.reset()
    path = await shown.path_in(town)
    key = await sign_in(database, town[shown.who]) if shown.who else None

    async def look(window: Window) -> str:
        await window.hold(key)
        assert await window.go(path) == shown.status
        assert window.path == path
        await window.check()
        window.nothing_went_wrong((f"status of {shown.status}",) if shown.status >= 400 else ())
        assert window.answer is not None
        return await window.answer.text()

    if is_the_same_without_scripts(await look(phone)):
        # Only the classes that style sheets know scripts by can make it look otherwise: it need not be got again.
        await phone.page.evaluate("document.body.classList.remove('js-enabled', 'govuk-frontend-supported')")
        await phone.page.set_viewport_size(DESKTOP)
        await phone.check_shape()
        await phone.page.set_viewport_size(NARROWEST)
    else:
        await look(desktop_without_javascript)


def test_a_page_is_looked_at_without_scripts_as_soon_as_it_has_one_of_its_own() -> None:
    layout = (
        '<script type="module" src="/static/roundtable.js?v=1" nonce="n"></script><button data-module="govuk-button">'
    )
    assert is_the_same_without_scripts(layout)
    assert not is_the_same_without_scripts(layout + '<script src="/static/refer.js?v=1"></script>')
    assert not is_the_same_without_scripts(layout + '<div data-module="govuk-password-input">')
    assert not is_the_same_without_scripts(layout + '<div class="govuk-radios__conditional">')
    with pytest.raises(AssertionError):
        is_the_same_without_scripts(layout + "<script>1</script>")


def test_every_page_there_is_is_looked_at(app: FastAPI) -> None:
    got = {
        str(context.path_format)
        for context in iter_route_contexts(app.routes)
        if "GET" in (getattr(context.original_route, "methods", None) or ())
    }
    pages = {path for path in got if not path.startswith("/api/")}
    assert pages - {shown.path for shown in PAGES} - ELSEWHERE.keys() == set()
    assert ELSEWHERE.keys() <= pages
