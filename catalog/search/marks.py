"""Marks in the index besides words and facet values: what else lists are narrowed by, and who is in a sample. Pure.

They stand among the `facet_ids` as negative numbers, so that one index answers all filters together: the category, and
whether the price is reduced. LEVELS marks say where a product is in the random order (`shuffle`): level 1 has those
below 1/4, level 2 those below 1/16 and so on. Words and a level together are one look into the same index, which finds
the 16th or the 256th part of what has the words without reading the rest; see `catalog.search.sampling`.
"""

from __future__ import annotations

LEVELS = 6
REDUCED = -100
BEFORE_CATEGORIES = -1000


def share(level: int) -> float:
    """The products of a level are those with a `shuffle` below this."""
    return 0.25**level


def level_id(level: int) -> int:
    """Among the `facet_ids`."""
    return -level


def level_word(level: int) -> str:
    """Among the words; nothing that people type is taken for it, as no word begins with a blank."""
    return f" {level}"


def category_id(category: int) -> int:
    """Among the `facet_ids`: the product's own category, which may be below the one that is asked for."""
    return BEFORE_CATEGORIES - category


LEVEL_IDS = f"ARRAY(SELECT -n FROM generate_series(1, {LEVELS}) AS n WHERE p.shuffle < 0.25 ^ n ORDER BY n)"
LEVEL_WORDS = f"ARRAY(SELECT ' ' || n FROM generate_series(1, {LEVELS}) AS n WHERE p.shuffle < 0.25 ^ n)"
MARKS = f"""{LEVEL_IDS}
    || CASE WHEN p.compare_at_price IS NULL THEN '{{}}'::int[] ELSE ARRAY[{REDUCED}] END
    || ARRAY[({BEFORE_CATEGORIES} - p.category_id)::int]"""
