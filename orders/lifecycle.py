"""How an order moves. One table of allowed moves; every move locks the order, checks, and writes the timeline."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from catalog.errors import NotHereYet
from catalog.inventory import stock
from orders.actors import SHOP, Actor
from orders.errors import GoodsMissing, IllegalMove
from orders.jobs import Message, enqueue_capture, enqueue_invoice, enqueue_message, enqueue_refund, enqueue_void
from orders.locks import lock_order, lock_payments, retried
from orders.models import Order, OrderEvent, Payment, Shipment
from orders.payments.methods import is_manual
from orders.payments.refunding import promise_refund
from orders.pieces import Pieces, checked_pieces, count_pieces, demand_of, open_pieces
from orders.promotions.redeeming import give_back
from orders.publishing import publish_order
from orders.shipping.parcels import UNKNOWN, Parcel, write_shipment
from orders.timeline import NOT_PAID_IN_TIME

Status = Order.Status
PaymentStatus = Order.PaymentStatus
Kind = OrderEvent.Kind

MOVES: dict[Status, tuple[Status, ...]] = {
    Status.PENDING: (Status.PROCESSING, Status.CANCELLED),
    Status.PROCESSING: (Status.SHIPPED, Status.CANCELLED),
    Status.SHIPPED: (Status.DELIVERED,),
    Status.DELIVERED: (),
    Status.CANCELLED: (),
}
# The one way back: money that arrives for an order that had expired, while its stock is still to be had.
REVIVAL = (Status.CANCELLED, Status.PROCESSING)
AUTHORIZATION_RELEASED = "Authorization released"
CHANGED_SINCE = "What is still to be shipped has changed since you looked at it. Please look again."


def may_move(order: Order, to: Status) -> bool:
    """The table allows this step from where the order is."""
    return to in MOVES[Status(order.status)]


def customer_may_cancel(order: Order) -> bool:
    """Customers may cancel what is neither shipped nor paid; paid orders are for the staff, who return the money.

    What cost nothing, thanks to a coupon, has no money to return.
    """
    return may_move(order, Status.CANCELLED) and (order.payment_status == PaymentStatus.UNPAID or order.total == 0)


def is_payable(order: Order) -> bool:
    """The shopper can pay it (again): it is pending and unpaid, and its time is not up, swept or not; or it went on
    and its money did not come."""
    if order.status != Status.PENDING:
        return has_lost_its_money(order)
    in_time = order.expires_at is None or order.expires_at > timezone.now()
    return order.payment_status == PaymentStatus.UNPAID and in_time


def has_lost_its_money(order: Order) -> bool:
    """It went on because money was authorized, which was never taken: somebody has to pay it again. Asks nothing when
    the payments were loaded with the order."""
    if order.payment_status != PaymentStatus.UNPAID or order.status in (Status.PENDING, Status.CANCELLED):
        return False
    last = max(order.payments.all(), key=lambda payment: payment.pk, default=None)
    return last is not None and not is_manual(last.gateway)


def awaits_money(order: Order) -> bool:
    """A payment of the order waits for money that staff can see, and nobody has called the order off."""
    if order.payment_status != PaymentStatus.UNPAID or order.status == Status.CANCELLED:
        return False
    last = order.payments.filter(state=Payment.State.STARTED).order_by("pk").last()
    return last is not None and is_manual(last.gateway)


def may_cancel(order: Order) -> bool:
    """Staff can cancel it: the table allows it, and no parcel has left."""
    return may_move(order, Status.CANCELLED) and not order.lines.filter(shipped__gt=0).exists()


@retried
def accept(*, order: Order, actor: Actor) -> Order:
    """The merchant takes on an order that is paid later: it goes to be packed.

    Raises IllegalMove, also for an order that is to be paid at a provider: it goes on by itself when it is.
    """
    with transaction.atomic(durable=True):
        locked = lock_order(order.pk)
        if may_move(locked, Status.PROCESSING) and not is_paid_later(locked):
            raise IllegalMove("This order is to be paid at its provider first.", status=locked.status)
        return move(locked, Status.PROCESSING, actor)


def is_paid_later(order: Order) -> bool:
    """Its way to pay asks nobody: the merchant may trust that the money will come."""
    alive = list(order.payments.alive())
    return bool(alive) and all(is_manual(payment.gateway) for payment in alive)


def may_ship(order: Order) -> bool:
    """It is to be packed, and its money is there, or will come without asking anybody."""
    return may_move(order, Status.SHIPPED) and not has_lost_its_money(order)


def ship(*, order: Order, actor: Actor, pieces: Pieces | None = None, parcel: Parcel = UNKNOWN) -> Order:
    """What `send_parcel` does; the order after it."""
    return send_parcel(order=order, actor=actor, pieces=pieces, parcel=parcel).order


@retried
def send_parcel(
    *,
    order: Order,
    actor: Actor,
    pieces: Pieces | None = None,
    parcel: Parcel = UNKNOWN,
    seen: Pieces | None = None,
    key: str | None = None,
) -> Shipment:
    """A parcel leaves with `pieces` by order line id (default: all that is open); the customer is told.

    The pieces leave `on_hand`. With the last of them the order is shipped. Authorized money is taken by a job.
    `seen` is what was open when somebody decided this; sending again with the same `key` gives the same shipment.
    Raises IllegalMove, also when something else is open now, GoodsMissing for back-ordered pieces that have not come
    in, and InvalidOrder for pieces that are not open.
    """
    with transaction.atomic(durable=True):
        locked = lock_order(order.pk)
        if key is not None and (earlier := locked.shipments.filter(idempotency_key=key).first()):
            return earlier
        if not may_ship(locked):
            raise _not_to_be_shipped(locked)
        lines = list(locked.lines.all())
        is_open = open_pieces(lines)
        if seen is not None and is_open != seen:
            raise IllegalMove(CHANGED_SINCE, status=locked.status)
        chosen = checked_pieces(lines, is_open if pieces is None else pieces)
        _take_from_stock(locked, demand_of(lines, chosen), actor)
        count_pieces("shipped", chosen)
        shipment = write_shipment(locked, chosen, parcel, shipped_by=actor.name, key=key)
        say(locked, Kind.SHIPMENT, parcel.described(sum(chosen.values())), actor)
        if chosen == is_open:
            move(locked, Status.SHIPPED, actor)
            publish_order("order.shipped", locked)
        enqueue_message(locked, Message.SHIPPED, about=shipment.pk)
        for payment in locked.payments.filter(state=Payment.State.AUTHORIZED):
            enqueue_capture(payment)
        return shipment


def _take_from_stock(locked: Order, demand: stock.Demand, actor: Actor) -> None:
    try:
        stock.ship(demand, reference=locked.number, actor=actor.name)
    except NotHereYet as error:
        raise GoodsMissing(str(error), status=locked.status, **error.details) from error


@retried
def deliver(*, order: Order, actor: Actor) -> Order:
    """The parcel has arrived. Raises IllegalMove."""
    with transaction.atomic(durable=True):
        locked = move(lock_order(order.pk), Status.DELIVERED, actor)
        locked.delivered_at = timezone.now()
        locked.save(update_fields=["delivered_at"])
        return locked


@retried
def cancel(*, order: Order, actor: Actor, by_customer: bool = False) -> Order:
    """The order is off: stock and coupon are free again, open payments are closed, paid money goes back.

    Raises IllegalMove once a parcel has left; for the customer also once it is paid.
    """
    with transaction.atomic(durable=True):
        locked = lock_order(order.pk)
        if by_customer and may_move(locked, Status.CANCELLED) and not customer_may_cancel(locked):
            raise IllegalMove("This order is paid already. Please write to us to cancel it.", status=locked.status)
        return call_off(locked, actor)


def call_off(locked: Order, actor: Actor, message: Message = Message.CANCELLED) -> Order:
    """What `cancel` does, of an order that is locked; part of the caller's transaction."""
    lines = list(locked.lines.all())
    if may_move(locked, Status.CANCELLED) and any(line.shipped for line in lines):
        raise IllegalMove("A parcel of this order has left; refund what is not shipped instead.", status=locked.status)
    move(locked, Status.CANCELLED, actor, NOT_PAID_IN_TIME if message == Message.EXPIRED else "")
    if pieces := open_pieces(lines):
        stock.release(demand_of(lines, pieces))
    give_back(locked)
    for payment in lock_payments(locked):
        _close(locked, payment, actor)
    enqueue_message(locked, message)
    publish_order("order.cancelled", locked)
    return locked


