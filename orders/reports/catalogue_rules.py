"""What always holds in the catalogue beside stock and prices."""

from __future__ import annotations

from orders.reports.rule import Invariant

# A path is four characters per level; the beginning of it is the path of what is above.
TREE = Invariant(
    "the category tree is sound",
    """
    SELECT format('category %%s (%%s): %%s', c.slug, c.path, CASE
        WHEN length(c.path) <> 4 * c.depth THEN format('is said to be at depth %%s', c.depth)
        WHEN c.depth > 1 AND above.id IS NULL THEN 'nothing is above it'
        ELSE format('is said to hold %%s, holds %%s', c.numchild, coalesce(below.number, 0))
    END)
    FROM catalog_category c
    LEFT JOIN catalog_category above ON above.path = left(c.path, -4)
    LEFT JOIN (
        SELECT left(path, -4) AS path, count(*) AS number FROM catalog_category GROUP BY 1
    ) below ON below.path = c.path
    WHERE length(c.path) <> 4 * c.depth
       OR (c.depth > 1 AND above.id IS NULL)
       OR c.numchild <> coalesce(below.number, 0)
    """,
)
CATALOGUE_RULES = (TREE,)
