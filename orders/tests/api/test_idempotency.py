from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import OperationalError
from django.utils import timezone

from catalog.tests.factories import VariantFactory
from idempotency.models import IdempotencyRecord
from orders import checkout
from orders.access import guest_token
from orders.models import Cart, Order, Payment
from orders.payments.methods import GATEWAYS
from orders.tests.api.people import ORDERS, client_of, order_body, post_order
from orders.tests.paying import card_order
from shop.testing.provider import Double

pytestmark = pytest.mark.django_db


def test_a_key_is_required() -> None:
    body = order_body((VariantFactory.create().pk, 1))
    response = client_of(None).post(ORDERS, body, format="json")
    assert (response.status_code, response.json()["code"]) == (400, "idempotency_key_missing")
    assert not Order.objects.exists()


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "two words", "schlüssel", "a\tb"])
def test_a_key_that_is_none_is_refused(key: str) -> None:
    response = post_order(client_of(None), order_body((VariantFactory.create().pk, 1)), key)
    assert response.status_code == 400
    assert list(response.json()["errors"]) == ["Idempotency-Key"]
    assert not IdempotencyRecord.objects.exists()


def test_the_same_request_again_is_answered_from_memory() -> None:
    body = order_body((VariantFactory.create().pk, 1))
    first = post_order(client_of(None), body)
    again = post_order(client_of(None), dict(reversed(body.items())))
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert (again["Idempotent-Replayed"], again["Location"]) == ("true", first["Location"])
    assert "Idempotent-Replayed" not in first
    assert again["Cache-Control"] == "no-store"
    assert Order.objects.count() == 1


def test_the_key_with_another_body_is_refused() -> None:
    variant = VariantFactory.create()
    post_order(client_of(None), order_body((variant.pk, 1)))
    for other in (order_body((variant.pk, 2)), order_body((variant.pk, 1), email="other@example.com")):
        response = post_order(client_of(None), other)
        assert (response.status_code, response.json()["code"]) == (422, "idempotency_key_reused")
    assert Order.objects.count() == 1


def test_a_key_that_is_in_use_asks_for_patience() -> None:
    body = order_body((VariantFactory.create().pk, 1))
    post_order(client_of(None), body)
    record = IdempotencyRecord.objects.get()
    IdempotencyRecord.objects.filter(pk=record.pk).update(
        status_code=None, body=None, leased_until=timezone.now() + timedelta(seconds=20)
    )
    response = post_order(client_of(None), body)
    assert (response.status_code, response.json()["code"]) == (409, "idempotency_key_in_progress")
    assert response["Retry-After"] == "1"
    assert "Idempotent-Replayed" not in response


def test_a_process_that_died_after_the_order_leaves_that_order() -> None:
    body = order_body((VariantFactory.create().pk, 1))
    first = post_order(client_of(None), body)
    IdempotencyRecord.objects.update(status_code=None, body=None, leased_until=timezone.now() - timedelta(seconds=1))
    again = post_order(client_of(None), body)
    assert again.status_code == 201
    assert again.json()["number"] == first.json()["number"]
    assert Order.objects.count() == 1


def test_a_process_that_died_after_the_cart_was_ordered_leaves_that_order() -> None:
    client = client_of("alice")
    client.post("/api/v1/cart/items/", {"variant": VariantFactory.create().pk}, format="json")
    body = order_body()
    del body["items"]
    first = post_order(client, body)
    IdempotencyRecord.objects.update(status_code=None, body=None, leased_until=timezone.now() - timedelta(seconds=1))
    assert post_order(client, body).json()["number"] == first.json()["number"]


def paid_with(token: str, order: Order) -> Any:
    """A guest's attempt to pay, always with the same key and body."""
    return client_of(None).post(
        "/api/v1/payments/",
        {"order": order.number},
        format="json",
        headers={"Idempotency-Key": "pay-it", "X-Order-Token": token},
    )


def test_a_guests_order_token_is_part_of_the_request(stripe_double: Double) -> None:
    order = card_order((VariantFactory.create(stock=5), 1))
    first = paid_with(guest_token(order.number), order)
    assert (first.status_code, Payment.objects.count()) == (201, 1)

    for token in ("", "forged", guest_token("BCDFG-HJKLM")):
        other = paid_with(token, order)
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
        assert "redirect_url" not in other.json()

    again = paid_with(guest_token(order.number), order)
    assert (again.content, again["Idempotent-Replayed"]) == (first.content, "true")


