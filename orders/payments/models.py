from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

UNSETTLED = Q(state__in=["started", "authorized"]) | Q(is_closing=True)


class PaymentQuerySet(models.QuerySet["Payment"]):
    def alive(self) -> Self:
        """Through which an order is paid, or may be: at most one of each order."""
        alive = [Payment.State.STARTED, Payment.State.AUTHORIZED, Payment.State.CAPTURED]
        return self.filter(state__in=alive, is_surplus=False)

    def unsettled(self) -> Self:
        """Of which the provider may still have news: asked for, authorized, or called off without its word."""
        return self.filter(UNSETTLED)


class Payment(models.Model):
    """One attempt to pay an order through one gateway. Amounts are minor units of `currency`.

    An order has at most one payment that is alive (started, authorized or captured). Money that the
    order does not ask for, because it is paid otherwise or called off, is recorded as captured and `is_surplus`, and
    given back.
    `refund_committed` is what refunds that have not failed add up to, `refunded_amount` what has been given back.
    `is_closing`: called off here, and the provider has not yet said that no money can come any more.
    """

    class State(models.TextChoices):
        STARTED = "started", "Started"
        AUTHORIZED = "authorized", "Authorized"
        CAPTURED = "captured", "Captured"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="payments")
    gateway = models.CharField(max_length=40)
    method = models.CharField(max_length=40)
    reference = models.CharField(max_length=120, blank=True, help_text="The provider's own reference.")
    currency = models.CharField(max_length=3)
    amount = models.BigIntegerField()
    captured_amount = models.BigIntegerField(default=0)
    refund_committed = models.BigIntegerField(default=0)
    refunded_amount = models.BigIntegerField(default=0)
    state = models.CharField(max_length=12, choices=State, default=State.STARTED)
    is_surplus = models.BooleanField("surplus", default=False)
    is_closing = models.BooleanField(default=False, editable=False)
    failure = models.CharField(max_length=300, blank=True, help_text="Why it failed, in the provider's words.")
    checked_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When the provider was last asked."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = PaymentQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["checked_at"], condition=UNSETTLED, name="orders_payment_unsettled"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["gateway", "reference"], condition=~Q(reference=""), name="orders_payment_one_per_reference"
            ),
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(state__in=["started", "authorized", "captured"], is_surplus=False),
                name="orders_payment_one_alive_per_order",
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="orders_payment_amount_not_negative"),
            models.CheckConstraint(
                condition=Q(captured_amount__gte=0) & Q(captured_amount__lte=F("amount")),
                name="orders_payment_captured_within_amount",
            ),
            models.CheckConstraint(
                condition=(Q(state="captured") & Q(captured_amount=F("amount")))
                | (~Q(state="captured") & Q(captured_amount=0)),
                name="orders_payment_captured_in_full",
            ),
            models.CheckConstraint(
                condition=Q(refund_committed__gte=0) & Q(refund_committed__lte=F("captured_amount")),
                name="orders_payment_refunds_within_captured",
            ),
            models.CheckConstraint(
                condition=Q(refunded_amount__gte=0) & Q(refunded_amount__lte=F("refund_committed")),
                name="orders_payment_refunded_within_committed",
            ),
            models.CheckConstraint(
                condition=Q(is_closing=False) | Q(state__in=["failed", "cancelled"]),
                name="orders_payment_closing_is_called_off",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()} through {self.gateway}"

    @property
    def refundable(self) -> int:
        """What can still be given back: captured, and not promised to a refund."""
        return self.captured_amount - self.refund_committed

    @property
    def key(self) -> str:
        """Our name for this attempt at the provider: asking twice with it is asking once."""
        return f"payment-{self.pk}"


class Refund(models.Model):
    """Money on its way back. The row is written first, then the provider is asked, with `key` each time.

    `requested`: decided here; `sent`: the provider took it on; `succeeded`: it has arrived; `failed`: it came to
    nothing and may be tried again. A refund through the manual gateway waits as `requested` for a member of staff.
    """

    class State(models.TextChoices):
        REQUESTED = "requested", "Requested"
        SENT = "sent", "Sent"
        SUCCEEDED = "succeeded", "Succeeded"
        FAILED = "failed", "Failed"

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="refunds")
    key = models.UUIDField(unique=True, editable=False)
    currency = models.CharField(max_length=3)
    amount = models.BigIntegerField()
    shipping = models.BigIntegerField(default=0, help_text="How much of the amount is for shipping.")
    reason = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=12, choices=State, default=State.REQUESTED)
    reference = models.CharField(max_length=120, blank=True, help_text="The provider's own reference.")
    failure = models.CharField(max_length=300, blank=True)
    requested_by = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="orders_refund_amount_positive"),
            models.CheckConstraint(
                condition=Q(shipping__gte=0, shipping__lte=F("amount")), name="orders_refund_shipping_within_amount"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["requested", "sent", "succeeded", "failed"]), name="orders_refund_state_known"
            ),
        ]

    def __str__(self) -> str:
        return f"Refund {self.pk} ({self.get_state_display().lower()})"


class RefundLine(models.Model):
    """Pieces that a refund is for, and whether they went back into the stock."""

    refund = models.ForeignKey(Refund, on_delete=models.CASCADE, related_name="lines")
    line = models.ForeignKey("orders.OrderLine", on_delete=models.PROTECT, related_name="refund_lines")
    quantity = models.PositiveIntegerField()
    amount = models.BigIntegerField()
    restock = models.BooleanField(default=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["refund", "line"], name="orders_refundline_one_per_line"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="orders_refundline_quantity_positive"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="orders_refundline_amount_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × line {self.line_id}"


class ProviderEvent(models.Model):
    """A provider's message as it arrived, stored once. What does not fit an order is flagged for the staff.

    `reference`, `order_number`, `amount` and `currency` are what the message says of itself.
    """

    class Outcome(models.TextChoices):
        RECEIVED = "received", "Received"
        APPLIED = "applied", "Applied"
        IGNORED = "ignored", "Nothing to do"
        FLAGGED = "flagged", "To be looked at"
        REVIEWED = "reviewed", "Looked at"

    gateway = models.CharField(max_length=40)
    event_id = models.CharField(max_length=200)
    kind = models.CharField(max_length=80)
    reference = models.CharField(max_length=120, blank=True)
    order_number = models.CharField(max_length=40, blank=True)
    amount = models.BigIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    payment = models.ForeignKey(
        Payment, null=True, blank=True, on_delete=models.PROTECT, related_name="provider_events"
    )
    payload = models.JSONField()
    outcome = models.CharField(max_length=12, choices=Outcome, default=Outcome.RECEIVED)
    remark = models.CharField(max_length=300, blank=True)
    received_at = models.DateTimeField(default=timezone.now, editable=False)
    applied_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-pk"]
        indexes = [
            # What has not been dealt with, by the shop or by the staff.
            models.Index(
                fields=["received_at"],
                condition=Q(outcome__in=["received", "flagged"]),
                name="orders_providerevent_open",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["gateway", "event_id"], name="orders_providerevent_once"),
            models.CheckConstraint(
                condition=Q(outcome="received") | ~Q(applied_at=None), name="orders_providerevent_outcome_has_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.kind} {self.event_id}"
