"""Asking the providers about everything that is not settled, and healing what differs.

Webhooks get lost, processes die between a provider's answer and our note of it. Whatever is open here is asked about,
the longest unasked first; what the provider knows is applied as if it had told us.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from orders.errors import OrdersError, ProviderRefused, ProviderUnavailable
from orders.giving_back import send_refund
from orders.models import Payment, ProviderEvent, Refund
from orders.payments.methods import askable
from orders.provider_events import deal_with
from orders.settlement import capture, settle, void, write_off

logger = logging.getLogger("shop.payments")
# What happens right now is left to those who are at it.
QUIET = timedelta(minutes=5)
# A round of the job; the longest unasked come first, so the next one takes the others.
BATCH = 500
# A provider that has not answered so often in a round is away, and each question costs a time-out.
PATIENCE = 5


@dataclass(frozen=True)
class Finding:
    """What was found out: about what, how it stood and stands, and whether that is settled now or needs somebody."""

    subject: str
    before: str
    after: str
    problem: str = ""

    @property
    def is_healed(self) -> bool:
        return not self.problem and self.before != self.after

    def __str__(self) -> str:
        if self.problem:
            return f"{self.subject}: {self.before}; {self.problem}"
        return f"{self.subject}: {self.before} → {self.after}" if self.is_healed else f"{self.subject}: {self.before}"


def reconcile(*, quiet: timedelta = QUIET, batch: int | None = None) -> Iterator[Finding]:
    """Ask about all payments, refunds and messages that have been open for longer than `quiet`, or `batch` of each.
    One that cannot be cleared up now does not hold up the others; a provider that is away is left for later."""
    before, silences = timezone.now() - quiet, Counter[str]()
    for payment in _payments(before)[:batch]:
        yield from _try(_payment_name(payment), payment, _ask_about, _standing_of_payment, silences, payment.gateway)
    for refund in _refunds(before)[:batch]:
        gateway = refund.payment.gateway
        yield from _try(_refund_name(refund), refund, _follow, lambda r: r.state, silences, gateway)
    for event in _events(before)[:batch]:
        yield from _try(f"message {event.event_id}", event, _deal, lambda e: e.outcome, silences, event.gateway)


def _payments(before: datetime) -> QuerySet[Payment]:
    """Started, authorized, or called off without the provider's word."""
    unasked = Q(checked_at=None, created_at__lt=before) | Q(checked_at__lt=before)
    found = Payment.objects.unsettled().filter(unasked, gateway__in=askable()).select_related("order")
    return found.order_by(F("checked_at").asc(nulls_first=True), "pk")


def _refunds(before: datetime) -> QuerySet[Refund]:
    open_states = [Refund.State.REQUESTED, Refund.State.SENT]
    found = Refund.objects.filter(state__in=open_states, updated_at__lt=before, payment__gateway__in=askable())
    return found.select_related("order", "payment").order_by("updated_at", "pk")


def _events(before: datetime) -> QuerySet[ProviderEvent]:
    """In any order, so that messages that cannot be dealt with never keep others waiting."""
    return ProviderEvent.objects.filter(outcome="received", received_at__lt=before).order_by("?")


def _ask_about(payment: Payment) -> None:
    """What was called off is closed; of what was never answered, or is not known there, nothing can come. Money of
    which a parcel has left is taken, when the job for it has given up.

    Another round may be under way: whoever notes the question first asks it.
    """
    mine = Payment.objects.filter(pk=payment.pk, checked_at=payment.checked_at)
    if not mine.update(checked_at=timezone.now()):
        return
    if payment.is_closing:
        void(payment_id=payment.pk)
        return
    try:
        settled = settle(payment_id=payment.pk)
    except ProviderRefused as error:
        settled = write_off(payment_id=payment.pk, reason=str(error))
    if settled.state == Payment.State.AUTHORIZED and settled.order.shipments.exists():
        capture(payment_id=payment.pk)


def _follow(refund: Refund) -> None:
    """Noted as asked about first, as with payments; the longest unasked is the next round's first."""
    mine = Refund.objects.filter(pk=refund.pk, updated_at=refund.updated_at)
    if mine.update(updated_at=timezone.now()):
        send_refund(refund_id=refund.pk)


def _deal(event: ProviderEvent) -> None:
    deal_with(event_id=event.pk)


Row = TypeVar("Row", Payment, Refund, ProviderEvent)


def _try(
    name: str,
    row: Row,
    act: Callable[[Row], object],
    standing: Callable[[Row], str],
    silences: Counter[str],
    gateway: str,
) -> Iterator[Finding]:
    if silences[gateway] >= PATIENCE:
        return
    before = standing(row)
    try:
        act(row)
    except OrdersError as error:
        silences[gateway] += isinstance(error, ProviderUnavailable)
        yield Finding(name, before, before, problem=str(error))
    except Exception as error:
        logger.exception("%s cannot be reconciled.", name)
        yield Finding(name, before, before, problem=type(error).__name__)
    else:
        row.refresh_from_db()
        yield Finding(name, before, standing(row))


def _standing_of_payment(payment: Payment) -> str:
    if payment.is_closing:
        return f"{payment.state}, not confirmed"
    return f"{payment.state}, to be returned" if payment.is_surplus else payment.state


def _payment_name(payment: Payment) -> str:
    return f"order {payment.order.number}, payment {payment.pk}"


def _refund_name(refund: Refund) -> str:
    return f"order {refund.order.number}, refund {refund.pk}"
