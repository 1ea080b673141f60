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
    SlugField,
    TaxClassField,
    TextField,
    WeightField,
)
from catalog.api.images import ImageSerializer
from catalog.api.options import NewOptionInput, NewVariantInput, OptionSerializer, VariantSerializer, shown_options
from catalog.categories import SEO_LENGTHS, SLUG_LENGTH
from catalog.models import Category, Product
from catalog.options import MAX_OPTIONS
from catalog.products import SLUG_LENGTH as PRODUCT_SLUG_LENGTH
from catalog.variants import MAX_VARIANTS

MAX_DESCRIPTION = 50_000
HTML = "HTML of a few harmless tags."
SLUG_INPUT = "The end of the page's address: made from the name when left out; of a new one, the former leads there."
HTML_INPUT = "HTML, of which the harmless tags are kept, or plain text, which becomes paragraphs."


class CategoryInProduct(serializers.Serializer[Category]):
    id = serializers.IntegerField()
    slug = serializers.CharField()
    name = serializers.CharField()


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
    options = serializers.SerializerMethodField(help_text="What its variants are chosen by; up to three.")
    variants = VariantSerializer(many=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def get_currency(self, product: Product) -> str:
        return settings.SHOP_CURRENCY

    @extend_schema_field(OptionSerializer(many=True))
    def get_options(self, product: Product) -> list[dict[str, Any]]:
        return shown_options(product)

    def get_stock_quantity(self, product: Product) -> int:
        return sum(variant.available for variant in product.variants.all())

    def get_in_stock(self, product: Product) -> bool:
        return any(variant.in_stock for variant in product.variants.all())


class ProductInput(ProductDetailsInput):
    """A product to be replaced. Price, SKU, weight and stock are those of its variant, when it has only one."""

    name = TextField(max_length=200)
    slug = SlugField(required=False, max_length=PRODUCT_SLUG_LENGTH, help_text=SLUG_INPUT)
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
    options = serializers.ListField(
        child=NewOptionInput(), required=False, max_length=MAX_OPTIONS, help_text="Each of the `variants` names values."
    )
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
    slug = SlugField(required=False, max_length=SLUG_LENGTH, help_text=SLUG_INPUT)
    description = TextField(required=False, allow_blank=True, max_length=MAX_DESCRIPTION, help_text=HTML_INPUT)
    parent = CategoryField(  # type: ignore[assignment]  # a field, not the outer serializer
        required=False, allow_null=True, help_text="Id or slug; null for the top."
    )
    seo_title = TextField(required=False, allow_blank=True, max_length=SEO_LENGTHS["seo_title"])
    seo_description = TextField(required=False, allow_blank=True, max_length=SEO_LENGTHS["seo_description"])
