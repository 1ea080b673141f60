from __future__ import annotations

import secrets

from django.db import models
from django.db.models import F, Q
from django.utils import timezone


def new_reference() -> str:
    """A name that nobody guesses: whoever knows it can play this payment."""
    return f"pretend_{secrets.token_urlsafe(18)}"


class PretendPayment(models.Model):
    """A page in the books of the pretend provider. It stands for another company's database: no row of the shop's
    points here, and only `books` writes it.
    """

    class State(models.TextChoices):
        OPEN = "open", "Open"
        AUTHORIZED = "authorized", "Authorized"
        CAPTURED = "captured", "Paid"
        DECLINED = "declined", "Declined"
        CANCELLED = "cancelled", "Cancelled"

    reference = models.CharField(max_length=60, unique=True, default=new_reference)
    key = models.CharField(max_length=120, unique=True)
    order_number = models.CharField(max_length=20)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    return_url = models.CharField(max_length=500)
    state = models.CharField(max_length=12, choices=State, default=State.OPEN)
    is_late = models.BooleanField(default=False, help_text="The money is on its way and arrives whatever happens.")
    captured = models.BigIntegerField(default=0)
    refunded = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(refunded__gte=0) & Q(refunded__lte=F("captured")) & Q(captured__lte=F("amount")),
                name="orders_pretendpayment_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class PretendRefund(models.Model):
    """Money that the pretend provider gave back, or failed to."""

    payment = models.ForeignKey(PretendPayment, on_delete=models.CASCADE, related_name="refunds")
    reference = models.CharField(max_length=60, unique=True, default=new_reference)
    key = models.CharField(max_length=120, unique=True)
    amount = models.BigIntegerField()
    has_failed = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="orders_pretendrefund_amount_positive"),
        ]

    def __str__(self) -> str:
        return self.reference
