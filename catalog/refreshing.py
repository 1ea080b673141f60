"""Products follow what they are described with: a brand, type or attribute that changes is found anew with all of them.

In batches, each a transaction of its own, so that neither a page nor the shop waits for a million products.
"""

from __future__ import annotations

from django.db import transaction

from catalog.models import AttributeValue, Product, TypeAttribute
from catalog.models.product import ProductQuerySet
from catalog.search.indexing import reindex

BATCH = 1000


def refresh_products_with(*, what: str, pk: int) -> int:
    """Write anew what products with this `brand`, `product_type` or `attribute` are found by; returns how many.

    Products of a type forget the values of attributes that the type does not ask for any more.
    """
    done, last = 0, 0
    while ids := _refresh_batch(_products_with(what, pk).filter(pk__gt=last), what, pk):
        done, last = done + len(ids), ids[-1]
    return done


@transaction.atomic(durable=True)
def _refresh_batch(products: ProductQuerySet, what: str, pk: int) -> list[int]:
    locked = products.select_for_update(no_key=True, of=("self",)).order_by("pk")
    ids = list(locked.values_list("pk", flat=True)[:BATCH])
    if what == "product_type":
        asked = TypeAttribute.objects.filter(product_type=pk).values("attribute")
        AttributeValue.objects.filter(product__in=ids).exclude(attribute__in=asked).delete()
    reindex(ids)
    return ids


def _products_with(what: str, pk: int) -> ProductQuerySet:
    if what == "attribute":
        return Product.objects.filter(pk__in=AttributeValue.objects.filter(attribute=pk).values("product"))
    return Product.objects.filter(**{{"brand": "brand", "product_type": "product_type"}[what]: pk})
