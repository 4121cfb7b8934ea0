"""Templates into HTML: one strict environment, with GOV.UK's components as functions in every template."""

from collections.abc import Iterable
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
        strict.globals[name] = getattr(template.module, name)
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
