from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from catalog.models import Variant
from catalog.tests.factories import VariantFactory
from orders.emails import compose
from orders.models import Cart, Coupon, Order
from orders.tests.factories import CouponFactory
from orders.tests.placing import place
from orders.tests.shopping import buy, client_of, fill_in, person, press_place, put, review_form

pytestmark = pytest.mark.django_db
CART, REVIEW = reverse("orders:cart"), reverse("orders:review")


@pytest.fixture
def mug() -> Variant:
    return VariantFactory.create(product__name="Speckled mug", product__slug="mug", price=2000)


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def use(client: Client, code: str, at: str = "cart") -> Any:
    return client.post(reverse("orders:coupon"), {"code": code, "at": at})


def take_off(client: Client, at: str = "cart") -> Any:
    return client.post(reverse("orders:coupon-remove"), {"at": at})


def test_a_coupon_on_the_cart_page(client: Client, mug: Variant) -> None:
    CouponFactory.create(code="WELCOME10")
    put(client, mug, 2)
    assert 'name="code"' in text_of(client.get(CART))

    response = use(client, "welcome10")

    assert (response.status_code, response["Location"]) == (302, CART)
    page = text_of(client.get(CART))
    assert "Coupon WELCOME10 counts for your order." in page
    assert 'Discount <span class="summary__code">WELCOME10</span></dt><dd>−€4.00</dd>' in page
    assert "You save €4.00." in page
    assert 'name="code"' not in page

    assert take_off(client)["Location"] == CART
    page = text_of(client.get(CART))
    assert "Discount" not in page
    assert 'name="code"' in page


def test_a_customers_coupon_is_on_the_cart_everywhere(mug: Variant) -> None:
    CouponFactory.create(code="WELCOME10")
    alice = person()
    put(client_of(alice), mug)
    use(client_of(alice), "WELCOME10")
    assert "WELCOME10" in text_of(client_of(alice).get(CART))
    assert "WELCOME10" not in text_of(client_of(person("charlie")).get(CART))


def test_a_refused_coupon_is_told_at_its_form_with_what_was_typed(client: Client, mug: Variant) -> None:
    CouponFactory.create(code="LARGE", minimum_spend=5000)
    put(client, mug)
    response = use(client, "large")
    assert response.status_code == 409
    page = text_of(response)
    assert 'id="coupon-error" role="alert">This coupon is for orders of €50.00 or more.' in page
    assert "Check the code, try another one, or order without." in page
    assert 'value="large"' in page
    assert Cart.objects.get().coupon_code == ""


@pytest.mark.parametrize("code", ["", " ", "x" * 81, "\x00", "TEN\ufffd"])
def test_what_is_no_code_is_told(client: Client, mug: Variant, code: str) -> None:
    put(client, mug)
    response = use(client, code)
    assert response.status_code == 422
    assert 'id="coupon-error"' in text_of(response)


@pytest.mark.parametrize("code", ["<script>alert(1)</script>", '"><b>', "\U0001f600", "e\u0301", "' OR 1=1"])
def test_any_text_is_shown_as_text(client: Client, mug: Variant, code: str) -> None:
    put(client, mug)
    response = use(client, code)
    assert response.status_code == 409
    assert "This coupon is not valid." in text_of(response)
    assert "<script>alert" not in text_of(response)
    assert "<b>" not in text_of(response)


def test_without_a_cart_nothing_happens(client: Client) -> None:
    CouponFactory.create(code="TEN")
    assert use(client, "TEN").status_code == 302
    assert take_off(client).status_code == 302
    assert not Cart.objects.exists()


def test_a_coupon_that_stopped_counting_shows_its_problem_and_one_click_takes_it_off(
    client: Client, mug: Variant
) -> None:
    CouponFactory.create(code="WELCOME10")
    put(client, mug)
    use(client, "WELCOME10")
    Coupon.objects.update(is_active=False)
    page = text_of(client.get(CART))
    assert '<p class="coupon__problem">This coupon is not valid.</p>' in page
    assert "€24.90" in page
    assert reverse("orders:coupon-remove") in page
    take_off(client)
    assert "coupon__problem" not in text_of(client.get(CART))


def test_a_coupon_that_is_not_needed_is_kept(client: Client) -> None:
    CouponFactory.create(code="FREESHIP", kind="free_shipping")
    put(client, VariantFactory.create(price=9000))
    use(client, "FREESHIP")
    assert "It would take nothing off this order" in text_of(client.get(CART))


