"""What an order would cost, and how it could be shipped, before it is placed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.throttling import client_address, spend
from catalog.api.fields import AmountField
from catalog.models import Variant
from orders.api import headers
from orders.api.cart_serializers import CouponSerializer, ShippingOptionSerializer, TaxSumSerializer
from orders.api.fields import OneLineField, RateField
from orders.api.personal import Personal
from orders.api.placing import meant_cart
from orders.api.serializers import PurchaseInput
from orders.checkout import Item, goods_of
from orders.pricing import Destination, Offer, Wishes, make_offer
from orders.totals import PricedLine


class DestinationInput(serializers.Serializer[Any]):
    """As much of the address as tax and shipping depend on; the rest of it may be there, too."""

    country = serializers.ChoiceField(
        choices=settings.SHOP_COUNTRIES, error_messages={"invalid_choice": "We do not ship to this country."}
    )
    region = OneLineField(max_length=120, required=False, allow_blank=True)
    postcode = OneLineField(max_length=20, required=False, allow_blank=True)


class QuoteInput(PurchaseInput):
    """The same body as for placing an order, as far as it is known yet."""

    shipping_address = DestinationInput(required=False, help_text="Left out: the shop's own country.")


@dataclass(frozen=True)
class QuotedLine:
    """A line of an offer with its variant. Minor units."""

    variant: Variant
    priced: PricedLine
    tax: int

    @property
    def on_backorder(self) -> int:
        return self.variant.on_backorder(self.priced.quantity)


@dataclass(frozen=True)
class Quoted:
    """An offer with what it is for."""

    destination: Destination
    offer: Offer
    lines: list[QuotedLine]


class QuotedLineSerializer(serializers.Serializer[QuotedLine]):
    variant = serializers.IntegerField(source="variant.pk")
    sku = serializers.CharField(source="variant.sku")
    product_name = serializers.CharField(source="variant.product.name")
    variant_name = serializers.CharField(source="variant.name")
    unit_price = AmountField(source="variant.price")
    quantity = serializers.IntegerField(source="priced.quantity")
    discount = AmountField(source="priced.discount")
    total = AmountField(source="priced.total", help_text="Quantity × unit price − discount.")
    tax_rate = RateField(source="priced.tax_rate", help_text="Percent.")
    tax = AmountField(help_text="Part of the total, or on top of it, as `prices_include_tax` says.")
    available = serializers.IntegerField(source="variant.available", help_text="Pieces that are there.")
    on_backorder = serializers.IntegerField(help_text="How many of them come later.")


class DestinationSerializer(serializers.Serializer[Destination]):
    country = serializers.CharField()
    region = serializers.CharField()
    postcode = serializers.CharField()


class QuoteSerializer(serializers.Serializer[Quoted]):
    """What it costs now. It promises nothing: send `total` as `expected_total` when you place the order."""

    currency = serializers.SerializerMethodField()
    destination = DestinationSerializer(help_text="Where tax and shipping are for.")
    lines = QuotedLineSerializer(many=True)
    subtotal = AmountField(source="offer.quote.subtotal")
    discount = AmountField(source="offer.quote.discount", help_text="Of the goods.")
    coupon = CouponSerializer(
        source="offer.shown_coupon", allow_null=True, help_text="What was asked for, if anything."
    )
    shipping_options = ShippingOptionSerializer(source="offer.options", many=True)
    shipping_method = serializers.CharField(
        source="offer.option.code", allow_null=True, default=None, help_text="The chosen one, or the first; or null."
    )
    shipping_problem = serializers.CharField(
        source="offer.shipping_problem", help_text="Why it cannot be shipped (in this way); empty when it can."
    )
    shipping = AmountField(source="offer.quote.shipping")
    shipping_tax = AmountField(source="offer.quote.shipping_tax")
    shipping_tax_rate = RateField(source="offer.quote.shipping_tax_rate", help_text="Percent.")
    missing_to_free_shipping = AmountField(
        source="offer.missing_to_free_shipping", help_text="0 when it is free already, or never."
    )
    tax = AmountField(source="offer.quote.tax", help_text="All of it, of lines and shipping.")
    taxes = TaxSumSerializer(source="offer.quote.taxes", many=True)
    prices_include_tax = serializers.BooleanField(source="offer.quote.prices_include_tax")
    total = AmountField(source="offer.quote.total", help_text="What `expected_total` takes.")

    def get_currency(self, quoted: Quoted) -> str:
        return settings.SHOP_CURRENCY


class QuoteView(Personal):
    permission_classes = [AllowAny]

    @extend_schema(
        tags=["checkout"],
        operation_id="checkout_quote",
        summary="Ask what an order would cost",
        description="For items, the customer's open cart, or a guest's: with tax, coupon and the ways to ship it. "
        "Problems of coupon and shipping are said in the answer; the order would be refused for them.",
        parameters=[headers.CART],
        request=QuoteInput,
        responses={
            200: QuoteSerializer,
            409: OpenApiResponse(description="`cart_changed`: the cart has been ordered."),
            422: OpenApiResponse(description="`cart_empty`."),
            429: OpenApiResponse(description="Too many coupons were tried from this address."),
        },
    )
    def post(self, request: Request) -> Response:
        form = QuoteInput(data=request.data, context={"customer": headers.customer(request)})
        form.is_valid(raise_exception=True)
        return Response(QuoteSerializer(_quote(request, form.validated_data)).data)


def _quote(request: Request, asked: dict[str, Any]) -> Quoted:
    customer = headers.customer(request)
    cart = meant_cart(request, asked)
    goods = goods_of(items=[Item(**item) for item in asked.get("items", [])], cart=cart)
    coupon = asked.get("coupon")
    if coupon:
        spend("coupons", client_address(request._request))
    destination = Destination(**asked.get("shipping_address", {"country": settings.SHOP_COUNTRY}))
    offer = make_offer(
        goods,
        Wishes(
            coupon=coupon if coupon is not None else (cart.coupon_code if cart else ""),
            shipping=asked.get("shipping_method", ""),
            destination=destination,
            customer=customer,
            email=asked.get("email") or (customer.email if customer else ""),
        ),
    )
    lines = [
        QuotedLine(variant, priced, tax)
        for (variant, _), priced, tax in zip(goods, offer.quote.lines, offer.quote.line_taxes, strict=True)
    ]
    return Quoted(destination, offer, lines)
