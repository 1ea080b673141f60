"""An address that a page has left leads to where the page is now."""

from __future__ import annotations

import pytest
from django.test import Client

from catalog.categories import create_category, update_category
from catalog.models import FormerSlug, Product
from catalog.products import create_product, update_product
from catalog.tests.api.people import client_of
from catalog.tests.factories import CategoryFactory, ProductFactory
from catalog.variants import NewVariant

pytestmark = pytest.mark.django_db


def test_a_product_is_found_under_every_address_it_had(client: Client) -> None:
    mug = ProductFactory.create(slug="mug")
    update_product(product_id=mug.pk, slug="cup")
    update_product(product_id=mug.pk, slug="beaker")
    for former in ("mug", "cup"):
        answer = client.get(f"/products/{former}/?variant=7")
        assert (answer.status_code, answer["Location"]) == (301, "/products/beaker/?variant=7")
    assert client.head("/products/mug/").status_code == 301
    assert client.post("/products/mug/").status_code == 405
    assert client.get("/products/beaker/").status_code == 200


def test_a_product_that_goes_back_is_a_page_again(client: Client) -> None:
    mug = ProductFactory.create(slug="mug")
    update_product(product_id=mug.pk, slug="cup")
    update_product(product_id=mug.pk, slug="mug")
    assert client.get("/products/mug/").status_code == 200
    assert client.get("/products/cup/")["Location"] == "/products/mug/"
    assert [each.slug for each in FormerSlug.objects.all()] == ["cup"]


def test_another_page_takes_a_former_address_over(client: Client) -> None:
    mug = ProductFactory.create(slug="mug")
    update_product(product_id=mug.pk, slug="cup")
    create_product(name="Mug", category=mug.category, variants=[NewVariant(price=5)])
    assert client.get("/products/mug/").status_code == 200
    assert not FormerSlug.objects.exists()
    bowl = ProductFactory.create(slug="bowl")
    update_product(product_id=bowl.pk, slug="dish")
    update_product(product_id=mug.pk, slug="bowl")
    assert client.get("/products/bowl/").status_code == 200
    assert {each.slug: each.product_id for each in FormerSlug.objects.all()} == {"cup": mug.pk}


def test_what_shoppers_cannot_see_is_not_found_under_former_addresses_either(client: Client) -> None:
    mug = ProductFactory.create(slug="mug")
    update_product(product_id=mug.pk, slug="secret", is_published=False)
    assert client.get("/products/mug/").status_code == 404
    Product.objects.all().delete()
    assert not FormerSlug.objects.exists()


def test_categories_and_products_have_addresses_of_their_own(client: Client) -> None:
    mugs = CategoryFactory.create(name="Mugs")
    update_category(category_id=mugs.pk, slug="cups")
    assert client.get("/categories/mugs/?page=2")["Location"] == "/categories/cups/?page=2"
    assert client.get("/products/mugs/").status_code == 404
    create_category(name="Mugs")
    assert client.get("/categories/mugs/").status_code == 200


def test_addresses_change_over_the_api(client: Client) -> None:
    clara = client_of("clara")
    body = {"name": "Stone Mug", "slug": "mug", "price": "12.00"}
    assert clara.post("/api/v1/products/", body, format="json").json()["slug"] == "mug"
    CategoryFactory.create(name="Mugs", slug="mugs")
    for kind in ("products", "categories"):
        slug = {"products": "mug", "categories": "mugs"}[kind]
        changed = clara.patch(f"/api/v1/{kind}/{slug}/", {"slug": f"{slug}-2"}, format="json")
        assert (changed.status_code, changed.json()["slug"]) == (200, f"{slug}-2")
        answer = client.get(f"/{kind}/{slug}/")
        assert (answer.status_code, answer["Location"]) == (301, f"/{kind}/{slug}-2/")
        for nonsense in ("two words", "ü", "", 5, "x" * 300):
            refused = clara.patch(f"/api/v1/{kind}/{slug}-2/", {"slug": nonsense}, format="json")
            assert (refused.status_code, [*refused.json()["errors"]]) == (400, ["slug"])
    ProductFactory.create(slug="taken")
    for refused in (
        clara.patch("/api/v1/products/mug-2/", {"slug": "taken"}, format="json"),
        clara.post("/api/v1/products/", body | {"slug": "taken"}, format="json"),
    ):
        assert (refused.status_code, [*refused.json()["errors"]]) == (400, ["slug"])
