from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class ReturnQuerySet(models.QuerySet["Return"]):
    def to_refund(self) -> Self:
        """What has arrived of orders that were paid: the money is still to be given back."""
        return self.filter(state=Return.State.RECEIVED, order__payment_status__in=["paid", "partially_refunded"])


class Return(models.Model):
    """A customer wants to send something back: requested, then accepted or refused, received, refunded or closed.

    It moves only through `orders.aftersales`. What of it counts as sent back is said by `orders.returns.reading`.
    """

    class State(models.TextChoices):
        REQUESTED = "requested", "Requested"
        ACCEPTED = "accepted", "Accepted"
        REFUSED = "refused", "Refused"
        RECEIVED = "received", "Received"
        REFUNDED = "refunded", "Refunded"
        CLOSED = "closed", "Closed"
        WITHDRAWN = "withdrawn", "Withdrawn"

    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="returns")
    state = models.CharField(max_length=10, choices=State, default=State.REQUESTED)
    reason = models.CharField(max_length=500, blank=True)
    answer = models.CharField(max_length=500, blank=True, help_text="What the customer is told.")
    refund = models.OneToOneField(
        "orders.Refund", null=True, blank=True, on_delete=models.PROTECT, related_name="of_return"
    )
    requested_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ReturnQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(state__in=["requested", "accepted"]),
                name="orders_return_one_open_per_order",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["requested", "accepted", "refused", "received", "refunded", "closed", "withdrawn"]
                ),
                name="orders_return_state_known",
            ),
            models.CheckConstraint(
                condition=(Q(state="refunded") & ~Q(refund=None)) | (~Q(state="refunded") & Q(refund=None)),
                name="orders_return_refunded_has_a_refund",
            ),
        ]

    def __str__(self) -> str:
        return f"Return {self.pk}"

    @property
    def is_open(self) -> bool:
        """Pieces may still arrive."""
        return self.state in (self.State.REQUESTED, self.State.ACCEPTED)

    @property
    def has_arrived(self) -> bool:
        """It is known how many pieces came."""
        return self.state in (self.State.RECEIVED, self.State.REFUNDED, self.State.CLOSED)


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

    @property
    def written_off(self) -> int:
        """Pieces that came back and cannot be sold again."""
        return self.received - self.restocked
