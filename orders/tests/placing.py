"""Placing orders in tests, through the real act."""

from __future__ import annotations

from accounts.models import User
from catalog.models import Variant
from orders.checkout import Buyer, Item, ShippingAddress, Terms, place_order
from orders.models import Cart, Order

ADDRESS = ShippingAddress(name="Alice Miller", line1="Gartenweg 7", postcode="10115", city="Berlin", country="DE")


def terms(
    *,
    key: str | None = None,
    expected_total: int | None = None,
    payment_method: str = "bank_transfer",
    coupon: str | None = None,
    shipping: str = "",
) -> Terms:
    return Terms(
        payment_method=payment_method,
        channel=Order.Channel.API,
        shipping=shipping,
        coupon=coupon,
        expected_total=expected_total,
        idempotency_key=key,
    )


def place(
    *items: tuple[Variant, int],
    customer: User | None = None,
    cart: Cart | None = None,
    key: str | None = None,
    expected_total: int | None = None,
    payment_method: str = "bank_transfer",
    coupon: str | None = None,
    shipping: str = "",
    email: str = "guest@example.com",
) -> Order:
    """An order for the given variants and quantities, or for the cart."""
    return place_order(
        buyer=Buyer(email=customer.email if customer else email, customer=customer),
        address=ADDRESS,
        terms=terms(
            key=key, expected_total=expected_total, payment_method=payment_method, coupon=coupon, shipping=shipping
        ),
        items=[Item(variant=variant.pk, quantity=quantity) for variant, quantity in items],
        cart=cart,
    )
