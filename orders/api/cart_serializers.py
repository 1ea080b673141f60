"""Carts as the API shows and takes them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.api.fields import AmountField
from orders import cart as carts
from orders.api.fields import (
    CodeField,
    QuantityField,
    QuantityOrNoneField,
    RateField,
    TokenField,
    VariantReferenceField,
)
from orders.cart import ShownLine
from orders.models import Cart
from orders.pricing import Offer, ShownCoupon, Wishes, make_offer
from orders.shipping.options import ShippingOption
from orders.totals import EMPTY, Quote, TaxSum


@dataclass(frozen=True)
class ShownCart:
    """A cart with what ordering it would cost now. Amounts in minor units."""

    token: str | None
    lines: list[ShownLine]
    offer: Offer

    @property
    def quote(self) -> Quote:
        return self.offer.quote

    @property
    def coupon(self) -> ShownCoupon | None:
        return self.offer.shown_coupon

    @property
    def pieces(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def missing_to_free_shipping(self) -> int:
        return self.offer.missing_to_free_shipping


def shown_cart(cart: Cart | None) -> ShownCart:
    """The cart, or an empty one. A customer's cart shows no token, it is found by the account."""
    lines = carts.shown_lines(cart)
    if cart is None or not lines:
        offer = Offer(
            replace(EMPTY, prices_include_tax=settings.SHOP_PRICES_INCLUDE_TAX),
            options=(),
            asked_coupon=cart.coupon_code if cart else "",
        )
    else:
        wishes = Wishes(coupon=cart.coupon_code, customer=cart.customer)
        offer = make_offer([(line.variant, line.quantity) for line in lines], wishes)
    token = str(cart.token) if cart is not None and cart.customer_id is None else None
    return ShownCart(token=token, lines=lines, offer=offer)


class CartLineSerializer(serializers.Serializer[ShownLine]):
    variant = serializers.IntegerField(source="variant.pk")
    sku = serializers.CharField(source="variant.sku")
    product = serializers.CharField(source="variant.product.slug", help_text="Slug.")
    product_name = serializers.CharField(source="variant.product.name")
    variant_name = serializers.CharField(source="variant.name")
    image = serializers.SerializerMethodField()
    unit_price = AmountField(source="variant.price")
    price_before = AmountField(allow_null=True, help_text="The price when the shopper last saw it, if another.")
    quantity = serializers.IntegerField()
    total = AmountField(source="priced.total")
    available = serializers.IntegerField(help_text="Pieces that are there.")
    on_backorder = serializers.IntegerField(help_text="How many of the line come later.")
    problem = serializers.CharField(help_text="Why this line cannot be ordered as it is; empty when it can.")

    @extend_schema_field({"type": ["string", "null"], "format": "uri"})
    def get_image(self, line: ShownLine) -> str | None:
        return str(self.context["request"].build_absolute_uri(line.picture.url)) if line.picture else None


class CouponSerializer(serializers.Serializer[ShownCoupon]):
    """A coupon, and what it takes off, shipping included. One that would take nothing off is not spent."""

    code = serializers.CharField()
    saved = AmountField()
    problem = serializers.CharField(help_text="Why it does not count now; then nothing is ordered with it. Or empty.")


class TaxSumSerializer(serializers.Serializer[TaxSum]):
    """The tax at one rate, and the amount that it is of."""

    rate = RateField(help_text="Percent.")
    amount = AmountField(help_text="Contains the tax or not, as `prices_include_tax` says.")
    tax = AmountField()


class ShippingOptionSerializer(serializers.Serializer[ShippingOption]):
    """A way to ship, at its full price: a coupon's free shipping is not in it."""

    code = serializers.CharField(help_text="What `shipping_method` takes.")
    name = serializers.CharField()
    description = serializers.CharField()
    estimate = serializers.CharField(help_text="How long it takes, in words; empty when it is not known.")
    price = AmountField()


class CartSerializer(serializers.Serializer[ShownCart]):
    """A cart promises nothing: stock is reserved and prices are fixed when it is ordered."""

    token = serializers.UUIDField(allow_null=True, help_text="For guests: send it as `X-Cart-Token`.")
    lines = CartLineSerializer(many=True)
    pieces = serializers.IntegerField()
    currency = serializers.SerializerMethodField()
    subtotal = AmountField(source="quote.subtotal")
    discount = AmountField(source="quote.discount")
    shipping = AmountField(source="quote.shipping")
    tax = AmountField(source="quote.tax", help_text="All of it, of lines and shipping.")
    taxes = TaxSumSerializer(source="quote.taxes", many=True)
    prices_include_tax = serializers.BooleanField(source="quote.prices_include_tax")
    total = AmountField(source="quote.total")
    coupon = CouponSerializer(allow_null=True, help_text="The coupon on the cart, if any.")
    shipping_country = serializers.SerializerMethodField(
        help_text="Where tax and shipping are for: the shop's country."
    )
    shipping_option = ShippingOptionSerializer(
        source="offer.option", allow_null=True, help_text="How it would be shipped; null when nothing is shipped there."
    )
    missing_to_free_shipping = AmountField(help_text="0 when shipping is free already, or never.")

    def get_currency(self, cart: ShownCart) -> str:
        return settings.SHOP_CURRENCY

    def get_shipping_country(self, cart: ShownCart) -> str:
        return settings.SHOP_COUNTRY


class CartItemInput(serializers.Serializer[Any]):
    """More of a variant."""

    variant = VariantReferenceField()
    quantity = QuantityField(required=False, default=1)


class QuantityInput(serializers.Serializer[Any]):
    quantity = QuantityOrNoneField()


class CouponInput(serializers.Serializer[Any]):
    code = CodeField(max_length=40, help_text="In any case.")


class MergeInput(serializers.Serializer[Any]):
    token = TokenField(help_text="The token of the guest's cart.")
