from __future__ import annotations

import random

import pytest
from django.db import connection

from catalog.models import Product
from catalog.models.product import ProductQuerySet
from catalog.search.indexing import reindex
from catalog.search.marks import BOUNDS, PARTS, band_ids, category_id
from catalog.search.reading import read
from catalog.search.sampling import Query, sample
from catalog.tests.factories import CategoryFactory, ProductFactory

pytestmark = pytest.mark.django_db


def sampled(products: ProductQuerySet, size: int, query: Query | None = None) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(*sample(products, size, ["id"], query=query))
        return [pk for (pk,) in cursor]


@pytest.fixture
def many() -> ProductQuerySet:
    """Products of all parts, every third a mug, every second on another shelf, some not listed."""
    rng, shelves = random.Random(7), CategoryFactory.create_batch(2)
    places = [0.0, *(0.5**part for part in range(1, PARTS + 2)), *(rng.random() ** 3 for _ in range(200))]
    Product.objects.bulk_create(
        Product(
            category=shelves[n % 2],
            name=f"{'Mug' if n % 3 == 0 else 'Bowl'} {n}",
            slug=str(n),
            price=n,
            shuffle=place,
            is_listed=n % 7 > 0,
        )
        for n, place in enumerate(places)
    )
    reindex(Product.objects.values_list("pk", flat=True))
    return Product.objects.listed()


@pytest.mark.parametrize("size", [1, 5, 40, 1000])
def test_a_sample_is_the_first_in_the_random_order_whatever_its_size(many: ProductQuerySet, size: int) -> None:
    mugs = many.filter(name__startswith="Mug")
    assert sampled(many, size) == list(many.order_by("shuffle").values_list("pk", flat=True)[:size])
    assert sampled(many, size, read("mugs").query) == list(mugs.order_by("shuffle").values_list("pk", flat=True)[:size])


def test_a_sample_is_of_what_was_selected(many: ProductQuerySet) -> None:
    shelf = many.order_by("pk")[0].category_id
    here = many.filter(category=shelf, price__gte=30).order_by("shuffle").values_list("pk", flat=True)

    assert sampled(many.filter(facet_ids__overlap=[category_id(shelf)], price__gte=30), 20) == list(here[:20])


def test_no_text_finds_the_marks_among_the_words() -> None:
    ProductFactory.create(name="Bowl", description="", sku="BOWL", shuffle=0.0)
    for text in ("1", " 1", "' 1'", '" 1"', " 1 -mug", " ", "the", "a & | !"):
        assert sampled(Product.objects.all(), 5, read(text).query) == [], text


def test_a_product_is_in_the_band_that_its_price_is_looked_for_in() -> None:
    prices = sorted({0, *BOUNDS, *(bound - 1 for bound in BOUNDS), BOUNDS[-1] * 10})
    shelf = CategoryFactory.create()
    Product.objects.bulk_create(Product(category=shelf, name="Mug", slug=str(price), price=price) for price in prices)
    reindex(Product.objects.values_list("pk", flat=True))

    for price, marks in Product.objects.values_list("price", "facet_ids"):
        assert set(band_ids(price, price)) & set(marks), price
    assert len(band_ids(2000, 2999)) == 2
    assert band_ids(None, None) == []
