"""Parcels in the admin. Bob is order staff, Clara keeps the catalogue."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from catalog.models import StockLevel, Variant
from catalog.tests.factories import VariantFactory
from orders import lifecycle
from orders.actors import staff
from orders.models import Order, OrderLine, Shipment
from orders.shipping.tests.zones import tax
from orders.tests.placing import place
from orders.tests.test_admin_shipping import browser_of
from shop.testing.sql import captured_sql

pytestmark = pytest.mark.django_db


@pytest.fixture
def bob() -> Client:
    return browser_of("bob", "Order staff")


@pytest.fixture
def mug() -> Variant:
    return VariantFactory.create(product__name="Speckled mug", product__slug="mug", stock=10)


@pytest.fixture
def order(mug: Variant) -> Order:
    bowl = VariantFactory.create(product__name="Deep bowl", product__slug="bowl", stock=5)
    return lifecycle.accept(order=place((mug, 3), (bowl, 1)), actor=staff("bob"))


def ship_page(order: Order) -> str:
    return reverse("admin:orders_order_ship", args=[order.pk])


def page_of(order: Order) -> str:
    return reverse("admin:orders_order_change", args=[order.pk])


def parcel_form(order: Order, *quantities: int, **fields: Any) -> dict[str, Any]:
    """What the page sends; without quantities all that is open."""
    lines = [line for line in order.lines.all() if line.open]
    wanted = quantities or tuple(line.open for line in lines)
    form = {f"line_{line.pk}": quantity for line, quantity in zip(lines, wanted, strict=True)}
    return form | {"seen": ",".join(f"{line.pk}:{line.open}" for line in lines)} | fields


def shipped(order: Order) -> list[int]:
    return list(order.lines.values_list("shipped", flat=True))


def test_the_page_offers_all_that_is_open(bob: Client, order: Order) -> None:
    page = bob.get(ship_page(order)).content.decode()
    for line in order.lines.all():
        assert line.title in page
        assert f'name="line_{line.pk}" value="{line.quantity}"' in page
    assert "Österreichische Post" in page
    assert shipped(order) == [0, 0]


def test_two_parcels_make_a_shipped_order(bob: Client, order: Order) -> None:
    first = parcel_form(order, 2, 0, carrier="DHL", tracking_number="0034 0434")
    assert bob.post(ship_page(order), first)["Location"] == page_of(order)
    assert shipped(order) == [2, 0]
    assert Order.objects.get().status == "processing"
    page = bob.get(page_of(order)).content.decode()
    assert "2 × Speckled mug" in page
    assert "piececode=00340434" in page

    rest = parcel_form(order, carrier="other", other_carrier="A friend", tracking_url="friend.example/42")
    assert bob.post(ship_page(order), rest).status_code == 302

    assert shipped(order) == [3, 1]
    assert Order.objects.get().status == "shipped"
    one, two = Shipment.objects.all()
    assert (one.carrier, one.tracking_number, one.shipped_by) == ("DHL", "0034 0434", "bob")
    assert (two.carrier, two.tracking_url) == ("A friend", "https://friend.example/42")
    assert bob.get(ship_page(order)).status_code == 403
    call_command("audit")


def test_a_stale_page_is_refused_clearly_and_shows_what_is_open_now(bob: Client, order: Order) -> None:
    form = parcel_form(order)
    lifecycle.send_parcel(order=order, actor=staff("otto"), pieces={order.lines.all()[0].pk: 1})

    response = bob.post(ship_page(order), form)

    assert response.status_code == 409
    page = response.content.decode()
    assert "has changed since you opened this page" in page
    assert 'value="2"' in page
    assert shipped(order) == [1, 0]
    assert Shipment.objects.count() == 1


def test_a_second_click_sends_no_second_parcel(bob: Client, order: Order) -> None:
    form = parcel_form(order, 1, 0)
    assert bob.post(ship_page(order), form).status_code == 302
    assert bob.post(ship_page(order), form).status_code == 409
    assert Shipment.objects.count() == 1


@pytest.mark.parametrize(
    ("quantities", "fields"),
    [
        ((0, 0), {}),
        ((4, 0), {}),
        ((-1, 1), {}),
        (("many", 1), {}),
        (("", 1), {}),
        (("1.5", 1), {}),
        ((10**30, 1), {}),
        ((1, 0), {"carrier": "Pigeon"}),
        ((1, 0), {"carrier": "other"}),
        ((1, 0), {"tracking_number": "1" * 81}),
        ((1, 0), {"tracking_number": "a\x00b"}),
        ((1, 0), {"carrier": "other", "other_carrier": "x" * 41}),
        ((1, 0), {"carrier": "other", "other_carrier": "Van\r\nBcc: x"}),
        ((1, 0), {"tracking_url": "javascript:alert(1)"}),
        ((1, 0), {"tracking_url": "ftp://example.com/"}),
        ((1, 0), {"tracking_url": "https://example.com/" + "x" * 300}),
    ],
)
def test_a_senseless_parcel_is_explained_and_nothing_is_sent(
    bob: Client, order: Order, quantities: Any, fields: dict[str, Any]
) -> None:
    response = bob.post(ship_page(order), parcel_form(order, *quantities, **fields))
    assert response.status_code == 422
    assert shipped(order) == [0, 0]
    assert not Shipment.objects.exists()


def test_who_may_not_fulfil_orders_sends_nothing(order: Order) -> None:
    clara = browser_of("clara", "Catalog staff")
    for response in (clara.get(ship_page(order)), clara.post(ship_page(order), parcel_form(order))):
        assert response.status_code in {302, 403, 404}
    assert shipped(order) == [0, 0]


def test_an_order_shows_its_taxes(bob: Client, mug: Variant, settings: Any) -> None:
    tax("19")
    included = place((mug, 1))
    settings.SHOP_PRICES_INCLUDE_TAX = False
    on_top = place((mug, 1))
    assert "of which 19\N{NO-BREAK SPACE}% €2.78" in bob.get(page_of(included)).content.decode()
    assert "plus 19\N{NO-BREAK SPACE}% €3.31" in bob.get(page_of(on_top)).content.decode()


def test_the_page_of_an_order_costs_the_same_for_one_parcel_and_for_three(bob: Client, order: Order) -> None:
    line: OrderLine = order.lines.all()[0]
    lifecycle.send_parcel(order=order, actor=staff("bob"), pieces={line.pk: 1})
    bob.get(page_of(order))
    with captured_sql() as one:
        bob.get(page_of(order))
    for _ in range(2):
        lifecycle.send_parcel(order=order, actor=staff("bob"), pieces={line.pk: 1})
    with captured_sql() as three:
        bob.get(page_of(order))
    assert len(three) == len(one)
    assert StockLevel.objects.get(variant=line.variant).on_hand == 7
