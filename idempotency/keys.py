"""One `Idempotency-Key`, one outcome: the same request again gets the stored answer.

A key belongs to a principal and a route. The first request with it takes a lease; while it runs, others get
KeyInProgress. An answer below 500 is stored; a server error gives the key back, because it is meant to be
tried again. A process that dies keeps the key until its lease ends. What must never be made twice (orders, refunds,
shipments) carries its key in its own row, so what it may have committed is found again.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.db.models import Q
from django.utils import timezone

from idempotency.errors import KeyInProgress, KeyInvalid, KeyReused
from idempotency.models import IdempotencyRecord

LEASE = timedelta(seconds=30)
KEEP = timedelta(days=7)
MAX_KEY = 255


@dataclass(frozen=True)
class KeyedRequest:
    """A request as the idempotency rules see it: whose, where, which key, and what it says."""

    principal: str
    route: str
    key: str
    body: Any

    @property
    def fingerprint(self) -> str:
        """The same for bodies that mean the same JSON."""
        return hashlib.sha256(json.dumps(self.body, sort_keys=True, default=str).encode()).hexdigest()

    @property
    def digest(self) -> str:
        """The key as rows carry it: unique among all principals and routes."""
        return hashlib.sha256(f"{self.principal}\n{self.route}\n{self.key}".encode()).hexdigest()


@dataclass(frozen=True)
class StoredAnswer:
    """What the first request with the key was answered."""

    status_code: int
    body: Any


def check_key(key: str) -> str:
    """The key, if it is one: 1 to 255 visible ASCII characters. Raises KeyInvalid."""
    if not 1 <= len(key) <= MAX_KEY or not all("!" <= c <= "~" for c in key):
        raise KeyInvalid("Use 1 to 255 visible ASCII characters, such as a UUID.")
    return key


def claim(request: KeyedRequest) -> StoredAnswer | None:
    """Take the key for this request; the stored answer if it has been answered already.

    Raises KeyReused for another body, KeyInProgress while the first request is running.
    """
    now = timezone.now()
    row = IdempotencyRecord(
        principal=request.principal,
        route=request.route,
        key=request.key,
        fingerprint=request.fingerprint,
        lease=uuid4(),
        leased_until=now + LEASE,
    )
    # The unique constraint decides who is first: the row is created once, the losers see no key of theirs.
    IdempotencyRecord.objects.bulk_create([row], ignore_conflicts=True)
    record = _find(request)
    if record is None:
        raise KeyInProgress("The request with this key has just failed. Try again.")
    if record.fingerprint != request.fingerprint:
        raise KeyReused("This key was used for another request. Use a new key.")
    if record.status_code is not None:
        return StoredAnswer(record.status_code, record.body)
    if record.lease == row.lease or _take_over(record, now):
        return None
    raise KeyInProgress("The request with this key is still running. Try again in a moment.")


def store(request: KeyedRequest, *, status_code: int, body: Any) -> None:
    """Keep the answer of a request that holds the key; a server error gives the key back instead."""
    if status_code >= 500:
        give_back(request)
    else:
        _records(request).filter(status_code=None).update(status_code=status_code, body=body)


def give_back(request: KeyedRequest) -> None:
    """The request came to nothing that may be repeated: the key is free again."""
    _records(request).filter(status_code=None).delete()


def forget_old() -> int:
    """Delete answers older than a week; how many. Rows that carry their key stay protected by it."""
    return IdempotencyRecord.objects.filter(created_at__lt=timezone.now() - KEEP).delete()[0]


def _records(request: KeyedRequest) -> Any:
    return IdempotencyRecord.objects.filter(principal=request.principal, route=request.route, key=request.key)


def _find(request: KeyedRequest) -> IdempotencyRecord | None:
    record: IdempotencyRecord | None = _records(request).first()
    return record


def _take_over(record: IdempotencyRecord, now: Any) -> bool:
    """Take the key from a process that died: its lease has run out, and one of us is first."""
    expired = Q(pk=record.pk, status_code=None, lease=record.lease, leased_until__lt=now)
    return IdempotencyRecord.objects.filter(expired).update(lease=uuid4(), leased_until=now + LEASE) == 1
