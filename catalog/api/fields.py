"""What the API takes and gives: strict about types, so that what is stored is what was meant."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, cast

from django.conf import settings
from django.core.validators import RegexValidator
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.inventory.stock import MAX_ON_HAND
from catalog.models import Category, TaxClass
from catalog.money import CURRENCIES, InvalidAmount, parse_amount, to_string
from catalog.variants import MAX_WEIGHT

PLACES = CURRENCIES.get(settings.SHOP_CURRENCY, 2)
# A positive decimal number with at most the currency's places.
AMOUNT_PATTERN = r"^(?!0+(\.0+)?$)[0-9]{1,9}" + (rf"(\.[0-9]{{1,{PLACES}}})?$" if PLACES else "$")
SLUG_PATTERN = r"^[-a-zA-Z0-9_]+$"
LAST_PLACE = 32_767  # what the column holds


@extend_schema_field({"type": "string", "format": "decimal", "example": "12.50"})
class AmountField(serializers.Field[int, str, str, Any]):
    """Minor units inside, a decimal string outside."""

    def to_representation(self, value: int) -> str:
        return to_string(value, settings.SHOP_CURRENCY)


@extend_schema_field(
    {"oneOf": [{"type": "string", "pattern": AMOUNT_PATTERN}, {"type": "number", "exclusiveMinimum": 0}]}
)
class PriceField(serializers.Field[int, Any, str, Any]):
    """A price as a decimal string or a number; more than zero."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, str | int | float | Decimal):
            raise serializers.ValidationError("This is not an amount.")
        text = data.strip() if isinstance(data, str) else _as_text(data)
        if not re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,20})?", text):
            raise serializers.ValidationError("This is not an amount.")
        try:
            amount = parse_amount(text, settings.SHOP_CURRENCY)
        except InvalidAmount as error:
            raise serializers.ValidationError(str(error)) from error
        if amount <= 0:
            raise serializers.ValidationError("It must be more than zero.")
        return amount

    def to_representation(self, value: int) -> str:
        return to_string(value, settings.SHOP_CURRENCY)


@extend_schema_field({"type": "integer", "minimum": 0, "maximum": MAX_ON_HAND})
class CountField(serializers.Field[int, Any, int, Any]):
    """A whole number of pieces; no text, no fraction, no true."""

    def to_internal_value(self, data: Any) -> int:
        is_whole = isinstance(data, int) or (isinstance(data, float) and data.is_integer())
        if isinstance(data, bool) or not is_whole:
            raise serializers.ValidationError("This must be a whole number.")
        if not 0 <= data <= MAX_ON_HAND:
            raise serializers.ValidationError(f"This must be between 0 and {MAX_ON_HAND}.")
        return int(data)

    def to_representation(self, value: int) -> int:
        return value


@extend_schema_field({"type": "integer", "minimum": 0, "maximum": LAST_PLACE})
class PlaceField(CountField):
    """A place in an order that the merchant chooses."""

    def to_internal_value(self, data: Any) -> int:
        number = super().to_internal_value(data)
        if number > LAST_PLACE:
            raise serializers.ValidationError(f"This must be between 0 and {LAST_PLACE}.")
        return number


@extend_schema_field({"type": "integer", "minimum": 0, "maximum": MAX_WEIGHT, "description": "Grams, packed."})
class WeightField(serializers.Field[int, Any, int, Any]):
    """Whole grams; no text, no fraction, no true."""

    def to_internal_value(self, data: Any) -> int:
        is_whole = isinstance(data, int) or (isinstance(data, float) and data.is_integer())
        if isinstance(data, bool) or not is_whole:
            raise serializers.ValidationError("This must be a whole number.")
        if not 0 <= data <= MAX_WEIGHT:
            raise serializers.ValidationError(f"This must be between 0 and {MAX_WEIGHT}.")
        return int(data)

    def to_representation(self, value: int) -> int:
        return value


class TextField(serializers.CharField):
    """Text as JSON means it: numbers are none. Keeps every character; refuses NUL and lone surrogates."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            raise serializers.ValidationError("This must be a text.")
        return super().to_internal_value(data)


class SlugField(TextField):
    """The end of a page's address."""

    def __init__(self, **options: Any) -> None:
        letters = "Use Latin letters, digits, hyphens and underscores."
        super().__init__(validators=[RegexValidator(SLUG_PATTERN, letters)], **options)


class FlagField(serializers.BooleanField):
    """`true` or `false`, and nothing that looks like it."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            raise serializers.ValidationError("This must be true or false.")
        return data


@extend_schema_field(
    {
        "description": "Id or slug of a category.",
        "oneOf": [
            {"type": "integer", "minimum": 1},
            {"type": "string", "pattern": SLUG_PATTERN},
            {"type": "object", "properties": {"id": {"type": "integer"}, "slug": {"type": "string"}}},
        ],
    }
)
class CategoryField(serializers.Field[Category, Any, Any, Any]):
    """A category by id, by slug, or as the object that the API itself shows."""

    def to_internal_value(self, data: Any) -> Category:
        if isinstance(data, dict):
            data = data.get("id", data.get("slug"))
        found = find_category(data) if isinstance(data, str | int) and not isinstance(data, bool) else None
        if found is None:
            raise serializers.ValidationError("There is no such category.")
        return found

    def to_representation(self, value: Category) -> Any:
        return value.slug


@extend_schema_field({"type": "string", "pattern": SLUG_PATTERN, "description": "Code of a tax class."})
class TaxClassField(serializers.Field[TaxClass, Any, Any, Any]):
    """A tax class by its code."""

    def to_internal_value(self, data: Any) -> TaxClass:
        is_code = isinstance(data, str) and re.fullmatch(SLUG_PATTERN, data)
        found = TaxClass.objects.filter(code=data).first() if is_code else None
        if found is None:
            raise serializers.ValidationError("There is no such tax class.")
        return found

    def to_representation(self, value: TaxClass) -> str:
        return value.code


def find_category(reference: str | int) -> Category | None:
    """The category with this slug, or else with this id."""
    text = str(reference) if isinstance(reference, str) or abs(reference) < 2**63 else ""
    if not re.fullmatch(SLUG_PATTERN, text):
        return None
    found = Category.objects.filter(slug=text).first() if isinstance(reference, str) else None
    if found is None and re.fullmatch(r"[0-9]{1,18}", text):
        found = Category.objects.filter(pk=int(text)).first()
    return cast("Category | None", found)


def _as_text(number: float | Decimal) -> str:
    return str(number) if not isinstance(number, int) or abs(number) < 10**20 else ""
