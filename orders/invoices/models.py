from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone


class InvoiceCounter(models.Model):
    """The last number of a series. Its row is locked while a number is taken, so that none is skipped or used twice."""

    kind = models.CharField(max_length=12, primary_key=True)
    last = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.kind}: {self.last}"


class Invoice(models.Model):
    """An invoice for a paid order, or a credit note for a refund. Issued once; PostgreSQL refuses to change it.

    `content` holds everything that is printed, as it was on the day.
    """

    class Kind(models.TextChoices):
        INVOICE = "invoice", "Invoice"
        CREDIT_NOTE = "credit_note", "Credit note"

    kind = models.CharField(max_length=12, choices=Kind)
    sequence = models.PositiveBigIntegerField()
    number = models.CharField(max_length=30, unique=True)
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="invoices")
    refund = models.OneToOneField(
        "orders.Refund", null=True, blank=True, on_delete=models.PROTECT, related_name="credit_note"
    )
    content = models.JSONField()
    issued_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "sequence"], name="orders_invoice_sequence_unique"),
            models.UniqueConstraint(fields=["order"], condition=Q(kind="invoice"), name="orders_invoice_one_per_order"),
            models.CheckConstraint(
                condition=Q(kind="invoice", refund=None) | Q(kind="credit_note", refund__isnull=False),
                name="orders_invoice_refund_fits_kind",
            ),
            models.CheckConstraint(condition=Q(sequence__gte=1), name="orders_invoice_sequence_positive"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def amount(self) -> int:
        """What was charged, or given back: minor units of the order's currency."""
        return self.order.total if self.refund is None else self.refund.amount