def _close(order: Order, payment: Payment, actor: Actor) -> None:
    """A payment of an order that is called off: nothing may come in any more, and what came goes back."""
    if payment.state in (Payment.State.STARTED, Payment.State.AUTHORIZED):
        close_payment(payment)
        if order.payment_status == PaymentStatus.AUTHORIZED:
            set_payment_status(order, PaymentStatus.UNPAID, AUTHORIZATION_RELEASED, actor)
    elif payment.refundable:
        refund = promise_refund(payment, payment.refundable, reason="Order cancelled", requested_by=actor.name)
        say(order, Kind.REFUND, "Refund requested", actor)
        if not is_manual(payment.gateway):
            enqueue_refund(refund)


def close_payment(payment: Payment) -> None:
    """Nothing shall come through this payment any more; its provider is told by a job. Part of the caller's
    transaction."""
    payment.state = Payment.State.CANCELLED
    payment.is_closing = not is_manual(payment.gateway)
    payment.save(update_fields=["state", "is_closing", "updated_at"])
    if payment.is_closing:
        enqueue_void(payment)


@retried
def mark_paid(*, order: Order, actor: Actor) -> Order:
    """The money has arrived, in full, outside of any provider. A pending order goes on to be packed.

    Raises IllegalMove when there is no payment waiting for money that staff can see.
    """
    with transaction.atomic(durable=True):
        locked = lock_order(order.pk)
        waiting = [p for p in lock_payments(locked) if p.state == Payment.State.STARTED]
        if not waiting:
            raise IllegalMove("No payment of this order is waiting for money.", status=locked.status)
        if not is_manual(waiting[-1].gateway):
            raise IllegalMove("This payment is made at its provider, who tells us about it.", status=locked.status)
        return become_paid(locked, waiting[-1], actor)


