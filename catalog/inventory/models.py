"""Stock: what is there, what is promised, and how it came to be."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class StockLevelQuerySet(models.QuerySet["StockLevel"]):
    def low(self) -> Self:
        """Of what is for sale: less can be promised than the merchant wants to be warned of."""
        live = self.filter(variant__archived_at=None, variant__product__archived_at=None)
        return live.filter(on_hand__lt=F("reserved") + settings.SHOP_LOW_STOCK)


class StockLevel(models.Model):
    """The stock of one variant.

    `on_hand` is physically there, `reserved` is promised to placed orders not yet shipped. Written only by the
    acts of `catalog.inventory.stock`, through conditional updates.
    """

    variant = models.OneToOneField("catalog.Variant", on_delete=models.CASCADE, related_name="stock")
    on_hand = models.PositiveIntegerField(default=0)
    reserved = models.PositiveIntegerField(default=0)

    low_at = models.PositiveIntegerField(
        "warn below", null=True, blank=True, help_text="Low when fewer can be promised; empty: the shop's own number."
    )
    allows_backorders = models.BooleanField(
        "back-orders", default=False, help_text="More can be promised than is there."
    )

    objects = StockLevelQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(reserved__gte=0) & (Q(reserved__lte=F("on_hand")) | Q(allows_backorders=True)),
                name="catalog_stocklevel_reserved_within_on_hand",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on_hand} on hand, {self.reserved} reserved"

    @property
    def available(self) -> int:
        """What can be promised to a new order."""
        return self.on_hand - self.reserved

    @property
    def is_buyable(self) -> bool:
        """At least one piece can be promised, whether it is there or still to come."""
        return self.available > 0 or self.allows_backorders


class StockMovement(models.Model):
    """One entry of the append-only ledger of `on_hand`; the entries of a level sum up to it.

    PostgreSQL refuses to change an entry (a trigger in the migration). A level that is deleted with a product
    that was never sold takes its entries with it.
    """

    class Reason(models.TextChoices):
        RECEIVED = "received", "Received"
        ADJUSTED = "adjusted", "Adjusted"
        SHIPPED = "shipped", "Shipped"
        RETURNED = "returned", "Returned"

    level = models.ForeignKey(StockLevel, on_delete=models.CASCADE, related_name="movements")
    quantity = models.IntegerField(help_text="Positive when stock comes in, negative when it leaves.")
    reason = models.CharField(max_length=20, choices=Reason)
    note = models.CharField(max_length=200, blank=True)
    reference = models.CharField(max_length=40, blank=True, help_text="Such as an order number.")
    actor = models.CharField(max_length=150, blank=True, help_text="Who did it, by name.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(quantity=0), name="catalog_stockmovement_not_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity:+d} {self.get_reason_display().lower()}"
