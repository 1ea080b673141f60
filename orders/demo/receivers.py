"""A system that could be told of the demo shop's orders: switched off, and at an address that is nobody's."""

from __future__ import annotations

from django.db import transaction

from orders.models import WebhookEndpoint

URL = "https://erp.example.com/webhooks/shop"


@transaction.atomic(durable=True)
def load_receiver() -> int:
    """Make the endpoint unless there is any; returns how many are new."""
    if WebhookEndpoint.objects.exists():
        return 0
    WebhookEndpoint.objects.create(
        url=URL,
        description="Your bookkeeping, for example",
        events=["order.paid", "order.shipped", "refund.succeeded", "stock.low"],
        is_active=False,
    )
    return 1
