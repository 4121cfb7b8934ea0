"""What our own policies forbid in HTML, and links that lead nowhere: the rest is the checker's (validity.py)."""

from html.parser import HTMLParser


def faults(page: str) -> list[str]:
    """What is wrong with a page, as lines for people; empty when nothing is."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.found + [f"#{each} leads nowhere on the page" for each in reader.leads if each not in reader.ids]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.ids: set[str] = set()
        self.leads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id":
                self.ids.add(value or "")
            elif name == "href" and value and value.startswith("#"):
                self.leads.append(value[1:])
            elif name == "style" or name.startswith("on"):
                self.found.append(f"line {self.getpos()[0]}: the policy on scripts and styles forbids {name}=")
