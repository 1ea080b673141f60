"""Somebody holds a row for as long as it takes: what everybody at the doors of a real server is told, and when."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx
import pytest
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from catalog.models import StockLevel, Variant
from catalog.tests.factories import VariantFactory
from orders import lifecycle
from orders.actors import SHOP
from orders.models import Order
from orders.tests.api.people import ORDERS, bearer, person
from orders.tests.auditing import broken_rules
from orders.tests.concurrency.test_waiting import LIMIT, LOCK_TIMEOUT, Timed, Waiting, api_shopper, page_shopper, timed
from orders.tests.placing import place
from shop.testing.gunicorn import Served
from shop.testing.strangers import hold, stranger, wait_for_waiting

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

Ask = Callable[[], httpx.Response]
PAGE, PROBLEM = "text/html; charset=utf-8", "application/problem+json"


@dataclass(frozen=True)
class Door:
    """A way to act: the request, the form of its answers, and the status once the row is free."""

    ask: Ask
    kind: str
    success: int


def order_of_alice(variant: Variant, *, accepted: bool = False) -> Order:
    order = place((variant, 2), customer=person("alice"))
    return lifecycle.accept(order=order, actor=SHOP) if accepted else order


def staff_page(server: Served, order: Order, step: str) -> Ask:
    """Bob before the button of a step in the admin."""
    browser = Client()
    browser.force_login(person("bob"))
    cookies = {name: morsel.value for name, morsel in browser.cookies.items()}
    http = httpx.Client(base_url=server.url, timeout=60, cookies=cookies)
    address = reverse(f"admin:orders_order_{step}", args=[order.pk])
    page = http.get(address)
    assert page.status_code == 200
    form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    pieces = {f"line_{line.pk}": str(line.open) for line in order.lines.all()}
    return lambda: http.post(address, data=form | pieces)


def api_act(server: Served, order: Order, act: str, name: str) -> Ask:
    headers = bearer(name) | {"Idempotency-Key": f"{act}-{order.pk}"}
    return lambda: httpx.post(f"{server.url}{ORDERS}{order.number}/{act}/", json={}, headers=headers, timeout=60)


def doors_to(server: Served, order: Callable[[bool], Order]) -> Iterator[Door]:
    """What moves an order: for staff and customers, on pages and over the API."""
    yield Door(staff_page(server, order(True), "ship"), PAGE, 302)
    yield Door(staff_page(server, order(False), "cancel"), PAGE, 302)
    yield Door(api_act(server, order(True), "shipments", "bob"), PROBLEM, 201)
    yield Door(api_act(server, order(False), "cancel", "alice"), PROBLEM, 200)


def expect_politeness(server: Served, doors: list[Door], held: Model, elsewhere: str) -> None:
    """All wait for the row that somebody holds, and are told so in time; who looks elsewhere does not wait."""
    with stranger() as holder:
        hold(holder, held)
        waiting = Waiting([door.ask for door in doors])
        wait_for_waiting(len(doors))
        looks: list[Timed] = []
        while waiting.is_everybody_still_there():
            looks.append(timed(lambda: httpx.get(server.url + elsewhere, timeout=60)))
        told = waiting.answers()

    assert [each.answer.status_code for each in told] == [503] * len(doors)
    assert [each.answer.headers["content-type"] for each in told] == [door.kind for door in doors]
    assert {each.answer.headers["retry-after"] for each in told} == {"5"}
    assert {look.answer.status_code for look in looks} == {200}
    usually = min(look.seconds for look in looks)
    assert min(each.seconds for each in told) > LOCK_TIMEOUT
    assert max(each.seconds for each in told) < LIMIT + 10 * usually  # a machine that is busy otherwise is slow at all
    assert len(looks) > 3


def test_a_stock_level_that_is_held_costs_everybody_who_wants_it_a_503_in_time(gunicorn: Served) -> None:
    variant, other = VariantFactory.create(stock=50), VariantFactory.create(stock=1)
    doors = [
        Door(page_shopper(gunicorn, variant), PAGE, 302),
        Door(api_shopper(gunicorn, variant, number=1), PROBLEM, 201),
        *doors_to(gunicorn, lambda accepted: order_of_alice(variant, accepted=accepted)),
    ]
    before = [*Order.objects.order_by("pk").values_list("pk", "status")]

    expect_politeness(gunicorn, doors, variant.stock, other.product.get_absolute_url())

    assert [*Order.objects.order_by("pk").values_list("pk", "status")] == before
    assert broken_rules() == []
    assert [door.ask().status_code for door in doors] == [door.success for door in doors]
    level = StockLevel.objects.get(variant=variant)
    assert (level.on_hand, level.reserved) == (46, 2)
    assert broken_rules() == []


def test_an_order_that_is_held_costs_whoever_would_move_it_a_503_in_time(gunicorn: Served) -> None:
    variant = VariantFactory.create(stock=50)
    order = order_of_alice(variant, accepted=True)
    doors = [*doors_to(gunicorn, lambda _: order)]

    expect_politeness(gunicorn, doors, order, variant.product.get_absolute_url())

    order.refresh_from_db()
    assert order.status == Order.Status.PROCESSING
    assert broken_rules() == []
    # The first one ships it; there is nothing left for the others to do.
    assert doors[0].ask().status_code == doors[0].success
    assert [door.ask().status_code for door in doors[1:]] == [403, 409, 409]
    assert StockLevel.objects.get(variant=variant).on_hand == 48
    assert broken_rules() == []
