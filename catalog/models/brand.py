from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower


class Brand(models.Model):
    """Who makes a product, or in whose name it is sold."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=140, unique=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"), name="catalog_brand_name_unique", violation_error_message="There is such a brand."
            ),
            models.CheckConstraint(condition=~Q(name=""), name="catalog_brand_name_given"),
        ]

    def __str__(self) -> str:
        return self.name
