"""Returns as the API shows and takes them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from rest_framework import serializers

from catalog.api.fields import AmountField, FlagField, TextField
from orders.aftersales import MAX_TEXT
from orders.api.fields import IdField, QuantityField, QuantityOrNoneField, TotalField
from orders.models import Return, ReturnLine


class PiecesInput(serializers.Serializer[Any]):
    line = IdField(help_text="The `id` of a line of the order.")
    quantity = QuantityField()


class LinesInput(serializers.Serializer[Any]):
    """A body with `lines`, each of another line of the order."""

    def validate_lines(self, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len({each["line"] for each in lines}) < len(lines):
            raise serializers.ValidationError("Name each line once.")
        return lines


class ReturnInput(LinesInput):
    """What is to be sent back."""

    lines = PiecesInput(many=True, allow_empty=False, max_length=settings.CART_MAX_LINES)  # type: ignore[call-arg]
    reason = TextField(max_length=MAX_TEXT, required=False, allow_blank=True)


class AcceptInput(serializers.Serializer[Any]):
    answer = TextField(max_length=MAX_TEXT, required=False, allow_blank=True, help_text="What the customer is told.")


class RefuseInput(serializers.Serializer[Any]):
    answer = TextField(max_length=MAX_TEXT, help_text="Why; the customer is told.")


class CloseInput(serializers.Serializer[Any]):
    answer = TextField(max_length=MAX_TEXT, help_text="Why no money follows; the customer is told.")


class ArrivedInput(serializers.Serializer[Any]):
    line = IdField(help_text="The `id` of a line of the order.")
    received = QuantityOrNoneField()
    restocked = QuantityOrNoneField(
        required=False, help_text="How many of them can be sold again; left out: all. The rest is written off."
    )


class ReceiveInput(LinesInput):
    """What came back. A line that is left out did not."""

    lines = ArrivedInput(many=True, allow_empty=False, max_length=settings.CART_MAX_LINES)  # type: ignore[call-arg]


class RefundInput(serializers.Serializer[Any]):
    shipping = FlagField(required=False, help_text="Give the order's shipping back, too.")
    amount = TotalField(required=False, help_text="Less than was paid for the pieces; left out: just that.")


class ReturnLineSerializer(serializers.Serializer[ReturnLine]):
    line = serializers.IntegerField(source="line_id")
    sku = serializers.CharField(source="line.sku")
    title = serializers.CharField(source="line.title")
    quantity = serializers.IntegerField()
    received = serializers.IntegerField()


class StaffReturnLineSerializer(ReturnLineSerializer):
    restocked = serializers.IntegerField()


class ReturnSerializer(serializers.Serializer[Return]):
    id = serializers.IntegerField()
    order = serializers.CharField(source="order.number")
    state = serializers.ChoiceField(choices=Return.State.choices)
    reason = serializers.CharField()
    answer = serializers.CharField()
    send_to = serializers.SerializerMethodField(help_text="Where the parcel goes; empty unless it is accepted.")
    lines = ReturnLineSerializer(many=True)
    refund = AmountField(source="refund.amount", default=None, allow_null=True, help_text="What is given back for it.")
    requested_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def get_send_to(self, back: Return) -> str:
        return settings.SHOP_RETURN_ADDRESS if back.state == Return.State.ACCEPTED else ""


class StaffReturnSerializer(ReturnSerializer):
    lines = StaffReturnLineSerializer(many=True)


class ReturnQuery(serializers.Serializer[Any]):
    """The parameters of the list of returns."""

    state = serializers.ChoiceField(choices=Return.State.choices, required=False)
    order = serializers.CharField(required=False, max_length=20, help_text="The order's number.")
