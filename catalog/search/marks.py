"""Marks in the index besides words and facet values: what else lists are narrowed by, and who is in a sample. Pure.

They stand among the `facet_ids` as negative numbers, so that one index answers words and all filters together: the
category, whether the price is reduced, and the band that the price is in. LEVELS marks say where a product is in the
random order (`shuffle`): level 1 has those below 1/2, level 2 those below 1/4 and so on. What is looked for and a level
together are one look into the index, which finds the half or the 256th part of it without reading the rest; see
`catalog.search.sampling`.
"""

from __future__ import annotations

from bisect import bisect_right

LEVELS = 12
REDUCED = -100
BEFORE_BANDS = -200
BEFORE_CATEGORIES = -1000

# The first figures of prices that people would name. Bands of prices go from one to the next, as the ranges do that
# shoppers are offered, so that a range is some whole bands.
FIGURES = (10, 15, 20, 25, 30, 40, 50, 75)
BOUNDS = tuple(sorted({figure * 10**power // 10 for power in range(12) for figure in FIGURES}))
MOST_BANDS = 40


def share(level: int) -> float:
    """The products of a level are those with a `shuffle` below this."""
    return 0.5**level


def level_id(level: int) -> int:
    """Among the `facet_ids`."""
    return -level


def category_id(category: int) -> int:
    """Among the `facet_ids`: the product's own category, which may be below the one that is asked for."""
    return BEFORE_CATEGORIES - category


def band_ids(low: int | None, high: int | None) -> list[int]:
    """Among the `facet_ids`: the bands of the prices from `low` to `high` (minor units, both inclusive).

    None when there are so many that they would tell little apart.
    """
    first = bisect_right(BOUNDS, low or 0)
    last = bisect_right(BOUNDS, high) if high is not None else len(BOUNDS)
    bands = [BEFORE_BANDS - band for band in range(first, last + 1)]
    return bands if len(bands) <= MOST_BANDS else []


LEVEL_IDS = f"ARRAY(SELECT -n FROM generate_series(1, {LEVELS}) AS n WHERE p.shuffle < 0.5 ^ n ORDER BY n)"
MARKS = f"""{LEVEL_IDS}
    || CASE WHEN p.compare_at_price IS NULL THEN '{{}}'::int[] ELSE ARRAY[{REDUCED}] END
    || ARRAY[
        {BEFORE_BANDS} - width_bucket(p.price, '{{{",".join(map(str, BOUNDS))}}}'::bigint[]),
        ({BEFORE_CATEGORIES} - p.category_id)::int
    ]"""
