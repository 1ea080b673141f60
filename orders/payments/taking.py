"""Asking a provider for the money of a placed order."""

from __future__ import annotations

from django.db import IntegrityError

from orders.access import return_link
from orders.errors import ProviderUnavailable
from orders.models import Payment
from orders.payments.gateway import PaymentRequest, Started
from orders.payments.methods import GATEWAYS


def ask(payment: Payment) -> Started:
    """Ask the gateway for this payment, and remember the provider's reference.

    Talks to the provider, so it must run after the payment is committed. Asking again is asking once: the
    payment's key is always the same. Raises ProviderUnavailable and ProviderRefused.
    """
    order = payment.order
    started = GATEWAYS[payment.gateway].start(
        PaymentRequest(
            order_number=order.number,
            method=payment.method,
            amount=payment.amount,
            currency=payment.currency,
            key=payment.key,
            email=order.email,
            return_url=return_link(order),
            expires_at=order.expires_at,
        )
    )
    if started.reference and started.reference != payment.reference:
        _remember(payment, started.reference)
    return started


def _remember(payment: Payment, reference: str) -> None:
    """Whatever has become of the payment meanwhile: who closes it must know its reference."""
    nameless = Payment.objects.filter(pk=payment.pk, reference="")
    try:
        nameless.update(reference=reference)
    except IntegrityError as error:
        raise ProviderUnavailable("The payment provider answered about another payment.") from error
    payment.refresh_from_db()
    if payment.reference != reference:
        raise ProviderUnavailable("The payment provider answered about another payment.")
