"""Somebody else holds a row, or PostgreSQL ends a transaction: what the shopper notices of it."""

from __future__ import annotations

import re
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import psycopg
import pytest
from django.db import OperationalError, connection, transaction
from django.db.models import F
from django.test import Client
from django.urls import reverse
from psycopg import errors as postgres

from catalog.models import StockLevel
from catalog.tests.factories import VariantFactory
from idempotency.models import IdempotencyRecord
from orders import cart as carts
from orders import checkout, jobs, pricing
from orders.checkout import place_order
from orders.locks import retried
from orders.models import Cart, Order
from orders.reports.invariants import verdicts
from orders.tests.api.people import ORDERS, client_of, order_body, post_order
from orders.tests.placing import ADDRESS, place, terms
from orders.tests.shopping import fill_in, put, review_form
from shop.testing.races import run_parallel
from shop.testing.strangers import hold, stranger, wait_for_waiting

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

SHOPPERS, ON_PAGES = 6, 2
LOCK_TIMEOUT, LIMIT = 2.0, 5.0


def broken_rules() -> list[str]:
    return [f"{verdict.name}: {verdict.offenders}" for verdict in verdicts() if not verdict.holds]


@dataclass(frozen=True)
class Timed:
    """An answer, and the seconds until it was there."""

    answer: httpx.Response
    seconds: float


def timed(ask: Callable[[], httpx.Response]) -> Timed:
    started = time.perf_counter()
    answer = ask()
    return Timed(answer, time.perf_counter() - started)


class Waiting:
    """Requests that are on their way."""

    def __init__(self, asks: list[Callable[[], httpx.Response]]) -> None:
        self._answers: dict[int, Timed] = {}
        self._threads = [threading.Thread(target=self._ask, args=[*pair], daemon=True) for pair in enumerate(asks)]
        for thread in self._threads:
            thread.start()

    def _ask(self, number: int, ask: Callable[[], httpx.Response]) -> None:
        self._answers[number] = timed(ask)

    def is_everybody_still_there(self) -> bool:
        return not self._answers

    def wait(self, seconds: float) -> None:
        """Until somebody has an answer, and no longer than this."""
        self._threads[0].join(seconds)

    def answers(self) -> list[Timed]:
        """In the order of the requests, when all are there."""
        for thread in self._threads:
            thread.join(60)
        return [self._answers[number] for number in range(len(self._threads))]


def page_shopper(server: Any, variant: Any) -> Callable[[], httpx.Response]:
    """A shopper in front of the button of the review page; the function returned presses it."""
    prepared = Client()
    put(prepared, variant, 1)
    fill_in(prepared)
    http = httpx.Client(base_url=server.url, timeout=60, cookies={k: m.value for k, m in prepared.cookies.items()})
    form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', http.get("/checkout/review/").text))
    return lambda: http.post(reverse("orders:review"), data=form)


def api_shopper(server: Any, variant: Any, number: int) -> Callable[[], httpx.Response]:
    headers = {"Idempotency-Key": f"waiting-{number}"}
    return lambda: httpx.post(server.url + ORDERS, json=order_body((variant.pk, 1)), headers=headers, timeout=60)


def test_a_row_that_somebody_holds_costs_a_503_in_time_and_the_others_nothing(live_server: Any) -> None:
    """Six shoppers wait for a stock level that an operator's session has locked, and does not give back."""
    variant, other = VariantFactory.create(stock=50), VariantFactory.create(stock=50)
    shoppers = [api_shopper(live_server, variant, number) for number in range(SHOPPERS - ON_PAGES)]
    shoppers += [page_shopper(live_server, variant) for _ in range(ON_PAGES)]

    def look() -> float:
        seen = timed(lambda: httpx.get(live_server.url + other.product.get_absolute_url()))
        assert seen.answer.status_code == 200
        return seen.seconds

    api_shopper(live_server, other, number=-1)()  # a server that has just started is slower
    usual = [look() for _ in range(10)]
    with stranger() as holder:
        hold(holder, variant.stock)
        shopping = Waiting(shoppers)
        wait_for_waiting(SHOPPERS)
        bought = httpx.post(
            live_server.url + ORDERS, json=order_body((other.pk, 1)), headers={"Idempotency-Key": "another"}
        )
        assert httpx.get(live_server.url + "/readyz").status_code == 200
        assert shopping.is_everybody_still_there()
        meanwhile = [look()]
        while shopping.is_everybody_still_there():
            meanwhile.append(look())
        answers = shopping.answers()

    assert bought.status_code == 201
    usually = statistics.median(usual)
    for told in answers:
        assert told.answer.status_code == 503
        assert told.answer.headers["retry-after"] == "5"
        assert LOCK_TIMEOUT < told.seconds < LIMIT + 10 * usually  # a machine that is busy otherwise is slow at all
    kinds = [told.answer.headers["content-type"] for told in answers]
    assert kinds == ["application/problem+json"] * (SHOPPERS - ON_PAGES) + ["text/html; charset=utf-8"] * ON_PAGES
    assert statistics.median(meanwhile) < 3 * usually + 0.05
    # Nothing was written, and the same requests are welcome again.
    assert Order.objects.latest("pk").number == bought.json()["number"]
    assert set(IdempotencyRecord.objects.values_list("key", flat=True)) == {"waiting--1", "another"}
    assert set(Cart.objects.values_list("status", flat=True)) == {Cart.Status.OPEN}
    again = [ask() for ask in shoppers]
    assert [answer.status_code for answer in again] == [201] * (SHOPPERS - ON_PAGES) + [302] * ON_PAGES
    assert StockLevel.objects.get(variant=variant).reserved == SHOPPERS
    assert broken_rules() == []


