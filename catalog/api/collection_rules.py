"""One rule of a collection over HTTP: {"field": "tag", "value": "gift"}."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.api.details import BrandField, ProductTypeField
from catalog.api.fields import CategoryField, CountField, PriceField, TextField
from catalog.collections import LONGEST_NEW, WantedRule
from catalog.describing import TAG_LENGTH
from catalog.models import CollectionRule

Field = CollectionRule.Field
# What a rule's value is, and which part of the rule holds it.
VALUES: dict[str, tuple[str, Callable[[], Any]]] = {
    Field.TAG: ("text", lambda: TextField(max_length=TAG_LENGTH)),
    Field.PRODUCT_TYPE: ("product_type", ProductTypeField),
    Field.BRAND: ("brand", BrandField),
    Field.CATEGORY: ("category", CategoryField),
    Field.PRICE_FROM: ("number", PriceField),
    Field.PRICE_TO: ("number", PriceField),
    Field.NEW: ("number", CountField),
}
MEANING = (
    "`tag`: a tag; `product_type`: its id or name; `brand`, `category`: an id or slug, with all below a category; "
    "`price_from`, `price_to`: an amount; `new`: within so many days; `reduced`: no value."
)


@extend_schema_field(
    {
        "type": "object",
        "required": ["field"],
        "properties": {
            "field": {"type": "string", "enum": Field.values},
            "value": {"oneOf": [{"type": "string"}, {"type": "number"}, {"type": "null"}], "description": MEANING},
        },
        "example": {"field": "tag", "value": "gift"},
    }
)
class RuleField(serializers.Field[Any, Any, Any, Any]):
    """A field with the value that belongs to it."""

    def to_internal_value(self, data: Any) -> WantedRule:
        field = data.get("field") if isinstance(data, dict) else None
        if not isinstance(field, str) or field not in Field.values:
            raise serializers.ValidationError(f"A rule has one of these as its field: {', '.join(Field.values)}.")
        value = data.get("value")
        if field not in VALUES:
            if value is not None:
                raise serializers.ValidationError("This rule has no value.")
            return WantedRule(field)
        if value is None:
            raise serializers.ValidationError("This rule needs a value.")
        part, kind = VALUES[field]
        found = kind().run_validation(value)
        if field == Field.NEW and not 1 <= found <= LONGEST_NEW:
            raise serializers.ValidationError(f"Choose 1 to {LONGEST_NEW} days.")
        return WantedRule(field, **{part: found})

    def to_representation(self, rule: CollectionRule) -> dict[str, Any]:
        return {"field": rule.field, "value": _value(rule)}


def _value(rule: CollectionRule) -> str | int | None:
    if rule.field in (Field.PRICE_FROM, Field.PRICE_TO) and rule.number is not None:
        return PriceField().to_representation(rule.number)
    named = {
        Field.TAG: rule.text,
        Field.PRODUCT_TYPE: rule.product_type.name if rule.product_type else None,
        Field.BRAND: rule.brand.slug if rule.brand else None,
        Field.CATEGORY: rule.category.slug if rule.category else None,
        Field.NEW: rule.number,
    }
    return named.get(Field(rule.field))
