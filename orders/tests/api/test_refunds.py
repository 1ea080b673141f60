"""Giving money back over the API: staff only."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from catalog.models import StockLevel
from catalog.tests.factories import VariantFactory
from orders import lifecycle
from orders.actors import staff
from orders.giving_back import send_refund
from orders.models import Order, Payment, Refund
from orders.settlement import settle
from orders.tests.api.people import client_of, person
from orders.tests.paying import broken_rules, card_order, payment_of
from orders.tests.placing import place
from shop.testing.provider import Double, Fault

pytestmark = pytest.mark.django_db


@pytest.fixture
def order() -> Order:
    placed = place((VariantFactory.create(stock=5, price=1000), 3), customer=person("alice"))
    return lifecycle.mark_paid(order=placed, actor=staff("otto"))


def url(order: Order) -> str:
    return f"/api/v1/orders/{order.number}/refunds/"


def give(client: APIClient, order: Order, key: str | None = "a-key", **body: Any) -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post(url(order), json.dumps(body), content_type="application/json", headers=headers)


def line_of(order: Order) -> int:
    return order.lines.get().pk


def test_staff_give_back_pieces_and_shipping(order: Order) -> None:
    bob = client_of("bob")
    lines = [{"line": line_of(order), "quantity": 2, "restock": True}]

    answer = give(bob, order, lines=lines, shipping=True, reason="Wrong colour")

    assert answer.status_code == 201
    shown = answer.json()
    assert (shown["amount"], shown["shipping"], shown["state"]) == ("24.90", "4.90", "requested")
    assert (shown["reason"], shown["requested_by"], shown["order"]) == ("Wrong colour", "bob", order.number)
    assert shown["lines"] == [{"line": line_of(order), "quantity": 2, "amount": "20.00", "restock": True}]
    assert bob.get(url(order)).json() == [shown]
    assert StockLevel.objects.get().reserved == 1
    told = client_of("alice").get(f"/api/v1/orders/{order.number}/").json()["refunds"]
    assert [(each["amount"], each["state"]) for each in told] == [("24.90", "requested")]
    assert broken_rules() == []


def test_an_amount_alone(order: Order) -> None:
    assert give(client_of("bob"), order, amount="5.00").json()["amount"] == "5.00"
    assert give(client_of("bob"), order, "2", amount=1.5).json()["amount"] == "1.50"


def test_one_key_is_one_refund(order: Order) -> None:
    bob = client_of("bob")
    first, again = give(bob, order, amount="5.00"), give(bob, order, amount="5.00")
    assert (again.content, again["Idempotent-Replayed"]) == (first.content, "true")
    assert give(bob, order, amount="6.00").json()["code"] == "idempotency_key_reused"
    assert give(bob, order, None, amount="6.00").json()["code"] == "idempotency_key_missing"
    assert Refund.objects.count() == 1


def test_a_refund_whose_answer_was_lost_is_found_by_its_key(order: Order) -> None:
    from idempotency.models import IdempotencyRecord

    bob = client_of("bob")
    first = give(bob, order, amount="5.00")
    IdempotencyRecord.objects.all().delete()  # the process died before it could store the answer
    assert give(bob, order, amount="5.00").json()["id"] == first.json()["id"]
    assert Payment.objects.get().refund_committed == 500


def test_more_than_is_left_is_refused(order: Order) -> None:
    answer = give(client_of("bob"), order, amount="34.91")
    assert answer.status_code == 422
    assert (answer.json()["code"], answer.json()["refundable"]) == ("refund_not_possible", "34.90")
    assert not Refund.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        {"amount": "0"}, {"amount": "-1"}, {"amount": "1.001"}, {"amount": True}, {"amount": "1e3"}, {"amount": None},
        {"lines": []}, {"lines": [{"line": 0, "quantity": 1}]}, {"lines": [{"line": 1, "quantity": 0}]},
        {"lines": [{"line": 1, "quantity": 1}, {"line": 1, "quantity": 1}]}, {"shipping": "yes"},
        {"lines": [{"line": 10**17, "quantity": 1}]}, {"amount": "1", "reason": "x" * 201},
    ],
)  # fmt: skip
def test_nonsense_is_refused(order: Order, body: dict[str, Any]) -> None:
    assert give(client_of("bob"), order, **body).status_code == 400
    assert not Refund.objects.exists()


def test_only_staff_with_the_permission(order: Order) -> None:
    refund = give(client_of("bob"), order, amount="1.00").json()["id"]
    paths = [url(order), f"/api/v1/orders/{order.number}/capture/"]
    paths += [f"/api/v1/refunds/{refund}/retry/", f"/api/v1/refunds/{refund}/confirm/"]
    for path in paths:
        for name, status in {None: 401, "alice": 403, "charlie": 404, "clara": 404}.items():
            assert client_of(name).post(path, headers={"Idempotency-Key": "k"}).status_code == status, (path, name)
    assert client_of("alice").get(url(order)).status_code == 403
    assert client_of("charlie").get(url(order)).status_code == 404
    assert client_of("bob").post("/api/v1/refunds/999999/retry/").status_code == 404
    assert client_of("bob").post(f"/api/v1/refunds/{10**30}/retry/").status_code == 404


def test_staff_confirm_what_they_gave_back_by_hand(order: Order) -> None:
    bob = client_of("bob")
    refund = give(bob, order, amount="34.90").json()["id"]

    answer = bob.post(f"/api/v1/refunds/{refund}/confirm/")

    assert (answer.status_code, answer.json()["state"]) == (200, "succeeded")
    order.refresh_from_db()
    assert order.payment_status == "refunded"
    again = bob.post(f"/api/v1/refunds/{refund}/confirm/")
    assert (again.status_code, again.json()["code"]) == (422, "refund_not_possible")


def test_a_refund_that_failed_is_retried(stripe_double: Double) -> None:
    order = card_order()
    stripe_double.ledger.pay(payment_of(order).reference)
    settle(payment_id=payment_of(order).pk)
    bob = client_of("bob")
    refund = give(bob, order, amount="5.00").json()["id"]
    stripe_double.faults.plan(Fault.REFUSE, at="refunds")
    send_refund(refund_id=refund)
    assert bob.get(url(order)).json()[0]["state"] == "failed"

    assert bob.post(f"/api/v1/refunds/{refund}/retry/").json()["state"] == "requested"

    send_refund(refund_id=refund)
    assert bob.get(url(order)).json()[0]["state"] == "succeeded"
    assert bob.post(f"/api/v1/refunds/{refund}/retry/").status_code == 422
    assert stripe_double.ledger.given_back(order.number) == [500]


def test_authorized_money_is_taken(stripe_double: Double, settings: Any) -> None:
    settings.STRIPE_CAPTURE = "manual"
    order = card_order()
    stripe_double.ledger.pay(payment_of(order).reference)
    settle(payment_id=payment_of(order).pk)
    bob, path = client_of("bob"), f"/api/v1/orders/{order.number}/capture/"
    stripe_double.faults.plan(Fault.ERROR, at="capture")
    assert bob.post(path).json()["code"] == "provider_unavailable"

    assert bob.post(path).json()["payment_status"] == "paid"

    assert bob.post(path).json()["code"] == "illegal_move"
    assert stripe_double.ledger.charged(order.number) == [order.total]
