"""Refunds that have arrived, as rows, for tests of what comes after them."""

from __future__ import annotations

from django.db.models import F

from orders.models import Order, OrderLine, Payment, Refund, RefundLine
from orders.payments.refunding import promise_refund


def given_back(order: Order, amount: int, *pieces: tuple[OrderLine, int, int]) -> Refund:
    """A refund of `amount` of a paid order; `pieces` are lines with how many of it and what was given for them."""
    payment = Payment.objects.get(order=order, state=Payment.State.CAPTURED, is_surplus=False)
    refund = promise_refund(payment, amount, reason="", requested_by="bob")
    RefundLine.objects.bulk_create(
        RefundLine(refund=refund, line=line, quantity=quantity, amount=value) for line, quantity, value in pieces
    )
    refund.state = Refund.State.SUCCEEDED
    refund.save()
    Payment.objects.filter(pk=payment.pk).update(refunded_amount=F("refunded_amount") + amount)
    payment.refresh_from_db()
    is_all = payment.refunded_amount == payment.captured_amount
    to = Order.PaymentStatus.REFUNDED if is_all else Order.PaymentStatus.PARTIALLY_REFUNDED
    Order.objects.filter(pk=order.pk).update(payment_status=to)
    return refund