def test_a_coupon_on_the_review_page(client: Client, mug: Variant) -> None:
    CouponFactory.create(code="FREESHIP", kind="free_shipping")
    put(client, mug)
    fill_in(client)
    assert 'name="code"' in text_of(client.get(REVIEW))
    assert use(client, "FREESHIP", at="review")["Location"] == REVIEW
    page = text_of(client.get(REVIEW))
    assert 'Shipping <span class="summary__code">FREESHIP</span></dt><dd>Free</dd>' in page
    assert "You save €4.90." in page
    assert take_off(client, at="review")["Location"] == REVIEW

    refused = use(client, "NONE", at="review")
    assert refused.status_code == 409
    assert "Review your order" in text_of(refused)
    assert 'id="coupon-error" role="alert">This coupon is not valid.' in text_of(refused)


def test_a_guest_who_has_used_it_is_told_on_the_review_page_where_the_address_is_known(
    client: Client, mug: Variant
) -> None:
    CouponFactory.create(code="ONCE", max_uses_per_customer=1)
    place((mug, 1), coupon="ONCE", email="guest@example.com")
    put(client, mug)
    use(client, "ONCE")
    fill_in(client, email="Guest+again@example.com")
    page = text_of(client.get(REVIEW))
    assert "You have used this coupon already." in page
    assert "Take it off to order for €24.90." in page
    assert review_form(client) == {}


def test_a_coupon_that_stopped_counting_since_the_review_places_nothing_and_says_what_now(
    client: Client, mug: Variant
) -> None:
    CouponFactory.create(code="WELCOME10")
    put(client, mug)
    use(client, "WELCOME10")
    fill_in(client)
    form = review_form(client)
    assert form["expected_total"] == "2290"
    Coupon.objects.update(is_active=False)

    response = press_place(client, form)

    assert response.status_code == 409
    page = text_of(response)
    assert "<strong>Your order was not placed.</strong> This coupon is not valid." in page
    assert "Without the coupon the total is €24.90." in page
    assert reverse("orders:coupon-remove") in page
    assert not Order.objects.exists()

    take_off(client, at="review")
    assert press_place(client, review_form(client)).status_code == 302
    assert Order.objects.get().total == 2490


def test_a_coupon_that_takes_off_less_since_the_review_is_a_conflict_with_the_new_total(
    client: Client, mug: Variant
) -> None:
    CouponFactory.create(code="WELCOME10")
    put(client, mug)
    use(client, "WELCOME10")
    fill_in(client)
    form = review_form(client)
    Coupon.objects.update(percentage=5)
    response = press_place(client, form)
    assert response.status_code == 409
    assert "the total is €23.90" in text_of(response)
    assert not Order.objects.exists()


def test_order_page_and_e_mail_name_the_coupon(client: Client, mug: Variant) -> None:
    CouponFactory.create(code="WELCOME10")
    put(client, mug)
    use(client, "WELCOME10")
    fill_in(client)
    response = press_place(client, review_form(client))
    page = text_of(client.get(response["Location"]))
    assert 'Discount <span class="summary__code">WELCOME10</span></dt><dd>−€2.00</dd>' in page
    email = compose(Order.objects.get(), "confirmation")
    assert "Discount (WELCOME10): −€2.00" in email.body
    assert "Discount (WELCOME10)" in str(email.alternatives[0][0])


def test_an_order_that_costs_nothing_is_placed_paid_and_asks_no_provider(client: Client) -> None:
    CouponFactory.create(code="PRESENT", percentage=100)
    put(client, VariantFactory.create(price=8000))
    use(client, "PRESENT")
    fill_in(client)
    response = press_place(client, review_form(client))
    order = Order.objects.get()
    assert (order.total, order.status, order.payment_status) == (0, "processing", "paid")
    assert order.number in response["Location"]
    page = text_of(client.get(response["Location"]))
    assert "How to pay" not in page


def test_guessing_codes_is_throttled(client: Client, mug: Variant, settings: Any) -> None:
    settings.THROTTLE_RATES = settings.THROTTLE_RATES | {"coupons": "2/hour"}
    cache.clear()
    CouponFactory.create(code="WELCOME10")
    put(client, mug)
    assert [use(client, f"GUESS{n}").status_code for n in range(2)] == [409, 409]
    response = use(client, "WELCOME10")
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0
    assert Cart.objects.get().coupon_code == ""


@pytest.mark.parametrize("name", ["orders:coupon", "orders:coupon-remove"])
def test_looking_changes_nothing(client: Client, name: str) -> None:
    assert client.get(reverse(name)).status_code == 405


def test_a_forged_form_is_refused(mug: Variant) -> None:
    client = Client(enforce_csrf_checks=True)
    assert use(client, "TEN").status_code == 403


def test_buying_without_a_coupon_goes_as_before(client: Client, mug: Variant) -> None:
    assert buy(client, (mug, 1)).coupon_code == ""
