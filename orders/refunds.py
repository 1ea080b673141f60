"""Giving money back: for pieces, for shipping, or just so; and what it means for the goods and the order.

Here it is decided; `orders.giving_back` has it done by the provider.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Sum

from catalog.errors import NotHereYet
from catalog.inventory import stock
from catalog.money import format_amount, to_string
from orders.actors import Actor
from orders.errors import IllegalMove, InvalidOrder, RefundNotPossible
from orders.jobs import Message, enqueue_credit_note, enqueue_message, enqueue_refund
from orders.lifecycle import Kind, PaymentStatus, Status, move, say, set_payment_status
from orders.locks import lock_order, lock_payments, retried
from orders.models import Order, OrderLine, Payment, Refund, RefundLine
from orders.payments.methods import is_manual
from orders.payments.refunding import promise_again, promise_refund
from orders.payments.shares import Paid, Shares, shares
from orders.pieces import Pieces, count_pieces, demand_of
from orders.promotions.redeeming import give_back
from orders.publishing import publish_order, publish_refund

State = Refund.State


@dataclass(frozen=True)
class RefundTerms:
    """What a refund is for: pieces by order line id, the shipping, or an amount alone.

    `restock` names the lines whose pieces can be sold again. With pieces or shipping, `amount` may give less than
    they are worth. `key` is the caller's name for it: asked for twice, it is one refund.
    """

    pieces: Mapping[int, int] = field(default_factory=dict)
    restock: Collection[int] = ()
    shipping: bool = False
    amount: int | None = None
    reason: str = ""
    key: UUID | None = None


@dataclass(frozen=True)
class Refundable:
    """What of an order can still be given back: the money, and what it was paid for."""

    amount: int
    shipping: int
    lines: Mapping[int, Paid]


@retried
def request_refund(*, order: Order, terms: RefundTerms, actor: Actor) -> Refund:
    """Promise money back; a job has it sent. Pieces that were not shipped never will be, and those of `restock` can
    be sold again. When nothing is left to ship, the order moves on: shipped, or cancelled.

    Of a line, pieces that are still in the house come first. Raises RefundNotPossible and InvalidOrder, with nothing
    changed.
    """
    with transaction.atomic(durable=True):
        return refund_locked(lock_order(order.pk), terms, actor)


def refund_locked(locked: Order, terms: RefundTerms, actor: Actor) -> Refund:
    """What `request_refund` does, of an order that is locked; part of the caller's transaction."""
    if terms.key is not None and (earlier := locked.refunds.filter(key=terms.key).first()):
        return earlier
    payment = _paid_with(locked)
    lines = list(locked.lines.all())
    given = quote_refund(locked, lines, terms)
    _take_off(locked, lines, terms, actor)
    lock_payments(locked)
    refund = promise_refund(
        payment,
        given.amount,
        reason=terms.reason[:200],
        requested_by=actor.name,
        shipping=given.shipping,
        key=terms.key,
    )
    RefundLine.objects.bulk_create(
        RefundLine(refund=refund, line_id=pk, quantity=pieces, amount=given.lines[pk], restock=pk in terms.restock)
        for pk, pieces in terms.pieces.items()
        if pieces
    )
    say(locked, Kind.REFUND, f"Refund of {_money(refund)} requested", actor)
    if not is_manual(payment.gateway):
        enqueue_refund(refund)
    return refund


@retried
def retry_refund(*, refund: Refund, actor: Actor) -> Refund:
    """Try a refund that failed again, under the same name at the provider.

    Raises RefundNotPossible when it has not failed, or when its money was given back in another way meanwhile.
    """
    with transaction.atomic(durable=True):
        again, locked = lock_refund(refund.pk)
        if again.state != State.FAILED:
            raise RefundNotPossible(f"This refund is {again.get_state_display().lower()}.")
        promise_again(again)
        say(locked, Kind.REFUND, f"Refund of {_money(again)} tried again", actor)
        if not is_manual(again.payment.gateway):
            enqueue_refund(again)
        return again


