from __future__ import annotations

from django.db import models
from django.db.models import Q


class TaxClass(models.Model):
    """What sort of thing a product is to the tax office: standard, reduced, books … Rates belong to the orders.

    A product without a class belongs to the default one, of which there is at most one.
    """

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    is_default = models.BooleanField("default", default=False, help_text="For products without a class of their own.")

    class Meta:
        verbose_name_plural = "tax classes"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"],
                condition=Q(is_default=True),
                name="catalog_taxclass_one_default",
                violation_error_message="Another tax class is the default already.",
            ),
        ]

    def __str__(self) -> str:
        return self.name
