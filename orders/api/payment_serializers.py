"""Payments and refunds as the API shows and takes them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.api.fields import AmountField, FlagField, PriceField
from orders.api.fields import IdField, OneLineField, PaymentMethodField, QuantityField
from orders.emails import payment_instructions
from orders.models import Order, Payment, Refund, RefundLine

MAX_REASON = 200


class PaymentInput(serializers.Serializer[Any]):
    """Which order is to be paid, and how."""

    order = OneLineField(max_length=20, help_text="The order's number.")
    payment_method = PaymentMethodField(
        required=False, help_text="Left out: as it was chosen before. Another one calls off what was begun."
    )


class PaymentDetailSerializer(serializers.Serializer[Payment]):
    """One attempt to pay an order."""

    id = serializers.IntegerField()
    order = serializers.CharField(source="order.number")
    payment_status = serializers.ChoiceField(source="order.payment_status", choices=Order.PaymentStatus.choices)
    method = serializers.CharField()
    state = serializers.ChoiceField(choices=Payment.State.choices)
    amount = AmountField()
    currency = serializers.CharField()
    redirect_url = serializers.SerializerMethodField(
        help_text="Where to send the shopper; null when there is nothing to do there."
    )
    instructions = serializers.SerializerMethodField(help_text="What else there is to do to pay; else empty.")
    failure = serializers.CharField(help_text="Why it came to nothing, or why the last card was declined; else empty.")
    created_at = serializers.DateTimeField()

    @extend_schema_field({"type": ["string", "null"], "format": "uri"})
    def get_redirect_url(self, payment: Payment) -> str | None:
        url: str | None = self.context.get("redirect_url")
        return url

    def get_instructions(self, payment: Payment) -> str:
        return payment_instructions(payment.order)


class RefundPiecesInput(serializers.Serializer[Any]):
    line = IdField(help_text="The `id` of a line of the order.")
    quantity = QuantityField()
    restock = FlagField(default=False, help_text="The pieces can be sold again; otherwise they are written off.")


class OrderRefundInput(serializers.Serializer[Any]):
    """What is given back: for pieces, for shipping, or an amount.

    With pieces or shipping, `amount` may be less than they are worth; alone it is for nothing in particular.
    """

    lines = RefundPiecesInput(  # type: ignore[call-arg]  # the options of a list
        many=True, required=False, allow_empty=False, max_length=settings.CART_MAX_LINES
    )
    shipping = FlagField(default=False)
    amount = PriceField(required=False)
    reason = OneLineField(max_length=MAX_REASON, required=False, allow_blank=True)

    def validate_lines(self, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len({each["line"] for each in lines}) < len(lines):
            raise serializers.ValidationError("Name each line once.")
        return lines


class RefundLineSerializer(serializers.Serializer[RefundLine]):
    line = serializers.IntegerField(source="line_id")
    quantity = serializers.IntegerField()
    amount = AmountField()
    restock = serializers.BooleanField()


class RefundSerializer(serializers.Serializer[Refund]):
    """Money on its way back, for the staff."""

    id = serializers.IntegerField()
    order = serializers.CharField(source="order.number")
    payment = serializers.IntegerField(source="payment_id")
    amount = AmountField()
    currency = serializers.CharField()
    shipping = AmountField(help_text="How much of the amount is for shipping.")
    lines = RefundLineSerializer(many=True)
    state = serializers.ChoiceField(choices=Refund.State.choices)
    failure = serializers.CharField(help_text="Why it came to nothing; else empty.")
    reason = serializers.CharField()
    requested_by = serializers.CharField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
