from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class Payment(models.Model):
    """One attempt to pay an order through one gateway. Amounts are minor units of `currency`."""

    class State(models.TextChoices):
        STARTED = "started", "Started"
        AUTHORIZED = "authorized", "Authorized"
        CAPTURED = "captured", "Captured"
        CANCELLED = "cancelled", "Cancelled"

    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="payments")
    gateway = models.CharField(max_length=40)
    method = models.CharField(max_length=40)
    reference = models.CharField(max_length=120, blank=True, help_text="The provider's own reference.")
    currency = models.CharField(max_length=3)
    amount = models.BigIntegerField()
    captured_amount = models.BigIntegerField(default=0)
    refunded_amount = models.BigIntegerField(default=0)
    state = models.CharField(max_length=12, choices=State, default=State.STARTED)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="orders_payment_amount_not_negative"),
            models.CheckConstraint(
                condition=Q(captured_amount__gte=0) & Q(captured_amount__lte=F("amount")),
                name="orders_payment_captured_within_amount",
            ),
            models.CheckConstraint(
                condition=Q(refunded_amount__gte=0) & Q(refunded_amount__lte=F("captured_amount")),
                name="orders_payment_refunded_within_captured",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()} through {self.gateway}"
