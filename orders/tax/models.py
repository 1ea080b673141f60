from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from catalog.models import TaxClass


class TaxRate(models.Model):
    """What a tax class costs in a country, or in one region of it. Without a rate there is no tax."""

    tax_class = models.ForeignKey(TaxClass, on_delete=models.CASCADE, related_name="rates")
    country = models.CharField(max_length=2)
    region = models.CharField(max_length=120, blank=True, help_text="As customers write it; empty: the whole country.")
    rate = models.DecimalField(max_digits=7, decimal_places=4, help_text="Percent.")

    class Meta:
        ordering = ["country", "region", "tax_class"]
        constraints = [
            models.UniqueConstraint(
                "tax_class",
                "country",
                Lower("region"),
                name="orders_taxrate_one_per_place",
                violation_error_message="This class has a rate for this place already.",
            ),
            models.CheckConstraint(condition=Q(rate__gte=0, rate__lte=100), name="orders_taxrate_in_percent"),
        ]

    def __str__(self) -> str:
        return f"{self.rate.normalize():f} % in {self.country} {self.region}".strip()
