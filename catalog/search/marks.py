"""Marks in the index besides words and facet values: what else lists are narrowed by, and who is in a sample. Pure.

They stand among the `facet_ids` as negative numbers, so that one index answers words and all filters together: the
category, whether the price is reduced, the band that the price is in, and the part of the random order (`shuffle`) that
the product is in. There are PARTS of them, each of which doubles all before it: the last is half of the products, the
one before it a quarter and so on. What is looked for and a part together are one look into the index; see
`catalog.search.sampling`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

PARTS = 13
REDUCED = -100
BEFORE_BANDS = -200
BEFORE_CATEGORIES = -1000

# The first figures of prices that people would name. Bands of prices go from one to the next, as the ranges do that
# shoppers are offered, so that a range is some whole bands.
FIGURES = (10, 15, 20, 25, 30, 40, 50, 75)
BOUNDS = tuple(sorted({figure * 10**power // 10 for power in range(12) for figure in FIGURES}))
MOST_BANDS = 40


def part_id(part: int) -> int:
    """Among the `facet_ids`; parts are counted from 1."""
    return -part


def category_id(category: int) -> int:
    """Among the `facet_ids`: the product's own category, which may be below the one that is asked for."""
    return BEFORE_CATEGORIES - category


def band_ids(low: int | None, high: int | None) -> list[int]:
    """Among the `facet_ids`: the bands of the prices from `low` to `high` (minor units, both inclusive).

    Empty when there are so many that they would tell little apart.
    """
    first = bisect_right(BOUNDS, low or 0)
    last = bisect_right(BOUNDS, high) if high is not None else len(BOUNDS)
    bands = [BEFORE_BANDS - band for band in range(first, last + 1)]
    return bands if len(bands) <= MOST_BANDS else []


def _array(numbers: Iterable[float]) -> str:
    return f"'{{{','.join(map(str, numbers))}}}'"


PART_ID = f"-1 - width_bucket(p.shuffle, {_array(0.5**n for n in range(PARTS - 1, 0, -1))}::float8[])"
MARKS = f"""ARRAY[
        {PART_ID},
        {BEFORE_BANDS} - width_bucket(p.price, {_array(BOUNDS)}::bigint[]),
        ({BEFORE_CATEGORIES} - p.category_id)::int
    ] || CASE WHEN p.compare_at_price IS NULL THEN '{{}}'::int[] ELSE ARRAY[{REDUCED}] END"""
