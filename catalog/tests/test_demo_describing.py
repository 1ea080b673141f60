"""What the demo shop says about its products, and its collections."""

from __future__ import annotations

import pytest
from django.utils import timezone

from catalog.collections import products_of
from catalog.demo.assortment import PRODUCTS
from catalog.demo.assortment_unlisted import HIDDEN, SCHEDULED
from catalog.demo.describing import KINDS, details_of, tags_of
from catalog.demo.loading import load_catalogue
from catalog.demo.searches import SYNONYMS
from catalog.listing import Wanted, list_products
from catalog.models import AttributeValue, Collection, Product, SearchMiss, Synonym


def test_every_shelf_has_a_brand_and_a_type_that_most_of_it_fits() -> None:
    assert {product.category for product in PRODUCTS} == set(KINDS)
    told = [details_of(product) for product in PRODUCTS]
    assert sum("material" in each for each in told) >= len(PRODUCTS) * 0.8
    assert sum(len(each) >= 2 for each in told) >= len(PRODUCTS) / 2
    assert {tag for product in PRODUCTS for tag in tags_of(product)} >= {"handmade", "gift", "breakfast"}


def test_what_is_told_is_what_the_text_says() -> None:
    cup = next(product for product in PRODUCTS if product.slug == "chalk-breakfast-cup")
    assert details_of(cup) == {"material": "Stoneware", "capacity": "380", "height": "11", "dishwasher-safe": True}


@pytest.mark.django_db
def test_the_demo_shop_shows_what_a_catalogue_can_say() -> None:
    load_catalogue(now=timezone.now(), with_pictures=False)
    again = load_catalogue(now=timezone.now(), with_pictures=False)
    assert (again.products, Collection.objects.count()) == (0, 4)
    shown = {word for synonym in Synonym.objects.all() for word in synonym.words if list_products(Wanted(text=word))}
    assert len(shown) == 2 * len(SYNONYMS), "each finds what the other is called"
    assert not any(list_products(Wanted(text=text)) for text in SearchMiss.objects.values_list("text", flat=True))
    for collection in Collection.objects.all():
        assert products_of(collection).listed().count() >= 4, collection
    assert not Product.objects.filter(brand=None).exists()
    assert not Product.objects.filter(product_type=None).exists()
    assert AttributeValue.objects.count() > len(PRODUCTS)
    assert Product.objects.filter(related_links__isnull=False).distinct().count() > len(PRODUCTS) / 2
    assert not Product.objects.on_sale().filter(slug=SCHEDULED.slug).exists()
    assert Product.objects.on_sale().filter(slug=HIDDEN.slug).exists()
    assert not Product.objects.listed().filter(slug=HIDDEN.slug).exists()
    assert Product.objects.filter(description__startswith="<p>").count() == Product.objects.count()
