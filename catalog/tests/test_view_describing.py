"""What is said about a product, on its page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from catalog.models import Product
from catalog.products import update_product
from catalog.tests.factories import AttributeFactory, BrandFactory, ProductFactory, ProductTypeFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def mug() -> Product:
    capacity = AttributeFactory.create(name="Capacity", kind="number", unit="ml")
    safe = AttributeFactory.create(name="Dishwasher safe", code="safe", kind="flag")
    kind = ProductTypeFactory.create(name="Mug", attributes=[safe, capacity])
    mug = ProductFactory.create(name="Mug", product_type=kind)
    brand = BrandFactory.create(name="Ton & Ofen", slug="ton")
    update_product(product_id=mug.pk, brand=brand, attributes={"capacity": "240.50", "safe": False})
    return mug


def test_details_stand_in_a_table_in_the_order_of_the_type(client: Client, mug: Product) -> None:
    page = client.get("/products/mug/").content.decode()
    safe, capacity = page.index("Dishwasher safe</th><td>No</td>"), page.index("Capacity</th><td>240.5 ml</td>")
    assert safe < capacity
    ProductFactory.create(name="Bowl")
    assert "details__table" not in client.get("/products/bowl/").content.decode()


def test_the_brand_leads_to_all_of_it(client: Client, mug: Product) -> None:
    ProductFactory.create(name="Spade")
    page = client.get("/products/mug/").content.decode()
    assert '<a href="/products/?brand=ton">Ton &amp; Ofen</a>' in page
    listed = client.get("/products/?brand=ton").content.decode()
    assert ("/products/mug/" in listed, "/products/spade/" in listed) == (True, False)


def test_what_goes_with_it_stands_before_what_is_like_it(client: Client, mug: Product) -> None:
    cup = ProductFactory.create(name="Cup", category=mug.category)
    saucer, unseen = ProductFactory.create(name="Saucer"), ProductFactory.create(name="Unseen", is_published=False)
    ProductFactory.create(name="Twin", category=mug.category)
    update_product(product_id=mug.pk, related=[unseen.pk, saucer.pk, cup.pk])
    page = client.get("/products/mug/").content.decode()
    places = [page.index(name) for name in ("Goes well with it", "Saucer", ">Cup<", "More like this", ">Twin<")]
    assert places == sorted(places)
    assert "Unseen" not in page
    assert page.count(">Cup<") == 1


def test_a_scheduled_product_is_not_there_yet(client: Client, mug: Product) -> None:
    variant = mug.variants.get()
    Product.objects.update(published_from=timezone.now() + timedelta(minutes=5))
    assert client.get("/products/mug/").status_code == 404
    client.post("/cart/add/", {"variant": variant.pk, "quantity": 1})
    assert "Mug" not in client.get("/cart/").content.decode()
    Product.objects.update(published_from=timezone.now() - timedelta(minutes=5))
    assert client.get("/products/mug/").status_code == 200


def test_a_hidden_product_has_a_page_that_search_engines_leave_out(client: Client, mug: Product) -> None:
    update_product(product_id=mug.pk, is_listed=False)
    assert '<meta name="robots" content="noindex">' in client.get("/products/mug/").content.decode()
    assert "/products/mug/" not in client.get("/products/").content.decode()
    assert "/products/mug/" not in client.get("/search/?q=mug").content.decode()


def test_search_engines_read_what_was_written_for_them(client: Client, mug: Product) -> None:
    update_product(product_id=mug.pk, seo_title="The mug", seo_description="For <tea>")
    page = client.get("/products/mug/").content.decode()
    assert "<title>The mug –" in page
    assert '<meta name="description" content="For &lt;tea&gt;">' in page
    assert "<h1>Mug</h1>" in page
