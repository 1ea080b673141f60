"""A coupon on the cart: put there when it counts, kept when it stops counting, taken off, merged at login."""

from __future__ import annotations

import pytest

from catalog.models import Variant
from catalog.tests.factories import VariantFactory
from orders import cart as carts
from orders.errors import CartChanged, CouponRefused, EmptyCart, InvalidOrder
from orders.models import Cart, Coupon, Order, Redemption
from orders.tests.factories import CouponFactory
from orders.tests.placing import place
from orders.tests.shopping import person

pytestmark = pytest.mark.django_db


def guest_cart(variant: Variant | None = None) -> Cart:
    return carts.add(user=None, token=None, variant_id=(variant or VariantFactory.create(price=2000)).pk, quantity=1)


def coupon_on(cart: Cart) -> str:
    return Cart.objects.get(pk=cart.pk).coupon_code


def test_the_code_is_remembered_as_the_coupon_spells_it() -> None:
    CouponFactory.create(code="Welcome10")
    cart = guest_cart()
    assert carts.put_coupon(cart=cart, code=" wel come10").code == "Welcome10"
    assert coupon_on(cart) == "Welcome10"


def test_a_second_coupon_takes_the_place_of_the_first() -> None:
    """One per order: there is nothing to stack."""
    CouponFactory.create(code="TEN")
    CouponFactory.create(code="TWENTY", percentage=20)
    cart = guest_cart()
    carts.put_coupon(cart=cart, code="TEN")
    carts.put_coupon(cart=cart, code="TWENTY")
    order = place(cart=cart)
    assert (order.coupon_code, order.discount) == ("TWENTY", 400)
    assert Redemption.objects.count() == 1
    assert Coupon.objects.get(code="TEN").used == 0


def test_what_does_not_count_is_told_and_the_cart_keeps_what_it_had() -> None:
    CouponFactory.create(code="TEN")
    CouponFactory.create(code="LARGE", minimum_spend=2001)
    cart = guest_cart()
    carts.put_coupon(cart=cart, code="TEN")
    with pytest.raises(CouponRefused, match="of €20"):
        carts.put_coupon(cart=cart, code="LARGE")
    with pytest.raises(CouponRefused, match="not valid"):
        carts.put_coupon(cart=cart, code="NONE")
    with pytest.raises(InvalidOrder):
        carts.put_coupon(cart=cart, code="")
    assert coupon_on(cart) == "TEN"


def test_a_customer_who_has_used_it_is_told_at_once() -> None:
    CouponFactory.create(code="ONCE", max_uses_per_customer=1)
    alice, variant = person(), VariantFactory.create()
    place((variant, 1), customer=alice, coupon="ONCE")
    cart = carts.add(user=alice, token=None, variant_id=variant.pk, quantity=1)
    with pytest.raises(CouponRefused, match="You have used this coupon already"):
        carts.put_coupon(cart=cart, code="ONCE")


def test_an_empty_cart_takes_no_coupon() -> None:
    CouponFactory.create(code="TEN")
    cart = guest_cart()
    cart.lines.all().delete()
    with pytest.raises(EmptyCart):
        carts.put_coupon(cart=cart, code="TEN")


def test_an_ordered_cart_is_left_alone() -> None:
    CouponFactory.create(code="TEN")
    cart = guest_cart()
    place(cart=cart)
    with pytest.raises(CartChanged):
        carts.put_coupon(cart=cart, code="TEN")
    with pytest.raises(CartChanged):
        carts.take_coupon_off(cart=cart)


def test_a_coupon_that_stopped_counting_stays_and_stops_the_order_until_it_is_taken_off() -> None:
    CouponFactory.create(code="TEN")
    cart = guest_cart()
    carts.put_coupon(cart=cart, code="TEN")
    Coupon.objects.update(is_active=False)
    with pytest.raises(CouponRefused):
        place(cart=cart)
    assert not Order.objects.exists()
    assert coupon_on(cart) == "TEN"

    carts.take_coupon_off(cart=cart)
    assert place(cart=cart).total == 2490


def test_the_order_may_say_no_coupon_though_the_cart_has_one() -> None:
    CouponFactory.create(code="TEN")
    cart = guest_cart()
    carts.put_coupon(cart=cart, code="TEN")
    order = place(cart=cart, coupon="")
    assert (order.coupon_code, order.discount) == ("", 0)


@pytest.mark.parametrize(("guests", "own", "kept"), [("TEN", "", "TEN"), ("", "OLD", "OLD"), ("TEN", "OLD", "TEN")])
def test_merging_at_login_keeps_the_coupon_that_was_typed_last(guests: str, own: str, kept: str) -> None:
    alice, variant = person(), VariantFactory.create()
    for code in ("TEN", "OLD"):
        CouponFactory.create(code=code)
    mine = carts.add(user=alice, token=None, variant_id=variant.pk, quantity=1)
    theirs = guest_cart(variant)
    if own:
        carts.put_coupon(cart=mine, code=own)
    if guests:
        carts.put_coupon(cart=theirs, code=guests)

    merged = carts.merge(user=alice, token=theirs.token)

    assert merged is not None
    assert (merged.coupon_code, coupon_on(mine)) == (kept, kept)
