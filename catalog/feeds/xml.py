"""XML written piece by piece, so that a document of any length is never in memory; pure."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

# What XML 1.0 cannot hold, however it is escaped.
_IMPOSSIBLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def element(name: str, text: str) -> str:
    """`<name>text</name>`; nothing for no text."""
    return f"<{name}>{escape(_IMPOSSIBLE.sub('', text))}</{name}>" if text else ""
