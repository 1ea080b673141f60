"""Codes as people type them and as the shop makes them. Pure."""

from __future__ import annotations

import re
import secrets
import unicodedata

from orders.numbers import ALPHABET

LONGEST = 40
CODE_FORM = re.compile(rf"[A-Za-z0-9-]{{3,{LONGEST}}}")
# Hyphens and dashes that phones and word processors put in place of the one on the keyboard.
DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-")


def read_code(typed: str) -> str:
    """The code that was meant: wide letters, spaces and typographic dashes forgiven. Empty for what cannot be one."""
    if len(typed) > 4 * LONGEST:
        return ""
    plain = "".join(unicodedata.normalize("NFKC", typed).translate(DASHES).split())
    return plain if CODE_FORM.fullmatch(plain) else ""


def random_code(prefix: str, length: int) -> str:
    """A code that nobody guesses: the prefix, then `length` random signs that are not taken for one another."""
    return prefix + "".join(secrets.choice(ALPHABET) for _ in range(length))
