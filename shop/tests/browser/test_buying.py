"""The shop as its shoppers meet it: in a real browser, with scripts and without."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from catalog.models import Product, Variant
from catalog.tests.factories import VariantFactory
from orders.models import Order
from orders.reports.invariants import verdicts
from shop.tests.browser.walking import Visitor, link_in_mail_to

pytestmark = pytest.mark.usefixtures("kitchen")


def all_is_well() -> bool:
    return all(verdict.holds for verdict in verdicts())


def test_a_guest_goes_from_the_home_page_to_the_confirmation(visitor: Visitor) -> None:
    visitor.put_into_cart("Speckled mug", 2)
    visitor.expect_pieces(2)
    visitor.put_into_cart("Oak bowl")
    visitor.expect_pieces(3)
    visitor.go_to_checkout()
    visitor.page.get_by_label("E-mail address").fill("ada@example.com")
    visitor.fill_in_address()
    visitor.page.get_by_label("Note to us").fill("Please ring twice")
    visitor.review()
    expect(visitor.page.locator("main")).to_contain_text("Gartenweg 7")
    shown = visitor.page.locator(".summary__total dd").inner_text()

    number = visitor.place()

    order = Order.objects.get()
    assert order.number == number
    assert f"€{order.total / 100:.2f}" == shown
    assert (order.customer, order.email, order.customer_note) == (None, "ada@example.com", "Please ring twice")
    assert all_is_well()

    # The link in the e-mail leads back, and there the guest may change their mind.
    visitor.page.goto(link_in_mail_to("ada@example.com"))
    expect(visitor.page.get_by_role("heading", name=f"Order {number}")).to_be_visible()
    visitor.page.get_by_role("link", name="Cancel this order").click()
    visitor.page.get_by_role("button", name="Yes, cancel the order").click()
    expect(visitor.page.locator("#messages")).to_contain_text(f"Order {number} is cancelled.")
    order.refresh_from_db()
    assert order.status == "cancelled"
    assert all_is_well()


def test_a_customer_signs_up_buys_looks_back_and_cancels(visitor: Visitor) -> None:
    visitor.put_into_cart("Speckled mug")
    visitor.sign_up("alice", "alice@example.com", "juniper and clay 7")
    visitor.expect_pieces(1)  # what the guest had gathered
    visitor.go_to_checkout()
    expect(visitor.page.get_by_label("E-mail address")).to_have_value("alice@example.com")
    visitor.fill_in_address()
    visitor.page.get_by_label("Keep this address in my address book").check()
    visitor.page.get_by_label("Pay on delivery").check()
    visitor.review()
    number = visitor.place()

    # The next time the address is there to choose.
    visitor.put_into_cart("Oak bowl")
    visitor.go_to_checkout()
    expect(visitor.page.get_by_label("Ada Archer, Gartenweg 7")).to_be_checked()

    visitor.page.goto("/orders/")
    visitor.page.get_by_role("link", name=number).click()
    visitor.page.get_by_role("link", name="Cancel this order").click()
    visitor.page.get_by_role("button", name="Yes, cancel the order").click()
    expect(visitor.page.locator("main")).to_contain_text("This order is cancelled.")
    order = Order.objects.get()
    assert order.status == "cancelled"
    assert order.customer is not None
    assert all_is_well()


def test_a_cart_is_changed_and_emptied(visitor: Visitor, kitchen: dict[str, Product]) -> None:
    page = visitor.page
    visitor.put_into_cart("Speckled mug")
    visitor.put_into_cart("Oak bowl")
    visitor.open_cart()
    total = page.locator(".summary__total dd")
    expect(total).to_have_text("€65.40")  # 12.50 + 48.00 + 4.90

    quantity = page.get_by_label("Quantity of Speckled mug")
    quantity.fill("3")
    quantity.press("Enter")
    expect(total).to_have_text("€85.50")  # 37.50 + 48.00, and shipping is free
    visitor.expect_pieces(4)

    page.get_by_role("button", name="Remove Oak bowl").click()
    expect(total).to_have_text("€42.40")
    visitor.expect_pieces(3)
    page.get_by_role("button", name="Remove Speckled mug").click()
    expect(page.get_by_role("heading", name="Your cart is empty")).to_be_visible()
    expect(page.locator("#cart-link .site-tool__count")).to_have_count(0)


def test_on_a_phone_everything_fits_and_works(phone: Visitor) -> None:
    page = phone.page

    def fits() -> bool:
        return bool(page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth"))

    phone.put_into_cart("Speckled mug")
    assert fits()
    phone.go_to_checkout()
    assert fits()
    page.get_by_label("E-mail address").fill("ada@example.com")
    phone.fill_in_address()
    phone.review()
    assert fits()
    phone.place()
    assert fits()
    assert Order.objects.count() == 1


def test_two_quick_clicks_and_going_back_make_one_order(visitor: Visitor) -> None:
    page = visitor.page
    visitor.put_into_cart("Speckled mug")
    visitor.go_to_checkout()
    page.get_by_label("E-mail address").fill("ada@example.com")
    visitor.fill_in_address()
    visitor.review()
    page.get_by_role("button", name="Place order").dblclick(no_wait_after=True)
    expect(page.get_by_role("heading", name="Thank you for your order")).to_be_visible()
    page.go_back()
    expect(page.locator("h1")).to_be_visible()
    if page.get_by_role("button", name="Place order").count():
        page.get_by_role("button", name="Place order").click()
    expect(page.get_by_role("heading", name="Thank you for your order")).to_be_visible()
    assert Order.objects.count() == 1
    assert all_is_well()


def test_a_shopper_chooses_a_variant(visitor: Visitor, kitchen: dict[str, Product]) -> None:
    kitchen["mug"].variants.update(name="Small")
    large = VariantFactory.create(product=kitchen["mug"], name="Large", price=1900, position=1)
    VariantFactory.create(product=kitchen["mug"], name="Huge", price=2900, position=2, stock=0)
    visitor.walk_to("Speckled mug")
    visitor.page.locator("label", has_text="Large").click()
    visitor.page.get_by_role("button", name="Add to cart").click()
    expect(visitor.page.locator("#messages")).to_contain_text("“Speckled mug – Large” is in your cart.")
    visitor.open_cart()
    expect(visitor.page.locator("main")).to_contain_text("€19.00")
    assert Variant.objects.get(name="Large") == large


def test_what_is_sold_meanwhile_is_said_before_anything_is_ordered(
    visitor: Visitor, kitchen: dict[str, Product]
) -> None:
    visitor.put_into_cart("Oak bowl", 2)
    visitor.go_to_checkout()
    visitor.page.get_by_label("E-mail address").fill("ada@example.com")
    visitor.fill_in_address()
    visitor.review()
    stock = kitchen["bowl"].variants.get().stock
    stock.on_hand = 1
    stock.save()
    visitor.page.get_by_role("button", name="Place order").click()
    expect(visitor.page.get_by_role("alert")).to_contain_text("Only 1 of “Oak bowl” left")
    assert not Order.objects.exists()
    # A browser also writes the answer's status to its console.
    assert all(re.search(r"\b409\b", said) for said in visitor.complaints)
    visitor.complaints.clear()