def test_two_customers_with_the_same_key_are_strangers() -> None:
    body = order_body((VariantFactory.create().pk, 1))
    numbers = {post_order(client_of(name), body).json()["number"] for name in ("alice", "charlie", None)}
    assert len(numbers) == 3


def test_a_refusal_by_the_state_of_the_shop_is_an_outcome() -> None:
    variant = VariantFactory.create(stock=1)
    body = order_body((variant.pk, 2))
    first = post_order(client_of(None), body)
    again = post_order(client_of(None), body)
    assert (first.status_code, again.status_code) == (409, 409)
    assert (again.content, again["Content-Type"]) == (first.content, "application/problem+json")
    assert again["Idempotent-Replayed"] == "true"


def test_a_mistake_in_the_request_gives_the_key_back() -> None:
    variant = VariantFactory.create()
    assert post_order(client_of(None), order_body((variant.pk, 0))).status_code == 400
    assert not IdempotencyRecord.objects.exists()
    assert post_order(client_of(None), order_body((variant.pk, 1))).status_code == 201


def test_a_server_error_gives_the_key_back_and_the_retry_finds_the_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """The provider does not answer: the order is there, and the next attempt goes on with it."""

    class Silent:
        code = "manual"

        def start(self, request: Any) -> Any:
            raise TimeoutError

    client = client_of(None)
    client.raise_request_exception = False
    body = order_body((VariantFactory.create().pk, 1))
    with monkeypatch.context() as patch:
        patch.setitem(GATEWAYS, "manual", Silent())
        failed = post_order(client, body)
    assert (failed.status_code, failed.json()["code"]) == (500, "server_error")
    assert not IdempotencyRecord.objects.exists()
    retried = post_order(client, body)
    assert (retried.status_code, retried.json()["number"]) == (201, Order.objects.get().number)


def test_an_item_is_put_into_the_cart_once_per_key() -> None:
    variant = VariantFactory.create()
    bodies = [
        client_of(None).post(
            "/api/v1/cart/items/",
            {"variant": variant.pk, "quantity": 2},
            format="json",
            headers={"Idempotency-Key": "add-it"},
        )
        for _ in range(2)
    ]
    assert [response.status_code for response in bodies] == [201, 201]
    assert bodies[0].content == bodies[1].content
    assert json.loads(bodies[0].content)["pieces"] == 2
    assert Cart.objects.count() == 1


def test_a_database_that_does_not_answer_gives_the_key_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def waits_in_vain(*args: Any) -> Any:
        raise OperationalError("canceling statement due to lock timeout")

    body = order_body((VariantFactory.create().pk, 1))
    with monkeypatch.context() as patch:
        patch.setattr(checkout, "_place", waits_in_vain)
        busy = post_order(client_of(None), body)
    assert (busy.status_code, busy["Retry-After"], busy.json()["code"]) == (503, "5", "unavailable")
    assert not IdempotencyRecord.objects.exists()
    assert post_order(client_of(None), body).status_code == 201


def test_too_many_orders_from_one_address_have_to_wait(settings: Any) -> None:
    settings.THROTTLE_RATES = settings.THROTTLE_RATES | {"orders": "2/hour"}
    cache.clear()
    client = client_of(None)
    bodies = [order_body((VariantFactory.create().pk, 1)) for _ in range(3)]
    answers = [
        client.post(ORDERS, body, format="json", headers={"Idempotency-Key": f"key-{number}"}, REMOTE_ADDR="192.0.2.7")
        for number, body in enumerate(bodies)
    ]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert int(answers[2]["Retry-After"]) > 0
    assert (answers[2]["Content-Type"], answers[2]["Cache-Control"]) == ("application/problem+json", "no-store")
    assert Order.objects.count() == IdempotencyRecord.objects.count() == 2
    # Looking is free, and others are not held up.
    assert client.get(ORDERS, REMOTE_ADDR="192.0.2.7").status_code == 401
    assert post_order(client_of(None), bodies[2], "key-2").status_code == 201
