"""What the stock is worth: at cost, as far as costs are known, and at today's prices. Reads only."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import BigIntegerField, Count, ExpressionWrapper, F, Q, QuerySet, Sum
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from catalog.importing.cells import quoted, quoted_code
from catalog.inventory.sheets import WRITTEN_TOGETHER, taken
from catalog.models import Category, StockLevel
from catalog.money import to_string

NAMED = 50
HEADER = ("SKU", "Name", "Category", "On hand", "Cost", "Value at cost", "Price", "Value at price")
CATEGORY = "variant__product__category"


@dataclass(frozen=True)
class Worth:
    """Of a category, or of all: pieces, their value in minor units, and of how many variants no cost is known."""

    name: str
    depth: int
    pieces: int
    at_cost: int
    at_price: int
    without_cost: int


@dataclass(frozen=True)
class Stock:
    """All of it, by category in the order of the tree, and the first variants whose cost is not known."""

    total: Worth
    categories: list[Worth]
    without_cost: list[StockLevel]


def stock_value() -> Stock:
    """What is there now, of archived products, too: three queries, however much it is."""
    sums = {row.pop(CATEGORY): row for row in _present().order_by().values(CATEGORY).annotate(**_sums())}
    places = Category.objects.filter(pk__in=sums).order_by("path").values_list("pk", "name", "depth")
    categories = [Worth(name=name, depth=depth, **sums[pk]) for pk, name, depth in places]
    total = {name: sum(row[name] for row in sums.values()) for name in _sums()}
    unknown = _present().filter(variant__cost=None).select_related("variant__product").order_by("variant__sku")
    return Stock(Worth(name="All", depth=1, **total), categories, list(unknown[:NAMED]))


def written() -> Iterator[str]:
    """Variant by variant as CSV, bit by bit; amounts in the shop's currency."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    out.write("\ufeff")
    writer.writerow([*HEADER[:4], *(f"{name} ({settings.SHOP_CURRENCY})" for name in HEADER[4:])])
    levels = _present().select_related("variant__product__category").order_by("variant__sku")
    for number, level in enumerate(levels.iterator(chunk_size=2000), 1):
        writer.writerow(_row(level))
        if number % WRITTEN_TOGETHER == 0:
            yield taken(out)
    yield taken(out)


def _row(level: StockLevel) -> list[Any]:
    variant = level.variant
    names = [quoted_code(variant.sku), quoted(str(variant)), quoted(variant.product.category.name)]
    return [*names, level.on_hand, *_amounts(variant.cost, level.on_hand), *_amounts(variant.price, level.on_hand)]


def _amounts(each: int | None, pieces: int) -> tuple[str, str]:
    if each is None:
        return "", ""
    return to_string(each, settings.SHOP_CURRENCY), to_string(each * pieces, settings.SHOP_CURRENCY)


def _present() -> QuerySet[StockLevel]:
    return StockLevel.objects.filter(on_hand__gt=0)


def _sums() -> dict[str, Any]:
    return {
        "pieces": Sum("on_hand"),
        "at_cost": Coalesce(Sum(_worth("variant__cost")), 0),
        "at_price": Sum(_worth("variant__price")),
        "without_cost": Count("pk", filter=Q(variant__cost=None)),
    }


def _worth(each: str) -> Combinable:
    return ExpressionWrapper(F("on_hand") * F(each), output_field=BigIntegerField())
