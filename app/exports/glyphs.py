"""Which letters the PDF's fonts can print.

PDF/UA-1 forbids a missing glyph, and a machine's own fonts are never used, so what the bundled fonts lack
(Chinese, Japanese, Korean, Thai, emoji...) is printed as an open box, and the document says so. The Word and Excel
files keep such letters.

``fonts/coverage.json`` lists the ranges that print; ``python -m app.exports.glyphs`` makes it again, which takes
some minutes, and is needed only when the fonts or the version of typst change.
"""

import json
import unicodedata
from datetime import UTC, datetime
from functools import lru_cache

from app.exports.typesetting import FONTS, TEMPLATES, typeset

BOX = "\N{WHITE SQUARE}"
_COVERAGE = FONTS / "coverage.json"
_PROBED = (range(0x20, 0x3000), range(0xA640, 0xA7FF), range(0xFB00, 0xFE00), range(0xFE20, 0xFFFE))


@lru_cache(maxsize=1)
def coverage() -> frozenset[str]:
    """Every character that prints."""
    ranges = json.loads(_COVERAGE.read_text(encoding="ascii"))
    return frozenset(chr(code) for first, last in ranges for code in range(first, last + 1)) | {"\n"}


def printable(text: str) -> str:
    """The text with a box for each letter that cannot be printed, and without invisible formatting characters.

    Those (soft hyphens, joiners, marks of direction) are dropped because typst 0.15 can panic on them.
    """
    covered = coverage()
    if covered.issuperset(text):
        return text
    return "".join(
        letter if letter in covered else BOX
        for letter in unicodedata.normalize("NFC", text)
        if unicodedata.category(letter) != "Cf"
    )


def without_marks(text: str) -> str:
    """The text without the marks set above and below letters, such as Arabic and Hebrew vowel points.

    A mark that prints by itself may still be missing beside a letter of another font.
    """
    return "".join(letter for letter in text if not unicodedata.category(letter).startswith("M"))


def left_to_right(text: str) -> str:
    """The text with a box for every letter past the Cyrillic: what remains if typst cannot set the rest."""
    return "".join(letter if letter < "\u0530" or "\u1e00" <= letter < "\u2100" else BOX for letter in text)


def _prints(text: str) -> bool:
    probe = TEMPLATES / "probe.typ"
    return typeset(probe, {"text": text}, datetime(2000, 1, 1, tzinfo=UTC)) is not None


def _covered(codes: list[int]) -> list[int]:
    """Those that print. Halves the list until each part prints wholly or is one character that does not."""
    # A space between letters keeps each from joining its neighbour: it is single letters that are asked about.
    if not codes or _prints(" ".join(chr(code) for code in codes)):
        return [code for code in codes if _stands(chr(code))]
    if len(codes) == 1:
        return []
    middle = len(codes) // 2
    return _covered(codes[:middle]) + _covered(codes[middle:])


def _stands(letter: str) -> bool:
    """A mark leans on what is before it, so it must print at the start, after a letter and after a space."""
    if not unicodedata.category(letter).startswith("M"):
        return True
    return all(_prints(before + letter) for before in ("", "a", "a "))


def _ranges(codes: list[int]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for code in codes:
        if found and found[-1][1] == code - 1:
            found[-1] = (found[-1][0], code)
        else:
            found.append((code, code))
    return found


def main() -> None:
    """Writes the coverage file anew."""
    asked = [
        code
        for block in _PROBED
        for code in block
        if unicodedata.category(chr(code))[0] in "LMNPS" or code in (0x20, 0xA0)
    ]
    codes = [code for start in range(0, len(asked), 64) for code in _covered(asked[start : start + 64])]
    lines = ",\n".join(json.dumps(pair) for pair in _ranges(codes))
    _COVERAGE.write_text(f"[\n{lines}\n]\n", encoding="ascii")


if __name__ == "__main__":
    main()
