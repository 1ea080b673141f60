"""Refunds as rows: promised against what was captured, so that no two of them can give the same money back."""

from __future__ import annotations

import uuid

from django.db.models import F

from catalog.money import to_string
from orders.errors import RefundNotPossible
from orders.models import Payment, Refund


def promise_refund(
    payment: Payment,
    amount: int,
    *,
    reason: str,
    requested_by: str,
    shipping: int = 0,
    key: uuid.UUID | None = None,
) -> Refund:
    """Promise `amount` of a captured payment back; part of the caller's transaction, which holds the order's lock.

    Raises RefundNotPossible when less than that is left.
    """
    if amount <= 0:
        raise RefundNotPossible("There is nothing to give back.")
    _commit(payment, amount)
    return Refund.objects.create(
        payment=payment,
        order_id=payment.order_id,
        key=key or uuid.uuid4(),
        currency=payment.currency,
        amount=amount,
        shipping=shipping,
        reason=reason,
        requested_by=requested_by,
    )


def promise_again(refund: Refund) -> None:
    """A refund that failed is tried again; part of the caller's transaction. Raises RefundNotPossible when less than
    its amount is left."""
    _commit(refund.payment, refund.amount)
    refund.state, refund.failure, refund.reference = Refund.State.REQUESTED, "", ""
    refund.save(update_fields=["state", "failure", "reference", "updated_at"])


def fail(refund: Refund, failure: str) -> None:
    """Nothing came of a refund, even if it had seemed to succeed: its money can be promised again. Part of the
    caller's transaction."""
    had_succeeded = refund.state == Refund.State.SUCCEEDED
    Payment.objects.filter(pk=refund.payment_id).update(
        refund_committed=F("refund_committed") - refund.amount,
        refunded_amount=F("refunded_amount") - (refund.amount if had_succeeded else 0),
    )
    refund.state, refund.failure = Refund.State.FAILED, failure[:300]
    refund.save(update_fields=["state", "failure", "reference", "updated_at"])


def _commit(payment: Payment, amount: int) -> None:
    """Conditional on what is left: ten at once cannot promise the same money."""
    left = F("captured_amount") - F("refund_committed")
    promised = Payment.objects.alias(left=left).filter(pk=payment.pk, left__gte=amount)
    if not promised.update(refund_committed=F("refund_committed") + amount):
        payment.refresh_from_db(fields=["captured_amount", "refund_committed"])
        raise RefundNotPossible(
            f"At most {to_string(payment.refundable, payment.currency)} {payment.currency} can still be given back.",
            refundable=to_string(payment.refundable, payment.currency),
            currency=payment.currency,
        )
    payment.refund_committed += amount
