"""Names, slugs and SKUs: checked, made from names, unique also when several people create the same thing at once."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Callable, Iterator
from typing import TypeVar

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from catalog.errors import InvalidProduct

SKU_LENGTH = 64
SUFFIX_ALPHABET = "bcdfghjkmnpqrstvwxyz23456789"
Row = TypeVar("Row")


def slug_from(name: str, *, fallback: str, length: int) -> str:
    """A slug of at most `length` characters; `fallback` for a name without any Latin letter or digit."""
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss")).encode("ascii", "ignore").decode()
    return slugify(plain)[:length].strip("-_") or fallback


def checked_slug(slug: str, *, length: int) -> str:
    """The slug as somebody chose it. Raises InvalidProduct when it is none."""
    if len(slug) > length or not re.fullmatch(r"[A-Za-z0-9_-]+", slug):
        raise InvalidProduct("Use Latin letters, digits, hyphens and underscores.", field="slug")
    return slug


def checked_line(text: str, *, field: str, most: int) -> str:
    """The text as one line of at most `most` characters. Raises InvalidProduct."""
    text = " ".join(text.split())
    if len(text) > most:
        raise InvalidProduct(f"Use at most {most} characters.", field=field)
    return text


def random_suffix() -> str:
    return "".join(secrets.choice(SUFFIX_ALPHABET) for _ in range(5))


def numbered(base: str, *, length: int) -> Iterator[str]:
    """`base`, `base-2`, `base-3`, and then ones that nobody else will think of."""
    yield base
    for suffix in ("2", "3", random_suffix(), random_suffix(), random_suffix()):
        yield f"{base[: length - len(suffix) - 1]}-{suffix}"


def insert_under_free_slug(slugs: Iterator[str], insert: Callable[[str], Row], is_taken: Callable[[str], bool]) -> Row:
    """Insert a row under the first slug that is free; part of the caller's transaction.

    The unique constraint decides: who loses a race takes the next slug. Raises InvalidProduct when all are taken.
    """
    for slug in slugs:
        if is_taken(slug):
            continue
        try:
            with transaction.atomic():
                return insert(slug)
        except IntegrityError:
            if not is_taken(slug):
                raise
    raise InvalidProduct("This address is in use.", field="slug")


def sku_from(slug: str, name: str = "") -> str:
    """A SKU that people can read: product slug and variant name in capitals."""
    text = slug_from(f"{slug} {name}", fallback="item", length=SKU_LENGTH - 6)
    return text.upper()
