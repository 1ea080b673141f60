"""How a shopper pays a placed order: the first time, again, or in another way.

Of all attempts at most one is alive. A new one is made only after the provider has said that nothing can come of the
old one; if it turns out that money came, that pays the order.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from orders.actors import SHOP, Actor
from orders.errors import PaymentNotPossible, ProviderRefused
from orders.lifecycle import Kind, PaymentStatus, close_payment, is_payable, say
from orders.locks import lock_order, lock_payments, retried
from orders.models import Order, Payment
from orders.payments.gateway import PaymentMethod, Started
from orders.payments.methods import find_method, is_manual
from orders.payments.taking import ask
from orders.settlement import settle, void

State = Payment.State


def start_payment(*, order: Order) -> Started:
    """Where to send the shopper so that the order gets paid; "nothing to do" when staff will see the money.

    Called after the order is committed, and again after a decline, a closed page or no answer. Raises
    PaymentNotPossible, ProviderUnavailable and ProviderRefused; the order stays as it is.
    """
    payment = _begun(order) or _attempt(order=order)
    if is_manual(payment.gateway):
        return Started()
    if payment.reference and settle(payment_id=payment.pk).state != State.STARTED:
        # Something became of it meanwhile: money, or nothing any more.
        payment = _attempt(order=order)
    try:
        return _asked(payment)
    except ProviderRefused:
        if not payment.reference:
            raise
    # The page cannot be had again (something about the order was corrected): it is closed before there is another.
    void(payment_id=payment.pk)
    return _asked(_attempt(order=order))


def change_method(*, order: Order, method: str, actor: Actor) -> Payment:
    """Pay an unpaid order in another way: what was begun is called off at its provider first.

    The order's time to be paid follows the new way. Raises InvalidOrder for a way that is not offered,
    PaymentNotPossible, ProviderUnavailable and ProviderRefused.
    """
    chosen = find_method(method)[1]
    begun = _begun(order)
    if begun is not None and begun.method != chosen.code and not is_manual(begun.gateway):
        void(payment_id=begun.pk)
    return _attempt(order=order, method=chosen.code, actor=actor)


def _begun(order: Order) -> Payment | None:
    """The payment that waits for the shopper, as long as the order can be paid at all."""
    return order.payments.filter(state=State.STARTED).first() if is_payable(order) else None


def _asked(payment: Payment) -> Started:
    started = ask(payment)
    if Payment.objects.values_list("state", flat=True).get(pk=payment.pk) != State.STARTED:
        # Called off while the provider was answering: nobody may pay on that page.
        void(payment_id=payment.pk)
        raise PaymentNotPossible("This payment was called off in another window. Please look at your order again.")
    return started


@retried
def _attempt(*, order: Order, method: str = "", actor: Actor = SHOP) -> Payment:
    """The order's payment that is alive, or a new one. Raises PaymentNotPossible and InvalidOrder."""
    with transaction.atomic(durable=True):
        locked = lock_order(order.pk)
        if not is_payable(locked):
            raise PaymentNotPossible(_why_not(locked), status=locked.status)
        wanted = method or locked.payment_method
        begun = next((p for p in lock_payments(locked) if p.state == State.STARTED), None)
        if begun is not None and begun.method == wanted:
            return begun
        gateway, chosen = find_method(wanted)
        if begun is not None:
            if not is_manual(begun.gateway):
                raise PaymentNotPossible("Another payment was begun in another window. Please try again.")
            close_payment(begun)
        if chosen.code != locked.payment_method:
            _note_choice(locked, chosen, actor)
        return Payment.objects.create(
            order=locked, gateway=gateway.code, method=chosen.code, currency=locked.currency, amount=locked.total
        )


def _note_choice(locked: Order, method: PaymentMethod, actor: Actor) -> None:
    locked.payment_method = method.code
    locked.expires_at = _due(locked, method)
    locked.save(update_fields=["payment_method", "expires_at", "updated_at"])
    say(locked, Kind.PAYMENT, f"To be paid by {method.label.lower()}", actor)


def _due(order: Order, method: PaymentMethod) -> datetime | None:
    """The method's term counts from when the order was placed, so that changing to and fro does not keep its stock
    for ever; there is always time for a payment on the spot."""
    if method.term is None:
        return None
    return max(order.placed_at + method.term, timezone.now() + settings.SHOP_PAYMENT_TERM)


def _why_not(order: Order) -> str:
    if order.payment_status != PaymentStatus.UNPAID:
        return "This order has been paid already."
    if order.status == Order.Status.CANCELLED:
        return "This order is cancelled; it cannot be paid any more."
    if order.status != Order.Status.PENDING:
        return "This order is on its way already; please write to us about its payment."
    return "The time to pay this order is over."


def news_of(order: Order, *, unless_asked_within: timedelta = timedelta(0)) -> None:
    """Ask the provider what has become of the order's payments, unless it was asked a moment ago.

    Raises ProviderUnavailable and ProviderRefused.
    """
    now = timezone.now()
    due = Q(checked_at=None) | Q(checked_at__lte=now - unless_asked_within)
    for payment in order.payments.unsettled().exclude(reference=""):
        if order.payments.filter(due, pk=payment.pk).update(checked_at=now):
            settle(payment_id=payment.pk)


def failure_of(order: Order) -> str:
    """Why the last attempt to pay came to nothing, in the provider's words; empty when it did not. Asks nothing when
    the payments were loaded with the order."""
    last = max(order.payments.all(), key=lambda payment: payment.pk, default=None)
    if last is None or is_manual(last.gateway) or last.state == State.CAPTURED:
        return ""
    return last.failure
