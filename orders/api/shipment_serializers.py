"""Parcels as the API shows and takes them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from rest_framework import serializers

from catalog.api.fields import TextField
from orders.api.fields import IdField, OneLineField, QuantityField
from orders.models import Shipment, ShipmentLine


class ShipmentLineSerializer(serializers.Serializer[ShipmentLine]):
    line = serializers.IntegerField(source="line_id", help_text="Id of the order's line.")
    sku = serializers.CharField()
    title = serializers.CharField()
    quantity = serializers.IntegerField()


class ShipmentSerializer(serializers.Serializer[Shipment]):
    """A parcel that left the house."""

    id = serializers.IntegerField()
    carrier = serializers.CharField()
    tracking_number = serializers.CharField()
    tracking_url = serializers.CharField(help_text="Where to follow it; empty when that is not known.")
    shipped_at = serializers.DateTimeField()
    lines = ShipmentLineSerializer(many=True)


class WebAddressField(serializers.URLField):
    """An address of a page, as text."""

    def to_internal_value(self, data: Any) -> str:
        text: str = TextField().run_validation(data)
        if text and not text.startswith(("https://", "http://")):
            raise serializers.ValidationError("Give an address that begins with https://.")
        return super().to_internal_value(text)


class PackedInput(serializers.Serializer[Any]):
    line = IdField(help_text="The `id` of a line of the order.")
    quantity = QuantityField()


class ShipmentInput(serializers.Serializer[Any]):
    """What is in the parcel, and who carries it."""

    lines = PackedInput(  # type: ignore[call-arg]  # the options of a list
        many=True,
        required=False,
        allow_empty=False,
        max_length=settings.CART_MAX_LINES,
        help_text="Left out: all that is still open.",
    )
    carrier = OneLineField(max_length=40, required=False, allow_blank=True)
    tracking_number = OneLineField(max_length=80, required=False, allow_blank=True)
    tracking_url = WebAddressField(
        max_length=300,
        required=False,
        allow_blank=True,
        help_text="Left out: made from the number, if the shop knows the carrier.",
    )

    def validate_lines(self, lines: list[dict[str, int]]) -> list[dict[str, int]]:
        if len({line["line"] for line in lines}) < len(lines):
            raise serializers.ValidationError("Name each line once.")
        return lines