@retried
def confirm_refund(*, refund: Refund, actor: Actor) -> Refund:
    """A member of staff has given the money back by hand: where there is no provider, or after it failed there.

    Raises RefundNotPossible when the provider is to do it, or has.
    """
    with transaction.atomic(durable=True):
        done, locked = lock_refund(refund.pk)
        by_hand = done.state == State.REQUESTED and is_manual(done.payment.gateway)
        if not by_hand and done.state != State.FAILED:
            raise RefundNotPossible(f"This refund is {done.get_state_display().lower()}; nobody waits for you.")
        if done.state == State.FAILED:
            promise_again(done)
        succeed(done, locked, actor)
        return done


def awaits_refund(order: Order) -> bool:
    """Money of this order is to be given back by a member of staff."""
    waiting = order.refunds.filter(state=State.REQUESTED).select_related("payment")
    return any(is_manual(refund.payment.gateway) for refund in waiting)


@retried
def mark_refunded(*, order: Order, actor: Actor) -> Order:
    """What waited to be given back by hand has been. Raises IllegalMove when nothing waited."""
    with transaction.atomic(durable=True):
        locked = lock_order(order.pk)
        payments = {payment.pk: payment for payment in lock_payments(locked)}
        waiting = [
            refund
            for refund in locked.refunds.filter(state=State.REQUESTED)
            if is_manual(payments[refund.payment_id].gateway)
        ]
        if not waiting:
            raise IllegalMove("No refund of this order waits to be given back by hand.", status=locked.status)
        for refund in waiting:
            refund.payment = payments[refund.payment_id]
            succeed(refund, locked, actor)
        return locked


# --- what there is to give back


def refundable(order: Order, lines: Sequence[OrderLine]) -> Refundable:
    """What of the order can still be given back. Refunds that failed count: they are to be tried again."""
    paid = _captured(order)
    of_lines = RefundLine.objects.filter(refund__order=order).values("line").annotate(pieces=Sum("quantity"))
    refunded = dict(of_lines.values_list("line", "pieces"))
    of_shipping = order.refunds.aggregate(given=Sum("shipping"))["given"] or 0
    added = not order.prices_include_tax
    return Refundable(
        amount=paid.refundable if paid is not None else 0,
        shipping=order.shipping + (order.shipping_tax if added else 0) - of_shipping,
        lines={
            line.pk: Paid(
                value=line.total + (line.tax if added else 0),
                quantity=line.quantity,
                refunded=refunded.get(line.pk, 0),
            )
            for line in lines
        },
    )


def quote_refund(order: Order, lines: Sequence[OrderLine], terms: RefundTerms) -> Shares:
    """How much these terms give back, and for what. Raises InvalidOrder and RefundNotPossible."""
    left = refundable(order, lines)
    titles = {line.pk: line.title for line in lines}
    for pk, pieces in terms.pieces.items():
        if pk not in titles:
            raise InvalidOrder(f"This order has no line {pk}.", field="lines")
        if pieces < 0:
            raise InvalidOrder(f"{titles[pk]}: choose a number of pieces.", field="lines")
        if pieces > left.lines[pk].left:
            raise RefundNotPossible(f"{titles[pk]}: the money for {left.lines[pk].left} can still be given back.")
    if terms.shipping and order.shipping and not left.shipping:
        raise RefundNotPossible("The shipping has been given back already.")
    worth = {pk: left.lines[pk].worth(pieces) for pk, pieces in terms.pieces.items() if pieces}
    full = shares(worth, left.shipping if terms.shipping else 0)
    if terms.amount is None:
        return full
    if full.amount and terms.amount > full.amount:
        raise RefundNotPossible(f"What is chosen is worth {to_string(full.amount, order.currency)} {order.currency}.")
    if worth and not full.amount:
        raise RefundNotPossible("Nothing was paid for what is chosen.")
    return shares(worth, full.shipping, terms.amount)


def _captured(order: Order) -> Payment | None:
    return order.payments.filter(state=Payment.State.CAPTURED, is_surplus=False).first()


def _paid_with(order: Order) -> Payment:
    payment = _captured(order)
    if payment is None:
        raise RefundNotPossible("Nothing has been paid for this order.")
    return payment


# --- what it means for the goods and the order


