"""How an order moves. One table of allowed moves; every move locks the order, checks, and writes the timeline.

`actor` is the name of who does it, for the timeline and the stock ledger.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import F

from catalog.inventory import stock
from orders.errors import IllegalMove
from orders.locks import lock_order, lock_payments, retried
from orders.models import Order, OrderEvent, Payment
from orders.tasks import Message, enqueue_message

Status = Order.Status
PaymentStatus = Order.PaymentStatus

MOVES: dict[Status, tuple[Status, ...]] = {
    Status.PENDING: (Status.PROCESSING, Status.CANCELLED),
    Status.PROCESSING: (Status.SHIPPED, Status.CANCELLED),
    Status.SHIPPED: (Status.DELIVERED,),
    Status.DELIVERED: (),
    Status.CANCELLED: (),
}


def may_move(order: Order, to: Status) -> bool:
    """The table allows this step from where the order is."""
    return to in MOVES[Status(order.status)]


def customer_may_cancel(order: Order) -> bool:
    """Customers may cancel what is neither shipped nor paid; paid orders are for the staff, who return the money."""
    return may_move(order, Status.CANCELLED) and order.payment_status == PaymentStatus.UNPAID


def awaits_money(order: Order) -> bool:
    """The order is to be paid, and nobody has called it off."""
    return order.payment_status == PaymentStatus.UNPAID and order.status != Status.CANCELLED


def awaits_refund(order: Order) -> bool:
    """The order was called off after it was paid."""
    return order.payment_status == PaymentStatus.PAID and order.status == Status.CANCELLED


@retried
def accept(*, order: Order, actor: str) -> Order:
    """The merchant takes on an order that is paid later: it goes to be packed. Raises IllegalMove."""
    with transaction.atomic(durable=True):
        return _move(lock_order(order.pk), Status.PROCESSING, actor)


@retried
def ship(*, order: Order, actor: str) -> Order:
    """The parcel leaves: reserved stock leaves `on_hand`, the customer is told. Raises IllegalMove."""
    with transaction.atomic(durable=True):
        locked = _move(lock_order(order.pk), Status.SHIPPED, actor)
        stock.ship(_demand(locked), reference=locked.number, actor=actor)
        enqueue_message(locked, Message.SHIPPED)
        return locked


@retried
def deliver(*, order: Order, actor: str) -> Order:
    """The parcel has arrived. Raises IllegalMove."""
    with transaction.atomic(durable=True):
        return _move(lock_order(order.pk), Status.DELIVERED, actor)


@retried
def cancel(*, order: Order, actor: str, by_customer: bool = False) -> Order:
    """The order is off: its stock is free again, open payments are closed, the customer is told.

    Raises IllegalMove once it is shipped; for the customer also once it is paid.
    """
    with transaction.atomic(durable=True):
        locked = lock_order(order.pk)
        if by_customer and may_move(locked, Status.CANCELLED) and not customer_may_cancel(locked):
            raise IllegalMove("This order is paid already. Please write to us to cancel it.", status=locked.status)
        _move(locked, Status.CANCELLED, actor)
        stock.release(_demand(locked))
        locked.payments.filter(state=Payment.State.STARTED).update(state=Payment.State.CANCELLED)
        enqueue_message(locked, Message.CANCELLED)
        return locked


@retried
def mark_paid(*, order: Order, actor: str) -> Order:
    """The money has arrived, in full. A pending order goes on to be packed.

    Raises IllegalMove when there is no payment waiting for money.
    """
    with transaction.atomic(durable=True):
        locked = lock_order(order.pk)
        waiting = [p for p in lock_payments(locked) if p.state == Payment.State.STARTED]
        if not waiting:
            raise IllegalMove("No payment of this order is waiting for money.", status=locked.status)
        payment = waiting[-1]
        payment.state = Payment.State.CAPTURED
        payment.captured_amount = payment.amount
        payment.save(update_fields=["state", "captured_amount", "updated_at"])
        _set_payment_status(locked, PaymentStatus.PAID, "Payment received", actor)
        if locked.status == Status.PENDING:
            _move(locked, Status.PROCESSING, actor)
        return locked


@retried
def mark_refunded(*, order: Order, actor: str) -> Order:
    """The money of a cancelled order was given back, in full, outside the shop. Raises IllegalMove otherwise."""
    with transaction.atomic(durable=True):
        locked = lock_order(order.pk)
        if not awaits_refund(locked):
            raise IllegalMove("Only a cancelled order that was paid is refunded here.", status=locked.status)
        lock_payments(locked)
        locked.payments.filter(captured_amount__gt=0).update(refunded_amount=F("captured_amount"))
        _set_payment_status(locked, PaymentStatus.REFUNDED, "Money returned", actor)
        return locked


def _move(order: Order, to: Status, actor: str) -> Order:
    """One step of a locked order, by the table, onto the timeline."""
    if not may_move(order, to):
        raise IllegalMove(
            f"An order that is {order.get_status_display().lower()} cannot become {to.label.lower()}.",
            status=order.status,
        )
    before, order.status = order.status, to
    order.save(update_fields=["status", "updated_at"])
    OrderEvent.objects.create(
        order=order,
        kind=OrderEvent.Kind.STATUS,
        from_status=before,
        to_status=to,
        message=f"Order {to.label.lower()}",
        actor=actor,
    )
    return order


def _set_payment_status(order: Order, to: PaymentStatus, message: str, actor: str) -> None:
    order.payment_status = to
    order.save(update_fields=["payment_status", "updated_at"])
    OrderEvent.objects.create(order=order, kind=OrderEvent.Kind.PAYMENT, message=message, actor=actor)


def _demand(order: Order) -> dict[int, int]:
    """Pieces by variant id; an order may have several lines of one variant."""
    demand: dict[int, int] = {}
    for variant_id, quantity in order.lines.values_list("variant_id", "quantity"):
        demand[variant_id] = demand.get(variant_id, 0) + quantity
    return demand
