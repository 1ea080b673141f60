"""Every change of a price leaves an entry: who, when, before and after."""

from __future__ import annotations

import pytest
from django.db import Error, transaction

from catalog.models import PriceChange, Variant
from catalog.products import create_product, update_product
from catalog.tests.factories import CategoryFactory, VariantFactory
from catalog.variants import NewVariant, add_variant, update_variant

Row = tuple[int | None, int, int | None, int | None, str]


def history(variant: Variant) -> list[Row]:
    """Price before and after, compare-at price before and after, and who; the first entry first."""
    columns = ("price_before", "price", "compare_at_price_before", "compare_at_price", "actor")
    return list(variant.price_changes.order_by("pk").values_list(*columns))


@pytest.mark.django_db
def test_a_new_variant_begins_its_history() -> None:
    new = [NewVariant(price=1000), NewVariant(price=900, compare_at_price=1200)]
    product = create_product(name="Mug", category=CategoryFactory.create(), variants=new, actor="clara")
    added = add_variant(product_id=product.pk, new=NewVariant(price=800), actor="otto")

    first, second, third = product.variants.order_by("pk")
    assert history(first) == [(None, 1000, None, None, "clara")]
    assert history(second) == [(None, 900, None, 1200, "clara")]
    assert third == added
    assert history(third) == [(None, 800, None, None, "otto")]


@pytest.mark.django_db
def test_every_change_is_written_down() -> None:
    variant = VariantFactory.create(price=1000)

    update_variant(variant_id=variant.pk, price=900, actor="clara")
    update_variant(variant_id=variant.pk, compare_at_price=1000, actor="otto")
    update_product(product_id=variant.product_id, name="Mug", price=950, actor="clara")

    assert history(variant)[1:] == [
        (1000, 900, None, None, "clara"),
        (900, 900, None, 1000, "otto"),
        (900, 950, 1000, 1000, "clara"),
    ]


@pytest.mark.django_db
def test_what_changes_no_price_writes_nothing() -> None:
    variant = VariantFactory.create(price=1000)

    update_variant(variant_id=variant.pk, price=1000, name="Blue", stock_quantity=3, actor="clara")

    assert len(history(variant)) == 1


@pytest.mark.django_db
def test_the_database_refuses_to_rewrite_it() -> None:
    VariantFactory.create(price=1000)

    with pytest.raises(Error, match="append-only"), transaction.atomic():
        PriceChange.objects.update(price=1)
