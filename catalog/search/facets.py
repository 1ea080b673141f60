"""How many products there are of each kind, in bounded time however many there are.

Every product has a random place between 0 and 1 (`shuffle`). Of a selection the first SAMPLE products in this order are
looked at. When it has no more than that, all counts are exact. When it has more, those looked at are a fair sample: if
the last of k stands at s, there are about (k - 1) / s of them in all, and each kind is scaled by the same factor (with
a standard error of about 1 / sqrt(k), 2 % for the whole). As nothing is exact then, FEWER do for what is counted
beside it.

Counts of a facet leave its own selection out: who has chosen Blue still sees how many are Red.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import connection

from catalog.models.product import ProductQuerySet
from catalog.search.sampling import Query, sample

SAMPLE = 2000
# Where the whole is more than that, other parts are not counted as well, and stock is looked up of fewer still.
FEWER, LOOKED_UP = 1000, 500
# The parts: with every filter applied, and without one of them, which is named by its code or, as no code begins with
# a question mark, by one of these.
ALL, CATEGORY, PRICE, IN_STOCK, REDUCED = "", "?category", "?price", "?in_stock", "?reduced"
FACET = "?facet"
# OFFSET 0 has each product of the sample looked up, and not the stock of all products gathered to compare with.
BUYABLE = """EXISTS (
    SELECT FROM catalog_variant v JOIN catalog_stocklevel l ON l.variant_id = v.id
    WHERE v.product_id = s.id AND v.archived_at IS NULL AND (l.on_hand > l.reserved OR l.allows_backorders) OFFSET 0
)"""

# What can be counted in a sample: the column it needs, and one line for each value.
_LAST = "SELECT {part} AS part, 'last' AS what, max(s.shuffle)::text AS name, count(*) AS count FROM {sample} s"
_COUNTED = {
    FACET: (
        "facet_ids",
        "SELECT {part}, 'facet', f.id::text, count(*)"
        " FROM {sample} s, unnest(s.facet_ids) AS f(id) WHERE f.id > 0 GROUP BY f.id",
    ),
    CATEGORY: (
        "category_id",
        "SELECT {part}, 'category', s.category_id::text, count(*) FROM {sample} s GROUP BY s.category_id",
    ),
    IN_STOCK: (
        "id",
        f"SELECT {{part}}, 'in_stock', count(*)::text, count(*) FILTER (WHERE {BUYABLE}) FROM ("
        "SELECT id FROM {sample} LIMIT {looked_up}) s",
    ),
    REDUCED: (
        "compare_at_price",
        "SELECT {part}, 'reduced', '', count(*) FROM {sample} s WHERE s.compare_at_price IS NOT NULL",
    ),
    PRICE: ("price", "SELECT {part}, 'price', s.price::text, count(*) FROM {sample} s GROUP BY s.price"),
}
_LABELLED = """
    SELECT counted.part, counted.what, coalesce(c.path, counted.name), counted.count,
        v.code, v.value, v."group", v.label, v.position
    FROM ({counts}) AS counted
    LEFT JOIN catalog_facetvalue v ON v.id = CASE counted.what WHEN 'facet' THEN counted.name::bigint END
    LEFT JOIN catalog_category c ON c.id = CASE counted.what WHEN 'category' THEN counted.name::bigint END
