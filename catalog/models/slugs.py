from __future__ import annotations

from django.db import models
from django.db.models import Q


class FormerSlug(models.Model):
    """An address that a page has left: it leads to where the page is now, for ever."""

    slug = models.SlugField(max_length=220)
    product = models.ForeignKey(
        "catalog.Product", null=True, blank=True, on_delete=models.CASCADE, related_name="former_slugs"
    )
    category = models.ForeignKey(
        "catalog.Category", null=True, blank=True, on_delete=models.CASCADE, related_name="former_slugs"
    )
    collection = models.ForeignKey(
        "catalog.Collection", null=True, blank=True, on_delete=models.CASCADE, related_name="former_slugs"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["slug"], condition=Q(product__isnull=False), name="catalog_formerslug_one_product"
            ),
            models.UniqueConstraint(
                fields=["slug"], condition=Q(category__isnull=False), name="catalog_formerslug_one_category"
            ),
            models.UniqueConstraint(
                fields=["slug"], condition=Q(collection__isnull=False), name="catalog_formerslug_one_collection"
            ),
            models.CheckConstraint(
                condition=(
                    Q(product__isnull=False, category=None, collection=None)
                    | Q(product=None, category__isnull=False, collection=None)
                    | Q(product=None, category=None, collection__isnull=False)
                ),
                name="catalog_formerslug_exactly_one",
            ),
        ]

    def __str__(self) -> str:
        return self.slug
