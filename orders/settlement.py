"""A payment as its provider knows it meets its order.

The provider is asked outside any transaction; what it says is applied under the order's lock. The answers may come in
any order, many times and at once, from the return page, a webhook, the reconciler: the end is the same, because a
payment only ever moves towards what the provider has done. What does not fit the payment never pays: it is flagged.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.utils import timezone

from catalog.errors import OutOfStock
from catalog.inventory import stock
from catalog.money import to_string
from orders.actors import Actor, provider
from orders.errors import CouponRefused, IllegalMove, PaymentNotPossible, ProviderRefused
from orders.jobs import Message, enqueue_capture, enqueue_message, enqueue_refund, enqueue_void
from orders.lifecycle import (
    AUTHORIZATION_RELEASED,
    Kind,
    PaymentStatus,
    Status,
    awaits_money,
    become_paid,
    close_payment,
    mark_paid,
    move,
    record_capture,
    say,
    set_payment_status,
)
from orders.locks import lock_order, lock_payments, retried
from orders.models import Order, Payment
from orders.payments.flagging import flag
from orders.payments.gateway import Snapshot, Standing
from orders.payments.methods import GATEWAYS, is_manual
from orders.payments.refunding import promise_refund
from orders.payments.taking import ask
from orders.pieces import demand_of, open_pieces
from orders.promotions.redeeming import take_again
from orders.publishing import publish_low_stock

State = Payment.State
OFF = (State.FAILED, State.CANCELLED)


def settle(*, payment_id: int) -> Payment:
    """Ask the provider how this payment stands, and apply the answer. What has no provider, or is captured, stays.

    A payment whose start was never answered is asked for again first: with the same key that is the same payment.
    Raises ProviderUnavailable and ProviderRefused.
    """
    payment = Payment.objects.select_related("order").get(pk=payment_id)
    if is_manual(payment.gateway) or payment.state == State.CAPTURED:
        return payment
    if not payment.reference:
        ask(payment)
    return apply(payment_id=payment.pk, snapshot=GATEWAYS[payment.gateway].fetch(payment.reference))


def capture(*, payment_id: int) -> Payment:
    """Take the authorized money, once. Raises ProviderUnavailable, and ProviderRefused when it cannot be taken."""
    payment = Payment.objects.select_related("order").get(pk=payment_id)
    if payment.state != State.AUTHORIZED:
        return payment
    try:
        snapshot = GATEWAYS[payment.gateway].capture(
            payment.reference, amount=payment.amount, currency=payment.currency, key=payment.key
        )
    except ProviderRefused as error:
        settled = settle(payment_id=payment.pk)
        if settled.state == State.AUTHORIZED:
            flag(payment, f"The authorized money cannot be taken: {error}")
            raise
        return settled
    return apply(payment_id=payment.pk, snapshot=snapshot)


def capture_order(*, order: Order, actor: Actor) -> Order:
    """Somebody has the order's authorized money taken now. Raises IllegalMove, ProviderUnavailable, ProviderRefused."""
    payment = order.payments.filter(state=State.AUTHORIZED).first()
    if payment is None:
        raise IllegalMove("No money of this order is authorized.", status=order.status)
    capture(payment_id=payment.pk)
    return Order.objects.get(pk=order.pk)


def void(*, payment_id: int) -> Payment:
    """Make sure at the provider that this payment cannot take place any more; if it has, or if its money is authorized
    already and the order still waits for it, it counts.

    Raises ProviderUnavailable without an answer, and PaymentNotPossible while the money is on its way.
    """
    try:
        known = settle(payment_id=payment_id)
        if is_manual(known.gateway) or (known.state != State.STARTED and not known.is_closing):
            return known
        snapshot = GATEWAYS[known.gateway].cancel(known.reference, key=known.key)
    except ProviderRefused as error:
        return write_off(payment_id=payment_id, reason=str(error))
    settled = apply(payment_id=known.pk, snapshot=snapshot)
    if settled.is_closing or settled.state in (State.STARTED, State.AUTHORIZED):
        raise PaymentNotPossible("Your payment is on its way already and cannot be called off now.")
    return settled


@retried
def write_off(*, payment_id: int, reason: str) -> Payment:
    """The provider does not know this payment: nothing can come of it. What was authorized is flagged instead."""
    with transaction.atomic(durable=True):
        payment, order = _locked(payment_id)
        if payment.state == State.AUTHORIZED:
            flag(payment, f"The provider does not know this payment: {reason}")
        elif payment.state == State.STARTED or payment.is_closing:
            lock_payments(order)
            _end(payment, State.FAILED if payment.state == State.STARTED else State(payment.state), reason)
        return payment


