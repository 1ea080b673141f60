"""What does not fit is kept for the staff to look at, beside the providers' own messages."""

from __future__ import annotations

import hashlib
from dataclasses import asdict

from django.utils import timezone

from orders.models import Payment, ProviderEvent
from orders.payments.gateway import RefundSnapshot, Snapshot

FOUND_BY_US = "shop.noticed"


def flag(payment: Payment, remark: str, snapshot: Snapshot | RefundSnapshot | None = None) -> None:
    """Something about this payment is for a person to look at; noticed again, it is the same entry."""
    seen = {} if snapshot is None else {name: str(value) for name, value in asdict(snapshot).items()}
    digest = hashlib.sha256(f"{remark}\n{sorted(seen.items())}".encode()).hexdigest()[:32]
    entry = ProviderEvent(
        gateway=payment.gateway,
        event_id=f"shop-{payment.pk}-{digest}",
        kind=FOUND_BY_US,
        reference=payment.reference,
        order_number=payment.order.number,
        amount=payment.amount,
        currency=payment.currency,
        payment=payment,
        payload=seen,
        outcome=ProviderEvent.Outcome.FLAGGED,
        remark=remark[:300],
        applied_at=timezone.now(),
    )
    ProviderEvent.objects.bulk_create([entry], ignore_conflicts=True)
