"""Placing from the review page: one form, one order, whoever presses how often."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from catalog.tests.factories import VariantFactory
from orders import lifecycle
from orders.actors import GUEST
from orders.models import Order
from orders.tests.shopping import DETAILS, buy, client_of, fill_in, person, press_place, put, review_form

pytestmark = pytest.mark.django_db

CART, CHECKOUT, REVIEW = (reverse(f"orders:{name}") for name in ("cart", "checkout", "review"))


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_placing_makes_the_order_and_leads_to_thanks(client: Client) -> None:
    mug = VariantFactory.create(price=1250)
    put(client, mug, 2)
    fill_in(client)

    response = client.post(REVIEW, review_form(client), follow=True)

    order = Order.objects.get()
    assert (order.total, order.email, order.channel) == (2990, "guest@example.com", "storefront")
    assert "Thank you for your order" in text_of(response)
    assert order.number in text_of(response)
    assert "Your cart is empty" in text_of(client.get(CART))
    mug.stock.refresh_from_db()
    assert mug.stock.reserved == 2


def test_what_was_typed_is_forgotten_when_the_order_is_placed(client: Client) -> None:
    buy(client, (VariantFactory.create(), 1))
    stored = str(dict(client.session))
    for value in (DETAILS["name"], DETAILS["email"], DETAILS["line1"]):
        assert value not in stored


def test_the_same_form_again_leads_to_the_same_order(client: Client) -> None:
    put(client, VariantFactory.create())
    fill_in(client)
    form = review_form(client)
    first, second = press_place(client, form), press_place(client, form)
    assert first["Location"] == second["Location"]
    assert Order.objects.count() == 1


def test_two_tabs_make_one_order(client: Client) -> None:
    put(client, VariantFactory.create())
    fill_in(client)
    one, other = review_form(client), review_form(client)
    assert press_place(client, one)["Location"] == press_place(client, other)["Location"]
    assert Order.objects.count() == 1


def test_a_customers_two_devices_make_one_order() -> None:
    alice = person()
    laptop, phone = client_of(alice), client_of(alice)
    put(laptop, VariantFactory.create())
    for device in (laptop, phone):
        fill_in(device)
    forms = [review_form(laptop), review_form(phone)]
    answers = [press_place(laptop, forms[0]), press_place(phone, forms[1])]
    assert answers[0]["Location"] == answers[1]["Location"]
    assert Order.objects.count() == 1


def test_going_back_after_ordering_leads_to_the_order(client: Client) -> None:
    order = buy(client, (VariantFactory.create(), 1))
    for address in (CHECKOUT, REVIEW):
        assert order.number in client.get(address)["Location"]


def test_a_strangers_form_opens_nobodys_order() -> None:
    alice, charlie = client_of(person()), client_of(person("charlie"))
    put(alice, VariantFactory.create())
    fill_in(alice)
    form = review_form(alice)
    press_place(alice, form)
    for stranger in (charlie, Client()):
        response = press_place(stranger, form)
        assert Order.objects.get().number not in response["Location"]


@pytest.mark.parametrize(
    "change",
    [
        {"key": ""},
        {"key": "x" * 43},
        {"key": "\x00"},
        {"expected_total": "NaN"},
        {"expected_total": ""},
        {"expected_total": "-1"},
        {"expected_total": str(2**70)},
        {"reviewed": ""},
        {"reviewed": "1:1:1"},
        {"reviewed": "' OR 1=1 --"},
    ],
)
def test_a_tampered_form_places_nothing(client: Client, change: dict[str, str]) -> None:
    put(client, VariantFactory.create())
    fill_in(client)
    response = press_place(client, review_form(client) | change)
    assert response.status_code == 409
    assert "Your order was not placed." in text_of(response)
    assert not Order.objects.exists()


def test_prices_and_owners_in_the_form_are_ignored(client: Client) -> None:
    bob = person("bob")
    put(client, VariantFactory.create(price=1250))
    fill_in(client, total="1", status="delivered", customer=str(bob.pk), currency="JPY")
    press_place(client, review_form(client) | {"total": "1", "price": "1", "discount": "9", "customer": str(bob.pk)})
    order = Order.objects.get()
    assert (order.total, order.discount, order.status, order.currency) == (1740, 0, "pending", "EUR")
    assert order.customer is None


def test_a_guests_form_is_of_no_use_after_logging_in_with_another_cart() -> None:
    client, alice = Client(), person()
    put(client, VariantFactory.create())
    fill_in(client)
    form = review_form(client)
    client.post(reverse("account_logout"))
    client.force_login(alice)
    put(client, VariantFactory.create())
    response = press_place(client, form)
    assert response.status_code in (302, 409)
    assert not Order.objects.exists()


def test_the_throttle_closes_before_anything_is_written(client: Client, settings: Any) -> None:
    cache.clear()
    settings.THROTTLE_RATES = settings.THROTTLE_RATES | {"orders": "1/hour"}
    mug = VariantFactory.create()
    buy(client, (mug, 1))
    put(client, mug)
    fill_in(client)
    response = press_place(client, review_form(client))
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0
    assert Order.objects.count() == 1
    cache.clear()


def test_an_order_that_was_cancelled_stays_the_answer_to_its_form(client: Client) -> None:
    put(client, VariantFactory.create())
    fill_in(client)
    form = review_form(client)
    first = press_place(client, form)
    lifecycle.cancel(order=Order.objects.get(), actor=GUEST, by_customer=True)
    assert press_place(client, form)["Location"] == first["Location"]
    assert Order.objects.count() == 1
