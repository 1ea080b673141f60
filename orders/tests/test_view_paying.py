"""Paying from the order's page, and the way back from the provider."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.tests.factories import VariantFactory
from orders import lifecycle
from orders.access import guest_token, return_link
from orders.actors import staff
from orders.models import Order
from orders.tests.paying import broken_rules, card_order, payment_of
from orders.tests.shopping import client_of, fill_in, person, press_place, put, review_form
from shop.testing.provider import Double, Fault

pytestmark = pytest.mark.django_db


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def page(order: Order, name: str = "detail") -> str:
    if order.customer_id:
        return reverse(f"orders:{name}", args=[order.number])
    return reverse(f"orders:guest-{name}", args=[order.number, guest_token(order.number)])


def leads_to(answer: Any) -> str:
    """Where an answer sends the browser."""
    assert answer.status_code == 302
    return str(answer.url)


def shown(client: Client, order: Order) -> str:
    return text_of(client.get(page(order)))


def test_placing_with_a_card_leads_to_the_provider(client: Client, stripe_double: Double) -> None:
    put(client, VariantFactory.create(stock=5))
    fill_in(client, payment_method="card")

    answer = press_place(client, review_form(client))

    assert answer.url == f"{stripe_double.url}/pay/{payment_of(Order.objects.get()).reference}"


def test_placing_while_the_provider_is_away_keeps_the_order_and_offers_to_pay(
    client: Client, stripe_double: Double
) -> None:
    put(client, VariantFactory.create(stock=5))
    fill_in(client, payment_method="card")
    stripe_double.faults.plan(Fault.HANG, times=1)
    stripe_double.faults.release()

    answer = press_place(client, review_form(client))

    order = Order.objects.get()
    assert leads_to(answer) == page(order, "confirmation")
    thanks = text_of(client.get(answer.url))
    assert "Your order is safe" in thanks
    assert "Pay now" in thanks
    assert leads_to(client.post(page(order, "pay"))) == f"{stripe_double.url}/pay/{payment_of(order).reference}"


def test_an_unpaid_order_says_how_much_how_long_and_how(client: Client, stripe_double: Double) -> None:
    order = card_order()
    shop = shown(client, order)
    for words in ("Waiting for your payment", "€29.90 by card", "minutes", "Pay now", "Choose another way to pay"):
        assert words in shop


def test_the_page_with_the_form_keeps_its_secret_and_can_send_it(stripe_double: Double) -> None:
    client = Client(enforce_csrf_checks=True)
    order = card_order()
    answer = client.get(page(order))
    assert answer["Referrer-Policy"] == "same-origin"
    token = answer.content.decode().split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    sent = client.post(page(order, "pay"), {"csrfmiddlewaretoken": token}, headers={"Origin": "http://testserver"})
    assert sent.status_code == 302
    assert client.post(page(order, "pay")).status_code == 403


def test_a_paid_order_has_nothing_to_pay(client: Client, stripe_double: Double) -> None:
    order = card_order()
    stripe_double.ledger.pay(payment_of(order).reference)
    client.get(page(order, "return"))
    assert "Pay now" not in shown(client, order)
    assert leads_to(client.get(page(order, "pay"))) == page(order)
    answer = client.post(page(order, "pay"), follow=True)
    assert "nothing to pay any more" in text_of(answer)
    assert stripe_double.ledger.charged(order.number) == [order.total]


def test_coming_back_after_paying_says_thanks(client: Client, stripe_double: Double) -> None:
    order = card_order()
    stripe_double.ledger.pay(payment_of(order).reference)

    answer = client.get(return_link(order))

    assert leads_to(answer) == page(order, "confirmation")
    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("processing", "paid")
    assert "Paid" in shown(client, order)
    assert broken_rules() == []


def test_a_forged_way_back_pays_nothing(client: Client, stripe_double: Double) -> None:
    order = card_order()

    answer = client.get(return_link(order) + "?payment=success&session_id=cs_test_paid", follow=True)

    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("pending", "unpaid")
    assert "has not been completed" in text_of(answer)
    assert stripe_double.ledger.charges == []


def test_coming_back_after_a_decline_says_why_and_offers_to_try_again(client: Client, stripe_double: Double) -> None:
    order = card_order()
    stripe_double.ledger.decline(payment_of(order).reference, "Your card has insufficient funds.")

    shop = text_of(client.get(return_link(order), follow=True))

    assert shop.count("Your card has insufficient funds.") == 1
    assert "Nothing was charged. Try again, or choose another way to pay." in shop
    assert "Pay now" in shop


def test_coming_back_while_the_provider_is_away_promises_news(client: Client, stripe_double: Double) -> None:
    order = card_order()
    stripe_double.faults.plan(Fault.ERROR)
    assert "have not heard from the payment provider" in text_of(client.get(return_link(order), follow=True))


def test_coming_back_to_a_cancelled_order_with_money_says_that_it_goes_back(
    client: Client, stripe_double: Double
) -> None:
    order = card_order()
    lifecycle.cancel(order=order, actor=staff("otto"))
    stripe_double.ledger.pay(payment_of(order).reference)

    shop = text_of(client.get(return_link(order), follow=True))

    assert "goes back" in shop
    assert order.refunds.get().amount == order.total


def test_another_way_to_pay_can_be_chosen(client: Client, stripe_double: Double, settings: Any) -> None:
    settings.SHOP_BANK_DETAILS = "IBAN DE00 1234"
    order = card_order()
    offered = text_of(client.get(page(order, "pay")))
    assert "Bank transfer" in offered
    assert 'value="card" checked' in offered

    answer = client.post(page(order, "pay"), {"payment_method": "bank_transfer"}, follow=True)

    assert "IBAN DE00 1234" in text_of(answer)
    assert payment_of(order).method == "bank_transfer"
    assert "Choose another way to pay" in shown(client, order)


@pytest.mark.parametrize("method", ["shells", "", "card\x00", "ä" * 300])
def test_nonsense_is_no_way_to_pay(client: Client, stripe_double: Double, method: str) -> None:
    order = card_order()
    answer = client.post(page(order, "pay"), {"payment_method": method})
    assert answer.status_code == 302
    assert payment_of(order).method == "card"


def test_an_order_whose_time_is_up_is_not_paid_any_more(client: Client, stripe_double: Double) -> None:
    order = card_order()
    Order.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert "Pay now" not in shown(client, order)
    client.post(page(order, "pay"), {"payment_method": "bank_transfer"})
    assert payment_of(order).method == "card"
    assert stripe_double.ledger.sessions[payment_of(order).reference]["status"] == "open"


def test_only_the_owner_pays_and_returns(client: Client, stripe_double: Double) -> None:
    alice, charlie = person("alice"), person("charlie")
    order = card_order(customer=alice)
    for name in ("pay", "return"):
        url = reverse(f"orders:{name}", args=[order.number])
        assert "login" in leads_to(client.get(url))
        assert client_of(charlie).get(url).status_code == 404
        assert client.get(f"/orders/{order.number}/{'x' * 43}/{name}/").status_code == 404
    assert client_of(charlie).post(page(order, "pay")).status_code == 404
    assert client_of(alice).post(page(order, "pay")).status_code == 302


def test_the_pages_are_kept_by_nobody(client: Client, stripe_double: Double) -> None:
    order = card_order()
    for name in ("pay", "return"):
        assert "no-store" in client.get(page(order, name))["Cache-Control"]
