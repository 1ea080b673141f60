"""Options and variants as the API shows and takes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.access import sees_unpublished
from catalog.api.fields import AmountField, CountField, FlagField, PriceField, TextField, WeightField
from catalog.models import OptionValue, Product, Variant
from catalog.models.product import ProductQuerySet
from catalog.options import MAX_OPTIONS, MAX_VALUES, NAME_LENGTH, VALUE_LENGTH, WantedOption
from catalog.variants import BARCODE_LENGTH

VALUE = {"type": "string", "minLength": 1, "maxLength": VALUE_LENGTH}
CHOSEN = {"type": "object", "additionalProperties": {"type": "string"}, "example": {"Size": "M", "Colour": "Blue"}}
LARGEST_ID = 2**63 - 1


def with_option_rows(products: ProductQuerySet) -> ProductQuerySet:
    """The products with what they are chosen by, in no more queries."""
    values = OptionValue.objects.filter(option__product=OuterRef("pk")).order_by("option__position", "position", "pk")
    rows = values.values(data=JSONObject(id="pk", option="option__name", value="value"))
    return products.annotate(option_rows=ArraySubquery(rows))


class OptionSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    values = serializers.ListField(child=serializers.CharField(), help_text="In the merchant's order.")


class VariantSerializer(serializers.Serializer[Variant]):
    """A variant of a product that was selected `with_option_rows`. What it costs the shop is for staff."""

    id = serializers.IntegerField()
    sku = serializers.CharField()
    name = serializers.CharField()
    options = serializers.SerializerMethodField(help_text="The value of each option of the product.")
    price = AmountField()
    compare_at_price = AmountField(allow_null=True)
    lowest_price_before = AmountField(
        source="lowest_price",
        allow_null=True,
        help_text="Of a reduced variant: the lowest price of the 30 days before the reduction. To be shown beside it.",
    )
    weight = serializers.IntegerField(help_text="Grams, packed.")
    barcode = serializers.CharField()
    image = serializers.IntegerField(
        source="image_id", allow_null=True, help_text="The id of the one of the product's `images` that shows it."
    )
    stock_quantity = serializers.IntegerField(source="available", help_text="Pieces that are there and not promised.")
    in_stock = serializers.BooleanField(help_text="It can be bought, now or on back-order.")
    allows_backorders = serializers.BooleanField(
        source="stock.allows_backorders", help_text="More can be bought than is there."
    )
    cost = AmountField(allow_null=True, required=False, help_text="What a piece costs the shop; shown to staff only.")

    @extend_schema_field(CHOSEN)
    def get_options(self, variant: Variant) -> dict[str, str]:
        chosen = {variant.value_1_id, variant.value_2_id, variant.value_3_id}
        rows = vars(variant.product)["option_rows"]
        return {row["option"]: row["value"] for row in rows if row["id"] in chosen}

    def to_representation(self, instance: Variant) -> dict[str, Any]:
        shown = super().to_representation(instance)
        if not sees_unpublished(self.context["request"].user):
            del shown["cost"]
        return shown


def shown_options(product: Product) -> list[dict[str, Any]]:
    """What a product that was selected `with_option_rows` is chosen by."""
    grouped: dict[str, list[str]] = {}
    for row in vars(product)["option_rows"]:
        grouped.setdefault(row["option"], []).append(row["value"])
    return [{"name": name, "values": values} for name, values in grouped.items()]


@extend_schema_field(
    {**CHOSEN, "maxProperties": MAX_OPTIONS, "additionalProperties": VALUE, "description": "A value for each option."}
)
class ChosenField(serializers.Field[dict[str, str], Any, Any, Any]):
    """Values by the names of their options: {"Size": "M"}."""

    def to_internal_value(self, data: Any) -> dict[str, str]:
        return _texts(data, at_most=MAX_OPTIONS)


@extend_schema_field(
    {"type": "object", "maxProperties": MAX_VALUES, "additionalProperties": VALUE, "example": {"Blue": "Navy"}}
)
class RenamedField(serializers.Field[dict[str, str], Any, Any, Any]):
    """New texts of values by their old ones."""

    def to_internal_value(self, data: Any) -> dict[str, str]:
        return _texts(data, at_most=MAX_VALUES)


@extend_schema_field({"type": "integer", "minimum": 1, "maximum": LARGEST_ID})
class IdField(serializers.Field[int, Any, int, Any]):
    """The id of a row; no text, no fraction, no true."""

    def to_internal_value(self, data: Any) -> int:
        is_whole = isinstance(data, int) or (isinstance(data, float) and data.is_integer())
        if isinstance(data, bool) or not is_whole or not 1 <= data <= LARGEST_ID:
            raise serializers.ValidationError("This is no id.")
        return int(data)


class _OfAVariant(serializers.Serializer[Any]):
    """What a variant is made of besides its price."""

    sku = TextField(required=False, max_length=64, help_text="Made from the names when left out.")
    name = TextField(
        required=False, allow_blank=True, max_length=120, help_text="Of a product with options: made of its values."
    )
    options = ChosenField(required=False, help_text="A value for each option of the product.")
    compare_at_price = PriceField(required=False, allow_null=True)
    weight = WeightField(required=False)
    cost = PriceField(required=False, allow_null=True, help_text="What a piece costs the shop.")
    barcode = TextField(required=False, allow_blank=True, max_length=BARCODE_LENGTH)
    image = IdField(
        source="image_id", required=False, allow_null=True, help_text="The id of one of the product's `images`."
    )
    stock_quantity = CountField(required=False)
    allows_backorders = FlagField(required=False)


class NewVariantInput(_OfAVariant):
    """A variant to be created."""

    price = PriceField()


class VariantChangesInput(_OfAVariant):
    """What changes on a variant."""

    price = PriceField(required=False)


class NewOptionInput(serializers.Serializer[Any]):
    """An option of a product to be created, its values in order."""

    name = TextField(max_length=NAME_LENGTH)
    values = serializers.ListField(child=TextField(max_length=VALUE_LENGTH), min_length=1, max_length=MAX_VALUES)


class OptionInput(NewOptionInput):
    """An option as it shall be. What is not said to be renamed is new; what is not named goes, with its variants."""

    renamed_from = TextField(
        source="was", required=False, max_length=NAME_LENGTH, help_text="Its name until now, if that was another."
    )
    renamed = RenamedField(required=False, help_text="Values that go on under another name: old to new.")


class OptionsInput(serializers.Serializer[Any]):
    """All options of a product, in order."""

    options = serializers.ListField(child=OptionInput(), max_length=MAX_OPTIONS)


def wanted_options(stated: list[dict[str, Any]]) -> list[WantedOption]:
    return [WantedOption(**option) for option in stated]


def _texts(data: Any, *, at_most: int) -> dict[str, str]:
    """A JSON object of that many texts. Raises ValidationError."""
    if not isinstance(data, dict) or len(data) > at_most:
        raise serializers.ValidationError(f"This must be an object of at most {at_most} texts.")
    text: Callable[[Any], str] = TextField(max_length=VALUE_LENGTH).run_validation
    return {text(name): text(value) for name, value in data.items()}
