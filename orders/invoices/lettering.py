"""Letters for every name: a font that has them, and right-to-left in its order.

Noto Sans is embedded, and FiraGO for what it lacks. Chinese, Japanese and Korean are not: a PDF names one of Adobe's
fonts for them, and the reader takes its own of that kind. Embedding them would cost megabytes in every installation.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from io import BytesIO
from itertools import groupby
from operator import itemgetter
from typing import cast
from xml.sax.saxutils import escape

from arabic_reshaper import ArabicReshaper
from bidi import get_display
from pymupdf_fonts import myfont
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph

REGULAR = "NotoSans"
BOLD = "NotoSans-Bold"
OTHER_SCRIPTS = {REGULAR: "FiraGO", BOLD: "FiraGO-Bold"}
PACKAGED_AS = {REGULAR: "notos", BOLD: "notosbo", "FiraGO": "figo", "FiraGO-Bold": "figbo"}

CHINESE, JAPANESE, KOREAN = "STSong-Light", "HeiseiKakuGo-W5", "HYGothic-Medium"
# The letters that a reader surely has of each are those of the old encoding it was made for.
LETTERS_OF = {CHINESE: "gbk", JAPANESE: "cp932", KOREAN: "cp949"}

UNKNOWN = "\N{REPLACEMENT CHARACTER}"
INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}
RIGHT_TO_LEFT = {"R", "AL"}
# Letters take the form of their place in the word; a letter that stands alone, its own: FiraGO has no other for it.
_reshaper = ArabicReshaper(configuration={"use_unshaped_instead_of_isolated": True})


def paragraph(text: str, style: ParagraphStyle, width: float) -> Paragraph:
    """The text as a paragraph that wraps at `width` and means nothing but itself, whatever is in it."""
    lines = [_visual_lines(_readable(line), style, width) for line in text.splitlines() or [""]]
    return Paragraph("<br/>".join(_tagged(part, style.fontName) for line in lines for part in line), style)


def text_width(text: str, font: str, size: float) -> float:
    """How wide the text is, in points."""
    return sum(pdfmetrics.stringWidth(run, name, size) for name, run in _runs(text, font))


@lru_cache(maxsize=1)
def load_fonts() -> None:
    """Make the fonts known to ReportLab; once per process."""
    for name in (REGULAR, BOLD):
        _register(TTFont(name, BytesIO(myfont(PACKAGED_AS[name]))))


@lru_cache(maxsize=1)
def _load_other_scripts() -> None:
    for name in OTHER_SCRIPTS.values():
        _register(TTFont(name, BytesIO(myfont(PACKAGED_AS[name]))))
    for name in LETTERS_OF:
        _register(UnicodeCIDFont(name))


def _register(font: TTFont | UnicodeCIDFont) -> None:
    name = font.fontName
    pdfmetrics.registerFont(font)
    pdfmetrics.registerFontFamily(name, name, name, name, name)


def _readable(text: str) -> str:
    """Composed letters, and none that is invisible or turns the text around."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(" " if c == "\t" else c for c in composed if c == "\t" or unicodedata.category(c) not in INVISIBLE)


def _runs(text: str, font: str) -> Iterator[tuple[str, str]]:
    """The text in pieces, each with the font that has its letters: the one that is meant, or another."""
    load_fonts()
    east_asian = _east_asian_fonts(text)
    written = (_written(letter, font, east_asian) for letter in text)
    for name, run in groupby(written, key=itemgetter(0)):
        yield name, "".join(letter for _, letter in run)


def _written(letter: str, font: str, east_asian: list[str]) -> tuple[str, str]:
    """The letter, after the font that has it; if none does, the sign for an unknown one: nothing is lost unseen."""
    if _has(font, letter):
        return font, letter
    _load_other_scripts()
    if _has(OTHER_SCRIPTS[font], letter):
        return OTHER_SCRIPTS[font], letter
    name = next((name for name in east_asian if _encodes(LETTERS_OF[name], letter)), None)
    return (name, letter) if name else (font, UNKNOWN)


def _east_asian_fonts(text: str) -> list[str]:
    """The language that the text shows comes first; with nothing but ideographs, Chinese, which has most of them."""
    scripts = set() if text.isascii() else {unicodedata.name(letter, "").split(" ")[0] for letter in text}
    if scripts & {"HIRAGANA", "KATAKANA"}:
        return [JAPANESE, CHINESE, KOREAN]
    return [KOREAN, CHINESE, JAPANESE] if "HANGUL" in scripts else [CHINESE, JAPANESE, KOREAN]


def _has(font: str, letter: str) -> bool:
    return ord(letter) in cast(TTFont, pdfmetrics.getFont(font)).face.charToGlyph


def _encodes(encoding: str, letter: str) -> bool:
    return bool(letter.encode(encoding, "ignore"))


def _tagged(text: str, font: str) -> str:
    """The text as ReportLab's markup."""
    return "".join(
        escape(run) if name == font else f'<font name="{name}">{escape(run)}</font>' for name, run in _runs(text, font)
    )


def _visual_lines(text: str, style: ParagraphStyle, width: float) -> list[str]:
    """One line as it stands; with right-to-left letters, lines that fit, each in the order of the eye."""
    if not any(unicodedata.bidirectional(letter) in RIGHT_TO_LEFT for letter in text):
        return [text]
    lines: list[str] = []
    for word in _reshaper.reshape(text).split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, style.fontName, style.fontSize) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return [get_display(line) for line in lines]
