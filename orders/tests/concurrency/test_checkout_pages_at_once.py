"""The storefront's forms sent at the same moment, on real connections; with controls that show the fault."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import StockLevel, Variant
from catalog.tests.factories import VariantFactory
from orders import checkout
from orders.models import Cart, Order
from orders.tests.auditing import broken_rules
from orders.tests.shopping import client_of, fill_in, person, press_place, put, review_form
from shop.testing.races import run_parallel

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def ready(variant: Variant, quantity: int = 1, client: Client | None = None) -> tuple[Client, dict[str, str]]:
    """A shopper in front of the button."""
    client = client or Client()
    put(client, variant, quantity)
    fill_in(client)
    return client, review_form(client)


def same_browser(client: Client) -> Client:
    """Another tab: the same cookies, another connection."""
    tab = Client()
    tab.cookies = client.cookies.copy()  # type: ignore[assignment]  # a SimpleCookie copies as a dict
    return tab


def statuses(answers: list[Any]) -> list[int]:
    for answer in answers:
        if isinstance(answer, Exception):
            raise answer
    return sorted(answer.status_code for answer in answers)


def test_many_clicks_at_once_make_one_order_and_all_lead_to_it() -> None:
    client, form = ready(VariantFactory.create())
    tabs = [same_browser(client) for _ in range(12)]

    answers: list[Any] = run_parallel([lambda tab=tab: press_place(tab, form) for tab in tabs])  # type: ignore[misc]

    assert statuses(answers) == [302] * 12
    assert len({answer["Location"] for answer in answers}) == 1
    assert Order.objects.get().number in answers[0]["Location"]
    assert broken_rules() == []


def test_one_cart_on_many_devices_makes_one_order() -> None:
    alice, mug = person(), VariantFactory.create()
    put(client_of(alice), mug)
    devices = []
    for _ in range(8):
        client = client_of(alice)
        fill_in(client)
        devices.append((client, review_form(client)))

    answers = run_parallel([lambda d=device: press_place(*d) for device in devices])  # type: ignore[misc]

    assert statuses(answers) == [302] * 8
    assert Order.objects.count() == 1
    assert broken_rules() == []


def test_twenty_shoppers_share_five_pieces_and_fifteen_are_told() -> None:
    mug = VariantFactory.create(product__name="Speckled mug", product__slug="mug", stock=5)
    shoppers = [ready(mug) for _ in range(20)]

    answers: list[Any] = run_parallel([lambda s=shopper: press_place(*s) for shopper in shoppers])  # type: ignore[misc]

    assert statuses(answers) == [302] * 5 + [409] * 15
    told = [answer.content.decode() for answer in answers if answer.status_code == 409]
    assert all("“Speckled mug” is sold out." in page for page in told)
    level = StockLevel.objects.get()
    assert (level.on_hand, level.reserved) == (5, 5)
    assert Order.objects.count() == 5
    assert broken_rules() == []


def test_a_cart_that_changes_while_it_is_placed_is_ordered_as_reviewed_or_not_at_all() -> None:
    mug, bowl = VariantFactory.create(price=1000), VariantFactory.create(price=1000)
    for _ in range(6):
        client, form = ready(mug)
        tab = same_browser(client)

        def exchange(tab: Client = tab) -> Any:
            put(tab, bowl)
            return tab.post(reverse("orders:cart-line", args=[mug.pk]), {"quantity": 0})

        placed, _ = run_parallel([lambda c=client, f=form: press_place(c, f), exchange])  # type: ignore[misc]
        assert statuses([placed]) in ([302], [409])
    for order in Order.objects.all():
        assert [(line.variant_id, line.quantity) for line in order.lines.all()] == [(mug.pk, 1)]
        assert order.subtotal == 1000
    assert broken_rules() == []


def test_control_without_the_review_in_the_order_a_changed_cart_is_sold_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard off: the shopper reviewed a mug, and orders a bowl of the same price."""
    monkeypatch.setattr(checkout, "_expect_reviewed", lambda demand, reviewed: None)
    mug, bowl = VariantFactory.create(price=1000), VariantFactory.create(price=1000)
    client, form = ready(mug)
    client.post(reverse("orders:cart-line", args=[mug.pk]), {"quantity": 0})
    put(client, bowl)
    assert press_place(client, form).status_code == 302
    assert Order.objects.get().lines.get().variant == bowl


def test_control_without_the_carts_lock_and_key_one_cart_would_become_many_orders(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The guards off: nobody locks the cart, and its order carries neither key nor cart."""
    everybody_has_read = threading.Barrier(4)

    def unlocked(pk: int) -> Cart:
        cart = Cart.objects.get(pk=pk)
        everybody_has_read.wait(20)
        return cart

    write = checkout._write_order

    def unlinked(buyer: Any, address: Any, terms: Any, offer: Any, method: Any, cart: Any) -> Order:
        terms = checkout.Terms(**{**vars(terms), "idempotency_key": None})
        return write(buyer, address, terms, offer, method, None)

    monkeypatch.setattr(checkout, "lock_cart", unlocked)
    monkeypatch.setattr(checkout, "_write_order", unlinked)
    client, form = ready(VariantFactory.create())
    tabs = [same_browser(client) for _ in range(4)]
    run_parallel([lambda tab=tab: press_place(tab, form) for tab in tabs])  # type: ignore[misc]
    assert Order.objects.count() == 4
