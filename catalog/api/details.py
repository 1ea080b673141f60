"""What is said about a product, as the API shows and takes it: brand, type, attributes, tags, related products."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Model, OuterRef, QuerySet
from django.db.models.functions import Cast, JSONObject
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.api.fields import SLUG_PATTERN, FlagField, TextField
from catalog.describing import LENGTHS, MAX_RELATED, MAX_TAGS, TAG_LENGTH
from catalog.models import Attribute, AttributeValue, Brand, Product, ProductType, RelatedProduct
from catalog.models.attributes import plain_number
from catalog.models.product import ProductQuerySet

Row = TypeVar("Row", bound=Model)
ID_OR_SLUG = [{"type": "integer", "minimum": 1}, {"type": "string", "pattern": SLUG_PATTERN}]
AS_SHOWN = {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]}
ATTRIBUTE_VALUE = {"oneOf": [{"type": "string"}, {"type": "number"}, {"type": "boolean"}, {"type": "null"}]}


class BrandSerializer(serializers.Serializer[Brand]):
    id = serializers.IntegerField()
    slug = serializers.CharField()
    name = serializers.CharField()


class ProductTypeInProduct(serializers.Serializer[ProductType]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class RelatedProductSerializer(serializers.Serializer[Product]):
    id = serializers.IntegerField()
    slug = serializers.CharField()
    name = serializers.CharField()


class AttributeValueSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=Attribute.Kind.choices)
    unit = serializers.CharField(help_text="Of a number, else empty.")
    value = serializers.SerializerMethodField(help_text="true or false for a `flag`, a decimal string for a `number`.")

    @extend_schema_field({"oneOf": [{"type": "string"}, {"type": "boolean"}]})
    def get_value(self, row: Mapping[str, Any]) -> str | bool:
        if row["kind"] == Attribute.Kind.NUMBER:
            return plain_number(row["number"])
        value: str | bool = row[row["kind"]]
        return value


class _Reference(serializers.Field[Any, Any, Any, Any]):
    """A row by its id, by its name in addresses, or as the object that the API itself shows."""

    rows: QuerySet[Any]
    by: str
    nothing: str

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            data = data.get("id")
        found = None
        if isinstance(data, int) and not isinstance(data, bool) and 0 < data < 2**31:
            found = self.rows.filter(pk=data).first()
        elif isinstance(data, str) and data and "\0" not in data:
            found = self.rows.filter(**{self.by: data}).first()
        if found is None:
            raise serializers.ValidationError(self.nothing)
        return found

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field({"description": "Id or slug of a brand.", "oneOf": [*ID_OR_SLUG, AS_SHOWN]})
class BrandField(_Reference):
    rows, by, nothing = Brand.objects.all(), "slug", "There is no such brand."


@extend_schema_field(
    {"description": "Id or name of a product type.", "oneOf": [ID_OR_SLUG[0], {"type": "string"}, AS_SHOWN]}
)
class ProductTypeField(_Reference):
    rows, by, nothing = ProductType.objects.all(), "name__iexact", "There is no such product type."


@extend_schema_field({"description": "Id or slug of a product.", "oneOf": [*ID_OR_SLUG, AS_SHOWN]})
class OtherProductField(_Reference):
    rows, by, nothing = Product.objects.filter(archived_at=None), "slug", "There is no such product."

    def to_internal_value(self, data: Any) -> int:
        return int(super().to_internal_value(data).pk)


@extend_schema_field(
    {
        "description": "Values by the attributes' codes; null takes one away, others stay. Or the list as it is shown.",
        "oneOf": [
            {"type": "object", "additionalProperties": ATTRIBUTE_VALUE},
            {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"code": {"type": "string", "pattern": SLUG_PATTERN}, "value": ATTRIBUTE_VALUE},
                    "required": ["code", "value"],
                },
            },
        ],
    }
)
class AttributesField(serializers.Field[Any, Any, Any, Any]):
    """Values by code. What they may be is a matter of the product's type, which the act knows."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if isinstance(data, list):
            if not all(isinstance(each, dict) and {"code", "value"} <= set(each) for each in data):
                raise serializers.ValidationError("Each needs a code and a value.")
            codes = [each["code"] for each in data]
            if not all(isinstance(code, str) for code in codes):
                raise serializers.ValidationError("A code is a text.")
            data = {each["code"]: each["value"] for each in data}
        if not isinstance(data, dict):
            raise serializers.ValidationError("This must be an object with values by code.")
        for code, value in data.items():
            if not re.fullmatch(SLUG_PATTERN, code):
                raise serializers.ValidationError("There is no such attribute.")
            if value is not None and not isinstance(value, str | int | float | bool):
                raise serializers.ValidationError("A value is a text, a number, true, false or null.")
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class ProductDetailsInput(serializers.Serializer[Any]):
    """What is said about a product besides its name, price and stock."""

    brand = BrandField(required=False, allow_null=True)
    product_type = ProductTypeField(required=False, allow_null=True)
    attributes = AttributesField(required=False)
    tags = serializers.ListField(child=TextField(max_length=TAG_LENGTH), required=False, max_length=MAX_TAGS)
    related = serializers.ListField(
        child=OtherProductField(), required=False, max_length=MAX_RELATED, help_text="In the order of the page."
    )
    seo_title = TextField(required=False, allow_blank=True, max_length=LENGTHS["seo_title"])
    seo_description = TextField(required=False, allow_blank=True, max_length=LENGTHS["seo_description"])
    google_category = TextField(required=False, allow_blank=True, max_length=LENGTHS["google_category"])
    published_from = serializers.DateTimeField(
        required=False, allow_null=True, help_text="Not shown and not sold before; null: no such moment."
    )
    is_listed = FlagField(required=False, help_text="false: no list and no search shows it; its address works.")


class ProductDetailsOutput(serializers.Serializer[Any]):
    """The same, shown."""

    brand = BrandSerializer(allow_null=True)
    product_type = ProductTypeInProduct(allow_null=True)
    attributes = AttributeValueSerializer(source="attribute_rows", many=True)
    tags = serializers.ListField(child=serializers.CharField())
    related = RelatedProductSerializer(
        source="related_rows", many=True, help_text="What shoppers can see of it, in the order of the page."
    )
    seo_title = serializers.CharField()
    seo_description = serializers.CharField()
    google_category = serializers.CharField()
    published_from = serializers.DateTimeField(allow_null=True)
    is_listed = serializers.BooleanField()


def with_rows_of_their_own(products: ProductQuerySet, *, related: ProductQuerySet) -> ProductQuerySet:
    """Attributes, and those of the products `related` that are, without another query."""
    values = AttributeValue.objects.filter(
        product=OuterRef("pk"), attribute__type_attributes__product_type=OuterRef("product_type")
    )
    attributes = values.order_by("attribute__type_attributes__position", "attribute__type_attributes__pk").values(
        data=JSONObject(
            code="attribute__code",
            name="attribute__name",
            kind="attribute__kind",
            unit="attribute__unit",
            text="text",
            number=Cast("number", models.TextField()),
            flag="flag",
            choice="choice__value",
        )
    )
    links = RelatedProduct.objects.filter(product=OuterRef("pk"), other__in=related).order_by("position", "pk")
    others = links.values(data=JSONObject(id="other_id", slug="other__slug", name="other__name"))
    return products.annotate(attribute_rows=ArraySubquery(attributes), related_rows=ArraySubquery(others))
