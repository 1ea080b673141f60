"""Coupons priced and ordered: what counts, each refusal, and that a refusal wrote nothing."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from catalog.models import StockLevel, TaxClass, Variant
from catalog.tests.factories import CategoryFactory, ProductFactory, VariantFactory
from orders import expiry, lifecycle
from orders.actors import staff
from orders.checkout import Buyer, Item, place_order
from orders.errors import CouponRefused, TotalChanged
from orders.models import (
    Coupon,
    Order,
    Payment,
    RateStep,
    Redemption,
    ShippingMethod,
    ShippingZone,
    TaxRate,
    ZoneArea,
)
from orders.pricing import Offer, Wishes, make_offer
from orders.promotions.redeeming import take_again
from orders.tests.auditing import broken_rules
from orders.tests.factories import CouponFactory
from orders.tests.placing import ADDRESS, place, terms
from orders.tests.shopping import person
from shop.testing.sql import captured_sql

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def offer(*goods: tuple[Variant, int], coupon: str, **wishes: Any) -> Offer:
    read = [(Variant.objects.select_related("product").get(pk=variant.pk), n) for variant, n in goods]
    return make_offer(read, Wishes(coupon=coupon, **wishes))


def test_an_order_with_a_coupon_is_cheaper_and_says_so() -> None:
    CouponFactory.create(code="Welcome10")
    order = place((VariantFactory.create(price=1250), 2), (VariantFactory.create(price=333), 1), coupon="welcome10")

    assert (order.coupon_code, order.subtotal, order.discount, order.shipping) == ("Welcome10", 2833, 283, 490)
    assert order.total == 2833 - 283 + 490
    assert list(order.lines.values_list("discount", "total")) == [(250, 2250), (33, 300)]
    redemption = Redemption.objects.get()
    assert (redemption.order, redemption.amount, redemption.given_back_at) == (order, 283, None)
    assert (redemption.email_key, redemption.account_key, redemption.customer) == ("guest@example.com", "", None)
    assert Coupon.objects.get().used == 1
    assert broken_rules() == []


def test_a_customers_redemption_remembers_account_and_mailboxes() -> None:
    CouponFactory.create(code="WELCOME10")
    alice = person()
    place((VariantFactory.create(), 1), coupon="WELCOME10", customer=alice)
    redemption = Redemption.objects.get()
    assert (redemption.customer, redemption.account_key, redemption.email_key) == (alice, *["alice@example.com"] * 2)


def test_free_shipping_takes_the_shipping_off() -> None:
    CouponFactory.create(code="FREESHIP", kind="free_shipping")
    order = place((VariantFactory.create(price=1000), 1), coupon="FREESHIP")
    assert (order.discount, order.shipping, order.total) == (0, 0, 1000)
    assert Redemption.objects.get().amount == 490


def test_a_coupon_that_would_take_nothing_off_is_not_spent() -> None:
    """Shipping is free from 75: the coupon stays for another order."""
    CouponFactory.create(code="FREESHIP", kind="free_shipping", max_uses=1)
    order = place((VariantFactory.create(price=8000), 1), coupon="FREESHIP")
    assert (order.coupon_code, order.total) == ("", 8000)
    assert not Redemption.objects.exists()
    assert Coupon.objects.get().used == 0


def test_a_coupon_never_makes_shipping_dearer() -> None:
    """The goods are worth 76, and shipping is free from 75; with 5 off it still is."""
    CouponFactory.create(code="FIVE", amount=500)
    order = place((VariantFactory.create(price=7600), 1), coupon="FIVE")
    assert (order.shipping, order.total) == (0, 7100)


@pytest.mark.parametrize("included", [True, False])
def test_no_coupon_makes_any_order_dearer(settings: Any, included: bool) -> None:
    """Whatever is in the cart, wherever it goes, and whichever way: flat, by value, free from some value."""
    settings.SHOP_PRICES_INCLUDE_TAX = included
    rng = random.Random("coupons")
    tax = TaxClass.objects.create(code="standard", name="Standard", is_default=True)
    TaxRate.objects.create(tax_class=tax, country="DE", rate=19)
    zone = ShippingZone.objects.create(name="Germany")
    ZoneArea.objects.create(zone=zone, country="DE")
    post = ShippingMethod.objects.create(zone=zone, name="Post", price=490, free_from=7500)
    express = ShippingMethod.objects.create(zone=zone, name="Express", kind="by_value")
    for value, price in ((0, 990), (5000, 1490), (20000, 490)):
        RateStep.objects.create(method=express, starts_at=value, price=price)
    CouponFactory.create(code="FREE", kind="free_shipping")
    for value in (1, 5, 50, 100):
        CouponFactory.create(code=f"PERCENT-{value}", percentage=value)
        CouponFactory.create(code=f"AMOUNT-{value}", amount=value * 97)
    codes = list(Coupon.objects.values_list("code", flat=True))
    made = [VariantFactory.create(price=price) for price in (1, 99, 1250, 3333, 7501)]
    variants = list(Variant.objects.select_related("product").filter(pk__in=[variant.pk for variant in made]))
    for _ in range(60):
        goods = [(variant, rng.randint(1, 4)) for variant in rng.sample(variants, rng.randint(1, 3))]
        shipping, code = rng.choice([str(post.pk), str(express.pk)]), rng.choice(codes)
        full = make_offer(goods, Wishes(shipping=shipping))
        less = make_offer(goods, Wishes(shipping=shipping, coupon=code))
        assert 0 <= less.quote.total <= full.quote.total
        assert less.saved == full.quote.subtotal - sum(line.total for line in less.quote.lines) + (
            full.quote.shipping - less.quote.shipping
        )
        assert (less.coupon is not None) == (less.saved > 0)


def test_free_shipping_pays_for_the_cheapest_way_and_who_wants_more_pays_the_difference() -> None:
    zone = ShippingZone.objects.create(name="Germany")
    ZoneArea.objects.create(zone=zone, country="DE")
    express = ShippingMethod.objects.create(zone=zone, name="Express", price=1290)
    ShippingMethod.objects.create(zone=zone, name="Post", price=490)
    CouponFactory.create(code="FREE", kind="free_shipping")
    order = place((VariantFactory.create(price=1000), 1), coupon="FREE", shipping=str(express.pk))
    assert (order.shipping, order.total, Redemption.objects.get().amount) == (800, 1800, 490)


@pytest.mark.parametrize(
    ("chosen", "discounts"),
    [("mug", [100, 0, 0]), ("kitchen", [100, 200, 0]), ("cups", [100, 0, 0]), ("garden", [0, 0, 300])],
)
def test_only_what_is_chosen_is_cheaper(chosen: str, discounts: list[int]) -> None:
    kitchen, garden = CategoryFactory.create(name="Kitchen"), CategoryFactory.create(name="Garden")
    cups = CategoryFactory.create(name="Cups", parent=kitchen)
    mug = ProductFactory.create(category=cups, price=1000)
    pan = ProductFactory.create(category=kitchen, price=2000)
    rake = ProductFactory.create(category=garden, price=3000)
    named = {"mug": mug, "kitchen": kitchen, "cups": cups, "garden": garden}
    CouponFactory.create(code="CHOSEN", chosen=[named[chosen]])

    order = place(*((product.variants.get(), 1) for product in (mug, pan, rake)), coupon="CHOSEN")

    assert list(order.lines.values_list("discount", flat=True)) == discounts


def test_a_coupon_whose_category_is_gone_is_for_nothing_any_more() -> None:
    """And not suddenly for everything."""
    category = CategoryFactory.create(name="Cups")
    coupon = CouponFactory.create(code="CUPS", chosen=[category])
    category.delete()
    assert coupon.only_chosen
    with pytest.raises(CouponRefused, match="for other products"):
        place((VariantFactory.create(), 1), coupon="CUPS")


REFUSALS: dict[str, tuple[dict[str, Any], str]] = {
    "switched off": ({"is_active": False}, "This coupon is not valid."),
    "not yet": ({"starts_at": timezone.now() + HOUR}, "This coupon is not valid yet."),
    "expired": ({"starts_at": timezone.now() - 2 * HOUR, "ends_at": timezone.now() - HOUR}, "This coupon has expired."),
    "used up": ({"max_uses": 3, "used": 3}, "This coupon has been used up."),
    "too little": ({"minimum_spend": 2001}, "This coupon is for orders of €20.01 or more."),
    "other goods": ({"chosen": []}, "This coupon is for other products."),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_coupon_that_does_not_count_is_told_with_the_full_price_and_nothing_is_written(case: str) -> None:
    terms, said = REFUSALS[case]
    CouponFactory.create(code="WELCOME10", **terms)
    variant = VariantFactory.create(price=2000, stock=5)

    with pytest.raises(CouponRefused) as refusal:
        place((variant, 1), coupon="WELCOME10")

    assert str(refusal.value) == said
    assert refusal.value.details["total"] == "24.90"
    assert refusal.value.details["discount"] == "0.00"
    assert not Order.objects.exists()
    assert not Redemption.objects.exists()
    assert StockLevel.objects.get().reserved == 0


@pytest.mark.parametrize("code", ["NONE-SUCH", "x", "a" * 40, "W\u0131NTER", "' OR 1=1 --", "%", "WELCOME1_"])
def test_an_unknown_code_is_told_like_one_that_is_switched_off(code: str) -> None:
    CouponFactory.create(code="WELCOME10")
    CouponFactory.create(code="WINTER")
    with pytest.raises(CouponRefused, match="This coupon is not valid\\."):
        place((VariantFactory.create(), 1), coupon=code)


def test_once_per_customer_is_once() -> None:
    CouponFactory.create(code="ONCE", max_uses_per_customer=1)
    variant = VariantFactory.create()
    place((variant, 1), coupon="ONCE")
    with pytest.raises(CouponRefused, match="You have used this coupon already"):
        place((variant, 1), coupon="ONCE")
    place((variant, 1), coupon="ONCE", email="somebody.else@example.com")


def test_twice_per_customer_is_twice() -> None:
    CouponFactory.create(code="TWICE", max_uses_per_customer=2)
    variant = VariantFactory.create()
    place((variant, 1), coupon="TWICE")
    place((variant, 1), coupon="TWICE")
    with pytest.raises(CouponRefused, match="2 times already"):
        place((variant, 1), coupon="TWICE")


@pytest.mark.parametrize(
    "again",
    [
        "GUEST@example.com",
        "guest+2@example.com",
        "guest+a+b@EXAMPLE.com",
        "\uff47uest@example.com",
        '"guest"@example.com',
    ],
)
def test_another_spelling_is_the_same_customer(again: str) -> None:
    CouponFactory.create(code="ONCE", max_uses_per_customer=1)
    variant = VariantFactory.create()
    place((variant, 1), coupon="ONCE", email="guest@example.com")
    with pytest.raises(CouponRefused):
        place((variant, 1), coupon="ONCE", email=again)


def test_account_and_guest_are_one_customer_in_any_order() -> None:
    alice, variant = person(), VariantFactory.create()
    CouponFactory.create(code="GUEST-FIRST", max_uses_per_customer=1)
    place((variant, 1), coupon="GUEST-FIRST", email="Alice+shop@example.com")
    with pytest.raises(CouponRefused):
        place((variant, 1), coupon="GUEST-FIRST", customer=alice)

    CouponFactory.create(code="ACCOUNT-FIRST", max_uses_per_customer=1)
    place((variant, 1), coupon="ACCOUNT-FIRST", customer=alice)
    with pytest.raises(CouponRefused):
        place((variant, 1), coupon="ACCOUNT-FIRST", email="ALICE@example.com")


def test_an_account_that_orders_with_another_address_spends_both_mailboxes() -> None:
    CouponFactory.create(code="ONCE", max_uses_per_customer=1)
    alice, variant = person(), VariantFactory.create()
    place_order(
        buyer=Buyer(email="work@example.com", customer=alice),
        address=ADDRESS,
        terms=terms(coupon="ONCE"),
        items=[Item(variant.pk, 1)],
    )
    for email in ("alice@example.com", "work@example.com"):
        with pytest.raises(CouponRefused):
            place((variant, 1), coupon="ONCE", email=email)
    alice.email = "new@example.com"
    alice.save()
    with pytest.raises(CouponRefused):
        place((variant, 1), coupon="ONCE", customer=alice)


def test_a_cancelled_order_gives_its_use_back_and_the_customer_may_use_it_again() -> None:
    CouponFactory.create(code="ONCE", max_uses=1, max_uses_per_customer=1)
    variant = VariantFactory.create()
    first = place((variant, 1), coupon="ONCE")
    lifecycle.cancel(order=first, actor=staff("bob"))
    assert Redemption.objects.get().given_back_at is not None
    assert Coupon.objects.get().used == 0
    place((variant, 1), coupon="ONCE")
    assert Coupon.objects.get().used == 1
    assert broken_rules() == []


def expired(**how: str) -> Order:
    order = place((VariantFactory.create(), 1), coupon="ONCE", **how)  # type: ignore[arg-type]
    Order.objects.filter(pk=order.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert expiry.expire(order_id=order.pk)
    order.refresh_from_db()
    return order


def test_an_expired_order_gives_its_use_back_and_takes_it_again_when_it_lives_again() -> None:
    CouponFactory.create(code="ONCE", max_uses=1)
    order = expired()
    assert (order.status, Coupon.objects.get().used) == ("cancelled", 0)
    assert broken_rules() == []
    take_again(order)
    assert Coupon.objects.get().used == 1
    assert Redemption.objects.get().given_back_at is None


@pytest.mark.parametrize("limit", ["max_uses", "max_uses_per_customer"])
def test_an_expired_order_does_not_live_again_when_its_use_is_taken(limit: str) -> None:
    CouponFactory.create(code="ONCE", **{limit: 1})
    order = expired()
    place((VariantFactory.create(), 1), coupon="ONCE", email="Guest@example.com")
    with pytest.raises(CouponRefused), transaction.atomic():
        take_again(order)
    assert Coupon.objects.get().used == 1
    assert broken_rules() == []


def test_a_coupon_that_was_changed_since_the_review_is_a_conflict_with_the_new_numbers() -> None:
    CouponFactory.create(code="WELCOME10")
    variant = VariantFactory.create(price=2000)
    shown = offer((variant, 1), coupon="WELCOME10").quote.total
    Coupon.objects.update(percentage=5)
    with pytest.raises(TotalChanged) as conflict:
        place((variant, 1), coupon="WELCOME10", expected_total=shown)
    assert (conflict.value.details["discount"], conflict.value.details["total"]) == ("1.00", "23.90")
    assert not Order.objects.exists()


def test_everything_off_and_nothing_for_shipping_is_paid_at_once_and_nobody_is_asked() -> None:
    CouponFactory.create(code="PRESENT", percentage=100)
    order = place((VariantFactory.create(price=8000, stock=3), 1), coupon="PRESENT")
    order.refresh_from_db()
    assert (order.total, order.status, order.payment_status) == (0, Order.Status.PROCESSING, "paid")
    payment = Payment.objects.get()
    assert (payment.state, payment.amount, payment.captured_amount) == ("captured", 0, 0)
    assert broken_rules() == []


def test_a_coupon_costs_one_query_and_a_choice_one_more() -> None:
    CouponFactory.create(code="PLAIN")
    CouponFactory.create(code="CHOSEN", chosen=[CategoryFactory.create(), ProductFactory.create()])
    variant = VariantFactory.create()
    goods = [(Variant.objects.select_related("product").get(pk=variant.pk), 1)]
    counts = []
    for code in ("", "PLAIN", "CHOSEN"):
        with captured_sql() as statements:
            make_offer(goods, Wishes(coupon=code))
        counts.append(len(statements))
    # The refused one is weighed, and then the full price is made.
    assert counts == [counts[0], counts[0] + 1, counts[0] + 2]
