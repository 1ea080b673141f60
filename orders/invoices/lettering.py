"""Letters for every name: embedded fonts, another one for what the first lacks, and right-to-left in its order."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import cast
from xml.sax.saxutils import escape

from arabic_reshaper import ArabicReshaper
from bidi import get_display
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph

FOLDER = Path(__file__).parent / "fonts"
REGULAR = "DejaVuSansCondensed"
BOLD = "DejaVuSansCondensed-Bold"
OTHER_SCRIPTS = "DroidSansFallback"
INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}
RIGHT_TO_LEFT = {"R", "AL"}
# Letters take the form of their place in the word; without the one ligature that the font lacks.
_reshaper = ArabicReshaper(configuration={"ARABIC LIGATURE ALLAH": False})


def paragraph(text: str, style: ParagraphStyle, width: float) -> Paragraph:
    """The text as a paragraph that wraps at `width` and means nothing but itself, whatever is in it."""
    lines = [_visual_lines(_readable(line), style, width) for line in text.splitlines() or [""]]
    return Paragraph("<br/>".join(_tagged(part, style.fontName) for line in lines for part in line), style)


def text_width(text: str, font: str, size: float) -> float:
    """How wide the text is, in points."""
    load_fonts()
    runs = groupby(text, key=lambda letter: _font_for(letter, font))
    return sum(pdfmetrics.stringWidth("".join(run), name, size) for name, run in runs)


@lru_cache(maxsize=1)
def load_fonts() -> None:
    """Make the fonts known to ReportLab; once per process."""
    for name in (REGULAR, BOLD):
        pdfmetrics.registerFont(TTFont(name, FOLDER / f"{name}.ttf"))
        pdfmetrics.registerFontFamily(name, name, name, name, name)


@lru_cache(maxsize=1)
def _load_other_scripts() -> None:
    pdfmetrics.registerFont(TTFont(OTHER_SCRIPTS, FOLDER / f"{OTHER_SCRIPTS}.ttf"))
    pdfmetrics.registerFontFamily(OTHER_SCRIPTS, *[OTHER_SCRIPTS] * 4)


def _readable(text: str) -> str:
    """Composed letters, and none that is invisible or turns the text around."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(" " if c == "\t" else c for c in composed if c == "\t" or unicodedata.category(c) not in INVISIBLE)


def _font_for(letter: str, font: str) -> str:
    """The font that is meant, unless it lacks the letter and another has it."""
    if _has(font, letter):
        return font
    _load_other_scripts()
    return OTHER_SCRIPTS if _has(OTHER_SCRIPTS, letter) else font


def _has(font: str, letter: str) -> bool:
    return ord(letter) in cast(TTFont, pdfmetrics.getFont(font)).face.charToGlyph


def _tagged(text: str, font: str) -> str:
    """The text as ReportLab's markup, each run in a font that has its letters."""
    load_fonts()
    runs = groupby(text, key=lambda letter: _font_for(letter, font))
    return "".join(
        escape("".join(run)) if name == font else f'<font name="{name}">{escape("".join(run))}</font>'
        for name, run in runs
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