def awaits_transfer(order: Order) -> bool:
    """Staff may see money of this order arrive, also when it is off already."""
    return awaits_money(order) or _late_transfer(order) is not None


@retried
def take_transfer(*, order: Order, actor: Actor) -> Order:
    """Staff have seen the whole amount arrive. When the order was off by then, the money wakes it up or goes back, as
    a provider's would; by hand, as it came. Raises IllegalMove when no money is to come that staff can see."""
    with transaction.atomic(durable=True):
        locked = lock_order(order.pk)
        late = _late_transfer(locked)
        if late is not None:
            _take(locked, late, actor)
            return locked
    return mark_paid(order=order, actor=actor)


def _late_transfer(order: Order) -> Payment | None:
    """The payment through which money may still come that no provider takes, though its order is off. Once only."""
    if order.status != Status.CANCELLED or order.payments.filter(state=State.CAPTURED).exists():
        return None
    last = order.payments.order_by("-pk").first()
    return last if last is not None and last.amount and is_manual(last.gateway) else None


@retried
def apply(*, payment_id: int, snapshot: Snapshot) -> Payment:
    """Bring payment and order to where the provider says the payment is."""
    with transaction.atomic(durable=True):
        payment, order = _locked(payment_id)
        if remark := _difference(payment, snapshot):
            flag(payment, remark, snapshot)
        else:
            STEPS[snapshot.standing](order, payment, snapshot)
        Payment.objects.filter(pk=payment.pk).update(checked_at=timezone.now())
        return payment


def _locked(payment_id: int) -> tuple[Payment, Order]:
    """The payment and its order, whose lock everybody takes who moves a payment."""
    order = lock_order(Payment.objects.values_list("order_id", flat=True).get(pk=payment_id))
    payment = Payment.objects.get(pk=payment_id)
    payment.order = order
    return payment, order


def _difference(payment: Payment, snapshot: Snapshot) -> str:
    """What in the provider's answer is not what was asked for; empty when all of it is."""
    currency = payment.currency
    if snapshot.reference != payment.reference:
        return f"The provider answered about {snapshot.reference or 'nothing'}."
    if snapshot.order_number != payment.order.number:
        return f"At the provider this is a payment for order {snapshot.order_number or '(none)'}."
    if snapshot.currency != currency:
        return f"At the provider this is a payment in {snapshot.currency}."
    if snapshot.amount != payment.amount:
        return f"At the provider this is a payment of {to_string(snapshot.amount, currency)} {currency}."
    if snapshot.standing == Standing.CAPTURED and snapshot.captured != payment.amount:
        return f"The provider took {to_string(snapshot.captured, currency)} {currency}, not the whole amount."
    return ""


def _still_open(order: Order, payment: Payment, snapshot: Snapshot) -> None:
    """Nobody has paid yet, though somebody may have tried."""
    if payment.state == State.STARTED and payment.failure != snapshot.failure:
        payment.failure = snapshot.failure[:300]
        payment.save(update_fields=["failure", "updated_at"])


def _authorized(order: Order, payment: Payment, snapshot: Snapshot) -> None:
    """The order goes on, or wakes up. What nobody waits for any more is let go."""
    if payment.state == State.STARTED:
        lock_payments(order)
        _authorize(order, payment)
    elif payment.state in OFF and _revive(order, provider(payment.gateway)):
        lock_payments(order)
        _authorize(order, payment)
        enqueue_message(order, Message.REVIVED)
    elif payment.state in OFF:
        lock_payments(order)
        _let_go(order, payment)


def _authorize(order: Order, payment: Payment) -> None:
    payment.state, payment.is_closing, payment.failure = State.AUTHORIZED, False, ""
    payment.save(update_fields=["state", "is_closing", "failure", "updated_at"])
    actor = provider(payment.gateway)
    set_payment_status(order, PaymentStatus.AUTHORIZED, "Payment authorized", actor)
    if order.status == Status.PENDING:
        move(order, Status.PROCESSING, actor)
    if order.shipments.exists():
        enqueue_capture(payment)


