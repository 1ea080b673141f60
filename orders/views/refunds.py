"""The money that went back to a shopper, or will: what the page of an order says of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from orders.models import Invoice, Order, OrderEvent, Refund
from orders.views.documents import Link, link

STATES = {
    Refund.State.REQUESTED: "On its way to you",
    Refund.State.SENT: "On its way to you",
    Refund.State.SUCCEEDED: "Returned to you",
    # Why is for the staff to put right; it waits for nothing the customer could do.
    Refund.State.FAILED: "Delayed: we are seeing to it",
}


@dataclass(frozen=True)
class RefundShown:
    """One refund in the customer's words."""

    amount: int
    currency: str
    state: str
    is_returned: bool
    is_delayed: bool
    at: datetime
    credit_note: Link | None


def refunds_shown(order: Order, token: str) -> list[RefundShown]:
    """For the order's page, oldest first. Costs nothing while there are none.

    `order` has its payments, events and documents at hand; a refund that failed is promised no more, but it is told.
    """
    is_promised = any(payment.refund_committed for payment in order.payments.all())
    if not is_promised and not any(event.kind == OrderEvent.Kind.REFUND for event in order.events.all()):
        return []
    notes = {note.refund_id: note for note in order.invoices.all()}
    return [_shown(order, refund, notes.get(refund.pk), token) for refund in order.refunds.all()]


def _shown(order: Order, refund: Refund, note: Invoice | None, token: str) -> RefundShown:
    # The credit note is issued when the money has arrived; a refund's row may be touched later for other reasons.
    returned_at = note.issued_at if note else refund.updated_at
    is_returned = refund.state == Refund.State.SUCCEEDED
    return RefundShown(
        amount=refund.amount,
        currency=refund.currency,
        state=STATES[Refund.State(refund.state)],
        is_returned=is_returned,
        is_delayed=refund.state == Refund.State.FAILED,
        at=returned_at if is_returned else refund.created_at,
        credit_note=link(order, note, token) if note else None,
    )
