from __future__ import annotations

from collections.abc import Sequence
from typing import Self
from urllib.parse import urlencode

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from catalog.models.image import ProductImage
from catalog.models.options import OptionValue
from catalog.models.product import Product, is_out_by_now
from catalog.rehearsal import rehearsed_products
from catalog.srcset import Picture


class VariantQuerySet(models.QuerySet["Variant"]):
    def live(self) -> Self:
        """Variants that are still offered (their product may be unpublished)."""
        return self.filter(archived_at=None)

    def buyable(self) -> Self:
        """Variants a shopper may put into a cart, whatever the stock."""
        on_sale = is_out_by_now("product__") & Q(product__is_published=True, product__archived_at=None)
        if rehearsed := rehearsed_products():
            on_sale |= Q(product__in=rehearsed)
        return self.live().filter(on_sale)

    def by_reference(self, *, ids: Sequence[int], skus: Sequence[str]) -> Self:
        """Variants named by id or, without regard to case, by SKU."""
        lowered = [sku.lower() for sku in skus]
        return self.alias(sku_lower=Lower("sku")).filter(Q(pk__in=ids) | Q(sku_lower__in=lowered))


class Variant(models.Model):
    """What is bought: one SKU with its price and stock.

    Of a product with options it is one combination of their values, which make its name; what `value_1` is a value of
    is the product's first option, and so on.
    """

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="variants")
    sku = models.CharField("SKU", max_length=64)
    name = models.CharField(max_length=120, blank=True, help_text="Empty for a product with one variant.")
    price = models.BigIntegerField(help_text="Minor units of the shop's currency.")
    compare_at_price = models.BigIntegerField(null=True, blank=True, help_text="The former, higher price.")
    weight = models.PositiveIntegerField("weight (g)", default=0, help_text="Grams, packed; for shipping rates.")
    cost = models.BigIntegerField(null=True, blank=True, help_text="What a piece costs the shop; minor units.")
    barcode = models.CharField(max_length=64, blank=True, help_text="GTIN (EAN, UPC, ISBN), if there is one.")
    image = models.ForeignKey(ProductImage, null=True, blank=True, on_delete=models.SET_NULL, related_name="variants")
    value_1 = models.ForeignKey(OptionValue, null=True, blank=True, on_delete=models.RESTRICT, related_name="+")
    value_2 = models.ForeignKey(OptionValue, null=True, blank=True, on_delete=models.RESTRICT, related_name="+")
    value_3 = models.ForeignKey(OptionValue, null=True, blank=True, on_delete=models.RESTRICT, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = VariantQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        indexes = [models.Index(fields=["barcode"], condition=~Q(barcode=""), name="catalog_variant_barcode")]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "value_1", "value_2", "value_3"],
                condition=Q(archived_at=None, value_1__isnull=False),
                nulls_distinct=False,
                name="catalog_variant_one_per_combination",
                violation_error_message="There is a variant with these options.",
            ),
            models.CheckConstraint(
                condition=Q(value_1__isnull=False) | Q(value_2=None, value_3=None),
                name="catalog_variant_values_from_the_first",
            ),
            models.CheckConstraint(
                condition=Q(cost=None) | Q(cost__gte=0),
                name="catalog_variant_cost_not_negative",
                violation_error_message="The cost cannot be negative.",
            ),
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

    def get_absolute_url(self) -> str:
        """The page of its product with this variant chosen (needs `product`)."""
        return f"{self.product.get_absolute_url()}?{urlencode({'variant': self.sku})}"

    @property
    def is_buyable(self) -> bool:
        """A shopper may put it into a cart, whatever the stock."""
        return self.archived_at is None and (self.product.is_on_sale or self.product_id in rehearsed_products())

    @property
    def picture(self) -> Picture | None:
        """Its own picture, or else the product's first (needs the product's `images` to be free of queries)."""
        stored = [image for image in self.product.images.all() if image.image]
        own = next((image for image in stored if image.pk == self.image_id), None)
        return next((image.shown for image in [own, *stored] if image is not None), None)

    @property
    def available(self) -> int:
        """Pieces that are there and not promised (needs `stock` selected to be free of queries)."""
        return max(self.stock.available, 0)

    @property
    def promisable(self) -> int:
        """Pieces that a new order can be promised, on back-order too (needs `stock` selected to be free of queries)."""
        return max(self.stock.promisable, 0)

    def on_backorder(self, quantity: int) -> int:
        """How many of so many pieces can be ordered and are not there yet (needs `stock`, too)."""
        return min(quantity, self.promisable) - min(quantity, self.available)

    @property
    def in_stock(self) -> bool:
        """It can be bought, now or on back-order (needs `stock` selected to be free of queries)."""
        return self.stock.is_buyable
