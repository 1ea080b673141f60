from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone

from catalog.inventory.models import StockLevel
from catalog.models.category import Category
from catalog.models.tax_class import TaxClass
from catalog.rehearsal import rehearsed_products


class ProductQuerySet(models.QuerySet["Product"]):
    def on_sale(self) -> Self:
        """What shoppers can see: published and not archived."""
        return self.filter(is_published=True, archived_at=None)

    def in_category(self, category: Category) -> Self:
        """Products of a category and of everything below it."""
        return self.filter(category__path__startswith=category.path)

    def priced(self, *, at_least: int | None = None, at_most: int | None = None) -> Self:
        """Products whose price from (the cheapest variant's, minor units) lies between the two bounds, inclusive."""
        products = self
        if at_least is not None:
            products = products.filter(price__gte=at_least)
        if at_most is not None:
            products = products.filter(price__lte=at_most)
        return products

    def reduced(self) -> Self:
        """Products that cost less than they did before."""
        return self.filter(compare_at_price__isnull=False)

    def in_stock(self, wanted: bool = True) -> Self:
        """Products of which something can be bought now (or, with `wanted=False`, nothing)."""
        available = Exists(
            StockLevel.objects.filter(
                variant__product=OuterRef("pk"), variant__archived_at=None, on_hand__gt=F("reserved")
            )
        )
        return self.filter(available if wanted else ~available)


class Product(models.Model):
    """What is listed. It is bought as one of its variants, of which it has at least one."""

    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="products")
    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=220, unique=True)
    description = models.TextField(blank=True)
    tax_class = models.ForeignKey(
        TaxClass,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="products",
        help_text="Empty: the default class.",
    )
    is_published = models.BooleanField("published", default=True)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Copied from the cheapest live variant by the acts that write variants, so that lists sort and filter on
    # one indexed column. Minor units.
    price = models.BigIntegerField(default=0, editable=False)
    compare_at_price = models.BigIntegerField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    search_vector = models.GeneratedField(
        expression=SearchVector("name", weight="A", config="english")
        + SearchVector("description", weight="B", config="english"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = ProductQuerySet.as_manager()

    class Meta:
        indexes = [
            GinIndex(fields=["search_vector"], name="catalog_product_search"),
            models.Index(fields=["price", "id"], name="catalog_product_price"),
            models.Index(fields=["-created_at", "-id"], name="catalog_product_newest"),
            models.Index(fields=["name", "id"], name="catalog_product_name"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(price__gte=0), name="catalog_product_price_not_negative"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("catalog:product", args=[self.slug])

    @property
    def is_on_sale(self) -> bool:
        """Shoppers can see it."""
        return self.is_published and self.archived_at is None


class VariantQuerySet(models.QuerySet["Variant"]):
    def live(self) -> Self:
        """Variants that are still offered (their product may be unpublished)."""
        return self.filter(archived_at=None)

    def buyable(self) -> Self:
        """Variants a shopper may put into a cart, whatever the stock."""
        on_sale = Q(product__is_published=True, product__archived_at=None)
        if rehearsed := rehearsed_products():
            on_sale |= Q(product__in=rehearsed)
        return self.live().filter(on_sale)

    def by_reference(self, *, ids: Sequence[int], skus: Sequence[str]) -> Self:
        """Variants named by id or, without regard to case, by SKU."""
        lowered = [sku.lower() for sku in skus]
        return self.alias(sku_lower=Lower("sku")).filter(Q(pk__in=ids) | Q(sku_lower__in=lowered))


class Variant(models.Model):
    """What is bought: one SKU with its price and stock."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="variants")
    sku = models.CharField("SKU", max_length=64)
    name = models.CharField(max_length=120, blank=True, help_text="Empty for a product with one variant.")
    price = models.BigIntegerField(help_text="Minor units of the shop's currency.")
    compare_at_price = models.BigIntegerField(null=True, blank=True, help_text="The former, higher price.")
    weight = models.PositiveIntegerField("weight (g)", default=0, help_text="Grams, packed; for shipping rates.")
    position = models.PositiveSmallIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = VariantQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                Lower("sku"),
                name="catalog_variant_sku_unique",
                violation_error_message="This SKU is in use.",
            ),
            models.CheckConstraint(condition=~Q(sku=""), name="catalog_variant_sku_given"),
            models.CheckConstraint(
                condition=Q(price__gt=0),
                name="catalog_variant_price_positive",
                violation_error_message="The price must be more than zero.",
            ),
            models.CheckConstraint(
                condition=Q(compare_at_price=None) | Q(compare_at_price__gt=F("price")),
                name="catalog_variant_compare_at_above_price",
                violation_error_message="The compare-at price must be higher than the price.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product.name} – {self.name}" if self.name else self.product.name

    @property
    def is_buyable(self) -> bool:
        """A shopper may put it into a cart, whatever the stock."""
        return self.archived_at is None and (self.product.is_on_sale or self.product_id in rehearsed_products())

    @property
    def available(self) -> int:
        """Pieces that can be promised to a new order now (needs `stock` selected to be free of queries)."""
        return self.stock.available


class ProductImage(models.Model):
    """A picture of a product, in the merchant's order."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="images")
    image = models.ImageField(upload_to="products/", width_field="width", height_field="height", max_length=200)
    alt = models.CharField("alternative text", max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    width = models.PositiveIntegerField(default=0, editable=False)
    height = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.alt or self.image.name or "picture"
