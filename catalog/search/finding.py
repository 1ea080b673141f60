"""Products by words: those that match, and the best of them first without looking at all of them."""

from __future__ import annotations

from django.contrib.postgres.search import SearchRank
from django.db.models import Case, F, FloatField, Q, Subquery, Value, When
from django.db.models.expressions import OrderBy, RawSQL
from django.db.models.functions import Lower

from catalog.models import Variant
from catalog.models.product import ProductQuerySet
from catalog.search.sampling import Query, sample

# Nobody looks further; beyond, what is found is too much to be ranked and has to be narrowed down.
CANDIDATES = 500


def matching(products: ProductQuerySet, query: Query) -> ProductQuerySet:
    """Those of the products that the words fit."""
    return products.filter(search_vector=query)


def candidates(products: ProductQuerySet, query: Query) -> RawSQL:
    """Ids of at most CANDIDATES products that the words fit: those whose name (brand, SKU, barcode) does before others.

    However many there are, no more are ranked; which of them is as good as drawn by lot, and always the same.
    """
    named, named_parameters = sample(products, CANDIDATES, ["id"], query=query, words="name_vector")
    others, other_parameters = sample(products.exclude(name_vector=query), CANDIDATES, ["id"], query=query)
    sql = f"({named}) UNION ALL ({others}) LIMIT {CANDIDATES}"
    return RawSQL(sql, [*named_parameters, *other_parameters])  # noqa: S611  # the ORM's


def best_first(text: str, query: Query) -> tuple[OrderBy, ...]:
    """The order of relevance: what fits best, then by name."""
    return OrderBy(relevance(text, query), descending=True), OrderBy(F("name")), OrderBy(F("pk"))


def relevance(text: str, query: Query) -> Case:
    """How well a product fits: first the very SKU or barcode, then what is called so, then what is described so."""
    return Case(
        When(pk__in=_with_code(text), then=Value(9.0)),
        When(name_vector=query, then=Value(1.0) + SearchRank(F("search_vector"), query)),
        default=SearchRank(F("search_vector"), query),
        output_field=FloatField(),
    )


def _with_code(text: str) -> Subquery:
    """Ids of the products of which a live variant has this SKU or barcode."""
    code = text.strip()
    variants = Variant.objects.live().alias(lower_sku=Lower("sku"))
    return Subquery(variants.filter(Q(lower_sku=code.lower()) | Q(barcode=code)).order_by().values("product_id"))
