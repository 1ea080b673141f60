"""Paying orders in tests: by card, at a double of Stripe over real HTTP."""

from __future__ import annotations

from typing import Any

from django.test import Client

from catalog.models import Variant
from catalog.tests.factories import VariantFactory
from orders.models import Order, Payment
from orders.paying import start_payment
from orders.reports.invariants import verdicts
from orders.tests.placing import place
from shop.testing.provider import Double, signed

WEBHOOKS = "/payments/webhooks/stripe/"


def broken_rules() -> list[str]:
    """What the audit finds."""
    return [f"{verdict.name}: {verdict.offenders}" for verdict in verdicts() if not verdict.holds]


def card_order(*items: tuple[Variant, int], **options: Any) -> Order:
    """An order to be paid by card, whose page at the provider is open; by default two of something."""
    order = place(*(items or [(VariantFactory.create(stock=5, price=1250), 2)]), payment_method="card", **options)
    start_payment(order=order)
    return order


def payment_of(order: Order) -> Payment:
    """The order's latest payment."""
    return Payment.objects.filter(order=order).order_by("-pk")[0]


def tell(event: dict[str, Any], **options: Any) -> Any:
    """Deliver an event of the double's to the shop, signed; the shop's answer."""
    body, headers = signed(event, **options)
    return Client(headers=headers).post(WEBHOOKS, body, content_type="application/json")


def tell_all(double: Double) -> None:
    """Deliver everything that has happened at the provider."""
    for event in double.ledger.events:
        assert tell(event).status_code == 200
