"""The first of a selection in the random order (`shuffle`), read without reading the rest.

Sorting a selection of a million to take its first two thousand costs a million. The marks of `catalog.search.marks` are
in the same index as words and facet values, so that one look into it finds what has the words and is in, say, the
first 256th of the random order. A sample looks there first, and goes on to the next part, which doubles it, only when
that was not enough: PostgreSQL does not begin a part of UNION ALL before its rows are asked for. So about twice the
wanted rows are read at most, whether a selection has thousands or millions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.search import CombinedSearchQuery, SearchQuery, SearchQueryField
from django.db.models import ExpressionWrapper

from catalog.models.product import ProductQuerySet
from catalog.search.marks import PARTS, part_id

Query = SearchQuery | CombinedSearchQuery
Statement = tuple[str, list[Any]]


def sample(
    products: ProductQuerySet,
    size: int,
    columns: Sequence[str],
    *,
    query: Query | None = None,
    words: str = "search_vector",
    at_most: str = "",
) -> Statement:
    """SQL for the first `size` in the random order; of those that `query` fits, when there is one.

    `at_most` is a scalar of SQL that may turn out to be less than `size`.
    """
    wanted = dict.fromkeys([*columns, "shuffle", "facet_ids", *([] if query is None else [words])])
    selected = products.order_by()
    if query is not None:
        selected = selected.annotate(meant=ExpressionWrapper(query, SearchQueryField()))
    names = [*wanted, *([] if query is None else ["meant"])]
    sql, parameters = selected.values_list(*names).query.sql_with_params()
    fits = "" if query is None else f" AND {words} @@ meant"
    parts = [
        f"(SELECT {', '.join(columns)} FROM ({sql}) AS part"
        f" WHERE facet_ids @> ARRAY[{part_id(part)}]{fits} ORDER BY shuffle LIMIT {size})"
        for part in range(1, PARTS + 1)
    ]
    return f"{' UNION ALL '.join(parts)} LIMIT {at_most or size}", [*parameters] * len(parts)
