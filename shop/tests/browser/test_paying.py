"""Paying on somebody else's page and coming back, in a real browser: the pretend provider, and Stripe's double."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from orders.models import Order, Payment
from orders.reports.invariants import verdicts
from shop.testing.provider import Double
from shop.tests.browser.walking import Visitor, run_worker

pytestmark = pytest.mark.usefixtures("kitchen")


@pytest.fixture(autouse=True)
def site(settings: Any, live_server: Any) -> None:
    """Providers send shoppers back to the shop's own address, and browsers only go where the policy allows."""
    settings.SITE_URL = live_server.url
    settings.PAYMENT_PAGES = [live_server.url]


def choose(visitor: Visitor, method: str) -> None:
    """Everything up to the payment page."""
    visitor.put_into_cart("Speckled mug")
    visitor.go_to_checkout()
    visitor.page.get_by_label("E-mail address").fill("ada@example.com")
    visitor.fill_in_address()
    visitor.page.get_by_role("radio", name=method).check()
    visitor.review()
    visitor.page.get_by_role("button", name="Place order").click()


def order_and_payments() -> tuple[Order, list[str]]:
    run_worker()
    assert [verdict for verdict in verdicts() if not verdict.holds] == []
    return Order.objects.get(), [*Payment.objects.order_by("pk").values_list("state", flat=True)]


@pytest.mark.parametrize("button", ["Approve", "Approve, and say so twice"])
def test_the_pretend_provider_takes_the_money_once(visitor: Visitor, button: str) -> None:
    choose(visitor, "Test payment")
    expect(visitor.page.get_by_role("heading", name="Pay €17.40")).to_be_visible()
    visitor.page.get_by_role("button", name=button, exact=True).click()
    expect(visitor.page.get_by_role("heading", name="Thank you")).to_be_visible()
    order, payments = order_and_payments()
    assert (order.status, order.payment_status, payments) == ("processing", "paid", ["captured"])


def test_after_a_decline_the_order_is_paid_from_its_page(visitor: Visitor) -> None:
    choose(visitor, "Test payment")
    visitor.page.get_by_role("button", name="Decline").click()
    expect(visitor.page.locator(".how-to-pay")).to_contain_text("Declined by the pretend bank.")
    order, payments = order_and_payments()
    assert (order.payment_status, payments) == ("unpaid", ["failed"])
    visitor.page.get_by_role("button", name="Pay now").click()
    visitor.page.get_by_role("button", name="Approve", exact=True).click()
    expect(visitor.page.get_by_role("heading", name="Thank you")).to_be_visible()
    order, payments = order_and_payments()
    assert (order.payment_status, payments) == ("paid", ["failed", "captured"])


def test_stripes_page_takes_the_money_once(visitor: Visitor, stripe_double: Double) -> None:
    choose(visitor, "Card")
    expect(visitor.page.get_by_role("heading", name="1740 eur")).to_be_visible()
    visitor.page.get_by_role("button", name="decline").click()
    expect(visitor.page.get_by_role("status")).to_have_text("Your card was declined.")
    visitor.page.get_by_role("button", name="pay").click()
    expect(visitor.page.get_by_role("heading", name="Thank you")).to_be_visible()
    order, payments = order_and_payments()
    assert (order.payment_status, payments) == ("paid", ["captured"])
    assert stripe_double.ledger.charged(order.number) == [1740]
