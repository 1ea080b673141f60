"""Asking for the money of a placed order."""

from __future__ import annotations

from orders.access import order_link
from orders.models import Order, Payment
from orders.payments.gateway import PaymentRequest, Started
from orders.payments.methods import GATEWAYS


def start_payment(*, order: Order) -> Started:
    """Ask the order's gateway for its open payment and remember the provider's reference.

    Talks to the provider, so it must run after the order is committed. Asking again is harmless: the
    payment's key is always the same. An order with nothing open answers "nothing to do".
    """
    payment = order.payments.filter(state=Payment.State.STARTED).order_by("-pk").first()
    if payment is None:
        return Started()
    started = GATEWAYS[payment.gateway].start(
        PaymentRequest(
            order_number=order.number,
            method=payment.method,
            amount=payment.amount,
            currency=payment.currency,
            key=payment.key,
            email=order.email,
            return_url=order_link(order),
            expires_at=order.expires_at,
        )
    )
    if started.reference:
        Payment.objects.filter(pk=payment.pk).update(reference=started.reference)
    return started
