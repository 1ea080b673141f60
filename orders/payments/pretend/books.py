"""What the pretend provider does with its books. It knows nothing of the shop but what it was sent.

Every function is one transaction. Whoever asks for what cannot be gets ProviderRefused, as from a real provider.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

from django.db import IntegrityError, transaction

from orders.errors import ProviderRefused
from orders.payments.gateway import PaymentRequest, RefundRequest
from orders.payments.pretend.models import PretendPayment, PretendRefund

State = PretendPayment.State
# A rule of the pretend bank, so that this can be seen, too: such a refund fails once, and succeeds when retried.
FAILS_ONCE = 13


class Act(StrEnum):
    """What somebody can do on the hosted page."""

    APPROVE = "approve"
    APPROVE_TWICE = "approve_twice"
    AUTHORIZE = "authorize"
    APPROVE_LATE = "approve_late"
    ARRIVE = "arrive"
    DECLINE = "decline"
    ABANDON = "abandon"


def possible_acts(payment: PretendPayment) -> list[Act]:
    """What can be done with the payment as it stands."""
    if payment.is_late and payment.state in {State.OPEN, State.CANCELLED}:
        return [Act.ARRIVE]
    if payment.state == State.OPEN:
        return [act for act in Act if act != Act.ARRIVE]
    return []


def open_payment(request: PaymentRequest) -> PretendPayment:
    """The page for this request; asking again with its key gives the same one, unless something else is asked."""
    asked = {name: getattr(request, name) for name in ("order_number", "amount", "currency", "return_url")}
    payment, _ = PretendPayment.objects.get_or_create(key=f"{request.order_number}-{request.key}", defaults={**asked})
    if any(getattr(payment, name) != value for name, value in asked.items()):
        raise ProviderRefused("The key was used for another payment.")
    return payment


def find(reference: str) -> PretendPayment:
    payment = PretendPayment.objects.filter(reference=reference).first()
    if payment is None:
        raise ProviderRefused("There is no such payment.")
    return payment


def act(reference: str, what: Act) -> PretendPayment:
    """Do on the hosted page what somebody pressed. Raises ProviderRefused when it is too late for that."""
    with _locked(reference) as payment:
        if what not in possible_acts(payment):
            raise ProviderRefused(f"This payment is {payment.get_state_display().lower()}.")
        if what in {Act.APPROVE, Act.APPROVE_TWICE, Act.ARRIVE}:
            payment.state, payment.captured, payment.is_late = State.CAPTURED, payment.amount, False
        elif what == Act.AUTHORIZE:
            payment.state = State.AUTHORIZED
        elif what == Act.APPROVE_LATE:
            payment.is_late = True
        elif what == Act.DECLINE:
            payment.state = State.DECLINED
    return payment


def capture(reference: str, *, amount: int, currency: str) -> PretendPayment:
    with _locked(reference) as payment:
        if payment.state == State.AUTHORIZED and (payment.amount, payment.currency) == (amount, currency):
            payment.state, payment.captured = State.CAPTURED, amount
        elif payment.state != State.CAPTURED:
            raise ProviderRefused("This amount is not authorized.")
    return payment


def cancel(reference: str) -> PretendPayment:
    with _locked(reference) as payment:
        if payment.state in {State.OPEN, State.AUTHORIZED}:
            payment.state = State.CANCELLED
    return payment


def refund(request: RefundRequest) -> PretendRefund:
    """Give back once per key; one that failed is tried again."""
    with _locked(request.reference) as payment:
        earlier = PretendRefund.objects.filter(key=request.key).first()
        if earlier is not None and (earlier.payment_id, earlier.amount) != (payment.pk, request.amount):
            raise ProviderRefused("The key was used for another refund.")
        if earlier is not None and not earlier.has_failed:
            return earlier
        if request.currency != payment.currency or not 0 < request.amount <= payment.captured - payment.refunded:
            raise ProviderRefused("This is more than is left to give back.")
        entry = earlier or PretendRefund(payment=payment, key=request.key, amount=request.amount)
        entry.has_failed = earlier is None and request.amount % 100 == FAILS_ONCE
        entry.save()
        if not entry.has_failed:
            payment.refunded += request.amount
    return entry


def find_refund(reference: str) -> PretendRefund:
    found = PretendRefund.objects.select_related("payment").filter(reference=reference).first()
    if found is None:
        raise ProviderRefused("There is no such refund.")
    return found


@contextmanager
def _locked(reference: str) -> Iterator[PretendPayment]:
    """The payment's row, for nobody else until what was changed is stored."""
    try:
        with transaction.atomic():
            rows = PretendPayment.objects.select_for_update(no_key=True, of=("self",))
            payment = rows.filter(reference=reference).first()
            if payment is None:
                raise ProviderRefused("There is no such payment.")
            yield payment
            payment.save(update_fields=["state", "is_late", "captured", "refunded"])
    except IntegrityError as error:
        raise ProviderRefused("The key was used for something else.") from error