def test_control_without_the_limit_a_request_waits_as_long_as_the_row_is_held(
    live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    variant, place_it = VariantFactory.create(stock=50), checkout._place

    def patiently(*args: Any) -> Order:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = 0")
        return place_it(*args)

    monkeypatch.setattr(checkout, "_place", patiently)
    with stranger() as holder:
        hold(holder, variant.stock)
        shopping = Waiting([api_shopper(live_server, variant, number=1)])
        wait_for_waiting(1)
        shopping.wait(LIMIT)
        assert shopping.is_everybody_still_there()
    (told,) = shopping.answers()
    assert told.answer.status_code == 201  # when the row was given back
    assert told.seconds > LIMIT


def test_a_lock_that_is_not_given_is_not_asked_for_again() -> None:
    """Each try would take seconds more of a shopper's patience."""
    variant = VariantFactory.create(stock=1)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '200ms'")
    try:
        with stranger() as holder:
            hold(holder, variant.stock)
            started = time.perf_counter()
            with pytest.raises(OperationalError) as told:
                place((variant, 1))
            assert time.perf_counter() - started < 0.6  # four tries would be more
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")  # the pool keeps the connection
    assert isinstance(told.value.__cause__, postgres.LockNotAvailable)
    assert not Order.objects.exists()


def deadlock_with(act: Callable[[Cart], Order], monkeypatch: pytest.MonkeyPatch) -> Order | Exception:
    """The act has its cart and wants the stock; a stranger has the stock and wants the cart. The act is the victim."""
    variant = VariantFactory.create(stock=5)
    cart = carts.add(user=None, token=None, variant_id=variant.pk, quantity=1)
    has_cart, has_stock = threading.Event(), threading.Event()
    price = pricing.firm_offer

    def wait_for_the_stranger(*args: Any) -> Any:
        if not has_cart.is_set():
            has_cart.set()
            wait_for_waiting(1)
        return price(*args)

    monkeypatch.setattr(checkout, "firm_offer", wait_for_the_stranger)

    def take_it_the_other_way_round() -> None:
        with stranger() as other:
            # PostgreSQL ends whoever looks for a deadlock first, and the stranger will not look.
            other.execute("SET deadlock_timeout = '1min'")
            hold(other, variant.stock)
            has_stock.set()
            assert has_cart.wait(20)
            hold(other, cart)

    def place_it() -> Order:
        assert has_stock.wait(20)
        return act(cart)

    placed, _ = run_parallel([place_it, take_it_the_other_way_round])
    assert isinstance(placed, Order | Exception)
    return placed


def test_the_victim_of_a_deadlock_is_run_again_and_the_shopper_hears_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    placed = deadlock_with(lambda cart: place(cart=cart), monkeypatch)
    assert placed == Order.objects.get()
    assert StockLevel.objects.get().reserved == 1
    assert broken_rules() == []


def test_control_run_once_the_deadlock_is_the_shoppers(monkeypatch: pytest.MonkeyPatch) -> None:
    def place_once(cart: Cart) -> Order:
        once: Callable[..., Order] = place_order.__wrapped__  # type: ignore[attr-defined]
        return once(buyer=checkout.Buyer(email="guest@example.com"), address=ADDRESS, terms=terms(), cart=cart)

    failed = deadlock_with(place_once, monkeypatch)
    assert isinstance(failed, OperationalError)
    assert isinstance(failed.__cause__, postgres.DeadlockDetected)
    assert not Order.objects.exists()
    assert broken_rules() == []


def snapshot_and_write(level: StockLevel, overtakers: list[psycopg.Connection[Any]]) -> None:
    """An act that PostgreSQL refuses when somebody else has written since its snapshot."""
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        StockLevel.objects.get(pk=level.pk)
        if overtakers:
            with overtakers.pop() as other:
                other.execute("UPDATE catalog_stocklevel SET reserved = reserved + 1")
        StockLevel.objects.filter(pk=level.pk).update(reserved=F("reserved") + 1)


def test_a_serialization_failure_is_run_again() -> None:
    level = VariantFactory.create(stock=5).stock
    with stranger() as first, stranger() as second:
        retried(snapshot_and_write)(level, [first, second])
    assert StockLevel.objects.get().reserved == 3

    with stranger() as other, pytest.raises(OperationalError) as failed:
        snapshot_and_write(level, [other])
    assert isinstance(failed.value.__cause__, postgres.SerializationFailure)
    assert StockLevel.objects.get().reserved == 4


@pytest.mark.parametrize("door", ["api", "page"])
def test_a_connection_that_breaks_while_a_job_is_written_is_told_as_any_other(
    door: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The queue has errors of its own for what PostgreSQL says."""
    variant = VariantFactory.create(stock=5)
    enqueue = jobs.enqueue_message

    def cut_off(*arguments: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            pid = cursor.fetchone()
        with stranger() as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", pid)
        enqueue(*arguments)

    monkeypatch.setattr(checkout, "enqueue_message", cut_off)
    client = Client(raise_request_exception=False)
    if door == "api":
        told = post_order(client_of(None), order_body((variant.pk, 1)))
    else:
        put(client, variant, 1)
        fill_in(client)
        told = client.post(reverse("orders:review"), review_form(client))
    assert (told.status_code, told["Retry-After"]) == (503, "5")

    monkeypatch.undo()
    assert not Order.objects.exists()
    assert post_order(client_of(None), order_body((variant.pk, 1))).status_code == 201
