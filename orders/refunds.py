"""Giving money back, and what comes with it."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F

from orders.actors import Actor
from orders.errors import IllegalMove
from orders.jobs import enqueue_credit_note
from orders.lifecycle import PaymentStatus, set_payment_status
from orders.locks import lock_order, lock_payments, retried
from orders.models import Order, Payment, Refund
from orders.payments.methods import is_manual
from orders.publishing import publish_refund


def awaits_refund(order: Order) -> bool:
    """Money of this order is to be given back by a member of staff."""
    waiting = order.refunds.filter(state=Refund.State.REQUESTED).select_related("payment")
    return any(is_manual(refund.payment.gateway) for refund in waiting)


@retried
def mark_refunded(*, order: Order, actor: Actor) -> Order:
    """What waited to be given back by hand has been. Raises IllegalMove when nothing waited."""
    with transaction.atomic(durable=True):
        locked = lock_order(order.pk)
        payments = {payment.pk: payment for payment in lock_payments(locked)}
        waiting = [
            refund
            for refund in locked.refunds.filter(state=Refund.State.REQUESTED)
            if is_manual(payments[refund.payment_id].gateway)
        ]
        if not waiting:
            raise IllegalMove("No refund of this order waits to be given back by hand.", status=locked.status)
        for refund in waiting:
            succeed(refund, locked, actor)
        return locked


def succeed(refund: Refund, locked: Order, actor: Actor) -> None:
    """The money has arrived; part of the caller's transaction, which holds the locks of order and payment."""
    refund.state = Refund.State.SUCCEEDED
    refund.save(update_fields=["state", "updated_at"])
    Payment.objects.filter(pk=refund.payment_id).update(refunded_amount=F("refunded_amount") + refund.amount)
    payments = locked.payments.filter(is_surplus=False)
    is_all = all(payment.refunded_amount == payment.captured_amount for payment in payments)
    to = PaymentStatus.REFUNDED if is_all else PaymentStatus.PARTIALLY_REFUNDED
    set_payment_status(locked, to, "Money returned", actor)
    enqueue_credit_note(refund)
    publish_refund(refund)
