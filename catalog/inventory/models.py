"""Stock: what is there, what is promised, and how it came to be."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

# More than any warehouse holds, and far from what the columns can.
MAX_PIECES = 1_000_000_000


class StockLevelQuerySet(models.QuerySet["StockLevel"]):
    def low(self) -> Self:
        """Of what is for sale: less can be promised than the merchant wants to be warned of."""
        return self.live().filter(on_hand__lt=F("reserved") + Coalesce("low_at", settings.SHOP_LOW_STOCK))

    def sold_out(self) -> Self:
        """Of what is for sale: nothing is there that could be promised, whether or not more can be ordered."""
        return self.live().filter(on_hand__lte=F("reserved"))

    def awaited(self) -> Self:
        """More is promised than there is: orders wait for goods."""
        return self.filter(on_hand__lt=F("reserved"))

    def buyable(self) -> Self:
        """At least one piece can be promised, whether it is there or still to come."""
        return self.filter(Q(on_hand__gt=F("reserved")) | Q(allows_backorders=True))

    def live(self) -> Self:
        return self.filter(variant__archived_at=None, variant__product__archived_at=None)


class StockLevel(models.Model):
    """The stock of one variant.

    `on_hand` is physically there, `reserved` is promised to placed orders not yet shipped: more than is there only
    if the level `allows_backorders`. Written only by the acts of `catalog.inventory.stock`, through conditional
    updates.
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
    # The last digest of low stock named it; see `catalog.inventory.digest`.
    is_told_low = models.BooleanField(default=False, editable=False)

    objects = StockLevelQuerySet.as_manager()

    class Meta:
        permissions = [("view_stock_value", "Can see what the stock is worth")]
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
        """What is there and not promised; below nothing when orders wait for goods."""
        return self.on_hand - self.reserved

    @property
    def promisable(self) -> int:
        """How many more pieces orders can be promised."""
        return MAX_PIECES - self.reserved if self.allows_backorders else self.available

    @property
    def awaited(self) -> int:
        """Pieces that are promised and not there yet."""
        return max(self.reserved - self.on_hand, 0)

    @property
    def warns_below(self) -> int:
        """Fewer available pieces than this are a low stock."""
        return settings.SHOP_LOW_STOCK if self.low_at is None else self.low_at

    @property
    def is_low(self) -> bool:
        return self.available < self.warns_below

    @property
    def is_buyable(self) -> bool:
        """At least one piece can be promised, whether it is there or still to come."""
        return self.promisable > 0


class StockMovement(models.Model):
    """One entry of the append-only ledger of `on_hand`, with what it left; the entries of a level sum up to it.

    PostgreSQL refuses to change an entry (a trigger in the migration). A level that is deleted with a product
    that was never sold takes its entries with it.
    """

    class Reason(models.TextChoices):
        RECEIVED = "received", "Received"
        ADJUSTED = "adjusted", "Adjusted"
        COUNTED = "counted", "Counted"
        DAMAGED = "damaged", "Damaged"
        LOST = "lost", "Lost or stolen"
        GIVEN_AWAY = "given_away", "Given away"
        SHIPPED = "shipped", "Shipped"
        RETURNED = "returned", "Returned"

    level = models.ForeignKey(StockLevel, on_delete=models.CASCADE, related_name="movements")
    quantity = models.IntegerField(help_text="Positive when stock comes in, negative when it leaves.")
    on_hand_after = models.PositiveIntegerField("on hand after", help_text="What was there once it had happened.")
    reason = models.CharField(max_length=20, choices=Reason)
    note = models.CharField(max_length=200, blank=True)
    reference = models.CharField(max_length=40, blank=True, help_text="Such as an order number.")
    actor = models.CharField(max_length=150, blank=True, help_text="Who did it, by name.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(quantity=0), name="catalog_stockmovement_not_zero"),
            models.CheckConstraint(
                condition=Q(on_hand_after__gte=0) & Q(on_hand_after__gte=F("quantity")),
                name="catalog_stockmovement_never_below_nothing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity:+d} {self.get_reason_display().lower()}"

    @property
    def on_hand_before(self) -> int:
        return self.on_hand_after - self.quantity


class StockSheet(models.Model):
    """A file of counted or delivered pieces that staff have uploaded: looked at first, then applied line by line."""

    class Kind(models.TextChoices):
        COUNT = "count", "Stock-take"
        DELIVERY = "delivery", "Delivery"

    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField("file", max_length=120)
    note = models.CharField(max_length=200, blank=True, help_text="For the stock ledger, with every line.")
    uploaded_by = models.CharField(max_length=150, blank=True)
    uploaded_at = models.DateTimeField(default=timezone.now, editable=False)
    confirmed_by = models.CharField(max_length=150, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.name}"


class StockSheetLine(models.Model):
    """One line of such a file, with what is wrong with it, or what became of it: `moved` pieces, once."""

    sheet = models.ForeignKey(StockSheet, on_delete=models.CASCADE, related_name="lines")
    number = models.PositiveIntegerField(help_text="Of the line in the file.")
    sku = models.CharField("SKU", max_length=64, blank=True, help_text="As it was given.")
    level = models.ForeignKey(StockLevel, null=True, on_delete=models.SET_NULL, related_name="+")
    quantity = models.PositiveIntegerField(null=True)
    # The count holds for the moment after this movement of the level (0: before the first): what moved later is added.
    after_movement = models.BigIntegerField(default=0)
    problem = models.CharField(max_length=200, blank=True)
    moved = models.IntegerField(null=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["sheet", "number"], name="catalog_stocksheetline_one_per_line"),
            models.UniqueConstraint(
                fields=["sheet", "level"], condition=Q(problem=""), name="catalog_stocksheetline_one_per_level"
            ),
            models.CheckConstraint(
                condition=~Q(problem="") | Q(quantity__isnull=False), name="catalog_stocksheetline_quantity_or_problem"
            ),
        ]

    def __str__(self) -> str:
        return f"line {self.number}: {self.sku}"
