from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class ShippingZone(models.Model):
    """A part of the world with shipping methods of its own."""

    name = models.CharField(max_length=80, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ZoneArea(models.Model):
    """A country, or the part of it whose postcodes begin with a prefix; the longest prefix that fits wins."""

    zone = models.ForeignKey(ShippingZone, on_delete=models.CASCADE, related_name="areas")
    country = models.CharField(max_length=2)
    postcode_prefix = models.CharField(max_length=12, blank=True, help_text="Empty: the whole country.")

    class Meta:
        ordering = ["country", "postcode_prefix"]
        constraints = [
            models.UniqueConstraint(
                fields=["country", "postcode_prefix"],
                name="orders_zonearea_in_one_zone",
                violation_error_message="This country, or this part of it, belongs to a zone already.",
            ),
            models.CheckConstraint(
                condition=Q(postcode_prefix__regex=r"^[0-9A-Z]*$"), name="orders_zonearea_prefix_compact"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.country} {self.postcode_prefix}".strip()


class ShippingMethod(models.Model):
    """A way to ship within a zone. Amounts in minor units of the shop's currency, weights in grams.

    `flat` costs `price`; `by_weight` and `by_value` cost the highest step that is reached (`RateStep`), and are not
    offered below the first. From `free_from` on (value of the goods before coupons) it costs nothing.
    """

    class Kind(models.TextChoices):
        FLAT = "flat", "Flat rate"
        BY_WEIGHT = "by_weight", "By weight"
        BY_VALUE = "by_value", "By value of the goods"

    zone = models.ForeignKey(ShippingZone, on_delete=models.CASCADE, related_name="methods")
    name = models.CharField(max_length=80)
    description = models.CharField(max_length=160, blank=True)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.FLAT)
    price = models.BigIntegerField(default=0, help_text="Of a flat rate.")
    free_from = models.BigIntegerField(null=True, blank=True)
    max_weight = models.PositiveIntegerField(
        null=True, blank=True, help_text="Grams; heavier carts are not offered it."
    )
    min_days = models.PositiveSmallIntegerField(null=True, blank=True)
    max_days = models.PositiveSmallIntegerField(null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField("active", default=True)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["zone", "name"], name="orders_shippingmethod_name_in_zone"),
            models.CheckConstraint(condition=Q(price__gte=0), name="orders_shippingmethod_price_not_negative"),
            models.CheckConstraint(
                condition=Q(free_from=None) | Q(free_from__gte=0), name="orders_shippingmethod_free_from_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(min_days=None) | Q(max_days=None) | Q(max_days__gte=F("min_days")),
                name="orders_shippingmethod_days_in_order",
                violation_error_message="The longest delivery cannot be shorter than the shortest.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.zone})"


class RateStep(models.Model):
    """From this weight (grams) or value of the goods (minor units) on, the method costs this much."""

    method = models.ForeignKey(ShippingMethod, on_delete=models.CASCADE, related_name="steps")
    starts_at = models.BigIntegerField()
    price = models.BigIntegerField()

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            models.UniqueConstraint(fields=["method", "starts_at"], name="orders_ratestep_one_per_start"),
            models.CheckConstraint(condition=Q(starts_at__gte=0, price__gte=0), name="orders_ratestep_not_negative"),
        ]

    def __str__(self) -> str:
        return f"from {self.starts_at}: {self.price}"


class Shipment(models.Model):
    """A parcel that left the house, with some or all of an order's pieces."""

    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="shipments")
    carrier = models.CharField(max_length=40, blank=True)
    tracking_number = models.CharField(max_length=80, blank=True)
    tracking_url = models.URLField(max_length=300, blank=True)
    idempotency_key = models.CharField(max_length=64, null=True, blank=True, unique=True, editable=False)
    shipped_by = models.CharField(max_length=150, blank=True)
    shipped_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"Shipment {self.pk}"


class ShipmentLine(models.Model):
    """Pieces of an order's line in a parcel."""

    shipment = models.ForeignKey(Shipment, on_delete=models.CASCADE, related_name="lines")
    line = models.ForeignKey("orders.OrderLine", on_delete=models.PROTECT, related_name="shipment_lines")
    quantity = models.PositiveIntegerField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["shipment", "line"], name="orders_shipmentline_one_per_line"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="orders_shipmentline_quantity_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × line {self.line_id}"

    @property
    def title(self) -> str:
        """What it is, by name (needs `line`)."""
        return self.line.title

    @property
    def sku(self) -> str:
        return self.line.sku
