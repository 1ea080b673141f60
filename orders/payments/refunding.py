"""Refunds as rows: promised against what was captured, so that no two of them can give the same money back."""

from __future__ import annotations

import uuid

from django.db.models import F

from catalog.money import to_string
from orders.errors import RefundNotPossible
from orders.models import Payment, Refund


def promise_refund(payment: Payment, amount: int, *, reason: str, requested_by: str) -> Refund:
    """Promise `amount` of a captured payment back; part of the caller's transaction, which holds the order's lock.

    Raises RefundNotPossible when less than that is left.
    """
    if amount <= 0:
        raise RefundNotPossible("There is nothing to give back.")
    left = F("captured_amount") - F("refund_committed")
    promised = Payment.objects.alias(left=left).filter(pk=payment.pk, left__gte=amount)
    if not promised.update(refund_committed=F("refund_committed") + amount):
        payment.refresh_from_db()
        raise RefundNotPossible(
            f"At most {to_string(payment.refundable, payment.currency)} {payment.currency} can still be given back.",
            refundable=to_string(payment.refundable, payment.currency),
            currency=payment.currency,
        )
    payment.refund_committed += amount
    return Refund.objects.create(
        payment=payment,
        order_id=payment.order_id,
        key=uuid.uuid4(),
        currency=payment.currency,
        amount=amount,
        reason=reason,
        requested_by=requested_by,
    )
