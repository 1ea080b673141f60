"""Refunds at their provider: asked for under one name until there is an answer, and followed until they arrive.

The provider is asked outside any transaction, what it says is applied under the order's lock. A refund that failed is
visible, gives its promise back, and can be tried again.
"""

from __future__ import annotations

from django.db import transaction

from orders.actors import Actor, provider
from orders.errors import ProviderRefused, RefundNotPossible
from orders.lifecycle import Kind, say
from orders.locks import retried
from orders.models import Refund
from orders.payments.flagging import flag
from orders.payments.gateway import RefundRequest, RefundSnapshot, RefundStanding
from orders.payments.methods import GATEWAYS, is_manual
from orders.payments.refunding import fail, promise_again
from orders.refunds import lock_refund, show_what_was_returned, succeed

State = Refund.State
ON_ITS_WAY = (State.REQUESTED, State.SENT)


def send_refund(*, refund_id: int) -> Refund:
    """Have the provider give the money back, or ask how far it is. Harmless when repeated.

    Raises ProviderUnavailable: then it is to be tried again.
    """
    refund = Refund.objects.select_related("payment", "order").get(pk=refund_id)
    if is_manual(refund.payment.gateway) or refund.state not in ON_ITS_WAY:
        return refund
    if refund.state == State.SENT:
        return follow_refund(refund_id=refund.pk)
    asked = RefundRequest(
        reference=refund.payment.reference,
        order_number=refund.order.number,
        amount=refund.amount,
        currency=refund.currency,
        key=str(refund.key),
    )
    try:
        snapshot = GATEWAYS[refund.payment.gateway].refund(asked)
    except ProviderRefused as error:
        return _refused(refund_id=refund.pk, failure=str(error))
    return apply_refund(refund_id=refund.pk, snapshot=snapshot)


def follow_refund(*, refund_id: int) -> Refund:
    """Ask the provider how a refund stands that it has taken on. Raises ProviderUnavailable and ProviderRefused."""
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    if is_manual(refund.payment.gateway) or not refund.reference:
        return refund
    snapshot = GATEWAYS[refund.payment.gateway].fetch_refund(refund.reference)
    return apply_refund(refund_id=refund.pk, snapshot=snapshot, of_old=True)


@retried
def apply_refund(*, refund_id: int, snapshot: RefundSnapshot, of_old: bool = False) -> Refund:
    """Bring the refund to where the provider says it is. News `of_old` is about the reference that we knew: when the
    refund has been tried again meanwhile, it is about something else."""
    with transaction.atomic(durable=True):
        refund, _ = lock_refund(refund_id)
        if of_old and snapshot.reference != refund.reference:
            return refund
        if (snapshot.amount, snapshot.currency) != (refund.amount, refund.currency):
            flag(refund.payment, f"Refund {refund.pk} is another amount at the provider.", snapshot)
            return refund
        _step(refund, snapshot, provider(refund.payment.gateway))
        return refund


@retried
def _refused(*, refund_id: int, failure: str) -> Refund:
    with transaction.atomic(durable=True):
        refund, _ = lock_refund(refund_id)
        if refund.state == State.REQUESTED:
            _fail(refund, failure, provider(refund.payment.gateway))
        return refund


def _step(refund: Refund, snapshot: RefundSnapshot, actor: Actor) -> None:
    is_news = snapshot.reference != refund.reference
    refund.reference = snapshot.reference[:120]
    if snapshot.standing == RefundStanding.FAILED:
        if refund.state in ON_ITS_WAY or (refund.state == State.SUCCEEDED and not is_news):
            _fail(refund, snapshot.failure, actor)
    elif snapshot.standing == RefundStanding.SENT:
        if refund.state == State.REQUESTED:
            refund.state = State.SENT
            refund.save(update_fields=["state", "reference", "updated_at"])
            say(refund.order, Kind.REFUND, "Refund sent", actor)
    elif refund.state in ON_ITS_WAY or (refund.state == State.FAILED and is_news):
        _succeed(refund, snapshot, actor)


def _succeed(refund: Refund, snapshot: RefundSnapshot, actor: Actor) -> None:
    """Also when an older answer had us believe that it failed: then it is promised again first."""
    if refund.state == State.FAILED:
        try:
            promise_again(refund)
        except RefundNotPossible as error:
            flag(refund.payment, f"Refund {refund.pk} succeeded after it had failed. {error}", snapshot)
            return
        refund.reference = snapshot.reference[:120]
    succeed(refund, refund.order, actor)


def _fail(refund: Refund, failure: str, actor: Actor) -> None:
    """For the staff to see. Money that had seemed to arrive and came back shows on the order again."""
    had_succeeded = refund.state == State.SUCCEEDED
    fail(refund, failure or "The provider gave no reason.")
    if had_succeeded:
        show_what_was_returned(refund.order, refund, "A refund could not be delivered", actor)
        flag(refund.payment, f"Refund {refund.pk} came back after it had succeeded: {failure}")
    else:
        say(refund.order, Kind.REFUND, "Refund failed", actor)
