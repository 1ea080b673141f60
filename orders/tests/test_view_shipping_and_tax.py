"""What shoppers are shown of shipping and tax: in the cart, at the checkout, and on the page of their order."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Address
from catalog.models import Variant
from catalog.tests.factories import VariantFactory
from orders import checkout, lifecycle
from orders.access import guest_token
from orders.actors import staff
from orders.models import Order, ShippingMethod, TaxRate
from orders.shipping.parcels import Parcel
from orders.shipping.tests.zones import method, tax, zone
from orders.tests.placing import place
from orders.tests.shopping import buy, client_of, fill_in, person, press_place, put, review_form

pytestmark = pytest.mark.django_db
CART, CHECKOUT, REVIEW, CHOOSE = (
    reverse(f"orders:{name}") for name in ("cart", "checkout", "review", "choose-shipping")
)
OTTO = staff("otto")


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def sums_of(response: Any) -> dict[str, str]:
    """The summary of a page: amounts by what they are."""
    found = re.findall(r"<dt>(.*?)</dt>\s*<dd[^>]*>(.*?)</dd>", text_of(response))
    return {name.replace("\N{NO-BREAK SPACE}", " "): amount for name, amount in found}


@pytest.fixture
def mug() -> Variant:
    return VariantFactory.create(product__name="Speckled mug", product__slug="mug", price=1190, weight=400, stock=50)


@pytest.fixture
def germany() -> dict[str, ShippingMethod]:
    made = zone("Germany", "DE")
    return {
        "parcel": method(made, "Parcel", 490, min_days=2, max_days=4, position=1),
        "express": method(made, "Express", 990, description="By noon", min_days=1, max_days=1, position=2),
    }


# --- the cart --------------------------------------------------------------------------------------------------


def test_the_cart_estimates_shipping_to_the_shops_country(client: Client, mug: Variant, germany: Any) -> None:
    put(client, mug)
    page = client.get(CART)
    assert sums_of(page) == {"Subtotal": "€11.90", "Shipping to Germany": "€4.90", "Total": "€16.80"}
    assert "Parcel, 2–4 working days; other countries at the checkout." in text_of(page)


def test_the_cart_knows_the_address_that_was_typed_at_the_checkout(client: Client, mug: Variant, germany: Any) -> None:
    method(zone("France", "FR"), "Colis", 1490)
    put(client, mug)
    fill_in(client, country="FR", postcode="69003")

    for address in (CART, CHECKOUT):
        assert sums_of(client.get(address))["Shipping to France"] == "€14.90"
    assert "other countries" not in text_of(client.get(CART))


def test_prices_that_include_tax_say_how_much_of_it(client: Client, mug: Variant, germany: Any) -> None:
    tax("19")
    put(client, mug)
    page = client.get(CART)
    assert sums_of(page) == {
        "Subtotal": "€11.90",
        "Shipping to Germany": "€4.90",
        "Total": "€16.80",
        "of which VAT 19 %": "€2.68",
    }
    assert "Prices include VAT." in text_of(page)
    assert "added at the checkout" not in text_of(page)


def test_tax_on_top_is_in_the_total_once(client: Client, mug: Variant, germany: Any, settings: Any) -> None:
    settings.SHOP_PRICES_INCLUDE_TAX = False
    tax("19")
    tax("7", code="reduced")
    book = VariantFactory.create(price=1000, product__tax_class=tax("7", country="AT", code="reduced").tax_class)
    put(client, mug)
    put(client, book)
    page = client.get(CART)
    assert sums_of(page) == {
        "Subtotal": "€21.90",
        "Shipping to Germany": "€4.90",
        "plus VAT 19 %": "€3.19",
        "plus VAT 7 %": "€0.70",
        "Total": "€30.69",
    }
    assert "Prices do not include VAT, which is added at the checkout." in text_of(page)
    assert "Prices include VAT" not in text_of(page)


@pytest.mark.parametrize("included", [True, False])
def test_every_page_says_how_prices_relate_to_tax(client: Client, mug: Variant, settings: Any, included: bool) -> None:
    settings.SHOP_PRICES_INCLUDE_TAX, settings.SHOP_TAX_NAME = included, "Sales tax"
    expected = "Prices include Sales tax." if included else "Prices do not include Sales tax"
    put(client, mug)
    for address in ("/", mug.product.get_absolute_url(), CART):
        page = text_of(client.get(address))
        assert expected in page
        assert "value added tax" not in page


def test_a_cart_that_is_shipped_nowhere_says_so(client: Client, mug: Variant) -> None:
    method(zone("France", "FR"), "Colis", 1490)
    put(client, mug)
    page = client.get(CART)
    assert sums_of(page) == {"Subtotal": "€11.90", "Shipping to Germany": "–", "Total without shipping": "€11.90"}
    assert "We do not ship this to your address." in text_of(page)


def test_free_shipping_is_counted_from_what_the_goods_cost(client: Client, mug: Variant) -> None:
    method(zone("Germany", "DE"), "Parcel", 490, free_from=3000)
    put(client, mug, 2)
    assert "<strong>€6.20</strong> more and shipping is free." in text_of(client.get(CART))
    assert 'value="2380" max="3000"' in text_of(client.get(CART))
    put(client, mug)
    assert sums_of(client.get(CART))["Shipping to Germany"] == "Free"


# --- the review ------------------------------------------------------------------------------------------------


def test_the_review_offers_all_ways_to_ship_and_takes_the_first(client: Client, mug: Variant, germany: Any) -> None:
    put(client, mug)
    fill_in(client)
    page = text_of(client.get(REVIEW))
    for said in ("Parcel", "2–4 working days", "Express", "By noon", "1 working day", "€9.90"):
        assert said in page
    assert f'value="{germany["parcel"].pk}" checked' in page

    press_place(client, review_form(client))

    order = Order.objects.get()
    assert (order.shipping_method, order.shipping_estimate, order.shipping) == ("Parcel", "2–4 working days", 490)


def test_another_way_to_ship_is_chosen_and_paid(client: Client, mug: Variant, germany: Any) -> None:
    put(client, mug)
    fill_in(client)

    assert client.post(CHOOSE, {"shipping": germany["express"].pk})["Location"] == REVIEW

    page = client.get(REVIEW)
    assert f'value="{germany["express"].pk}" checked' in text_of(page)
    assert sums_of(page)["Total"] == "€21.80"
    press_place(client, review_form(client))
    order = Order.objects.get()
    assert (order.shipping_method, order.shipping, order.total) == ("Express", 990, 2180)


@pytest.mark.parametrize("nonsense", ["", "x" * 30, "../", "999999", "é"])
def test_a_senseless_choice_orders_nothing(client: Client, mug: Variant, germany: Any, nonsense: str) -> None:
    put(client, mug)
    fill_in(client)
    assert client.post(CHOOSE, {"shipping": nonsense})["Location"] == REVIEW
    assert client.get(REVIEW).status_code == 200
    assert press_place(client, review_form(client) | {"shipping": nonsense}).status_code == 409
    assert not Order.objects.exists()


def test_without_an_address_there_is_nothing_to_choose(client: Client, mug: Variant, germany: Any) -> None:
    put(client, mug)
    assert client.post(CHOOSE, {"shipping": germany["express"].pk})["Location"] == CHECKOUT
    assert client.get(CHOOSE).status_code == 405


def test_an_address_we_do_not_ship_to_is_told_before_anything_can_be_placed(client: Client, mug: Variant) -> None:
    method(zone("France", "FR"), "Colis", 1490)
    put(client, mug)
    fill_in(client)

    page = text_of(client.get(REVIEW))

    assert page.count("We do not ship this to your address.") == 1
    assert "Have it sent to another address, or change what is in your cart." in page
    assert "Place order" not in page
    assert "Change the address" in page
    assert press_place(client, {"key": "x" * 43, "expected_total": "1190", "reviewed": "1:1"}).status_code == 409
    assert not Order.objects.exists()


def test_a_chosen_way_that_is_gone_is_said_and_never_replaced(client: Client, mug: Variant, germany: Any) -> None:
    put(client, mug)
    fill_in(client)
    client.post(CHOOSE, {"shipping": germany["express"].pk})
    germany["express"].delete()

    page = text_of(client.get(REVIEW))

    assert "This way to ship is not offered for your order. Please choose another one." in page
    assert "Place order" not in page
    assert 'name="shipping" value=""' not in page
    client.post(CHOOSE, {"shipping": germany["parcel"].pk})
    press_place(client, review_form(client))
    assert Order.objects.get().shipping_method == "Parcel"


@pytest.mark.parametrize("chosen", [True, False])
def test_a_way_that_vanishes_after_the_review_is_a_conflict(
    client: Client, mug: Variant, germany: Any, chosen: bool
) -> None:
    """Also when it was only the first one: the shopper has seen its name."""
    put(client, mug)
    fill_in(client)
    if chosen:
        client.post(CHOOSE, {"shipping": germany["parcel"].pk})
    form = review_form(client)
    germany["parcel"].delete()
    germany["express"].price = 490
    germany["express"].save()

    response = press_place(client, form)

    assert response.status_code == 409
    assert "This way to ship is not offered for your order" in text_of(response)
    assert not Order.objects.exists()


@pytest.mark.parametrize("what", ["tax", "shipping"])
def test_a_rate_that_changes_after_the_review_is_a_conflict_with_the_new_numbers(
    client: Client, mug: Variant, germany: Any, settings: Any, what: str
) -> None:
    settings.SHOP_PRICES_INCLUDE_TAX = False
    tax("19")
    put(client, mug)
    fill_in(client)
    form = review_form(client)
    if what == "tax":
        TaxRate.objects.update(rate=20)
    else:
        ShippingMethod.objects.update(price=590)

    response = press_place(client, form)

    assert response.status_code == 409
    assert "The total has changed." in text_of(response)
    assert sums_of(response)["Total"] == ("€20.16" if what == "tax" else "€21.18")
    assert not Order.objects.exists()
    press_place(client, review_form(client))
    assert Order.objects.get().total == (2016 if what == "tax" else 2118)


@pytest.mark.parametrize(("what", "total"), [("tax", 2016), ("shipping", 2118)])
def test_control_without_the_comparison_the_new_rate_is_ordered_unseen(
    client: Client, mug: Variant, germany: Any, settings: Any, monkeypatch: pytest.MonkeyPatch, what: str, total: int
) -> None:
    monkeypatch.setattr(checkout, "_expect_total", lambda *args: None)
    settings.SHOP_PRICES_INCLUDE_TAX = False
    tax("19")
    put(client, mug)
    fill_in(client)
    form = review_form(client)
    if what == "tax":
        TaxRate.objects.update(rate=20)
    else:
        ShippingMethod.objects.update(price=590)

    assert press_place(client, form).status_code == 302
    assert Order.objects.get().total == total  # €19.99 were shown


def test_the_vat_number_is_asked_for_shown_and_kept(client: Client, mug: Variant) -> None:
    put(client, mug)
    assert 'name="vat_number"' in text_of(client.get(CHECKOUT))
    assert fill_in(client, vat_number="nonsense!").status_code == 422
    fill_in(client, vat_number="de 123456789")
    assert "DE123456789" in text_of(client.get(REVIEW))
    press_place(client, review_form(client))
    order = Order.objects.get()
    assert order.vat_number == "DE123456789"
    assert "DE123456789" in text_of(client.get(guest_page(order)))


# --- the order -------------------------------------------------------------------------------------------------


def guest_page(order: Order) -> str:
    return reverse("orders:guest-detail", args=[order.number, guest_token(order.number)])


@pytest.mark.parametrize("included", [True, False])
def test_an_order_shows_the_taxes_it_was_placed_with(
    client: Client, mug: Variant, germany: Any, settings: Any, included: bool
) -> None:
    settings.SHOP_PRICES_INCLUDE_TAX = included
    tax("19")
    order = buy(client, (mug, 1))
    TaxRate.objects.all().delete()
    settings.SHOP_PRICES_INCLUDE_TAX = not included

    page = client.get(guest_page(order))

    shown = sums_of(page)
    if included:
        assert (shown["of which VAT 19 %"], shown["Total"]) == ("€2.68", "€16.80")
    else:
        assert (shown["plus VAT 19 %"], shown["Total"]) == ("€3.19", "€19.99")
    assert "2–4 working days" in text_of(page)


def test_parcels_are_shown_with_their_contents_and_what_is_still_to_come(client: Client, mug: Variant) -> None:
    bowl = VariantFactory.create(product__name="Deep bowl", product__slug="bowl", stock=5)
    order = lifecycle.accept(order=place((mug, 3), (bowl, 1)), actor=OTTO)
    assert "Still to come" not in text_of(client.get(guest_page(order)))
    mugs, _ = order.lines.all()

    parcel = Parcel("DHL", "00340434", "https://www.dhl.de/follow?id=00340434&lang=en")
    lifecycle.send_parcel(order=order, actor=OTTO, pieces={mugs.pk: 2}, parcel=parcel)
    page = text_of(client.get(guest_page(order)))
    assert 'href="https://www.dhl.de/follow?id=00340434&amp;lang=en"' in page
    assert "<li>2 × Speckled mug</li>" in page
    assert "Still to come" in page
    assert "<li>1 × Speckled mug</li>" in page
    assert "<li>1 × Deep bowl</li>" in page
    assert "2 pieces sent with DHL 00340434" in page
    assert "otto" not in page

    lifecycle.ship(order=order, actor=OTTO)
    page = text_of(client.get(guest_page(order)))
    assert "Parcel 2" in page
    assert "Still to come" not in page


def test_the_page_of_an_order_costs_the_same_for_one_parcel_and_for_four(
    client: Client, mug: Variant, django_assert_max_num_queries: Any
) -> None:
    order = lifecycle.accept(order=place((mug, 4)), actor=OTTO)
    line = order.lines.get()
    for _ in range(4):
        lifecycle.send_parcel(order=order, actor=OTTO, pieces={line.pk: 1})
    with django_assert_max_num_queries(11):
        client.get(guest_page(order))


# --- budgets ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("address", "most"), [(CART, 10), (CHECKOUT, 10), (REVIEW, 10)])
def test_pages_with_zones_and_taxes_cost_a_fixed_number_of_queries(
    client: Client, mug: Variant, germany: Any, django_assert_max_num_queries: Any, address: str, most: int
) -> None:
    tax("19")
    put(client, mug)
    for _ in range(10):
        put(client, VariantFactory.create())
    fill_in(client)
    client.get(CART)  # shows the messages
    with django_assert_max_num_queries(most):
        assert client.get(address).status_code == 200


def test_a_customers_saved_address_is_asked_for_at_the_checkout_only(mug: Variant, germany: Any) -> None:
    alice = person()
    Address.objects.create(
        user=alice, is_default=True, name="Alice", line1="8 rue des Lilas", postcode="69003", city="Lyon", country="FR"
    )
    client = client_of(alice)
    put(client, mug)
    assert "Shipping to Germany" in sums_of(client.get(CART))