def _let_go(order: Order, payment: Payment) -> None:
    """Nothing of it is taken. A customer whose order was off by then is told once, or would wait for it."""
    if not payment.is_closing:
        payment.is_closing = True
        payment.save(update_fields=["is_closing", "updated_at"])
        enqueue_void(payment)
    known = order.events.filter(kind=Kind.PAYMENT, message=AUTHORIZATION_RELEASED)
    if order.status == Status.CANCELLED and not known.exists():
        say(order, Kind.PAYMENT, AUTHORIZATION_RELEASED, provider(payment.gateway))
        enqueue_message(order, Message.RELEASED)


def _captured(order: Order, payment: Payment, snapshot: Snapshot) -> None:
    """The money is there. It pays the order, or wakes it up, or goes back."""
    if payment.state != State.CAPTURED:
        _take(order, payment, provider(payment.gateway))


def _take(order: Order, payment: Payment, actor: Actor) -> None:
    rival = order.payments.alive().exclude(pk=payment.pk).first()
    if rival is not None and rival.state == State.CAPTURED:
        _send_back(order, payment, actor, "Paid twice: what came second goes back")
    elif order.status != Status.CANCELLED:
        lock_payments(order)
        if rival is not None:
            close_payment(rival)
        become_paid(order, payment, actor)
    elif _revive(order, actor):
        lock_payments(order)
        become_paid(order, payment, actor)
        enqueue_message(order, Message.REVIVED)
    else:
        _send_back(order, payment, actor, "The payment arrived when the order was off: it goes back")


def _revive(order: Order, actor: Actor) -> bool:
    """An order that is off because it had expired goes on, if its stock and its coupon can be had again. Once only:
    what was called off by somebody afterwards stays off."""
    if order.status != Status.CANCELLED or order.expired_at is None:
        return False
    if order.events.filter(from_status=Status.CANCELLED).exists():
        return False
    lines = list(order.lines.all())
    try:
        with transaction.atomic():
            low = stock.reserve(demand_of(lines, open_pieces(lines)))
            take_again(order)
    except (OutOfStock, CouponRefused):
        return False
    move(order, Status.PROCESSING, actor)
    publish_low_stock(order, low)
    return True


def _send_back(order: Order, payment: Payment, actor: Actor, reason: str) -> None:
    """The money was taken and is not ours to keep: all of it is promised back, in the same transaction."""
    lock_payments(order)
    payment.is_surplus = True
    record_capture(payment)
    say(order, Kind.PAYMENT, reason, actor)
    refund = promise_refund(payment, payment.refundable, reason=reason, requested_by=actor.name)
    say(order, Kind.REFUND, "Refund requested", actor)
    enqueue_refund(refund)
    enqueue_message(order, Message.MONEY_BACK, about=refund.pk)


def _failed(order: Order, payment: Payment, snapshot: Snapshot) -> None:
    _off(order, payment, State.FAILED, snapshot.failure)


def _cancelled(order: Order, payment: Payment, snapshot: Snapshot) -> None:
    _off(order, payment, State.CANCELLED, snapshot.failure)


def _off(order: Order, payment: Payment, to: Payment.State, failure: str) -> None:
    """Nothing can come of this payment any more; the order can be paid by another one until it expires."""
    if payment.state == State.CAPTURED:
        return
    lock_payments(order)
    if payment.state == State.AUTHORIZED:
        _lapse(order, payment)
    _end(payment, State.CANCELLED if payment.state == State.CANCELLED else to, failure)


def _lapse(order: Order, payment: Payment) -> None:
    """The order went on for money that does not come. It is not shipped any further until the customer, who has all
    the time for it, has paid again."""
    order.expires_at = None
    order.save(update_fields=["expires_at", "updated_at"])
    set_payment_status(order, PaymentStatus.UNPAID, "The authorization has lapsed", provider(payment.gateway))
    flag(payment, "The authorization has lapsed; the order is not paid any more.")
    enqueue_message(order, Message.PAY_AGAIN, about=payment.pk)


def _end(payment: Payment, state: Payment.State, failure: str) -> None:
    payment.state, payment.is_closing = state, False
    payment.failure = failure[:300] or payment.failure
    payment.save(update_fields=["state", "is_closing", "failure", "updated_at"])


STEPS: dict[Standing, Callable[[Order, Payment, Snapshot], None]] = {
    Standing.OPEN: _still_open,
    Standing.AUTHORIZED: _authorized,
    Standing.CAPTURED: _captured,
    Standing.FAILED: _failed,
    Standing.CANCELLED: _cancelled,
}