"""


@dataclass(frozen=True)
class Total:
    """How many products there are; `is_estimate` when there are too many to count."""

    count: int
    is_estimate: bool


@dataclass(frozen=True)
class Value:
    """A value of a facet, and how many products have it."""

    value: str
    label: str
    count: int
    position: int


@dataclass(frozen=True)
class Group:
    """A brand, option or attribute with the values that there are, in order."""

    code: str
    label: str
    values: tuple[Value, ...]


class Counts:
    """What was counted in one selection; `categories` by their paths in the tree."""

    def __init__(self) -> None:
        self.seen, self.last, self.size, self.looked_up = 0, 1.0, SAMPLE, 0
        self.plain: dict[str, int] = {}
        self.categories: dict[str, int] = {}
        self.prices: dict[int, int] = {}
        self.values: dict[str, dict[str, Value]] = defaultdict(dict)
        self.labels: dict[str, str] = {}

    @property
    def is_estimate(self) -> bool:
        return self.seen >= self.size

    @cached_property
    def scale(self) -> float:
        return (self.seen - 1) / self.last / self.seen if self.is_estimate and self.last else 1.0

    @property
    def total(self) -> Total:
        return Total(self.scaled(self.seen), self.is_estimate)

    def scaled(self, count: float) -> int:
        """The count in the whole selection; rounded to two figures when it is estimated."""
        return _rounded(count * self.scale) if self.is_estimate else round(count)

    @property
    def in_stock(self) -> int:
        """How many can be bought now."""
        return self.scaled(self.plain.get("in_stock", 0) * self.seen / (self.looked_up or 1))

    @property
    def reduced(self) -> int:
        """How many cost less than before."""
        return self.scaled(self.plain.get("reduced", 0))

    def groups(self) -> Iterator[Group]:
        for code, values in self.values.items():
            ordered = sorted(values.values(), key=lambda value: (value.position, _natural(value.value), value.label))
            yield Group(code, self.labels[code], tuple(ordered))


def count_facets(parts: Mapping[str, ProductQuerySet], query: Query | None = None) -> dict[str, Counts]:
    """Count each of the selections, of what `query` fits; one query for all of them.

    In the part ALL everything is counted, in that of a filter only what this filter chooses among.
    """
    samples, counting, values = [], [], []
    for number, (name, products) in enumerate(parts.items()):
        counted = _COUNTED.values() if name == ALL else [_COUNTED.get(name, _COUNTED[FACET])]
        columns = ["shuffle", *(column for column, _ in counted)]
        fewer = _unless_long(FEWER) if number else ""
        sql, parameters = sample(products, SAMPLE, columns, query=query, at_most=fewer)
        samples.append(f"sample_{number} AS MATERIALIZED ({sql})")
        counting += [
            line.format(part=number, sample=f"sample_{number}", looked_up=_unless_long(LOOKED_UP))
            for line in (_LAST, *(sql for _, sql in counted))
        ]
        values += parameters
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {', '.join(samples)} {_LABELLED.format(counts=' UNION ALL '.join(counting))}", values)
        rows = cursor.fetchall()
    found = {name: Counts() for name in parts}
    _fill(list(found.values()), rows)
    return found


def count_products(products: ProductQuerySet, query: Query | None = None) -> Total:
    """How many there are that `query` fits, in bounded time; one query."""
    with connection.cursor() as cursor:
        cursor.execute(*sample(products, SAMPLE, ["shuffle"], query=query))
        places = [place for (place,) in cursor]
    counts = Counts()
    counts.seen, counts.last = len(places), places[-1] if places else 1.0
    return counts.total


def _unless_long(fewer: int) -> str:
    """SQL: everything, or `fewer` when the whole is more than a sample."""
    return f"(SELECT CASE WHEN count(*) < {SAMPLE} THEN {SAMPLE} ELSE {fewer} END FROM sample_0)"


def _fill(parts: list[Counts], rows: Iterable[tuple[Any, ...]]) -> None:
    later = []
    for number, what, name, count, *label in rows:
        part = parts[number]
        if what == "last":
            part.seen, part.last = count, float(name or 1)
        elif what == "in_stock":
            part.plain[what], part.looked_up = count, int(name)
        elif what == "category":
            part.categories[name] = count
        elif what == "price":
            part.prices[int(name)] = count
        elif what == "facet":
            later.append((part, count, label))
        else:
            part.plain[what] = count
    for part in parts[1:]:
        part.size = FEWER if parts[0].is_estimate else SAMPLE
    for part, count, (code, value, group, text, position) in later:
        if code is None:  # a value that was just forgotten
            continue
        before = part.values[code].get(value)
        part.labels.setdefault(code, group)
        part.values[code][value] = Value(value, text, count + (before.count if before else 0), position)


def _rounded(number: float) -> int:
    """To two significant figures."""
    whole = round(number)
    step = int(10 ** max(0, len(str(whole)) - 2))
    return round(whole / step) * step


def _natural(value: str) -> tuple[float, str]:
    """Numbers by size, before words."""
    try:
        return float(value), ""
    except ValueError:
        return float("inf"), value
