"""A coupon in a real browser, with scripts and without: refused, used, taken off, lost on the way, and paid by."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from orders.models import Coupon, Order
from orders.reports.invariants import verdicts
from orders.tests.factories import CouponFactory
from shop.tests.browser.walking import Visitor

pytestmark = pytest.mark.usefixtures("kitchen")


def use(visitor: Visitor, code: str) -> None:
    visitor.page.get_by_label("Coupon code").fill(code)
    visitor.page.get_by_role("button", name="Use it").click()


def forgive_refusals(visitor: Visitor) -> None:
    """The browser's console tells of every answer that is a 409, also of those that are meant."""
    visitor.complaints = [said for said in visitor.complaints if "409 (Conflict)" not in said]


def test_a_shopper_tries_uses_and_loses_a_coupon_and_orders_without(visitor: Visitor) -> None:
    CouponFactory.create(code="WELCOME10")
    page = visitor.page
    visitor.put_into_cart("Speckled mug", 2)
    visitor.open_cart()

    use(visitor, "nonsense")
    expect(page.locator("#coupon-error")).to_have_text("This coupon is not valid.")
    expect(page.get_by_label("Coupon code")).to_have_value("nonsense")

    use(visitor, "welcome10")
    expect(page.locator(".summary")).to_contain_text("Discount WELCOME10")
    expect(page.locator(".summary__total dd")).to_have_text("€27.40")
    expect(page.locator("#messages")).to_contain_text("Coupon WELCOME10 counts for your order.")

    page.get_by_role("button", name="Remove coupon WELCOME10").click()
    expect(page.locator(".summary__total dd")).to_have_text("€29.90")
    use(visitor, "WELCOME10")

    visitor.go_to_checkout()
    page.get_by_label("E-mail address").fill("ada@example.com")
    visitor.fill_in_address()
    visitor.review()
    Coupon.objects.update(is_active=False)
    page.get_by_role("button", name="Place order").click()
    expect(page.get_by_role("alert")).to_contain_text("Your order was not placed. This coupon is not valid.")
    expect(page.get_by_role("alert")).to_contain_text("Without the coupon the total is €29.90.")
    expect(page.get_by_role("button", name="Place order")).to_have_count(0)
    assert not Order.objects.exists()

    page.get_by_role("button", name="Remove coupon WELCOME10").click()
    expect(page.get_by_role("heading", name="Review your order")).to_be_visible()
    visitor.place()
    assert Order.objects.get().total == 2990
    forgive_refusals(visitor)


def test_a_coupon_is_used_on_the_review_page_and_pays_for_everything(visitor: Visitor) -> None:
    CouponFactory.create(code="PRESENT", percentage=100)
    visitor.put_into_cart("Oak bowl", 2)
    visitor.go_to_checkout()
    visitor.page.get_by_label("E-mail address").fill("ada@example.com")
    visitor.fill_in_address()
    visitor.review()
    use(visitor, "present")
    expect(visitor.page.locator(".summary__total dd")).to_have_text("€0.00")
    number = visitor.place()
    order = Order.objects.get(number=number)
    assert (order.total, order.status, order.payment_status) == (0, "processing", "paid")
    expect(visitor.page.locator(".summary")).to_contain_text(re.compile("Discount PRESENT"))
    assert all(verdict.holds for verdict in verdicts())
