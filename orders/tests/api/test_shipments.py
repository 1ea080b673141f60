"""Parcels over HTTP. Alice owns the order, Bob is order staff, Clara keeps the catalogue, Charlie is a stranger."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from procrastinate.contrib.django.models import ProcrastinateJob

from catalog.models import StockLevel, Variant
from catalog.tests.factories import VariantFactory
from orders import lifecycle
from orders.access import guest_token
from orders.actors import staff
from orders.models import Order, OrderLine, Shipment
from orders.tests.api.people import client_of, person
from orders.tests.placing import place

pytestmark = pytest.mark.django_db


@pytest.fixture
def variant() -> Variant:
    return VariantFactory.create(product__name="Speckled mug", product__slug="mug", stock=10)


@pytest.fixture
def order(variant: Variant) -> Order:
    placed = place((variant, 3), (VariantFactory.create(stock=5), 1), customer=person("alice"))
    return lifecycle.accept(order=placed, actor=staff("bob"))


def url(order: Order) -> str:
    return f"/api/v1/orders/{order.number}/shipments/"


def send(order: Order, who: str | None = "bob", key: str = "", **body: Any) -> Any:
    extra: dict[str, Any] = {"headers": {"Idempotency-Key": key}} if key else {}
    return client_of(who).post(url(order), body, format="json", **extra)


def first_line(order: Order) -> OrderLine:
    line = order.lines.first()
    assert line is not None
    return line


def untouched(order: Order) -> bool:
    counters = order.lines.values_list("shipped", flat=True)
    return not any(counters) and not Shipment.objects.exists() and Order.objects.get().status == "processing"


def test_staff_send_a_part_and_then_the_rest(order: Order, variant: Variant) -> None:
    line = first_line(order)

    first = send(order, lines=[{"line": line.pk, "quantity": 2}], carrier="dhl", tracking_number="0034 0434")

    assert first.status_code == 201
    shown = first.json()
    assert shown["carrier"] == "DHL"
    assert shown["tracking_url"].endswith("piececode=00340434")
    assert shown["lines"] == [{"line": line.pk, "sku": line.sku, "title": "Speckled mug", "quantity": 2}]
    level = StockLevel.objects.get(variant=variant)
    assert (level.on_hand, level.reserved) == (8, 1)
    assert Order.objects.get().status == "processing"

    rest = send(order, carrier="A friend with a van")
    assert [line["quantity"] for line in rest.json()["lines"]] == [1, 1]
    assert (rest.json()["carrier"], rest.json()["tracking_url"]) == ("A friend with a van", "")

    seen = client_of("alice").get(f"/api/v1/orders/{order.number}/").json()
    assert seen["status"] == "shipped"
    assert seen["shipments"] == [shown, rest.json()] == client_of("alice").get(url(order)).json()
    assert [(line["shipped"], line["quantity"]) for line in seen["lines"]] == [(3, 3), (1, 1)]
    assert "bob" not in str(seen)
    call_command("audit")


def test_each_parcel_has_its_own_message(order: Order) -> None:
    send(order, lines=[{"line": first_line(order).pk, "quantity": 1}])
    send(order)
    jobs = ProcrastinateJob.objects.filter(task_name="orders.send_message", args__message="shipped")
    assert sorted(job.args["about"] for job in jobs) == sorted(Shipment.objects.values_list("pk", flat=True))


@pytest.mark.parametrize(
    "body",
    [
        {"lines": []},
        {"lines": [{"line": 1}]},
        {"lines": [{"line": "LINE", "quantity": 0}]},
        {"lines": [{"line": "LINE", "quantity": 4}]},
        {"lines": [{"line": "LINE", "quantity": -1}]},
        {"lines": [{"line": "LINE", "quantity": 1.5}]},
        {"lines": [{"line": "LINE", "quantity": 1}, {"line": "LINE", "quantity": 1}]},
        {"lines": [{"line": 2**70, "quantity": 1}]},
        {"lines": [{"line": 2**62, "quantity": 1}]},
        {"lines": "all"},
        {"carrier": "x" * 41},
        {"carrier": "DHL\r\nBcc: x"},
        {"carrier": 7},
        {"tracking_number": "1" * 81},
        {"tracking_number": "a\x00b"},
        {"tracking_url": "javascript:alert(1)"},
        {"tracking_url": "ftp://example.com/x"},
        {"tracking_url": "not an address"},
        {"tracking_url": "https://example.com/" + "x" * 300},
        {"tracking_url": 7},
    ],
)
def test_a_senseless_parcel_is_refused_and_nothing_has_changed(order: Order, body: dict[str, Any]) -> None:
    line = first_line(order)
    if isinstance(body.get("lines"), list):
        body = {"lines": [each | {"line": line.pk} if each.get("line") == "LINE" else each for each in body["lines"]]}
    assert send(order, **body).status_code == 400
    assert untouched(order)
    call_command("audit")


def test_a_line_of_another_order_is_no_line_of_this_one(order: Order, variant: Variant) -> None:
    other = place((variant, 1))
    assert send(order, lines=[{"line": first_line(other).pk, "quantity": 1}]).status_code == 400
    assert not Shipment.objects.exists()


@pytest.mark.parametrize("state", ["pending", "cancelled", "shipped"])
def test_an_order_that_is_not_to_be_packed_sends_nothing(variant: Variant, state: str) -> None:
    order = place((variant, 1))
    if state == "cancelled":
        lifecycle.cancel(order=order, actor=staff("bob"))
    if state == "shipped":
        lifecycle.ship(order=lifecycle.accept(order=order, actor=staff("bob")), actor=staff("bob"))
    before = Shipment.objects.count()
    response = send(order)
    assert (response.status_code, response.json()["code"]) == (409, "illegal_move")
    assert Shipment.objects.count() == before


def test_the_same_key_sends_one_parcel(order: Order) -> None:
    body: dict[str, Any] = {"lines": [{"line": first_line(order).pk, "quantity": 1}]}
    first, again = send(order, key="one", **body), send(order, key="one", **body)
    assert again["Idempotent-Replayed"] == "true"
    assert again.json() == first.json()
    assert Shipment.objects.count() == 1
    assert send(order, key="one").status_code == 422
    assert send(order, key="two", **body).status_code == 201
    assert Shipment.objects.count() == 2


def test_a_key_whose_answer_was_lost_still_sends_one_parcel(order: Order) -> None:
    """The process died between the commit and the stored answer: the shipment itself remembers the key."""
    pieces = {first_line(order).pk: 1}
    sent = [lifecycle.send_parcel(order=order, actor=staff("bob"), pieces=pieces, key="the-digest") for _ in range(3)]
    assert {shipment.pk for shipment in sent} == {Shipment.objects.get().pk}
    assert first_line(order).shipped == 1


def test_only_staff_who_fulfil_orders_send_parcels(order: Order) -> None:
    assert send(order, None).status_code == 401
    assert send(order, "charlie").status_code == 404
    assert send(order, "clara").status_code == 404
    assert send(order, "alice").status_code == 403
    assert untouched(order)


def test_parcels_are_listed_for_who_may_see_the_order(order: Order, variant: Variant) -> None:
    send(order)
    for who, status in {"alice": 200, "bob": 200, "charlie": 404, None: 401}.items():
        assert client_of(who).get(url(order)).status_code == status
    guests = place((variant, 1))
    headers = {"X-Order-Token": guest_token(guests.number)}
    assert client_of(None, **headers).get(url(guests)).json() == []
    assert client_of(None, **headers).get(url(order)).status_code == 404
