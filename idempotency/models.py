from __future__ import annotations

from django.db import models
from django.db.models import Q


class IdempotencyRecord(models.Model):
    """One `Idempotency-Key` of one principal on one route, and the answer it got.

    While `status_code` is empty the request is running, until `leased_until`; a process that died gives the
    key free again when its lease ends. What must never be made twice carries its key itself (an order under a unique
    constraint), so running it again is safe.
    """

    principal = models.CharField(max_length=80)
    route = models.CharField(max_length=300)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    lease = models.UUIDField()
    leased_until = models.DateTimeField()
    status_code = models.PositiveSmallIntegerField(null=True, blank=True)
    body = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["principal", "route", "key"], name="idempotency_idempotencyrecord_one_per_key"
            ),
            models.CheckConstraint(
                condition=Q(status_code=None) | Q(status_code__lt=500),
                name="idempotency_idempotencyrecord_no_server_error",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.route} {self.key}"
