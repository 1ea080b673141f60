"""What the order and cart API takes, strict about types: a quantity is a number, a name is a text."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import one_line
from catalog.api.fields import TextField
from catalog.money import InvalidAmount, parse_amount
from orders.payments.methods import payment_methods

MAX_ID = 2**63 - 1
MAX_SKU = 64
YEARS = range(2000, 2101)
UUID_FORM = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
AMOUNT_FORM = r"[0-9]{1,12}(\.[0-9]{1,3})?"


class OneLineField(TextField):
    """Text that is printed on labels and in e-mails: no line breaks, no control characters."""

    def __init__(self, **options: Any) -> None:
        super().__init__(validators=[one_line], **options)


class CodeField(OneLineField):
    """A short name of something that the shop knows, such as a coupon; whether it does is for the act to say."""


class PaymentMethodField(serializers.ChoiceField):
    """A way to pay that is offered now; a serializer makes its fields anew every time it is used."""

    def __init__(self, **options: Any) -> None:
        offered = [method.code for method in payment_methods()]
        super().__init__(offered, error_messages={"invalid_choice": "This way to pay is not offered."}, **options)


@extend_schema_field({"type": "integer", "minimum": 1, "maximum": MAX_ID})
class IdField(serializers.Field[int, Any, int, Any]):
    """The id of a row; whether there is one is for the act to say."""

    def to_internal_value(self, data: Any) -> int:
        is_whole = isinstance(data, int) or (isinstance(data, float) and data.is_integer())
        if isinstance(data, bool) or not is_whole or not 1 <= data <= MAX_ID:
            raise serializers.ValidationError("This is not an id.")
        return int(data)

    def to_representation(self, value: int) -> int:
        return value


@extend_schema_field({"type": "integer", "minimum": 1, "maximum": settings.CART_MAX_QUANTITY})
class QuantityField(serializers.Field[int, Any, int, Any]):
    """How many pieces: a whole number, no text, no fraction, no `true`. With `least=0` also none."""

    def __init__(self, *, least: int = 1, **options: Any) -> None:
        super().__init__(**options)
        self.least = least

    def to_internal_value(self, data: Any) -> int:
        is_whole = isinstance(data, int) or (isinstance(data, float) and data.is_integer())
        if isinstance(data, bool) or not is_whole:
            raise serializers.ValidationError("This must be a whole number.")
        if not self.least <= data <= settings.CART_MAX_QUANTITY:
            raise serializers.ValidationError(f"Choose {self.least} to {settings.CART_MAX_QUANTITY} pieces.")
        return int(data)

    def to_representation(self, value: int) -> int:
        return value


@extend_schema_field({"type": "integer", "minimum": 0, "maximum": settings.CART_MAX_QUANTITY})
class QuantityOrNoneField(QuantityField):
    """As a quantity, but 0 is allowed and removes the line."""

    def __init__(self, **options: Any) -> None:
        super().__init__(least=0, **options)


@extend_schema_field(
    {
        "description": "Id or SKU of a variant.",
        "oneOf": [
            {"type": "integer", "minimum": 1, "maximum": MAX_ID},
            {"type": "string", "minLength": 1, "maxLength": MAX_SKU},
        ],
    }
)
class VariantReferenceField(serializers.Field[int | str, Any, Any, Any]):
    """A variant by its id or its SKU. Whether there is one is for the act to say."""

    def to_internal_value(self, data: Any) -> int | str:
        if isinstance(data, str):
            sku: str = OneLineField(max_length=MAX_SKU).run_validation(data)
            return sku
        if isinstance(data, bool) or not isinstance(data, int):
            raise serializers.ValidationError("Give the id or the SKU of a variant.")
        if not 1 <= data <= MAX_ID:
            raise serializers.ValidationError("There is no such variant.")
        return data

    def to_representation(self, value: int | str) -> int | str:
        return value


@extend_schema_field(
    {
        "oneOf": [{"type": "string", "pattern": f"^{AMOUNT_FORM}$"}, {"type": "number", "minimum": 0}],
        "example": "29.90",
    }
)
class TotalField(serializers.Field[int, Any, Any, Any]):
    """An amount as a decimal string or a number; minor units inside."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, str | int | float):
            raise serializers.ValidationError("This is not an amount.")
        in_bounds = isinstance(data, str) or 0 <= data < 10**12
        if not in_bounds or not re.fullmatch(AMOUNT_FORM, str(data)):
            raise serializers.ValidationError("This is not an amount.")
        try:
            return parse_amount(str(data), settings.SHOP_CURRENCY)
        except InvalidAmount as error:
            raise serializers.ValidationError(str(error)) from error


@extend_schema_field({"type": "string", "format": "decimal", "example": "19"})
class RateField(serializers.Field[Decimal, Any, str, Any]):
    """Percent, with as many places as it has."""

    def to_representation(self, value: Decimal) -> str:
        return f"{value.normalize():f}"


@extend_schema_field({"type": "string", "format": "uuid"})
class TokenField(serializers.Field[UUID, Any, str, Any]):
    """The token of a guest's cart."""

    def to_internal_value(self, data: Any) -> UUID:
        return parse_token(data)

    def to_representation(self, value: UUID) -> str:
        return str(value)


def parse_token(data: Any) -> UUID:
    """A cart's token in its usual spelling. Raises ValidationError for anything else."""
    if not isinstance(data, str) or not UUID_FORM.fullmatch(data):
        raise serializers.ValidationError("This is not a cart token.")
    return UUID(data)


@extend_schema_field({"oneOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]})
class MomentField(serializers.Field[datetime, Any, str, Any]):
    """A moment in ISO 8601, or a whole day in the shop's time zone; `end=True` takes the day's end."""

    def __init__(self, *, end: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.end = end

    def to_internal_value(self, data: Any) -> datetime:
        try:
            found = self._parse(str(data))
        except ValueError:
            found = None
        if found is None or found.year not in YEARS:
            raise serializers.ValidationError("Give a date such as 2026-01-31, or a time in ISO 8601.")
        # The shop's days, though the API speaks UTC.
        zone = timezone.get_default_timezone()
        return found if timezone.is_aware(found) else timezone.make_aware(found, zone)

    def _parse(self, text: str) -> datetime | None:
        day = parse_date(text)
        if day is None:
            return parse_datetime(text)
        return datetime.combine(day, time()) + timedelta(days=1 if self.end else 0)

    def to_representation(self, value: datetime) -> str:
        return value.isoformat()
