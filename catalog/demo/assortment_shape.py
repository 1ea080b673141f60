"""The shape of the demo catalogue: what a category, a product and a variant are made of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from catalog.demo.drawing import Drawing
from catalog.demo.drawing_kinds import KINDS


@dataclass(frozen=True, slots=True)
class DemoCategory:
    """A node of the two-level tree; `parent` is the slug of a top category, "" for one."""

    slug: str
    name: str
    description: str
    parent: str = ""


@dataclass(frozen=True, slots=True)
class DemoVariant:
    """What can be put in a cart. Prices are decimal strings in euros; the default's name is "".

    `values` answer the product's options; `picture` is the place of its own among the product's.
    """

    sku: str
    name: str
    price: str
    compare_at_price: str | None
    stock: int
    values: tuple[str, ...] = ()
    picture: int | None = None


@dataclass(frozen=True, slots=True)
class DemoPicture:
    drawing: Drawing
    alt: str


@dataclass(frozen=True, slots=True)
class DemoProduct:
    """One product; `category` is the slug of a sub-category, paragraphs are parted by empty lines.

    `tax_class` is a code, "" the default class.
    """

    slug: str
    name: str
    category: str
    description: str
    variants: tuple[DemoVariant, ...]
    pictures: tuple[DemoPicture, ...]
    tax_class: str = ""
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a product, as written in the lists: name, price, stock, former price."""

    name: str
    price: str
    stock: int
    was: str | None = None


Line = tuple[str, tuple[str, str, int, str], tuple[Option, ...], str, str, str]


def slug_of(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower().replace("é", "e").replace("'", "")).strip("-")


def item(
    name: str,
    look: tuple[str, str, int, str],
    price: str | Sequence[Option],
    stock: int,
    *text: str,
    was: str | None = None,
    views: str = "fs",
    tax_class: str = "",
) -> Line:
    """A line of a list: `look` is (kind, palette, seed, alt text), `views` of f, s and d."""
    options = (Option("", price, stock, was),) if isinstance(price, str) else tuple(price)
    return name, look, options, "\n\n".join(text), views, tax_class


def shelf(category: str, prefix: str, lines: Sequence[Line]) -> tuple[DemoProduct, ...]:
    """The products of one sub-category; SKUs are the prefix, a number, and a letter per variant."""
    return tuple(_product(category, f"{prefix}-{100 + 10 * i}", line) for i, line in enumerate(lines, 1))


def _product(category: str, sku: str, line: Line) -> DemoProduct:
    name, (kind, palette, seed, alt), options, description, views, tax_class = line
    variants = tuple(
        DemoVariant(f"{sku}-{chr(65 + i)}" if len(options) > 1 else sku, o.name, o.price, o.was, o.stock)
        for i, o in enumerate(options)
    )
    pictures = tuple(DemoPicture(Drawing(kind, palette, seed, _VIEWS[v]), _alt(name, kind, alt, v)) for v in views)
    return DemoProduct(slug_of(name), name, category, description, variants, pictures, tax_class)


_VIEWS = {"f": "front", "s": "scene", "d": "detail"}
_PLACES = {"standing": "on a table in soft window light", "flat": "seen from above", "wall": "on the wall of a room"}


def _alt(name: str, kind: str, alt: str, view: str) -> str:
    if view == "s":
        return f"{name} {_PLACES[KINDS[kind].stance]}"
    return f"Close-up of {alt[0].lower()}{alt[1:]}" if view == "d" else alt
