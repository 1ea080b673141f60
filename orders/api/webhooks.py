"""Outgoing webhooks in the OpenAPI file: what receivers get (`orders/publishing.py` makes it). Nothing runs here."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiResponse, OpenApiWebhook, extend_schema, extend_schema_field, inline_serializer
from rest_framework import serializers

from orders.models import Order
from orders.webhooks.events import EVENTS, EventName

Data = serializers.Serializer[Any]


class WebhookOrderLineSerializer(Data):
    sku = serializers.CharField()
    quantity = serializers.IntegerField(min_value=1)
    unit_price = serializers.CharField()
    total = serializers.CharField()


class WebhookOrderSerializer(Data):
    """An order, without the person who placed it. Amounts are decimal strings in `currency`."""

    number = serializers.CharField()
    status = serializers.ChoiceField(choices=Order.Status.choices)
    payment_status = serializers.ChoiceField(choices=Order.PaymentStatus.choices)
    payment_method = serializers.CharField()
    channel = serializers.ChoiceField(choices=Order.Channel.choices)
    placed_at = serializers.DateTimeField()
    currency = serializers.CharField()
    subtotal = serializers.CharField()
    discount = serializers.CharField()
    shipping = serializers.CharField()
    tax = serializers.CharField()
    total = serializers.CharField()
    prices_include_tax = serializers.BooleanField()
    lines = WebhookOrderLineSerializer(many=True)
    url = serializers.URLField(help_text="Where the API tells staff more.")


class WebhookRefundLineSerializer(Data):
    sku = serializers.CharField()
    quantity = serializers.IntegerField(min_value=1)


class WebhookRefundSerializer(Data):
    """Money that was given back, and for which pieces if it was for pieces."""

    id = serializers.IntegerField()
    order = serializers.CharField(help_text="The order's number.")
    currency = serializers.CharField()
    amount = serializers.CharField()
    payment_status = serializers.ChoiceField(choices=Order.PaymentStatus.choices, help_text="The order's, now.")
    lines = WebhookRefundLineSerializer(many=True)
    url = serializers.URLField(help_text="Where the API tells staff more.")


class WebhookStockSerializer(Data):
    """A variant of which fewer than `below` pieces are left."""

    sku = serializers.CharField()
    product = serializers.CharField()
    variant = serializers.CharField(allow_blank=True)
    on_hand = serializers.IntegerField()
    reserved = serializers.IntegerField()
    available = serializers.IntegerField()
    below = serializers.IntegerField()


def _webhook(event: EventName, data: Data) -> OpenApiWebhook:
    """The request that tells of an event, and what is expected in answer."""

    @extend_schema_field({"type": "string", "const": event})
    class TypeField(serializers.CharField):
        pass

    name = "".join(word.capitalize() for word in event.split("."))
    message = inline_serializer(
        f"{name}Webhook", {"type": TypeField(), "timestamp": serializers.DateTimeField(), "data": data}
    )
    return OpenApiWebhook(
        event,
        extend_schema(
            summary=EVENTS[event],
            description="Signed by the Standard Webhooks specification in the headers `webhook-id`, "
            "`webhook-timestamp` and `webhook-signature`. `webhook-id` is the same each time a message is sent.",
            tags=["webhooks"],
            request=message,
            responses={"2XX": OpenApiResponse(description="Taken. Everything else is tried again; 410 ends it.")},
        ),
    )


order_placed = _webhook("order.placed", WebhookOrderSerializer())
order_paid = _webhook("order.paid", WebhookOrderSerializer())
order_shipped = _webhook("order.shipped", WebhookOrderSerializer())
order_cancelled = _webhook("order.cancelled", WebhookOrderSerializer())
refund_succeeded = _webhook("refund.succeeded", WebhookRefundSerializer())
stock_low = _webhook("stock.low", WebhookStockSerializer())
