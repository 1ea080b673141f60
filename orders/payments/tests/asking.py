"""Requests as the shop makes them, for tests of gateways."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from orders.payments.gateway import PaymentRequest, RefundRequest

RETURN_URL = "https://shop.example.com/orders/A-1/"


def payment_request(**changes: Any) -> PaymentRequest:
    given: dict[str, Any] = {
        "order_number": "A-1",
        "method": "card",
        "amount": 1250,
        "currency": "EUR",
        "key": "payment-1",
        "email": "alice@example.com",
        "return_url": RETURN_URL,
        "expires_at": timezone.now() + timedelta(minutes=30),
    }
    return PaymentRequest(**given | changes)


def refund_request(reference: str, amount: int = 1250, **changes: Any) -> RefundRequest:
    given: dict[str, Any] = {"order_number": "A-1", "currency": "EUR", "key": "refund-1"}
    return RefundRequest(reference=reference, amount=amount, **given | changes)
