"""A product that was ever ordered is archived, not destroyed: old orders keep their lines."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import User
from catalog.errors import ProductGone
from catalog.models import Product, Variant
from catalog.products import archive_or_delete_product, create_product, update_product
from catalog.tests.factories import ProductFactory, VariantFactory
from catalog.variants import NewVariant, remove_variant
from orders.models import Cart, CartLine, OrderLine
from orders.tests.factories import OrderFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def ordered() -> Product:
    product = ProductFactory.create(name="Mug", sku="MUG")
    OrderFactory.create(lines=[(product.variants.get(), 2)])
    return product


@pytest.fixture
def clara() -> User:
    user = User.objects.create_user("clara", "clara@example.com", "juniper-tests", is_staff=True)
    user.groups.add(Group.objects.get(name="Catalog staff"))
    return user


def assert_archived(product: Product) -> None:
    product.refresh_from_db()
    assert product.archived_at is not None
    assert product.slug == "mug"
    assert OrderLine.objects.filter(variant__sku="MUG").exists()
    assert not Product.objects.on_sale().exists()


def test_the_act_archives(ordered: Product) -> None:
    archive_or_delete_product(product_id=ordered.pk)
    assert_archived(ordered)
    with pytest.raises(ProductGone):
        archive_or_delete_product(product_id=ordered.pk)
    with pytest.raises(ProductGone):
        update_product(product_id=ordered.pk, name="Back again")


def test_the_api_archives(ordered: Product, clara: User) -> None:
    client = APIClient()
    client.force_authenticate(clara)
    url = "/api/v1/products/mug/"
    assert client.delete(url).status_code == 204
    assert client.get(url).status_code == client.delete(url).status_code == 404
    assert client.get("/api/v1/products/").json()["count"] == 0
    assert_archived(ordered)


@pytest.mark.parametrize("in_bulk", [True, False])
def test_the_admin_archives(ordered: Product, clara: User, in_bulk: bool) -> None:
    client = Client()
    client.force_login(clara)
    page, data = reverse("admin:catalog_product_delete", args=[ordered.pk]), {"post": "yes"}
    if in_bulk:
        page = reverse("admin:catalog_product_changelist")
        data |= {"action": "delete_selected", "_selected_action": str(ordered.pk)}
    assert client.post(page, data).status_code == 302
    assert_archived(ordered)


def test_the_admin_says_that_it_is_archived(client: Client, ordered: Product, clara: User) -> None:
    client.force_login(clara)
    gone = client.post(reverse("admin:catalog_product_delete", args=[ordered.pk]), {"post": "yes"}, follow=True)
    assert "“Mug” was ordered before, so it is not deleted but archived" in gone.content.decode()
    assert "deleted successfully" not in gone.content.decode()


def test_a_new_product_gets_another_address_and_sku_than_the_archived_one(ordered: Product) -> None:
    archive_or_delete_product(product_id=ordered.pk)
    product = create_product(name="Mug", category=ordered.category, variants=[NewVariant(price=5)])
    assert (product.slug, product.variants.get().sku) == ("mug-2", "MUG-2")


def test_an_ordered_variant_is_archived_and_one_only_in_a_cart_deleted(ordered: Product) -> None:
    kept, carted = (VariantFactory.create(product=ordered, price=price) for price in (900, 800))
    line: Any = CartLine.objects.create(cart=Cart.objects.create(), variant=carted, quantity=1, unit_price_seen=800)
    remove_variant(variant_id=carted.pk)
    remove_variant(variant_id=ordered.variants.get(sku="MUG").pk)
    assert not CartLine.objects.filter(pk=line.pk).exists()
    assert Variant.objects.get(sku="MUG").archived_at is not None
    ordered.refresh_from_db()
    assert ordered.price == 900
    assert list(ordered.variants.filter(archived_at=None)) == [kept]
