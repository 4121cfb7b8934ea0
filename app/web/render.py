"""Templates into HTML: one strict environment, with GOV.UK's components as functions in every template."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, PackageLoader, PrefixLoader, StrictUndefined

from app.web.assets import asset

FOLDER: Final = Path(__file__).parent / "templates"

_COMPONENTS: Final = {
    "back-link": "govukBackLink",
    "breadcrumbs": "govukBreadcrumbs",
    "button": "govukButton",
    "checkboxes": "govukCheckboxes",
    "date-input": "govukDateInput",
    "details": "govukDetails",
    "error-message": "govukErrorMessage",
    "error-summary": "govukErrorSummary",
    "exit-this-page": "govukExitThisPage",
    "fieldset": "govukFieldset",
    "input": "govukInput",
    "inset-text": "govukInsetText",
    "notification-banner": "govukNotificationBanner",
    "pagination": "govukPagination",
    "panel": "govukPanel",
    "password-input": "govukPasswordInput",
    "phase-banner": "govukPhaseBanner",
    "radios": "govukRadios",
    "select": "govukSelect",
    "service-navigation": "govukServiceNavigation",
    "summary-list": "govukSummaryList",
    "table": "govukTable",
    "tag": "govukTag",
    "textarea": "govukTextarea",
    "warning-text": "govukWarningText",
}

# These take milliseconds each, and are mostly told what they were told for the page before. What people type freely is
# in none of them.
_ALIKE: Final = frozenset({"checkboxes", "radios", "service-navigation"})
_KEPT_ALIKE: Final = 512

_Component = Callable[[Mapping[str, object]], str]


@dataclass(frozen=True, slots=True)
class _Told:
    """What a component is told: the same as whatever reads the same."""

    reads: str
    parameters: Mapping[str, object] = field(compare=False)


def _drawn_once(component: _Component) -> _Component:
    """The component, which draws what it was told before from memory."""

    @lru_cache(_KEPT_ALIKE)
    def drawn(told: _Told) -> str:
        return component(told.parameters)

    return lambda parameters: drawn(_Told(repr(parameters), parameters))


def _environment() -> Environment:
    # The components ask for every parameter that they were not given, so they have an environment that lets them; ours
    # refuses a name that does not exist.
    lenient = Environment(
        loader=PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
        autoescape=True,
        auto_reload=False,
    )
    strict = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    strict.globals |= {"asset": asset, "_items": _items}
    for folder, name in _COMPONENTS.items():
        template = lenient.get_template(f"govuk_frontend_jinja/components/{folder}/macro.html")
        component = getattr(template.module, name)
        strict.globals[name] = _drawn_once(component) if folder in _ALIKE else component
    return strict


def _items(items: Iterable[tuple[str, ...]]) -> list[dict[str, object]]:
    """Pairs of a value and its label, or triples with a hint, as radios and checkboxes take them."""
    return [
        {"value": value, "text": label, **({"hint": {"text": hint[0]}} if hint else {})}
        for value, label, *hint in items
    ]


_PAGES: Final = _environment()


def render(template: str, facts: dict[str, object]) -> str:
    """The page. Raises UndefinedError when the template asks for a fact that it was not given."""
    return _PAGES.get_template(template).render(facts)
