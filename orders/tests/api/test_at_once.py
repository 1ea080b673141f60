"""Many requests at the same moment, over real connections; each rule with a control that shows the fault without it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from catalog.models import StockLevel
from catalog.tests.factories import VariantFactory
from idempotency.keys import KeyedRequest
from orders.api import orders as views
from orders.models import Order, Payment
from orders.tests.api.people import ORDERS, bearer, client_of, order_body
from orders.tests.auditing import broken_rules

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def post_at_once(server: Any, count: int, request: Callable[[int], tuple[str, Any, dict[str, str]]]) -> list[Any]:
    """The answers to `count` requests (key, body, headers) that start together."""
    start = threading.Barrier(count)
    answers: list[Any] = [None] * count

    def post(number: int) -> None:
        key, body, headers = request(number)
        with httpx.Client(base_url=server.url, timeout=60) as client:
            start.wait(60)
            answers[number] = client.post(ORDERS, json=body, headers={"Idempotency-Key": key, **headers})

    threads = [threading.Thread(target=post, args=[number], daemon=True) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    return answers


def test_a_hundred_buyers_share_ten_pieces(live_server: Any) -> None:
    variant = VariantFactory.create(stock=10)

    answers = post_at_once(live_server, 100, lambda number: (f"key-{number}", order_body((variant.pk, 1)), {}))

    assert Counter(answer.status_code for answer in answers) == {201: 10, 409: 90}
    refused = [answer for answer in answers if answer.status_code == 409]
    assert {answer.json()["code"] for answer in refused} == {"out_of_stock"}
    assert {answer.headers["content-type"] for answer in refused} == {"application/problem+json"}
    level = StockLevel.objects.get(variant=variant)
    assert (level.on_hand, level.reserved) == (10, 10)
    assert broken_rules() == []


def post_one_key(server: Any, count: int = 20) -> list[Any]:
    body = order_body((VariantFactory.create(stock=100).pk, 2))
    return post_at_once(server, count, lambda number: ("one-key", body, {}))


def test_one_key_twenty_times_is_one_order(live_server: Any) -> None:
    answers = post_one_key(live_server)

    order = Order.objects.get()
    assert Payment.objects.count() == 1
    assert ProcrastinateJob.objects.filter(args={"order_id": order.pk, "message": "confirmation"}).count() == 1
    placed = [answer for answer in answers if answer.status_code == 201]
    waiting = [answer for answer in answers if answer.status_code == 409]
    assert len(placed) + len(waiting) == 20
    assert {answer.content for answer in placed} == {placed[0].content}
    assert placed[0].json()["number"] == order.number
    assert sum("idempotent-replayed" not in answer.headers for answer in placed) == 1
    assert all(answer.json()["code"] == "idempotency_key_in_progress" for answer in waiting)
    assert all(answer.headers["retry-after"] == "1" for answer in waiting)
    assert broken_rules() == []


def without_memory(view: Any, request: Any, act: Any, *, required: bool) -> Any:
    """The door with its record of answers taken out: every request runs, and carries its key."""
    keyed = KeyedRequest("guest", "POST", request.headers["Idempotency-Key"], request.data)
    return act(keyed)


def test_without_the_memory_of_answers_the_orders_own_key_still_holds(
    live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "answer_once", without_memory)
    answers = post_one_key(live_server)
    assert {answer.status_code for answer in answers} == {201}
    assert {answer.json()["number"] for answer in answers} == {Order.objects.get().number}
    assert Payment.objects.count() == 1
    assert broken_rules() == []


def test_control_without_both_twenty_requests_are_twenty_orders(
    live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "answer_once", lambda view, request, act, required: act(None))
    answers = post_one_key(live_server)
    assert {answer.status_code for answer in answers} == {201}
    assert Order.objects.count() == 20


@pytest.mark.parametrize("who", [None, "alice"])
def test_one_cart_with_twenty_keys_is_one_order(live_server: Any, who: str | None) -> None:
    client = client_of(who)
    variant = VariantFactory.create(stock=100)
    token = client.post("/api/v1/cart/items/", {"variant": variant.pk, "quantity": 3}, format="json").json()["token"]
    headers = {"X-Cart-Token": token} if token else bearer("alice")
    body = order_body()
    del body["items"]

    answers = post_at_once(live_server, 20, lambda number: (f"key-{number}", body, headers))

    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 19}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"cart_changed"}
    assert StockLevel.objects.get(variant=variant).reserved == 3
    assert broken_rules() == []


def test_a_customer_who_adds_from_ten_devices_at_once_has_one_cart(live_server: Any) -> None:
    client = client_of("alice")
    variant = VariantFactory.create(stock=100)
    start = threading.Barrier(10)
    statuses: list[int] = []

    def add(headers: dict[str, str]) -> None:
        with httpx.Client(base_url=live_server.url, timeout=60, headers=headers) as http:
            start.wait(60)
            statuses.append(http.post("/api/v1/cart/items/", json={"variant": variant.pk}).status_code)

    # The tokens are made here: a thread that asks the database keeps a connection that nobody gives back.
    threads = [threading.Thread(target=add, args=[bearer("alice")], daemon=True) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert statuses == [201] * 10
    assert client.get("/api/v1/cart/").json()["pieces"] == 10
    assert broken_rules() == []
