"""What the acts leave to the worker. A job is enqueued in the transaction it belongs to, so that neither is ever
without the other; `orders/tasks.py` says what each one does.
"""

from __future__ import annotations

from enum import StrEnum

from procrastinate.contrib.django import app
from procrastinate.jobs import JobDeferrer

from catalog.rehearsal import NEVER, rehearsed_products
from orders.models import Order, Payment, ProviderEvent, Refund


class Message(StrEnum):
    """What a customer is told about an order."""

    CONFIRMATION = "confirmation"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    PAID = "paid"
    REVIVED = "revived"
    MONEY_BACK = "money-back"
    PAY_AGAIN = "pay-again"
    RELEASED = "released"
    REFUNDED = "refunded"
    RETURN_REQUESTED = "return-requested"
    RETURN_WITHDRAWN = "return-withdrawn"
    RETURN_ACCEPTED = "return-accepted"
    RETURN_REFUSED = "return-refused"
    RETURN_RECEIVED = "return-received"
    RETURN_CLOSED = "return-closed"


def enqueue_message(order: Order, message: Message, *, about: int | None = None, copy: int = 1) -> None:
    """Have a message sent; `about` is the id of what it is about, if there can be several: a shipment, a refund.

    A message is sent once; a further `copy` is what staff have asked for.
    """
    subject = {} if about is None else {"about": about}
    again = {} if copy == 1 else {"copy": copy}
    _task("orders.send_message").defer(order_id=order.pk, message=str(message), **subject, **again)


def enqueue_void(payment: Payment) -> None:
    """Have the provider told that this payment is off; if it was made already, the money goes back."""
    _task("orders.void_payment").defer(payment_id=payment.pk)


def enqueue_capture(payment: Payment) -> None:
    """Have the authorized money taken."""
    _task("orders.capture_payment").defer(payment_id=payment.pk)


def enqueue_refund(refund: Refund) -> None:
    """Have the provider asked to give the money back."""
    _task("orders.send_refund").defer(refund_id=refund.pk)


def enqueue_event(event: ProviderEvent) -> None:
    """Have a provider's message dealt with."""
    _task("orders.apply_event").defer(event_id=event.pk)


def enqueue_invoice(order: Order) -> None:
    """Have the invoice of a paid order issued and sent."""
    _task("orders.issue_invoice").defer(order_id=order.pk)


def enqueue_credit_note(refund: Refund) -> None:
    """Have the customer told of a refund that has arrived, with its credit note if there is an invoice to correct."""
    _task("orders.issue_credit_note").defer(refund_id=refund.pk)


def _task(name: str) -> JobDeferrer:
    """A job to be carried out at once; within a rehearsal, never."""
    return app.configure_task(name, schedule_at=NEVER) if rehearsed_products() else app.configure_task(name)
