"""What the rules of a collection find."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.collections import products_of, rewrite_collection, with_rules
from catalog.models import Collection, CollectionRule, Product
from catalog.tests.factories import (
    BrandFactory,
    CategoryFactory,
    CollectionFactory,
    ProductFactory,
    ProductTypeFactory,
)
from shop.testing.sql import captured_sql

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf() -> dict[str, Any]:
    """Three products: an old cheap mug of Ton, a reduced bowl below Kitchen, a new dear spade."""
    kitchen = CategoryFactory.create(name="Kitchen")
    bowls = CategoryFactory.create(name="Bowls", parent=kitchen)
    brand, kind = BrandFactory.create(name="Ton"), ProductTypeFactory.create(name="Mug")
    old = timezone.now() - timedelta(days=40)
    ProductFactory.create(name="mug", tags=["gift", "clay"], brand=brand, product_type=kind, price=900, created_at=old)
    ProductFactory.create(name="bowl", tags=["clay"], category=bowls, price=2000, compare_at_price=2500, created_at=old)
    ProductFactory.create(name="spade", price=5000)
    return {"kitchen": kitchen, "bowls": bowls, "brand": brand, "kind": kind}


def found(*rules: dict[str, Any], matches_any: bool = False) -> set[str]:
    collection = CollectionFactory.create(rules=rules, matches_any=matches_any)
    return set(products_of(collection).values_list("name", flat=True))


def test_each_rule_finds_its_products(shelf: dict[str, Any]) -> None:
    assert found({"field": "tag", "text": "clay"}) == {"mug", "bowl"}
    assert found({"field": "tag", "text": "cla"}) == set()
    assert found({"field": "product_type", "product_type": shelf["kind"]}) == {"mug"}
    assert found({"field": "brand", "brand": shelf["brand"]}) == {"mug"}
    assert found({"field": "category", "category": shelf["kitchen"]}) == {"bowl"}
    assert found({"field": "category", "category": shelf["bowls"]}) == {"bowl"}
    assert found({"field": "price_from", "number": 2000}) == {"bowl", "spade"}
    assert found({"field": "price_to", "number": 2000}) == {"mug", "bowl"}
    assert found({"field": "new", "number": 30}) == {"spade"}
    assert found({"field": "new", "number": 50}) == {"mug", "bowl", "spade"}
    assert found({"field": "reduced"}) == {"bowl"}


def test_all_rules_or_any(shelf: dict[str, Any]) -> None:
    rules = {"field": "tag", "text": "clay"}, {"field": "price_to", "number": 1000}
    assert found(*rules) == {"mug"}
    others = {"field": "tag", "text": "gift"}, {"field": "new", "number": 1}
    assert found(*others) == set()
    assert found(*others, matches_any=True) == {"mug", "spade"}


def test_without_rules_there_is_nothing(shelf: dict[str, Any]) -> None:
    assert found() == set()
    assert found(matches_any=True) == set()


def test_a_collection_follows_its_products(shelf: dict[str, Any]) -> None:
    collection = CollectionFactory.create(rules=[{"field": "tag", "text": "garden"}])
    assert not products_of(collection).exists()
    Product.objects.filter(name="spade").update(tags=["garden"])
    assert products_of(collection).get().name == "spade"


def test_the_rules_come_with_the_collection_in_one_query(shelf: dict[str, Any]) -> None:
    rules = [{"field": "category", "category": shelf["kitchen"]}, {"field": "tag", "text": "clay"}]
    CollectionFactory.create(rules=rules)
    with captured_sql() as statements:
        collection = with_rules(Collection.objects.all()).get()
        assert [product.name for product in products_of(collection)] == ["bowl"]
    assert len(statements) == 2


def test_no_condition_looks_into_another_table(shelf: dict[str, Any]) -> None:
    every = [
        {"field": "tag", "text": "clay"},
        {"field": "product_type", "product_type": shelf["kind"]},
        {"field": "brand", "brand": shelf["brand"]},
        {"field": "category", "category": shelf["kitchen"]},
        {"field": "price_from", "number": 1},
        {"field": "price_to", "number": 10},
        {"field": "new", "number": 1},
        {"field": "reduced"},
    ]
    assert {rule["field"] for rule in every} == {*CollectionRule.Field.values}
    for matches_any in (True, False):
        sql = str(products_of(CollectionFactory.create(rules=every, matches_any=matches_any)).query)
        assert "JOIN" not in sql
        assert "SELECT" not in sql[1:]


@pytest.mark.parametrize(
    "rule",
    [
        {"field": "tag"},
        {"field": "brand"},
        {"field": "category"},
        {"field": "product_type"},
        {"field": "price_from"},
        {"field": "new"},
        {"field": "price_to", "number": -1},
        {"field": "colour", "text": "red"},
    ],
)
def test_a_rule_without_its_value_cannot_be_stored(rule: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        CollectionFactory.create(rules=[rule])


def test_saving_a_collection_leaves_alone_what_a_job_has_written_meanwhile() -> None:
    opened = CollectionFactory.create(name="Gifts")
    copies = [{"format": "webp", "width": 320, "name": "collections/gifts-320.webp"}]
    Collection.objects.filter(pk=opened.pk).update(image_renditions=copies)

    opened.name = "Presents"
    rewrite_collection(opened, ["name"])

    assert Collection.objects.values_list("name", "image_renditions").get() == ("Presents", copies)