def become_paid(locked: Order, payment: Payment, actor: Actor) -> Order:
    """The payment is captured in full, and a pending order goes on; part of the caller's transaction, which holds
    the locks of both."""
    record_capture(payment)
    received = "Payment received" if payment.amount else "Nothing to pay"
    set_payment_status(locked, PaymentStatus.PAID, received, actor)
    if locked.status == Status.PENDING:
        move(locked, Status.PROCESSING, actor)
    enqueue_invoice(locked)
    publish_order("order.paid", locked)
    return locked


def record_capture(payment: Payment) -> None:
    """The money was taken, all of it; part of the caller's transaction."""
    payment.state = Payment.State.CAPTURED
    payment.captured_amount = payment.amount
    payment.is_closing = False
    payment.failure = ""
    payment.save(update_fields=["state", "captured_amount", "is_closing", "is_surplus", "failure", "updated_at"])


def move(locked: Order, to: Status, actor: Actor, message: str = "") -> Order:
    """One step of a locked order, by the table, onto the timeline; part of the caller's transaction.

    Raises IllegalMove.
    """
    if not may_move(locked, to) and not (locked.expired_at and (locked.status, to) == REVIVAL):
        raise _illegal(locked, to)
    before, locked.status = locked.status, to
    locked.save(update_fields=["status", "updated_at"])
    OrderEvent.objects.create(
        order=locked,
        kind=Kind.STATUS,
        from_status=before,
        to_status=to,
        message=message or f"Order {to.label.lower()}",
        actor_kind=actor.kind,
        actor=actor.name,
    )
    return locked


def set_payment_status(locked: Order, to: PaymentStatus, message: str, actor: Actor) -> None:
    """The order's payment status, with a line on the timeline; part of the caller's transaction."""
    locked.payment_status = to
    locked.save(update_fields=["payment_status", "updated_at"])
    say(locked, Kind.PAYMENT, message, actor)


def say(order: Order, kind: OrderEvent.Kind, message: str, actor: Actor = SHOP) -> None:
    """A line on the timeline; part of the caller's transaction."""
    OrderEvent.objects.create(order=order, kind=kind, message=message, actor_kind=actor.kind, actor=actor.name)


def _not_to_be_shipped(order: Order) -> IllegalMove:
    if not may_move(order, Status.SHIPPED):
        return _illegal(order, Status.SHIPPED)
    return IllegalMove(
        "The money for this order was authorized and did not come. The customer has been asked to pay again; it can "
        "be shipped when that is done.",
        status=order.status,
    )


def _illegal(order: Order, to: Status) -> IllegalMove:
    return IllegalMove(
        f"An order that is {order.get_status_display().lower()} cannot become {to.label.lower()}.",
        status=order.status,
    )
