"""Paying over the API."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from catalog.tests.factories import VariantFactory
from orders.access import guest_token
from orders.models import Order, Payment
from orders.tests.api.people import client_of, order_body, person, post_order
from orders.tests.paying import broken_rules, card_order, payment_of
from shop.testing.provider import Double, Fault

pytestmark = pytest.mark.django_db
PAYMENTS = "/api/v1/payments/"


def pay(client: APIClient, order: Order, key: str | None = "a-key", **body: Any) -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    sent = json.dumps({"order": order.number, **body})
    return client.post(PAYMENTS, sent, content_type="application/json", headers=headers)


def guest(order: Order) -> APIClient:
    return client_of(None, **{"X-Order-Token": guest_token(order.number)})


def hers(**options: Any) -> Order:
    return card_order((VariantFactory.create(stock=5, price=1250), 2), customer=person("alice"), **options)


def test_placing_with_a_card_answers_where_to_pay(stripe_double: Double) -> None:
    body = order_body((VariantFactory.create(stock=5).pk, 1), payment_method="card")
    shown = post_order(client_of(None), body).json()
    assert shown["payment"]["redirect_url"] == f"{stripe_double.url}/pay/{Payment.objects.get().reference}"
    assert (shown["payment"]["can_pay"], shown["refunds"]) == (True, [])
    assert shown["expires_at"] is not None


def test_placing_without_an_answer_of_the_provider_is_a_placed_order(stripe_double: Double) -> None:
    stripe_double.faults.plan(Fault.ERROR)
    answer = post_order(client_of(None), order_body((VariantFactory.create(stock=5).pk, 1), payment_method="card"))
    assert answer.status_code == 201
    assert (answer.json()["payment"]["redirect_url"], answer.json()["payment"]["can_pay"]) == (None, True)
    assert pay(guest(Order.objects.get()), Order.objects.get()).json()["redirect_url"]


def test_a_customer_pays_and_sees_it_settled(stripe_double: Double) -> None:
    order, alice = hers(), client_of("alice")

    answer = pay(alice, order)

    assert answer.status_code == 201
    shown = answer.json()
    payment = payment_of(order)
    assert shown == {
        "id": payment.pk,
        "order": order.number,
        "payment_status": "unpaid",
        "method": "card",
        "state": "started",
        "amount": "29.90",
        "currency": "EUR",
        "redirect_url": f"{stripe_double.url}/pay/{payment.reference}",
        "instructions": "",
        "failure": "",
        "created_at": shown["created_at"],
    }
    stripe_double.ledger.pay(payment.reference)
    Payment.objects.update(checked_at=None)  # a few seconds later
    seen = alice.get(f"{PAYMENTS}{payment.pk}/").json()
    assert (seen["state"], seen["payment_status"], seen["redirect_url"]) == ("captured", "paid", None)
    assert pay(alice, order, "another-key").json()["code"] == "payment_not_possible"
    assert stripe_double.ledger.charged(order.number) == [order.total]
    assert broken_rules() == []


def test_a_guest_pays_with_the_orders_token(stripe_double: Double) -> None:
    order = card_order()
    assert pay(guest(order), order).status_code == 201
    assert guest(order).get(f"{PAYMENTS}{payment_of(order).pk}/").status_code == 200


def test_another_way_to_pay(stripe_double: Double, settings: Any) -> None:
    settings.SHOP_BANK_DETAILS = "IBAN DE00"
    order = hers()
    shown = pay(client_of("alice"), order, payment_method="bank_transfer").json()
    assert (shown["method"], shown["redirect_url"], shown["instructions"]) == ("bank_transfer", None, "IBAN DE00")
    assert order.events.latest("pk").actor == "alice"


def test_one_key_is_one_answer(stripe_double: Double) -> None:
    order, alice = hers(), client_of("alice")
    first = pay(alice, order)
    again = pay(alice, order)
    assert (again.content, again["Idempotent-Replayed"]) == (first.content, "true")
    assert pay(alice, order, payment_method="bank_transfer").json()["code"] == "idempotency_key_reused"
    assert pay(alice, order, None).json()["code"] == "idempotency_key_missing"


@pytest.mark.parametrize(
    ("fault", "status", "code"), [(Fault.ERROR, 502, "provider_unavailable"), (Fault.REFUSE, 402, "provider_refused")]
)
def test_a_provider_that_does_not_help_is_told_apart_and_the_key_stays_free(
    stripe_double: Double, fault: Fault, status: int, code: str
) -> None:
    order, alice = hers(), client_of("alice")
    Payment.objects.update(reference="")
    stripe_double.faults.plan(fault, at="sessions")
    answer = pay(alice, order)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert pay(alice, order).status_code == 201
    assert len(stripe_double.ledger.sessions) == 1


def test_an_order_whose_time_is_up_is_a_conflict(stripe_double: Double) -> None:
    order = hers()
    Order.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    answer = pay(client_of("alice"), order)
    assert (answer.status_code, answer.json()["code"]) == (409, "payment_not_possible")
    assert client_of("alice").get(f"/api/v1/orders/{order.number}/").json()["payment"]["can_pay"] is False


@pytest.mark.parametrize(
    "body", [{}, {"order": 5}, {"order": ""}, {"order": "A" * 21}, {"order": "x", "payment_method": "shells"}, [], "x"]
)
def test_nonsense_is_refused(body: Any) -> None:
    answer = client_of("alice").post(
        PAYMENTS, json.dumps(body), content_type="application/json", headers={"Idempotency-Key": "k"}
    )
    assert answer.status_code == 400


def test_strangers_find_nothing_and_staff_only_look(stripe_double: Double) -> None:
    order = hers()
    url = f"{PAYMENTS}{payment_of(order).pk}/"
    refusal = pay(client_of("charlie"), order)
    assert (refusal.status_code, refusal.json()["errors"]) == (400, {"order": ["There is no such order."]})
    assert client_of("charlie").get(url).status_code == 404
    assert client_of("charlie").get(url).json() == client_of("charlie").get(f"{PAYMENTS}999999/").json()
    assert pay(client_of(None), order).status_code == client_of(None).get(url).status_code == 401
    forged = client_of(None, **{"X-Order-Token": "x" * 43})
    assert pay(forged, order).status_code == 400
    assert forged.get(url).status_code == 404
    assert forged.get(f"{PAYMENTS}999999/").status_code == 404
    assert pay(client_of("bob"), order).status_code == 403
    assert client_of("bob").get(url).status_code == 200
    another = card_order()
    assert guest(another).get(url).status_code == 404


def test_the_provider_is_asked_every_few_seconds_at_most(stripe_double: Double) -> None:
    order = hers()
    url = f"{PAYMENTS}{payment_of(order).pk}/"
    before = len(stripe_double.calls)
    alice = client_of("alice")
    for _ in range(5):
        assert alice.get(url).status_code == 200
    assert len(stripe_double.calls) - before == 1


def test_a_provider_that_is_away_does_not_hide_the_payment(stripe_double: Double) -> None:
    order = hers()
    stripe_double.faults.plan(Fault.ERROR)
    assert client_of("alice").get(f"{PAYMENTS}{payment_of(order).pk}/").json()["state"] == "started"
