"""What a shopper's words mean: a SKU, whole words in any form, or the beginning of one.

Everything here stays on an index: the generated `search_vector`, and the unique SKU. `find_parts` does not,
and is meant for words of which `find` knows nothing.
"""

from __future__ import annotations

import re

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import Case, F, FloatField, Q, Subquery, Value, When
from django.db.models.expressions import Combinable, OrderBy
from django.db.models.functions import Lower

from catalog.models import Variant
from catalog.models.product import ProductQuerySet
from catalog.search.language import configuration

LONGEST = 100
OPERATORS = re.compile(r'"|(^|\s)-|\bor\b', re.IGNORECASE)


def find(products: ProductQuerySet, text: str) -> ProductQuerySet:
    """Products with this SKU, or with all of these words in name or description; the last may be half typed."""
    return products.filter(Q(search_vector=_query(text)) | Q(pk=_with_sku(text)))


def find_parts(products: ProductQuerySet, text: str) -> ProductQuerySet:
    """Products whose name contains the text anywhere, as in "berry" for "Strawberry pot"."""
    return products.filter(name__icontains=text)


def best_first(text: str) -> tuple[OrderBy, ...]:
    """The order of relevance: the exact SKU, then name before description."""
    rank = Case(
        When(pk=_with_sku(text), then=Value(2.0)),
        default=SearchRank(F("search_vector"), _query(text)),
        output_field=FloatField(),
    )
    return OrderBy(rank, descending=True), OrderBy(F("name")), OrderBy(F("pk"))


def _query(text: str) -> Combinable:
    """Whole words as web searches read them, or every word as the beginning of one ("bow" finds bowls)."""
    whole = SearchQuery(text, config=configuration(), search_type="websearch")
    words = re.findall(r"\w+", text)
    if not words or OPERATORS.search(text):
        return whole
    beginnings = " & ".join(f"'{word}':*" for word in words)
    return whole | SearchQuery(beginnings, config=configuration(), search_type="raw")


def _with_sku(text: str) -> Subquery:
    """The id of the product of which a live variant has this SKU (there is at most one), or NULL."""
    variants = Variant.objects.live().alias(lower_sku=Lower("sku")).filter(lower_sku=text.lower())
    return Subquery(variants.order_by().values("product_id")[:1])
