"""Orders that were not paid in time.

Whether an order is over is said by its timestamp; the sweeper only tidies: it calls the order off, and frees its stock
and its coupon. The provider is asked before, so that money that was paid in the last second counts.
"""

from __future__ import annotations

import logging

from django.db import transaction
from django.utils import timezone

from orders.actors import job
from orders.errors import PaymentNotPossible, ProviderUnavailable
from orders.jobs import Message
from orders.lifecycle import PaymentStatus, Status, call_off
from orders.locks import lock_order, retried
from orders.models import Order, Payment
from orders.payments.methods import is_manual
from orders.settlement import void

logger = logging.getLogger("shop.payments")
BATCH = 200
SWEEPER = job("expiry")


def expire_due(*, batch: int = BATCH) -> int:
    """Call off the orders whose time is over, the oldest first; how many.

    One order that cannot be called off does not hold up the others, and a provider that is away is not asked again
    in this batch: its orders are called off all the same, and jobs tell it later.
    """
    due = Order.objects.due(timezone.now()).order_by("expires_at")[:batch]
    away: set[str] = set()
    done = 0
    for pk in list(due.values_list("pk", flat=True)):
        try:
            done += expire(order_id=pk, away=away)
        except Exception:
            logger.exception("An order could not be called off: %s", pk)
    return done


def expire(*, order_id: int, away: set[str] | None = None) -> bool:
    """Call off one order if it is due and was not paid after all. `away` are gateways that need not be asked now."""
    if not is_due(Order.objects.get(pk=order_id)):
        return False
    _ask_first(order_id, set() if away is None else away)
    return _call_off(order_id=order_id)


def is_due(order: Order) -> bool:
    """Its time is over, and nobody has paid or cancelled it."""
    in_time = order.expires_at is None or order.expires_at > timezone.now()
    return order.status == Status.PENDING and order.payment_status == PaymentStatus.UNPAID and not in_time


def _ask_first(order_id: int, away: set[str]) -> None:
    """Close what is open at the provider; if it was paid, that settles the order."""
    for payment in Payment.objects.filter(order=order_id, state=Payment.State.STARTED):
        if payment.gateway in away or is_manual(payment.gateway):
            continue
        try:
            void(payment_id=payment.pk)
        except ProviderUnavailable as error:
            logger.warning("Payment %s of a due order cannot be closed now: %s", payment.pk, error)
            away.add(payment.gateway)
        except PaymentNotPossible as error:
            logger.warning("Payment %s of a due order: %s", payment.pk, error)


@retried
def _call_off(*, order_id: int) -> bool:
    with transaction.atomic(durable=True):
        locked = lock_order(order_id)
        if not is_due(locked):
            return False
        locked.expired_at = timezone.now()
        locked.save(update_fields=["expired_at", "updated_at"])
        call_off(locked, SWEEPER, Message.EXPIRED)
        return True
