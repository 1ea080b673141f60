"""Five things that customers of the demo shop send back: asked for, expected, refunded, to be refunded, and refused.

Written without the acts, like the orders they belong to: nobody gets an e-mail about them.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from catalog.money import format_amount
from orders.actors import ActorKind
from orders.demo.loading import CLERK, KEY
from orders.models import Order, OrderEvent, OrderLine, Payment, Refund, RefundLine, Return, ReturnLine
from orders.payments.shares import Paid

State = Return.State
PaymentStatus = Order.PaymentStatus


@dataclass(frozen=True)
class Story:
    """Why something goes back, and how far it has come."""

    state: State
    reason: str
    answer: str = ""


STORIES = (
    Story(State.REQUESTED, "Lovely, but it does not fit on our shelf."),
    Story(State.ACCEPTED, "I ordered one too many.", "Gladly. Please wrap it as we did."),
    Story(State.REFUNDED, "It arrived with a crack.", "We are sorry! Send it back, or what is left of it."),
    Story(State.RECEIVED, "The colour is another one than in the picture.", "Please send it back."),
    Story(State.REFUSED, "I have used it for a week and like the old one better.", "We cannot sell it again, sorry."),
)
HAS_COME = (State.RECEIVED, State.REFUNDED)


def load_returns(*, now: datetime) -> int:
    """Write the five, unless that was done before; returns how many."""
    with transaction.atomic(durable=True):
        if Return.objects.filter(order__idempotency_key__startswith=KEY).exists():
            return 0
        chosen = list(zip(_candidates(now), STORIES, strict=False))
        for order, story in chosen:
            _write(order, story, now)
        return len(chosen)


def _candidates(now: datetime) -> Iterator[Order]:
    """Orders that were delivered lately and paid; first one of a customer who can log in, then of guests."""
    lately = now - timedelta(days=max(settings.SHOP_RETURN_DAYS - 5, 1))
    delivered = Order.objects.filter(
        idempotency_key__startswith=KEY, status="delivered", payment_status="paid", delivered_at__gt=lately
    )
    latest = delivered.order_by("-delivered_at")
    yield from latest.filter(customer__username="alice")[:1]
    yield from latest.filter(customer=None)


def _write(order: Order, story: Story, now: datetime) -> None:
    line = order.lines.all()[0]
    arrived = order.delivered_at or order.placed_at
    at = [arrived + (now - arrived) / 6 * number for number in range(1, 6)]
    refund = _refund(order, line, at[4]) if story.state == State.REFUNDED else None
    back = Return.objects.create(
        order=order, state=story.state, reason=story.reason, answer=story.answer, refund=refund, requested_at=at[0]
    )
    came = 1 if story.state in HAS_COME else 0
    ReturnLine.objects.create(of_return=back, line=line, quantity=1, received=came)  # what has come is not sold again
    OrderLine.objects.filter(pk=line.pk).update(returned=came)
    OrderEvent.objects.bulk_create(_timeline(order, story, refund, at))


def _refund(order: Order, line: OrderLine, at: datetime) -> Refund:
    """The money for one piece, given back by hand."""
    payment = Payment.objects.get(order=order)
    amount = Paid(value=line.total, quantity=line.quantity).worth(1)
    refund = Refund.objects.create(
        payment=payment,
        order=order,
        key=uuid.uuid4(),
        currency=order.currency,
        amount=amount,
        reason="Sent back",
        state=Refund.State.SUCCEEDED,
        requested_by=CLERK,
        created_at=at,
    )
    RefundLine.objects.create(refund=refund, line=line, quantity=1, amount=amount)
    Payment.objects.filter(pk=payment.pk).update(refund_committed=amount, refunded_amount=amount)
    is_all = amount == payment.captured_amount
    order.payment_status = PaymentStatus.REFUNDED if is_all else PaymentStatus.PARTIALLY_REFUNDED
    order.save(update_fields=["payment_status"])
    return refund


def _timeline(order: Order, story: Story, refund: Refund | None, at: list[datetime]) -> Iterator[OrderEvent]:
    """The entries that the acts would have written."""
    who = (ActorKind.CUSTOMER, order.customer.username) if order.customer else (ActorKind.GUEST, "guest")
    clerk = (ActorKind.STAFF, CLERK)
    said = [("return", "Return requested: 1 piece", who, at[0])]
    if story.state != State.REQUESTED:
        answer = "Return refused" if story.state == State.REFUSED else "Return accepted"
        said.append(("return", answer, clerk, at[1]))
    if story.state in HAS_COME:
        said.append(("return", "Return arrived: 1 piece (0 restocked, 1 written off)", clerk, at[2]))
    if refund is not None:
        money = format_amount(refund.amount, refund.currency, settings.SHOP_LOCALE)
        said += [
            ("refund", f"Refund of {money} requested", clerk, at[3]),
            ("return", "Return refunded", clerk, at[3]),
            ("payment", f"{money} returned", clerk, at[4]),
        ]
    for kind, message, (actor_kind, actor), moment in said:
        yield OrderEvent(order=order, kind=kind, message=message, actor_kind=actor_kind, actor=actor, created_at=moment)
