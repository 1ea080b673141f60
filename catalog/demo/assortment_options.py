"""What the products of the demo shop are chosen by: one option for most, two or three for some."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import product as every_combination

from catalog.demo.assortment_shape import DemoPicture, DemoProduct, DemoVariant
from catalog.demo.drawing import Drawing

SIZE, COLOUR, PACK, SCENT = ("Size",), ("Colour",), ("Pack",), ("Scent",)
# What is not listed comes in sizes. Two keep variants that are only named.
BY = {
    "inkwell-cup": PACK,
    "button-cushion": COLOUR,
    "gourd-table-lamp": COLOUR,
    "mushroom-lamp": COLOUR,
    "pot-with-saucer": COLOUR,
    "jute-twine-on-a-spool": COLOUR,
    "nest-box": (),
    "rose-clay-soap": (),
    "amber-hand-soap": SCENT,
    "grain-sack-tea-towel": PACK,
    "fluted-pen-pot": COLOUR,
    "wreath-cards": PACK,
    "paper-scissors": COLOUR,
}
# The colours that have a picture of their own, as (value, palette).
FACES = {
    "button-cushion": {"Forest": "juniper", "Sand": "oat"},
    "gourd-table-lamp": {"Chalk": "chalk"},
    "mushroom-lamp": {"Moss": "moss", "Clay": "clay"},
    "pot-with-saucer": {"Clay": "clay"},
    "fluted-pen-pot": {"Charcoal": "charcoal"},
    "veranda-cushion": {"Rust": "rust", "Ochre": "ochre", "Ink": "ink"},
    "field-notebook": {"Rust": "rust", "Ink": "ink"},
}


@dataclass(frozen=True, kw_only=True)
class Combined:
    """Every combination of `options`; a price is what its first value costs and what the others add, in cents.

    `stocks` and `formers` name combinations, or parts of them, that are not like the others.
    """

    options: Mapping[str, Mapping[str, int]]
    not_made: frozenset[frozenset[str]] = frozenset()
    stocks: Mapping[frozenset[str], int] = field(default_factory=dict)
    formers: Mapping[frozenset[str], int] = field(default_factory=dict)


def _of(*values: str) -> frozenset[str]:
    return frozenset(values)


COMBINED = {
    "veranda-cushion": Combined(
        options={
            "Size": {"45 × 45 cm": 3900, "60 × 60 cm": 5600},
            "Colour": {"Juniper": 0, "Rust": 0, "Ochre": 0, "Ink": 0},
        },
        stocks={_of("60 × 60 cm", "Rust"): 0, _of("45 × 45 cm", "Ochre"): 3},
        formers={_of("Ochre"): 700},
        not_made=frozenset({_of("60 × 60 cm", "Ink")}),
    ),
    "juniper-smoke-candle": Combined(
        options={
            "Scent": {"Juniper & smoke": 0, "Fig leaf": 0, "Tomato vine": 0},
            "Size": {"180 g": 2200, "320 g": 3200},
        },
        stocks={_of("Tomato vine", "320 g"): 0, _of("Fig leaf", "180 g"): 4},
    ),
    "classic-terracotta-pot": Combined(
        options={
            "Size": {"14 cm": 1200, "18 cm": 1700, "24 cm": 2800, "32 cm": 4400},
            "Saucer": {"No saucer": 0, "With saucer": 500},
        },
        not_made=frozenset({_of("32 cm", "With saucer")}),
        stocks={_of("24 cm", "With saucer"): 0},
    ),
    "field-notebook": Combined(
        options={
            "Size": {"A6": 1400, "A5": 1800, "A4": 2600},
            "Ruling": {"Dotted": 0, "Lined": 0, "Plain": 0},
            "Cover": {"Juniper": 0, "Rust": 0, "Ink": 0},
        },
        not_made=frozenset({_of("A6", "Plain"), _of("A4", "Dotted", "Rust")}),
        stocks={_of("Plain", "Juniper"): 0, _of("A4", "Lined"): 0, _of("A5", "Dotted", "Ink"): 2},
        formers={_of("A6", "Lined"): 400},
    ),
}


def with_options(product: DemoProduct) -> DemoProduct:
    """The product as it is chosen on its page."""
    if product.slug in COMBINED:
        product = _combined(product, COMBINED[product.slug])
    elif len(product.variants) > 1:
        by = BY.get(product.slug, SIZE)
        variants = [replace(variant, values=(variant.name,) if by else ()) for variant in product.variants]
        product = replace(product, options=by, variants=tuple(variants))
    return _with_faces(product, FACES.get(product.slug, {}))


def _combined(product: DemoProduct, wanted: Combined) -> DemoProduct:
    base = product.variants[0].sku.rpartition("-")[0]
    made = [values for values in every_combination(*wanted.options.values()) if not _matching(wanted.not_made, values)]
    variants = tuple(_variant(base, number, values, wanted) for number, values in enumerate(made))
    return replace(product, options=tuple(wanted.options), variants=variants)


def _variant(base: str, number: int, values: tuple[str, ...], wanted: Combined) -> DemoVariant:
    cents = sum(prices[value] for prices, value in zip(wanted.options.values(), values, strict=True))
    stocks, formers = _matching(wanted.stocks, values), _matching(wanted.formers, values)
    return DemoVariant(
        sku="-".join([base, *(_code(value) for value in values)]),
        name=" / ".join(values),
        price=_decimal(cents),
        compare_at_price=_decimal(cents + wanted.formers[formers[0]]) if formers else None,
        stock=wanted.stocks[stocks[0]] if stocks else 6 + 7 * number % 29,
        values=values,
    )


def _matching(
    parts: frozenset[frozenset[str]] | Mapping[frozenset[str], int], values: tuple[str, ...]
) -> list[frozenset[str]]:
    return [part for part in parts if part <= set(values)]


def _code(value: str) -> str:
    word: str = re.findall(r"[A-Za-z0-9]+", value)[0]
    return word[:4].upper()


def _decimal(cents: int) -> str:
    return f"{cents / 100:.2f}"


def _with_faces(product: DemoProduct, faces: Mapping[str, str]) -> DemoProduct:
    """The product with a picture for each of these values, which the variants of that value show."""
    front = product.pictures[0]
    pictures = list(product.pictures)
    places = {}
    for value, palette in faces.items():
        places[value] = len(pictures)
        drawing = Drawing(front.drawing.kind, palette, front.drawing.seed, front.drawing.view)
        pictures.append(DemoPicture(drawing, f"{product.name} in {value.lower()}"))
    if not faces:
        return product
    variants = [
        replace(variant, picture=next((places[value] for value in variant.values if value in places), 0))
        for variant in product.variants
    ]
    return replace(product, pictures=tuple(pictures), variants=tuple(variants))
