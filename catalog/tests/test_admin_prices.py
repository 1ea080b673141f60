"""Price history and waiting lists in the admin. Clara keeps the catalogue, Otto the orders."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from catalog.alerts import ask_for_alert
from catalog.models import PriceChange, StockAlert
from catalog.tests.factories import ProductFactory, VariantFactory
from catalog.tests.test_admin import login
from catalog.variants import update_variant
from shop.testing.sql import captured_sql

pytestmark = pytest.mark.django_db
HISTORY, WAITING = "/admin/catalog/pricechange/", "/admin/catalog/stockalert/"


def test_the_history_of_a_product_is_one_press_away() -> None:
    product = ProductFactory.create(price=1000, sku="MUG-1")
    update_variant(variant_id=product.variants.get().pk, price=900, compare_at_price=1000, actor="otto")
    ProductFactory.create(sku="OTHER")
    clara = login("clara")

    answer = clara.get(f"/admin/catalog/product/{product.pk}/prices/", follow=True)

    page = answer.content.decode()
    assert answer.status_code == 200
    for words in ("MUG-1", "€10.00", "€9.00", "otto"):
        assert words in page
    assert "OTHER" not in page


@pytest.mark.parametrize("address", [HISTORY, WAITING])
def test_nobody_writes_there(address: str) -> None:
    variant = VariantFactory.create(stock=0)
    ask_for_alert(variant_id=variant.pk, email="alice@example.com")
    root = Client()
    root.force_login(get_user_model().objects.create_superuser("root", "root@example.com", "juniper-tests"))

    assert root.get(address).status_code == 200
    assert root.get(f"{address}add/").status_code == 403
    for row in (*PriceChange.objects.all(), *StockAlert.objects.all()):
        assert root.post(f"{address}{row.pk}/delete/", {"post": "yes"}).status_code in (302, 403)
    assert PriceChange.objects.count() == StockAlert.objects.count() == 1


@pytest.mark.parametrize("address", [HISTORY, WAITING])
def test_only_catalogue_staff_look(client: Client, address: str) -> None:
    assert client.get(address).status_code == 302
    assert login("otto").get(address).status_code == 403
    assert login("clara").get(address).status_code == 200


def test_the_list_says_how_many_wait_and_for_what_but_not_who() -> None:
    for sku, people in (("FEW", 1), ("MANY", 3), ("NOBODY", 0)):
        variant = VariantFactory.create(sku=sku, stock=0)
        for number in range(people):
            ask_for_alert(variant_id=variant.pk, email=f"guest{number}@example.com")
    StockAlert.objects.filter(variant__sku="MANY", email="guest0@example.com").update(sent_at="2026-01-01T00:00Z")
    clara = login("clara")

    with captured_sql() as statements:
        page = clara.get(WAITING).content.decode()

    assert page.index("MANY") < page.index("FEW")
    assert "NOBODY" not in page
    assert "guest" not in page
    assert len([sql for sql in statements if "stockalert" in sql]) <= 2
