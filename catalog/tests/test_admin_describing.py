"""Brands, types, attributes and what the product page says. Clara keeps the catalogue."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.models import Attribute, AttributeValue, Brand, FormerSlug, Product, ProductType, RelatedProduct
from catalog.tests.factories import (
    AttributeFactory,
    BrandFactory,
    CollectionFactory,
    ProductFactory,
    ProductTypeFactory,
)
from catalog.tests.test_admin import errors_of, filled, login, page_of

pytestmark = pytest.mark.django_db
LISTS = [f"admin:catalog_{model}_changelist" for model in ("brand", "attribute", "producttype")]


@pytest.fixture
def clara() -> Client:
    return login("clara")


@pytest.fixture
def mug() -> Product:
    capacity = AttributeFactory.create(name="Capacity", kind="number", unit="ml")
    material = AttributeFactory.create(name="Material", kind="choice", choices=["Stoneware", "Glass"])
    safe = AttributeFactory.create(name="Safe", kind="flag")
    note = AttributeFactory.create(name="Note")
    kind = ProductTypeFactory.create(name="Mug", attributes=[capacity, material, safe, note])
    return ProductFactory.create(name="Mug", product_type=kind)


def saved(product: Product) -> dict[str, Any]:
    values = AttributeValue.objects.filter(product=product).select_related("attribute", "choice")
    return {value.attribute.code: value.value for value in values}


@pytest.mark.parametrize("name", LISTS)
def test_the_pages_are_for_catalogue_staff_only(name: str) -> None:
    assert login("clara").get(reverse(name)).status_code == 200
    assert login("otto").get(reverse(name)).status_code == 403
    assert login("charlie").get(reverse(name)).status_code == 302


def test_the_product_page_asks_for_what_its_type_knows(clara: Client, mug: Product) -> None:
    AttributeFactory.create(name="Wheels")
    page = clara.get(page_of(mug)).content.decode()
    for name in ("capacity", "material", "safe", "note"):
        assert f'name="attribute_{name}"' in page
    assert "attribute_wheels" not in page
    glass = Attribute.objects.get(code="material").choices.get(value="Glass")
    data = {
        "product_type": mug.product_type_id,
        "attribute_capacity": "240.5",
        "attribute_material": glass.pk,
        "attribute_safe": "no",
        "attribute_note": " Thick ",
        "tags": "Gift, handmade, gift",
        "description": "<p onclick=x>Good</p>",
        "seo_title": "A mug",
        "brand": BrandFactory.create().pk,
    }
    assert clara.post(page_of(mug), filled(mug, **data)).status_code == 302
    mug.refresh_from_db()
    assert saved(mug) == {"capacity": "240.5", "material": "Glass", "safe": False, "note": "Thick"}
    assert (mug.tags, mug.description, mug.seo_title) == (["Gift", "handmade"], "<p>Good</p>", "A mug")
    form = clara.get(page_of(mug)).context["adminform"].form
    assert '<option value="no" selected>' in str(form["attribute_safe"])
    emptied = data | {"attribute_capacity": "", "attribute_material": "", "attribute_safe": "", "attribute_note": ""}
    assert clara.post(page_of(mug), filled(mug, **emptied)).status_code == 302
    assert saved(mug) == {}


def test_a_wrong_value_is_told_at_its_field(clara: Client, mug: Product) -> None:
    data = {"product_type": mug.product_type_id, "attribute_capacity": "1e13", "tags": "x" * 61}
    answer = clara.post(page_of(mug), filled(mug, **data))
    assert "attribute_capacity" in errors_of(answer)
    assert "tags" in errors_of(answer)
    assert saved(mug) == {}


def test_another_type_takes_what_it_knows(clara: Client, mug: Product) -> None:
    jug = ProductTypeFactory.create(name="Jug", attributes=[Attribute.objects.get(code="capacity")])
    data = {"product_type": jug.pk, "attribute_capacity": "7", "attribute_note": "Lost"}
    assert clara.post(page_of(mug), filled(mug, **data)).status_code == 302
    assert saved(mug) == {"capacity": "7"}


def test_a_former_address_is_kept_and_related_products_are_ordered(clara: Client, mug: Product) -> None:
    first, second = ProductFactory.create_batch(2)
    data: dict[str, Any] = {"slug": "cup", "related_links-TOTAL_FORMS": 2}
    for number, other in enumerate((second, first)):
        data |= {f"related_links-{number}-other": other.pk, f"related_links-{number}-position": number}
    assert clara.post(page_of(mug), filled(mug, **data)).status_code == 302
    assert [link.other for link in RelatedProduct.objects.filter(product=mug)] == [second, first]
    assert FormerSlug.objects.get().slug == "mug"
    assert clara.get("/products/mug/")["Location"] == "/products/cup/"
    itself = {"related_links-TOTAL_FORMS": 1, "related_links-0-other": first.pk, "related_links-0-position": 0}
    assert "not related to itself" in errors_of(clara.post(page_of(first), filled(first, **itself)))


def test_brands_types_and_attributes_are_made(clara: Client) -> None:
    assert clara.post(reverse("admin:catalog_brand_add"), {"name": "Ton", "slug": "ton"}).status_code == 302
    choices = {
        "choices-TOTAL_FORMS": 2,
        "choices-INITIAL_FORMS": 0,
        "choices-0-value": "Red",
        "choices-1-value": "Blue",
    }
    choices |= {"choices-0-position": 0, "choices-1-position": 1}
    attribute = {"name": "Colour", "code": "colour", "kind": "choice", "is_filter": "on", "position": 0, **choices}
    assert clara.post(reverse("admin:catalog_attribute_add"), attribute).status_code == 302
    colour = Attribute.objects.get()
    assert [choice.value for choice in colour.choices.all()] == ["Red", "Blue"]
    kind = {"name": "Mug", "type_attributes-TOTAL_FORMS": 1, "type_attributes-INITIAL_FORMS": 0}
    kind |= {"type_attributes-0-attribute": colour.pk, "type_attributes-0-position": 0}
    assert clara.post(reverse("admin:catalog_producttype_add"), kind).status_code == 302
    assert list(ProductType.objects.get().attributes.all()) == [colour]
    assert Brand.objects.get().slug == "ton"


def test_the_list_says_when_and_to_whom_a_product_is_shown(clara: Client) -> None:
    ProductFactory.create(name="Now")
    ProductFactory.create(name="Later", published_from=timezone.now() + timedelta(days=400))
    ProductFactory.create(name="Secret", is_listed=False)
    ProductFactory.create(name="Never", is_published=False)
    page = reverse("admin:catalog_product_changelist")
    listed = clara.get(page).content.decode()
    assert "By address" in listed
    assert "From " in listed
    for choice, name in (("yes", "Now"), ("later", "Later"), ("address", "Secret"), ("no", "Never")):
        assert [each.name for each in clara.get(f"{page}?shown={choice}").context["cl"].result_list] == [name]


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_a_day_beyond_all_calendars_is_refused_on_the_page(clara: Client, mug: Product, day: str) -> None:
    data = filled(mug, published_from_0=day, published_from_1="23:59:59")
    assert "published_from" in errors_of(clara.post(page_of(mug), data))
    mug.refresh_from_db()
    assert mug.published_from is None


def test_what_stands_in_the_way_of_deleting_is_counted(clara: Client, mug: Product) -> None:
    """A list of a million products would be no page."""
    acme = BrandFactory.create(name="Acme")
    Product.objects.filter(pk=mug.pk).update(brand=acme)
    CollectionFactory.create(rules=[{"field": "brand", "brand": acme}, {"field": "reduced"}])
    AttributeValue.objects.create(product=mug, attribute=Attribute.objects.get(code="note"), text="Thick")
    kind = mug.product_type
    assert kind is not None
    CollectionFactory.create(rules=[{"field": "product_type", "product_type": kind}])
    for row, words in (
        (acme, ["Acme: 1 products", "Acme: 1 rules of collections"]),
        (kind, ["Mug: 1 products", "Mug: 1 rules of collections"]),
        (Attribute.objects.get(code="note"), ["Note: 1 products", "Note: 1 product types"]),
    ):
        address = reverse(f"admin:catalog_{row._meta.model_name}_delete", args=[row.pk])
        assert clara.get(address).context["protected"] == words
        clara.post(address, {"post": "yes"})
        assert type(row)._default_manager.filter(pk=row.pk).exists()


def test_what_nothing_needs_is_deleted(clara: Client) -> None:
    for row in (BrandFactory.create(), AttributeFactory.create(), ProductTypeFactory.create()):
        address = reverse(f"admin:catalog_{row._meta.model_name}_delete", args=[row.pk])
        assert clara.get(address).context["protected"] == []
        assert clara.post(address, {"post": "yes"}).status_code == 302
        assert not type(row)._default_manager.filter(pk=row.pk).exists()
