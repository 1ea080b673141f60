"""The variants that the lines of a product describe, and the options they are combinations of. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from catalog.importing.rows import Row
from catalog.importing.shapes import WantedVariant

MOST_GRAMS = 10**8
MOST_PIECES = 10**9
OPTIONS = ("option_1", "option_2", "option_3")
VALUES = ("value_1", "value_2", "value_3")


def variants_of(
    rows: Sequence[Row], currency: str, *, has_variants: bool
) -> tuple[tuple[str, ...], tuple[WantedVariant, ...]]:
    """The names of the options, and the variants in order. What is wrong is noted at the rows."""
    with_variant = [row for row in rows if row.has_variant]
    if not with_variant:
        if has_variants:
            rows[0].refuse("price", "There is no price.")
        return (), ()
    options = _options(rows)
    if _is_only_default(options, with_variant):
        options = ()
    variants = tuple(_variant(row, options, currency) for row in with_variant)
    _check_differ(with_variant, variants)
    return options, variants


def _options(rows: Sequence[Row]) -> tuple[str, ...]:
    """The names of the options, which the first line gives; others may repeat them."""
    names = [rows[0].text(field, most=60) for field in OPTIONS]
    while names and not names[-1]:
        names.pop()
    if not all(names):
        rows[0].refuse(OPTIONS[names.index("")], "The options have to be named one after the other.")
    if len({name.lower() for name in names}) < len(names):
        rows[0].refuse(OPTIONS[0], "Two options have the same name.")
    for row in rows[1:]:
        for number, field in enumerate(OPTIONS):
            if (name := row.text(field, most=60)) and name != (names[number] if number < len(names) else ""):
                row.refuse(field, "This option is called otherwise in the product's first line.")
    return tuple(names)


def _is_only_default(options: Sequence[str], rows: Sequence[Row]) -> bool:
    """Shopify's way to write a product without options."""
    only = len(rows) == 1 and [option.lower() for option in options] in (["title"], [])
    return only and rows[0].raw("value_1").lower() in ("default title", "") and not rows[0].raw("value_2")


def _variant(row: Row, options: Sequence[str], currency: str) -> WantedVariant:
    price = row.amount("price", currency)
    if price == 0:
        row.refuse("price", "The price is 0; the shop sells nothing for free.")
    return WantedVariant(
        line=row.line,
        values=_values(row, options),
        sku=row.code("sku", most=64),
        price=price,
        compare_at_price=_compare_at_price(row, price, currency),
        cost=row.amount("cost", currency),
        barcode=row.code("barcode", most=64),
        weight=row.number("grams", least=0, most=MOST_GRAMS),
        quantity=_quantity(row),
        allows_backorders=row.one_of("policy", ["deny", "continue"]) == "continue",
        picture=row.raw("variant_image"),
    )


def _values(row: Row, options: Sequence[str]) -> tuple[str, ...]:
    values = tuple(row.text(field, most=80) for field in VALUES[: len(options)])
    for field, value in zip(VALUES, values, strict=False):
        if not value:
            row.refuse(field, "The value of this option is missing.")
    for field in VALUES[len(options) :]:
        if row.raw(field) and row.raw(field).lower() != "default title":
            row.refuse(field, "This is the value of an option that has no name.")
    return values


def _compare_at_price(row: Row, price: int | None, currency: str) -> int | None:
    former = row.amount("compare_at_price", currency)
    if former and price and former <= price:
        row.hint("compare_at_price", "This is not higher than the price and was left out.")
        return None
    return former or None


def _quantity(row: Row) -> int | None:
    quantity = row.number("quantity", least=-MOST_PIECES, most=MOST_PIECES)
    if quantity is not None and quantity < 0:
        row.hint("quantity", "There cannot be fewer than none; 0 was taken.")
    elif quantity == 0 and "tracker" in row.layout and not row.raw("tracker"):
        row.hint("tracker", "Shopify does not count these pieces; the shop does, and has none until some come in.")
    return None if quantity is None else max(quantity, 0)


def _check_differ(rows: Sequence[Row], variants: Sequence[WantedVariant]) -> None:
    """No two variants of a product with the same values or the same SKU."""
    combinations: set[tuple[str, ...]] = set()
    skus: set[str] = set()
    for row, variant in zip(rows, variants, strict=True):
        combination = tuple(value.lower() for value in variant.values)
        if combination in combinations:
            row.refuse("value_1", "This product has a variant with these options further up.")
        if variant.sku and variant.sku.lower() in skus:
            row.refuse("sku", "This product has a variant with this SKU further up.")
        combinations.add(combination)
        skus.add(variant.sku.lower())
