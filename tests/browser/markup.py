"""Whether HTML is well formed: what browsers forgive in silence, and screen readers stumble over."""

from html.parser import HTMLParser

_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
)
# A paragraph ends where one of these begins, whatever its author meant.
_BLOCKS = frozenset(
    (
        "article",
        "aside",
        "div",
        "dl",
        "fieldset",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "header",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "ul",
    )
)
_ALONE = frozenset({"a", "button", "label", "form", "main", "h1", "h2", "h3", "h4"})
_NAMES_IDS = ("for", "aria-describedby", "aria-labelledby", "aria-controls", "headers")


def faults(page: str) -> list[str]:
    """What is wrong with a page, as lines for people; empty when it is well formed."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    found = reader.found + [f"<{tag}> is never closed" for tag, _ in reader.open]
    found += [f'{name}="{each}" names no id on the page' for name, each in reader.named if each not in reader.ids]
    if not page.lstrip().lower().startswith("<!doctype html>"):
        found.append("it does not begin with <!DOCTYPE html>")
    return found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.open: list[tuple[str, int]] = []
        self.ids: set[str] = set()
        self.named: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        line = self.getpos()[0]
        inside = [each for each, _ in self.open]
        if tag in _BLOCKS and "p" in inside:
            self.found.append(f"line {line}: <{tag}> inside <p>")
        if tag in _ALONE and tag in inside:
            self.found.append(f"line {line}: <{tag}> inside <{tag}>")
        names = [name for name, _ in attrs]
        self.found += [f"line {line}: {each} twice on <{tag}>" for each in {n for n in names if names.count(n) > 1}]
        for name, value in attrs:
            if name == "id":
                if not value or value in self.ids or any(c.isspace() for c in value):
                    self.found.append(f"line {line}: the id '{value}' is empty, has a space or is on the page twice")
                self.ids.add(value or "")
            elif name in _NAMES_IDS:
                self.named += [(name, each) for each in (value or "").split()]
            elif name == "href" and value and value.startswith("#"):
                self.named.append((name, value[1:]))
            elif name == "style" or name.startswith("on"):
                self.found.append(f"line {line}: the policy on scripts and styles forbids {name}=")
        if tag == "img" and "alt" not in names:
            self.found.append(f"line {line}: <img> without alt")
        if tag not in _VOID:
            self.open.append((tag, line))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        line = self.getpos()[0]
        if not self.open or self.open[-1][0] != tag:
            self.found.append(f"line {line}: </{tag}> closes {self.open[-1] if self.open else 'nothing'}")
        if any(each == tag for each, _ in self.open):
            while self.open.pop()[0] != tag:
                pass
