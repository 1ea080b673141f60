"""Small makers of orders, for tests of what happens after one was placed. Amounts are minor units.

The acts make orders otherwise; these rows reserve no stock and have no timeline.
"""

from __future__ import annotations

from typing import Any

import factory
from django.utils import timezone

from catalog.models import Product
from orders.models import Coupon, Order, OrderLine

ALPHABET = "23456789BCDFGHJKLMNPQRSTVWXZ"


def nth_number(n: int) -> str:
    """A well-formed order number, another one for every `n`."""
    digits = ""
    for _ in range(10):
        n, rest = divmod(n, len(ALPHABET))
        digits = ALPHABET[rest] + digits
    return f"{digits[:5]}-{digits[5:]}"


class CouponFactory(factory.django.DjangoModelFactory[Coupon]):
    """Ten percent off everything, as often as you like; `chosen=[product or category, …]` narrows it down."""

    class Meta:
        model = Coupon

    code = factory.Sequence(lambda n: f"COUPON-{n}")
    kind = factory.LazyAttribute(lambda coupon: "amount" if getattr(coupon, "amount", 0) else "percentage")
    percentage = factory.LazyAttribute(lambda coupon: 10 if coupon.kind == "percentage" else 0)

    @classmethod
    def _create(cls, model_class: type[Coupon], *args: Any, **kwargs: Any) -> Coupon:
        chosen = kwargs.pop("chosen", None)
        kwargs.setdefault("only_chosen", chosen is not None)
        coupon: Coupon = super()._create(model_class, *args, **kwargs)
        for each in chosen or ():
            (coupon.products if isinstance(each, Product) else coupon.categories).add(each)
        return coupon


class OrderFactory(factory.django.DjangoModelFactory[Order]):
    """A pending order without lines; `lines=[(variant, quantity), …]` adds them and adds everything up."""

    class Meta:
        model = Order

    number = factory.Sequence(nth_number)
    channel = Order.Channel.STOREFRONT
    payment_method = "invoice"
    email = "guest@example.com"
    name = "Alice Archer"
    line1 = "Juniper Lane 1"
    city = "Berlin"
    postcode = "10115"
    country = "DE"
    currency = "EUR"
    shipping = 490
    shipping_method = "Standard"
    prices_include_tax = False
    placed_at = factory.LazyFunction(timezone.now)
    subtotal = 0
    total = factory.LazyAttribute(
        lambda order: (
            order.subtotal
            - getattr(order, "discount", 0)
            + order.shipping
            + (0 if order.prices_include_tax else getattr(order, "tax", 0))
        )
    )

    @classmethod
    def _create(cls, model_class: type[Order], *args: Any, **kwargs: Any) -> Order:
        lines = kwargs.pop("lines", [])
        added = sum(variant.price * quantity for variant, quantity in lines)
        kwargs["subtotal"] += added
        kwargs["total"] += added
        order: Order = super()._create(model_class, *args, **kwargs)
        OrderLine.objects.bulk_create(
            OrderLine(
                order=order,
                variant=variant,
                product_name=variant.product.name,
                variant_name=variant.name,
                sku=variant.sku,
                unit_price=variant.price,
                quantity=quantity,
                total=variant.price * quantity,
            )
            for variant, quantity in lines
        )
        return order
