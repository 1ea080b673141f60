from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone


class PriceChange(models.Model):
    """One entry of the append-only history of a variant's prices (minor units): who changed what, and when.

    The first entry of a variant has no price before. PostgreSQL refuses to change an entry.
    """

    variant = models.ForeignKey("catalog.Variant", on_delete=models.CASCADE, related_name="price_changes")
    price_before = models.BigIntegerField(null=True, blank=True)
    price = models.BigIntegerField()
    compare_at_price_before = models.BigIntegerField(null=True, blank=True)
    compare_at_price = models.BigIntegerField(null=True, blank=True)
    actor = models.CharField(max_length=150, blank=True, help_text="Who did it, by name.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["variant", "-created_at"], name="catalog_pricechange_latest")]
        constraints = [models.CheckConstraint(condition=Q(price__gt=0), name="catalog_pricechange_positive")]

    def __str__(self) -> str:
        return f"{self.price_before or '–'} → {self.price}"


class StockAlert(models.Model):
    """Somebody wants to be told, once, when a sold-out variant can be bought again."""

    variant = models.ForeignKey("catalog.Variant", on_delete=models.CASCADE, related_name="alerts")
    email = models.EmailField()
    token = models.CharField(max_length=43, unique=True, editable=False, help_text="Ends the request from its letter.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    sent_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                "variant",
                Lower("email"),
                condition=Q(sent_at=None),
                name="catalog_stockalert_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"alert {self.pk}"
