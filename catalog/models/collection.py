"""Collections: products that rules put together. Nothing is stored about which they are, so they are always right."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse

from catalog.models.seo import SearchEngineText


class Collection(SearchEngineText):
    """A page of products that meet all of its rules, or any of them."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=140, unique=True)
    description = models.TextField(blank=True)
    image = models.ImageField(upload_to="collections/", blank=True)
    # Written with the picture, so that reading a row opens no file.
    image_width = models.PositiveIntegerField(default=0, editable=False)
    image_height = models.PositiveIntegerField(default=0, editable=False)
    image_renditions = models.JSONField(default=list, blank=True, editable=False)
    matches_any = models.BooleanField(
        "one rule is enough", default=False, help_text="Otherwise a product has to meet all rules."
    )
    is_published = models.BooleanField("published", default=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "name", "pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("catalog:collection", args=[self.slug])


class CollectionRule(models.Model):
    """One condition. Its value is a tag, a name, an amount in minor units or a number of days, as its field says."""

    class Field(models.TextChoices):
        TAG = "tag", "Tag is"
        PRODUCT_TYPE = "product_type", "Type is"
        BRAND = "brand", "Brand is"
        CATEGORY = "category", "In category (or below)"
        PRICE_FROM = "price_from", "Price at least"
        PRICE_TO = "price_to", "Price at most"
        NEW = "new", "New within days"
        REDUCED = "reduced", "On sale"

    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="rules")
    field = models.CharField(max_length=20, choices=Field)
    text = models.CharField(max_length=60, blank=True, help_text="The tag.")
    # Protected: a rule that went with what it names would leave a collection of much more than was meant.
    product_type = models.ForeignKey(
        "catalog.ProductType", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    brand = models.ForeignKey("catalog.Brand", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    category = models.ForeignKey("catalog.Category", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    number = models.BigIntegerField(null=True, blank=True, help_text="Days, or a price in minor units.")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=(
                    (Q(field="tag") & ~Q(text=""))
                    | Q(field="product_type", product_type__isnull=False)
                    | Q(field="brand", brand__isnull=False)
                    | Q(field="category", category__isnull=False)
                    | Q(field__in=["price_from", "price_to", "new"], number__isnull=False, number__gte=0)
                    | Q(field="reduced")
                ),
                name="catalog_collectionrule_value_fits",
                violation_error_message="This rule needs the value that belongs to it.",
            ),
        ]

    def __str__(self) -> str:
        return self.get_field_display()
