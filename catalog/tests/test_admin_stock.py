"""Stock in the admin. Clara keeps the catalogue."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import StockLevel, StockMovement
from catalog.tests.factories import ProductFactory
from catalog.tests.test_admin import LISTS, login, stock_page_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def clara() -> Client:
    return login("clara")


@pytest.mark.parametrize(
    ("way", "quantity", "on_hand", "movement"),
    [
        ("receive", 5, 15, (5, "received")),
        ("correct", -4, 6, (-4, "adjusted")),
        ("correct", 4, 14, (4, "adjusted")),
        ("recount", 12, 12, (2, "counted")),
        ("recount", 3, 3, (-7, "counted")),
    ],
)
def test_stock_is_changed_with_a_reason(
    clara: Client, way: str, quantity: int, on_hand: int, movement: tuple[int, str]
) -> None:
    product = ProductFactory.create(stock=10)
    StockLevel.objects.update(reserved=3)
    page = stock_page_of(product)
    assert clara.get(page).status_code == 200
    data = {"variant": product.variants.get().pk, "way": way, "quantity": quantity, "note": "Counted on Monday"}
    assert clara.post(page, data).status_code == 302
    assert StockLevel.objects.get().on_hand == on_hand
    last = StockMovement.objects.latest("pk")
    assert (last.quantity, last.reason, last.note, last.actor) == (*movement, "Counted on Monday", "clara")


@pytest.mark.parametrize(
    ("way", "quantity", "note"),
    [
        ("receive", 0, "x"),
        ("receive", -1, "x"),
        ("correct", -8, "x"),
        ("recount", 2, "x"),
        ("recount", -1, "x"),
        ("receive", 2**63, "x"),
        ("receive", 10**9, "x"),
        ("receive", "1.5", "x"),
        ("receive", 5, ""),
        ("steal", 5, "x"),
    ],
)
def test_an_impossible_change_of_stock_is_refused(clara: Client, way: str, quantity: object, note: str) -> None:
    product = ProductFactory.create(stock=10)
    StockLevel.objects.update(reserved=3)
    data = {"variant": product.variants.get().pk, "way": way, "quantity": quantity, "note": note}
    response = clara.post(stock_page_of(product), data)
    assert response.status_code == 200
    assert response.context["form"].errors
    assert StockLevel.objects.get().on_hand == 10
    assert StockMovement.objects.count() == 1


def test_the_stock_of_another_product_is_out_of_reach(clara: Client) -> None:
    product, other = ProductFactory.create(), ProductFactory.create(stock=10)
    data = {"variant": other.variants.get().pk, "way": "receive", "quantity": 1, "note": "x"}
    assert "variant" in clara.post(stock_page_of(product), data).context["form"].errors
    assert StockLevel.objects.get(variant__product=other).on_hand == 10


@pytest.mark.parametrize("model", ["stocklevel", "stockmovement"])
def test_stock_and_its_ledger_are_not_typed_over(clara: Client, model: str) -> None:
    product = ProductFactory.create(sku="FIND-ME")
    row = (StockLevel if model == "stocklevel" else StockMovement).objects.get()
    page = reverse(f"admin:catalog_{model}_change", args=[row.pk])
    assert clara.get(page).status_code == 200
    assert clara.post(page, {"on_hand": 99, "quantity": 99}).status_code == (422 if model == "stocklevel" else 403)
    assert clara.get(reverse(f"admin:catalog_{model}_add")).status_code == 403
    assert clara.post(reverse(f"admin:catalog_{model}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    found = clara.get(reverse(f"admin:catalog_{model}_changelist"), {"q": "find-me"})
    assert "FIND-ME" in found.content.decode()
    assert StockLevel.objects.get(variant__product=product).on_hand == 10


@pytest.mark.parametrize(("wanted", "found"), [("low", {"A", "B"}), ("out", {"A"}), ("promised", {"B"})])
def test_low_stock_is_found(clara: Client, wanted: str, found: set[str]) -> None:
    for sku, pieces in (("A", 0), ("B", 8), ("C", 9)):
        ProductFactory.create(sku=sku, stock=pieces)
    StockLevel.objects.filter(variant__sku="B").update(reserved=4)
    response = clara.get(reverse(LISTS[2]), {"available": wanted})
    assert {level.variant.sku for level in response.context["cl"].result_list} == found
