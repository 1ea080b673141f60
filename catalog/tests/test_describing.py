"""What is said about a product: brand, tags, attributes, related products, and when it is shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.errors import InvalidProduct
from catalog.models import Attribute, AttributeValue, FormerSlug, Product, RelatedProduct, Variant
from catalog.products import create_product, update_product
from catalog.tests.factories import (
    AttributeFactory,
    BrandFactory,
    CategoryFactory,
    ProductFactory,
    ProductTypeFactory,
)
from catalog.variants import NewVariant

pytestmark = pytest.mark.django_db


def attributes_of(product: Product) -> dict[str, object]:
    values = AttributeValue.objects.filter(product=product).select_related("attribute", "choice")
    return {value.attribute.code: value.value for value in values}


@pytest.fixture
def mug() -> Product:
    """A product of the type Mug: a material to choose, a capacity in ml, a note, and a yes or no."""
    material = AttributeFactory.create(name="Material", kind="choice", choices=["Stoneware", "Glass"])
    capacity = AttributeFactory.create(name="Capacity", kind="number", unit="ml")
    note, safe = AttributeFactory.create(name="Note"), AttributeFactory.create(name="Safe", kind="flag")
    kind = ProductTypeFactory.create(name="Mug", attributes=[capacity, material, note, safe])
    return ProductFactory.create(name="Stone mug", product_type=kind)


def test_a_product_is_created_with_all_that_is_said_about_it(mug: Product) -> None:
    brand = BrandFactory.create()
    tomorrow = timezone.now() + timedelta(days=1)
    product = create_product(
        name="Cup",
        category=CategoryFactory.create(),
        variants=[NewVariant(price=100)],
        description="Two\n\nparagraphs<",
        brand=brand,
        product_type=mug.product_type,
        tags=["Stoneware ", "stoneware", " hand  made", ""],
        seo_title=" A  cup ",
        seo_description="For tea",
        google_category="2169",
        published_from=tomorrow,
        is_listed=False,
        related=[mug.pk],
        attributes={"capacity": "240", "material": "glass", "safe": False, "note": " Thick "},
    )
    product.refresh_from_db()
    assert product.description == "<p>Two</p>\n<p>paragraphs&lt;</p>"
    assert (product.brand, product.tags, product.seo_title) == (brand, ["Stoneware", "hand made"], "A cup")
    assert (product.published_from, product.is_listed, product.google_category) == (tomorrow, False, "2169")
    assert [link.other for link in product.related_links.all()] == [mug]
    assert attributes_of(product) == {"capacity": "240", "material": "Glass", "safe": False, "note": "Thick"}


def test_attributes_change_one_by_one_and_nothing_takes_one_away(mug: Product) -> None:
    update_product(product_id=mug.pk, attributes={"capacity": 240, "material": "Glass", "safe": True})
    update_product(product_id=mug.pk, attributes={"capacity": "250.5", "material": None, "note": ""})
    assert attributes_of(mug) == {"capacity": "250.5", "safe": True}


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("capacity", "much"),
        ("capacity", True),
        ("capacity", "NaN"),
        ("capacity", 1e300),
        ("capacity", "0.00001"),
        ("capacity", 10**12),
        ("material", "Gold"),
        ("material", 5),
        ("safe", "yes"),
        ("safe", 1),
        ("note", "x" * 501),
        ("note", "a\0b"),
        ("note", 7),
        ("colour", "red"),
    ],
)
def test_a_value_that_its_attribute_cannot_have_is_refused(mug: Product, code: str, value: Any) -> None:
    with pytest.raises(InvalidProduct) as refused:
        update_product(product_id=mug.pk, name="Other", attributes={code: value})
    assert refused.value.field == "attributes"
    mug.refresh_from_db()
    assert (mug.name, attributes_of(mug)) == ("Stone mug", {})


def test_a_refused_choice_names_some_and_counts_the_rest(mug: Product) -> None:
    colour = AttributeFactory.create(name="Colour", kind="choice", choices=[f"Blue {n}" for n in range(12)])
    product = ProductFactory.create(product_type=ProductTypeFactory.create(name="Jug", attributes=[colour]))
    with pytest.raises(InvalidProduct, match=r"Colour is one of: Blue 0, .*, Blue 9 and 2 more\."):
        update_product(product_id=product.pk, attributes={"colour": "Red"})
    with pytest.raises(InvalidProduct, match=r"Material is one of: Stoneware, Glass\."):
        update_product(product_id=mug.pk, attributes={"material": "Gold"})


def test_with_another_type_only_what_both_types_know_stays(mug: Product) -> None:
    update_product(product_id=mug.pk, attributes={"capacity": 240, "safe": True})
    jug = ProductTypeFactory.create(name="Jug", attributes=[Attribute.objects.get(code="capacity")])
    update_product(product_id=mug.pk, product_type=jug)
    assert attributes_of(mug) == {"capacity": "240"}
    update_product(product_id=mug.pk, product_type=None)
    assert attributes_of(mug) == {}


@pytest.mark.parametrize(
    ("details", "field"),
    [
        ({"tags": ["x" * 61]}, "tags"),
        ({"tags": ["a,b"]}, "tags"),
        ({"tags": [str(n) for n in range(251)]}, "tags"),
        ({"seo_title": "x" * 121}, "seo_title"),
        ({"seo_description": "x" * 321}, "seo_description"),
        ({"google_category": "x" * 256}, "google_category"),
        ({"published_from": datetime.max.replace(tzinfo=UTC)}, "published_from"),
        ({"published_from": datetime.min.replace(tzinfo=UTC)}, "published_from"),
        ({"related": [0]}, "related"),
        ({"slug": "two words"}, "slug"),
        ({"slug": "taken"}, "slug"),
    ],
)
def test_nonsense_is_refused_and_nothing_written(mug: Product, details: dict[str, Any], field: str) -> None:
    ProductFactory.create(slug="taken")
    with pytest.raises(InvalidProduct) as refused:
        update_product(product_id=mug.pk, name="Other", **details)
    assert refused.value.field == field
    mug.refresh_from_db()
    assert (mug.name, mug.slug, mug.tags) == ("Stone mug", "stone-mug", [])
    assert not FormerSlug.objects.exists()


def test_related_products_keep_their_order_and_are_never_the_product_itself(mug: Product) -> None:
    first, second, third = ProductFactory.create_batch(3)
    update_product(product_id=mug.pk, related=[first.pk, second.pk, first.pk])
    update_product(product_id=mug.pk, related=[third.pk, second.pk])
    assert [link.other for link in RelatedProduct.objects.filter(product=mug)] == [third, second]
    with pytest.raises(InvalidProduct):
        update_product(product_id=mug.pk, related=[mug.pk])
    with pytest.raises(IntegrityError), transaction.atomic():
        RelatedProduct.objects.filter(other=third).update(other=mug)


def test_a_product_is_seen_and_bought_from_its_moment_on(mug: Product) -> None:
    soon = timezone.now() + timedelta(seconds=60)
    update_product(product_id=mug.pk, published_from=soon)
    mug.refresh_from_db()
    assert mug.is_on_sale is False
    assert not Product.objects.on_sale().exists()
    assert not Variant.objects.buyable().exists()
    update_product(product_id=mug.pk, published_from=timezone.now() - timedelta(seconds=1))
    mug.refresh_from_db()
    assert Product.objects.get().is_on_sale is True
    assert Product.objects.listed().get() == mug
    assert Variant.objects.buyable().get().product == mug


def test_a_hidden_product_is_on_sale_and_on_no_list(mug: Product) -> None:
    update_product(product_id=mug.pk, is_listed=False)
    assert Product.objects.on_sale().get() == mug
    assert not Product.objects.listed().exists()
    assert Variant.objects.buyable().exists()
