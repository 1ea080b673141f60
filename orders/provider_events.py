"""Messages of payment providers: stored once when they arrive, dealt with by a job.

A message is only a hint. What it says about amount, currency, order and reference must fit; then the provider itself
is asked, and its answer counts. What does not fit is flagged for the staff and changes nothing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from catalog.money import to_string
from orders.errors import ProviderRefused, WebhookInvalid
from orders.giving_back import follow_refund
from orders.jobs import enqueue_event
from orders.models import Payment, ProviderEvent, Refund
from orders.payments.flagging import flag
from orders.payments.gateway import ProviderMessage
from orders.payments.methods import GATEWAYS
from orders.payments.taking import ask
from orders.settlement import settle

Outcome = ProviderEvent.Outcome
BIGGEST = 2**63 - 1


def receive(*, gateway: str, body: bytes, headers: Mapping[str, str]) -> None:
    """Verify a message and store it with the job that deals with it; once, however often it comes.

    Raises WebhookInvalid, with nothing stored.
    """
    message = GATEWAYS[gateway].read_webhook(body, headers)
    if not 1 <= len(message.event_id) <= 200 or abs(message.amount or 0) > BIGGEST:
        raise WebhookInvalid("The message cannot be read.")
    with transaction.atomic(durable=True):
        event, is_new = ProviderEvent.objects.get_or_create(
            gateway=gateway, event_id=_clean(message.event_id), defaults=_row(message)
        )
        if is_new:
            enqueue_event(event)


def deal_with(*, event_id: int) -> ProviderEvent:
    """Apply a stored message: ask the provider about the payment it names. Harmless when repeated.

    Raises ProviderUnavailable: then it is to be tried again.
    """
    event = ProviderEvent.objects.get(pk=event_id)
    if event.outcome != Outcome.RECEIVED:
        return event
    payments = _subjects(event)
    if not payments:
        return _close(event, None, Outcome.FLAGGED, "It names no payment of this shop.")
    payment = payments[0]
    if remark := _difference(event, payment):
        return _close(event, payment, Outcome.FLAGGED, remark)
    before = _books(payments)
    try:
        for named in payments:
            settle(payment_id=named.pk)
            _follow_refunds(named, event)
        if "refund" in event.kind:
            _flag_unasked_refunds(payments)
    except ProviderRefused as error:
        return _close(event, payment, Outcome.FLAGGED, str(error))
    return _close(event, payment, Outcome.APPLIED if _books(payments) != before else Outcome.IGNORED, "")


def look_at(*, event: ProviderEvent) -> bool:
    """A member of staff has looked at a flagged message; False when it was not flagged (any more)."""
    flagged = ProviderEvent.objects.filter(pk=event.pk, outcome=Outcome.FLAGGED)
    return bool(flagged.update(outcome=Outcome.REVIEWED))


def _row(message: ProviderMessage) -> dict[str, Any]:
    return {
        "kind": _clean(message.kind)[:80],
        "reference": _clean(message.reference)[:120],
        "order_number": _clean(message.order_number)[:40],
        "amount": message.amount,
        "currency": _clean(message.currency)[:3],
        "payload": _clean(message.payload),
    }


def _clean(value: Any) -> Any:
    """PostgreSQL knows no NUL in text."""
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, dict):
        return {_clean(key): _clean(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_clean(inner) for inner in value]
    return value


def _subjects(event: ProviderEvent) -> list[Payment]:
    """The payments that the message may be about: the one it names, or all of its order's through this provider.

    A message can be faster than the answer to our own question; then the question is asked again.
    """
    payments = Payment.objects.select_related("order").filter(gateway=event.gateway).order_by("-pk")
    of_order = payments.filter(order__number=event.order_number) if event.order_number else payments.none()
    if not event.reference:
        return list(of_order)
    named = payments.filter(reference=event.reference).first()
    nameless = of_order.filter(reference="").first() if named is None else None
    if nameless is not None:
        with contextlib.suppress(ProviderRefused):
            ask(nameless)
            named = nameless if nameless.reference == event.reference else None
    return [named] if named is not None else []


def _follow_refunds(payment: Payment, event: ProviderEvent) -> None:
    """News about a payment may be about its refunds; about refunds, also about those that seemed to be done."""
    followed = payment.refunds.exclude(reference="")
    if "refund" not in event.kind:
        followed = followed.filter(state=Refund.State.SENT)
    for pk in followed.values_list("pk", flat=True):
        follow_refund(refund_id=pk)


def _flag_unasked_refunds(payments: list[Payment]) -> None:
    """What the provider has given back, on its own site for example, beyond the refunds of the shop is for the staff,
    once, however many messages it takes to tell.

    The provider is asked first: what is promised here by then covers whatever of it was asked for here.
    """
    for payment in payments:
        refunded = GATEWAYS[payment.gateway].fetch(payment.reference).refunded if payment.reference else 0
        promised = Payment.objects.values_list("refund_committed", flat=True).get(pk=payment.pk)
        if refunded > promised:
            unasked = to_string(refunded - promised, payment.currency)
            flag(payment, f"The provider gave back {unasked} {payment.currency} that the shop did not ask for.")


def _difference(event: ProviderEvent, payment: Payment) -> str:
    """What the message says that is not so; empty when all of it fits."""
    if event.order_number and event.order_number != payment.order.number:
        return f"It says order {event.order_number}; the payment is for {payment.order.number}."
    if event.currency and event.currency != payment.currency:
        return f"It says {event.currency}; the payment is in {payment.currency}."
    if event.amount is not None and event.amount != payment.amount:
        return f"It says an amount of {event.amount} (minor units); the payment is {payment.amount}."
    return ""


def _books(payments: list[Payment]) -> list[object]:
    """How the payments stand here, to see whether a message changed anything."""
    rows = Payment.objects.filter(pk__in=[payment.pk for payment in payments]).order_by("pk")
    return [*rows.values_list("state", "is_closing", "failure", "refunds__state").order_by("pk", "refunds__pk")]


def _close(event: ProviderEvent, payment: Payment | None, outcome: str, remark: str) -> ProviderEvent:
    """The first to come writes what became of the message."""
    received = ProviderEvent.objects.filter(pk=event.pk, outcome=Outcome.RECEIVED)
    received.update(payment=payment, outcome=outcome, remark=remark[:300], applied_at=timezone.now())
    event.refresh_from_db()
    return event