def _take_off(locked: Order, lines: Sequence[OrderLine], terms: RefundTerms, actor: Actor) -> None:
    """Pieces in the house are called off, pieces outside may come back, and the order moves on."""
    is_live = locked.status in (Status.PENDING, Status.PROCESSING)
    off = {line.pk: min(terms.pieces.get(line.pk, 0), line.open) for line in lines if is_live}
    outside = {pk: pieces - off.get(pk, 0) for pk, pieces in terms.pieces.items()}
    back = {pk: pieces for pk, pieces in outside.items() if pieces and pk in terms.restock and _was_shipped(pk, lines)}
    _expect_outside(lines, back)
    _move_stock(locked, lines, {pk: pieces for pk, pieces in off.items() if pieces}, back, terms.restock, actor)
    if locked.status == Status.PROCESSING and not any(line.open - off[line.pk] for line in lines):
        _move_on(locked, lines, actor)


def _was_shipped(pk: int, lines: Sequence[OrderLine]) -> bool:
    return any(line.shipped for line in lines if line.pk == pk)


def _expect_outside(lines: Sequence[OrderLine], back: Pieces) -> None:
    for line in lines:
        outside = line.shipped - line.returned
        if back.get(line.pk, 0) > outside:
            raise RefundNotPossible(f"{line.title}: {outside} of the shipped pieces can come back into the stock.")


def _move_stock(
    locked: Order, lines: Sequence[OrderLine], off: Pieces, back: Pieces, restock: Collection[int], actor: Actor
) -> None:
    freed = demand_of(lines, {pk: pieces for pk, pieces in off.items() if pk in restock})
    spoilt = demand_of(lines, {pk: pieces for pk, pieces in off.items() if pk not in restock})
    returned = demand_of(lines, back)
    if not freed and not spoilt and not returned:
        return
    stock.hold({*freed, *spoilt, *returned})
    if freed:
        stock.release(freed)
    if spoilt:
        _write_off(locked, spoilt, actor)
    if off:
        count_pieces("cancelled", off)
    if returned:
        stock.put_back(returned, reference=locked.number, actor=actor.name)
        count_pieces("returned", back)


def _write_off(locked: Order, spoilt: stock.Demand, actor: Actor) -> None:
    try:
        stock.write_off(spoilt, reference=locked.number, actor=actor.name)
    except NotHereYet as error:
        raise RefundNotPossible(f"{error} What has not come in cannot be written off.", **error.details) from error


def _move_on(locked: Order, lines: Sequence[OrderLine], actor: Actor) -> None:
    """Nothing is left to ship."""
    if any(line.shipped for line in lines):
        move(locked, Status.SHIPPED, actor)
        publish_order("order.shipped", locked)
        return
    move(locked, Status.CANCELLED, actor)
    give_back(locked)
    enqueue_message(locked, Message.CANCELLED)
    publish_order("order.cancelled", locked)


# --- what has become of it


def lock_refund(pk: int) -> tuple[Refund, Order]:
    """The refund as it is now, and its order, whose lock everybody takes who moves a refund."""
    locked = lock_order(Refund.objects.values_list("order_id", flat=True).get(pk=pk))
    payments = {payment.pk: payment for payment in lock_payments(locked)}
    refund = Refund.objects.get(pk=pk)
    refund.order, refund.payment = locked, payments[refund.payment_id]
    return refund, locked


def succeed(refund: Refund, locked: Order, actor: Actor) -> None:
    """The money has arrived; part of the caller's transaction, which holds the locks of order and payment."""
    refund.state = State.SUCCEEDED
    refund.save(update_fields=["state", "reference", "updated_at"])
    Payment.objects.filter(pk=refund.payment_id).update(refunded_amount=F("refunded_amount") + refund.amount)
    refund.order = locked
    show_what_was_returned(locked, refund, f"{_money(refund)} returned", actor)
    enqueue_credit_note(refund)
    publish_refund(refund)


def show_what_was_returned(locked: Order, refund: Refund, message: str, actor: Actor) -> None:
    """The order's payment status by what was given back of its payment; part of the caller's transaction."""
    if refund.payment.is_surplus:
        say(locked, Kind.PAYMENT, message, actor)
        return
    paid = Payment.objects.get(pk=refund.payment_id)
    if not paid.refunded_amount:
        to = PaymentStatus.PAID
    elif paid.refunded_amount == paid.captured_amount:
        to = PaymentStatus.REFUNDED
    else:
        to = PaymentStatus.PARTIALLY_REFUNDED
    set_payment_status(locked, to, message, actor)


def _money(refund: Refund) -> str:
    return format_amount(refund.amount, refund.currency, settings.SHOP_LOCALE)
