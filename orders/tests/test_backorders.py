"""Orders for more than is there: what shoppers are told, and that staff send only what has come in."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from catalog.errors import OutOfStock
from catalog.inventory import stock
from catalog.models import StockLevel, Variant
from catalog.tests.factories import VariantFactory
from orders import lifecycle
from orders.actors import staff
from orders.errors import GoodsMissing, RefundNotPossible
from orders.models import Order
from orders.pieces import awaited_pieces
from orders.refunds import RefundTerms, request_refund
from orders.tests.api.people import client_of
from orders.tests.paying import broken_rules
from orders.tests.placing import place
from orders.tests.test_admin_parcels import page_of, parcel_form, ship_page
from orders.tests.test_admin_shipping import browser_of

pytestmark = pytest.mark.django_db
OTTO = staff("otto")


@pytest.fixture
def mug() -> Variant:
    """Two are there; more can be ordered."""
    return VariantFactory.create(
        product__name="Speckled mug", product__slug="mug", sku="MUG", stock=2, allows_backorders=True
    )


def accepted(*items: tuple[Variant, int]) -> Order:
    return lifecycle.accept(order=place(*items), actor=OTTO)


def numbers(variant: Variant) -> tuple[int, int]:
    level = StockLevel.objects.get(variant=variant)
    return level.on_hand, level.reserved


def test_an_order_waits_for_its_goods_and_then_goes_on(mug: Variant) -> None:
    order = accepted((mug, 5))
    line = order.lines.get()
    assert (numbers(mug), awaited_pieces([line]), broken_rules()) == ((2, 5), {line.pk: 3}, [])

    with pytest.raises(GoodsMissing, match="Speckled mug"):
        lifecycle.ship(order=order, actor=OTTO)
    assert (numbers(mug), order.shipments.count()) == ((2, 5), 0)

    lifecycle.ship(order=order, actor=OTTO, pieces={line.pk: 2})
    stock.receive(variant_id=mug.pk, quantity=4)
    assert lifecycle.ship(order=order, actor=OTTO).status == "shipped"
    assert (numbers(mug), broken_rules()) == ((1, 0), [])


def test_an_order_that_waits_can_be_called_off(mug: Variant) -> None:
    lifecycle.cancel(order=place((mug, 5)), actor=OTTO)
    assert (numbers(mug), broken_rules()) == ((2, 0), [])


def test_pieces_that_never_came_are_refunded_and_not_written_off(mug: Variant) -> None:
    order = lifecycle.mark_paid(order=place((mug, 5)), actor=OTTO)
    line = order.lines.get()
    with pytest.raises(RefundNotPossible, match="cannot be written off"):
        request_refund(order=order, terms=RefundTerms(pieces={line.pk: 3}), actor=OTTO)
    assert (numbers(mug), order.refunds.count()) == ((2, 5), 0)

    request_refund(order=order, terms=RefundTerms(pieces={line.pk: 3}, restock=frozenset({line.pk})), actor=OTTO)
    assert (numbers(mug), broken_rules()) == ((2, 2), [])


def test_an_order_of_both_kinds_is_refused_for_what_is_only_here(mug: Variant) -> None:
    bowl = VariantFactory.create(stock=1)
    with pytest.raises(OutOfStock) as caught:
        place((mug, 5), (bowl, 2))
    assert ([each.sku for each in caught.value.shortages], numbers(mug)) == ([bowl.sku], (2, 0))


# --- what staff see


def test_the_page_of_an_order_says_which_lines_wait(mug: Variant) -> None:
    bob, bowl = browser_of("bob", "Order staff"), VariantFactory.create(stock=9)
    order = accepted((mug, 5), (bowl, 1))
    page = bob.get(page_of(order)).content.decode()
    assert "Waits for goods" in page
    assert "3 of 5 have not come in" in page

    stock.receive(variant_id=mug.pk, quantity=3)
    assert "Waits for goods" not in bob.get(page_of(order)).content.decode()


def test_a_parcel_is_offered_with_what_is_here_and_refused_with_more(mug: Variant) -> None:
    bob, order = browser_of("bob", "Order staff"), accepted((mug, 5))
    line = order.lines.get()
    response = bob.get(ship_page(order))
    assert "3 of 5 have not come in." in response.content.decode()
    assert response.context["form"][f"line_{line.pk}"].value() == 2

    refused = bob.post(ship_page(order), parcel_form(order, 5))
    assert refused.status_code == 422
    assert "Not here yet: Speckled mug (2 here, 5 needed)." in refused.content.decode()
    assert bob.post(ship_page(order), parcel_form(order, 2)).status_code == 302
    assert numbers(mug) == (0, 3)


def test_over_the_api_a_parcel_of_what_is_not_here_is_a_conflict(mug: Variant) -> None:
    order = accepted((mug, 5))
    response = client_of("bob").post(f"/api/v1/orders/{order.number}/shipments/", {}, format="json")
    assert (response.status_code, response.data["code"]) == (409, "not_here_yet")
    assert response.data["lines"] == [{"variant": mug.pk, "sku": "MUG", "needed": 5, "on_hand": 2}]
    assert numbers(mug) == (2, 5)


# --- what shoppers see


def test_the_shop_sells_what_can_be_back_ordered(mug: Variant, client: Client) -> None:
    StockLevel.objects.update(reserved=2)
    page = client.get("/products/mug/").content.decode()
    assert "Available on back-order" in page
    assert "Sold out" not in page
    assert "Sold out" not in client.get("/products/?in_stock=on").content.decode()
    assert "Speckled mug" in client.get("/products/?in_stock=on").content.decode()
    shown = client.get("/api/v1/products/mug/").json()
    assert (shown["in_stock"], shown["stock_quantity"]) == (True, 0)
    assert [shown["variants"][0][name] for name in ("in_stock", "allows_backorders", "stock_quantity")] == [
        True,
        True,
        0,
    ]


def test_the_cart_says_what_comes_later(mug: Variant, client: Client) -> None:
    client.post(reverse("orders:cart-add"), {"variant": mug.pk, "quantity": 5})
    page = client.get(reverse("orders:cart")).content.decode()
    assert "3 of 5 on back-order" in page
