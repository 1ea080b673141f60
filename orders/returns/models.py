from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class Return(models.Model):
    """A customer wants to send something back: requested, then accepted or refused, received, refunded."""

    class State(models.TextChoices):
        REQUESTED = "requested", "Requested"
        ACCEPTED = "accepted", "Accepted"
        REFUSED = "refused", "Refused"
        RECEIVED = "received", "Received"
        REFUNDED = "refunded", "Refunded"

    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="returns")
    state = models.CharField(max_length=10, choices=State, default=State.REQUESTED)
    reason = models.CharField(max_length=500)
    answer = models.CharField(max_length=500, blank=True, help_text="What the customer is told.")
    refund = models.OneToOneField(
        "orders.Refund", null=True, blank=True, on_delete=models.PROTECT, related_name="of_return"
    )
    requested_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(state__in=["requested", "accepted"]),
                name="orders_return_one_open_per_order",
            ),
        ]

    def __str__(self) -> str:
        return f"Return {self.pk}"


class ReturnLine(models.Model):
    """Pieces of a line that are to come back; `received` of them did, and were put into the stock or written off."""

    of_return = models.ForeignKey(Return, on_delete=models.CASCADE, related_name="lines")
    line = models.ForeignKey("orders.OrderLine", on_delete=models.PROTECT, related_name="return_lines")
    quantity = models.PositiveIntegerField()
    received = models.PositiveIntegerField(default=0)
    restocked = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["of_return", "line"], name="orders_returnline_one_per_line"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="orders_returnline_quantity_positive"),
            models.CheckConstraint(
                condition=Q(received__lte=F("quantity")) & Q(restocked__lte=F("received")),
                name="orders_returnline_received_within_quantity",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × line {self.line_id}"
