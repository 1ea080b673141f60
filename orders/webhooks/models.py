from __future__ import annotations

from datetime import datetime
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from orders.webhooks.sealing import seal, unseal
from orders.webhooks.signing import new_secret


def new_sealed_secret() -> str:
    return seal(new_secret())


class WebhookEndpointQuerySet(models.QuerySet["WebhookEndpoint"]):
    def listening_to(self, event: str) -> Self:
        """The endpoints that are to be told of this event."""
        return self.filter(is_active=True, events__contains=[event])


class WebhookEndpoint(models.Model):
    """An address of another system that is told what happens here.

    `secret` signs what it is sent; after a change the one before signs, too, until its time is over. They are stored
    sealed: reading one raises SecretUnreadable when the key to it is gone.
    `disabled_reason` says why the shop itself switched the endpoint off.
    """

    url = models.URLField("URL", max_length=500)
    description = models.CharField(max_length=120, blank=True)
    events = ArrayField(models.CharField(max_length=40), help_text="Which events it is told.")
    sealed_secret = models.CharField(max_length=255, default=new_sealed_secret, editable=False)
    previous_sealed_secret = models.CharField(max_length=255, blank=True, editable=False)
    previous_secret_until = models.DateTimeField(null=True, blank=True, editable=False)
    is_active = models.BooleanField("active", default=True)
    disabled_reason = models.CharField(max_length=200, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = WebhookEndpointQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.url

    @property
    def secret(self) -> str:
        return unseal(self.sealed_secret)

    def signing_secrets(self, now: datetime) -> list[str]:
        """What signs a message now: the secret, and while it is being replaced the one before."""
        if self.previous_sealed_secret and self.previous_secret_until and now < self.previous_secret_until:
            return [self.secret, unseal(self.previous_sealed_secret)]
        return [self.secret]


class WebhookDelivery(models.Model):
    """One message to one endpoint, and how far it came. `payload` is the exact text that is signed and sent.

    While it is pending, `next_attempt_at` says when it is due; during an attempt that is the time after which the
    attempt counts as lost. `attempted_at` marks the latest attempt.
    """

    class State(models.TextChoices):
        PENDING = "pending", "Pending"
        SUCCEEDED = "succeeded", "Succeeded"
        FAILED = "failed", "Failed"

    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries")
    message_id = models.CharField(max_length=60)
    event = models.CharField(max_length=40)
    payload = models.TextField()
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_status = models.PositiveSmallIntegerField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    attempted_at = models.DateTimeField(null=True, blank=True, editable=False)
    next_attempt_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name_plural = "webhook deliveries"
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=Q(state="pending"), name="orders_webhookdelivery_due"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "message_id"], name="orders_webhookdelivery_once_per_endpoint"),
            models.CheckConstraint(
                condition=Q(state="pending", next_attempt_at__isnull=False)
                | (~Q(state="pending") & Q(next_attempt_at=None)),
                name="orders_webhookdelivery_pending_is_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.message_id}"


class WebhookAttempt(models.Model):
    """What came of one attempt to deliver a message. Only ever added: sending again begins a new row of attempts."""

    delivery = models.ForeignKey(WebhookDelivery, on_delete=models.CASCADE, related_name="log")
    at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"Answered {self.status}" if self.status else "No answer"
