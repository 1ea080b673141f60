"""Products and categories as the API shows and takes them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.api.details import ProductDetailsInput, ProductDetailsOutput
from catalog.api.fields import (
    AmountField,
    CategoryField,
    CountField,
    FlagField,
    PriceField,
    TaxClassField,
    TextField,
    WeightField,
)
from catalog.api.images import ImageSerializer
from catalog.categories import SEO_LENGTHS
from catalog.models import Category, Product, Variant
from catalog.variants import MAX_VARIANTS

MAX_DESCRIPTION = 50_000
HTML = "HTML of a few harmless tags."
HTML_INPUT = "HTML, of which the harmless tags are kept, or plain text, which becomes paragraphs."


class CategoryInProduct(serializers.Serializer[Category]):
    id = serializers.IntegerField()
    slug = serializers.CharField()
    name = serializers.CharField()


class VariantSerializer(serializers.Serializer[Variant]):
    id = serializers.IntegerField()
    sku = serializers.CharField()
    name = serializers.CharField()
    price = AmountField()
    compare_at_price = AmountField(allow_null=True)
    lowest_price_before = AmountField(
        source="lowest_price",
        allow_null=True,
        help_text="Of a reduced variant: the lowest price of the 30 days before the reduction. To be shown beside it.",
    )
    weight = serializers.IntegerField(help_text="Grams, packed.")
    stock_quantity = serializers.IntegerField(source="available", help_text="Pieces that are there and not promised.")
    in_stock = serializers.BooleanField(help_text="It can be bought, now or on back-order.")
    allows_backorders = serializers.BooleanField(
        source="stock.allows_backorders", help_text="More can be bought than is there."
    )


class ProductSerializer(ProductDetailsOutput):
    id = serializers.IntegerField()
    slug = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField(help_text=HTML)
    price = AmountField(help_text="The price of the cheapest variant.")
    compare_at_price = AmountField(allow_null=True, help_text="The former, higher price.")
    currency = serializers.SerializerMethodField()
    stock_quantity = serializers.SerializerMethodField(help_text="Pieces there and not promised, of all variants.")
    in_stock = serializers.SerializerMethodField(help_text="Something of it can be bought, now or on back-order.")
    is_published = serializers.BooleanField()
    category = CategoryInProduct()
    tax_class = TaxClassField(allow_null=True, help_text="Its code; null for the default class.")
    images = ImageSerializer(many=True)
    variants = VariantSerializer(many=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def get_currency(self, product: Product) -> str:
        return settings.SHOP_CURRENCY

    def get_stock_quantity(self, product: Product) -> int:
        return sum(variant.available for variant in product.variants.all())

    def get_in_stock(self, product: Product) -> bool:
        return any(variant.in_stock for variant in product.variants.all())


class NewVariantInput(serializers.Serializer[Any]):
    """A variant to be created."""

    price = PriceField()
    sku = TextField(required=False, max_length=64, help_text="Made from the names when left out.")
    name = TextField(required=False, allow_blank=True, max_length=120)
    compare_at_price = PriceField(required=False, allow_null=True)
    weight = WeightField(required=False)
    stock_quantity = CountField(required=False)


class VariantChangesInput(serializers.Serializer[Any]):
    """What changes on a variant."""

    price = PriceField(required=False)
    sku = TextField(required=False, max_length=64)
    name = TextField(required=False, allow_blank=True, max_length=120)
    compare_at_price = PriceField(required=False, allow_null=True)
    weight = WeightField(required=False)
    stock_quantity = CountField(required=False)


class ProductInput(ProductDetailsInput):
    """A product to be replaced. Price, SKU, weight and stock are those of its variant, when it has only one."""

    name = TextField(max_length=200)
    description = TextField(required=False, allow_blank=True, max_length=MAX_DESCRIPTION, help_text=HTML_INPUT)
    category = CategoryField(required=False, allow_null=True)
    tax_class = TaxClassField(required=False, allow_null=True, help_text="Its code; null for the default class.")
    is_published = FlagField(required=False)
    price = PriceField()
    sku = TextField(required=False, max_length=64)
    compare_at_price = PriceField(required=False, allow_null=True)
    weight = WeightField(required=False)
    stock_quantity = CountField(required=False)


class NewProductInput(ProductInput):
    """A product to be created: with `variants`, or with one that its own price, SKU, weight and stock describe."""

    category = CategoryField(required=False, allow_null=True, help_text="Other, when left out.")
    price = PriceField(required=False, help_text="Required unless there are `variants`.")
    variants = serializers.ListField(child=NewVariantInput(), required=False, max_length=MAX_VARIANTS)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs.get("variants") and "price" not in attrs:
            raise serializers.ValidationError({"price": ["This field is required."]})
        return attrs


class CategorySerializer(serializers.Serializer[Category]):
    id = serializers.IntegerField()
    slug = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField(help_text=HTML)
    seo_title = serializers.CharField()
    seo_description = serializers.CharField()
    image = serializers.SerializerMethodField()
    depth = serializers.IntegerField(help_text="1 for the top of the tree.")
    parent = serializers.SerializerMethodField()  # type: ignore[assignment]  # a field, not the outer serializer
    product_count = serializers.SerializerMethodField(help_text="Products on sale here and below.")

    @extend_schema_field({"type": ["string", "null"], "format": "uri"})
    def get_image(self, category: Category) -> str | None:
        return self.context["request"].build_absolute_uri(category.image.url) if category.image else None

    @extend_schema_field(CategoryInProduct(allow_null=True))
    def get_parent(self, category: Category) -> Any:
        parent = self.context["tree"].parent_of(category)
        return CategoryInProduct(parent).data if parent else None

    def get_product_count(self, category: Category) -> int:
        return int(self.context["tree"].products_below(category))


class CategoryInput(serializers.Serializer[Any]):
    """A category to be created or replaced."""

    name = TextField(max_length=120)
    description = TextField(required=False, allow_blank=True, max_length=MAX_DESCRIPTION, help_text=HTML_INPUT)
    parent = CategoryField(  # type: ignore[assignment]  # a field, not the outer serializer
        required=False, allow_null=True, help_text="Id or slug; null for the top."
    )
    seo_title = TextField(required=False, allow_blank=True, max_length=SEO_LENGTHS["seo_title"])
    seo_description = TextField(required=False, allow_blank=True, max_length=SEO_LENGTHS["seo_description"])
