"""Runs typst, as data goes in and PDF/UA-1 comes out, and leaves nothing of the data behind.

Only the fonts that travel with the program and with typst are used, so a page is the same on every machine.
"""

from datetime import datetime
from functools import lru_cache
from pathlib import Path

import typst

TEMPLATES = Path(__file__).parent / "templates"
FONTS = Path(__file__).parent / "fonts"
# Typst drops from its cache what ten compilations have not used.
_COMPILATIONS_TO_FORGET = 11


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(FONTS)])


def typeset(template: Path, inputs: dict[str, str], made_at: datetime) -> bytes | None:
    """The template as PDF/UA-1, or None when typst refuses it.

    Typst 0.15 panics on some missing glyphs in right-to-left lines; its binding raises that as a BaseException of
    its own, which must not end the process. Typst's reasons are dropped here because they quote the text.
    """
    compiler = typst.Compiler(input=str(template), font_paths=_fonts(), ignore_system_fonts=True, sys_inputs=inputs)
    try:
        made = compiler.compile(format="pdf", pdf_standards=["ua-1"], timestamp=int(made_at.timestamp()))
    except typst.TypstError:
        return None
    except BaseException as panic:
        if type(panic).__name__ != "PanicException":
            raise
        return None
    finally:
        _forget()
    if not isinstance(made, bytes):
        raise TypeError("Typst made several files where one was asked for.")
    return made


def _forget() -> None:
    """Empties typst's cache, which else keeps people's data, and 250 MB of memory, for ten exports more."""
    nothing = typst.Compiler(input=str(TEMPLATES / "nothing.typ"), font_paths=_fonts(), ignore_system_fonts=True)
    for _ in range(_COMPILATIONS_TO_FORGET):
        nothing.compile(format="svg")
