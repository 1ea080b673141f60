"""Descriptions as HTML of a few harmless tags: cleaned on the way in, so that pages may show what is stored.

Every act that stores a description calls `sanitised`; what it gives back, it gives back unchanged.
"""

from __future__ import annotations

import re
from html import escape, unescape

import nh3

TAGS = frozenset(
    [
        *("p", "br", "strong", "b", "em", "i", "u", "s", "ul", "ol", "li", "h2", "h3", "h4", "a", "blockquote"),
        *("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"),
    ]
)
ALLOWED = "Tags that are kept: " + ", ".join(sorted(TAGS)) + "."
_SPAN = {"colspan", "rowspan"}
_ATTRIBUTES = {"*": set[str](), "a": {"href"}, "td": _SPAN, "th": _SPAN}
_SCHEMES = {"http", "https", "mailto"}
# Editors and other shops write these; what they mean has a tag that is kept.
_ALIKE = {
    "h1": "h2",
    "h5": "h4",
    "h6": "h4",
    "del": "s",
    "strike": "s",
    "ins": "u",
    **dict.fromkeys(("div", "section", "article", "header", "footer", "main", "aside", "figure"), "p"),
}
_ALIKE_TAG = re.compile(rf"<(/?)({'|'.join(_ALIKE)})(?=[\s/>])", re.IGNORECASE)
_ANY_TAG = re.compile(r"<[a-z/!?][^<>]*>", re.IGNORECASE)
_BLOCK = re.compile(r"<(?:p|[uo]l|li|h[2-4]|blockquote|table|caption|t[a-z]+)>")
_NOTHING = re.compile(r"<p>(?:\s|&nbsp;|<br>)*</p>")
_END_OF_BLOCK = re.compile(r"</(?:p|li|h[2-4]|blockquote|caption|t[dhr])>|<br>")


def sanitised(html: str) -> str:
    """The HTML with nothing in it but allowed tags; text without tags of its own becomes paragraphs.

    Scripts and styles go with all they hold, other tags leave their text behind. Links lead to the web, to an e-mail
    address or around the shop.
    """
    html = html.replace("\0", "").encode(errors="replace").decode()
    if _ANY_TAG.search(html):
        alike = _ALIKE_TAG.sub(lambda tag: f"<{tag[1]}{_ALIKE[tag[2].lower()]}", html)
        html = _NOTHING.sub("", _clean(alike)).strip()
        if _ANY_TAG.search(html):
            return html if _BLOCK.search(html) else _NOTHING.sub("", _clean(_in_paragraphs(html)))
    return _clean(_in_paragraphs(escape(unescape(html))))


def plain(html: str, length: int) -> str:
    """The words of sanitised HTML as one line of at most `length` characters, cut between two words."""
    spaced = _END_OF_BLOCK.sub(lambda end: f" {end[0]}", html)
    text = " ".join(unescape(nh3.clean(spaced, tags=set())).split())
    if len(text) <= length:
        return text
    cut = text[:length]
    if " " in cut:
        cut = cut.rpartition(" ")[0]
    return f"{cut[: length - 1].rstrip(' ,;:.–-')}…"


def _clean(html: str) -> str:
    return nh3.clean(
        html,
        tags=set(TAGS),
        clean_content_tags={"script", "style", "iframe", "template", "svg", "math", "noscript", "title"},
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel="nofollow noopener",
    )


def _in_paragraphs(html: str) -> str:
    """Lines of text as paragraphs, which empty lines part."""
    parts = re.split(r"\n\s*\n", html.replace("\r\n", "\n").replace("\r", "\n").strip())
    return "\n".join("<p>" + "<br>".join(part.split("\n")) + "</p>" for part in parts if part)
