"""Refunds at the provider, over real HTTP, in every way in which the answer can come or not come."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from catalog.tests.factories import VariantFactory
from orders import lifecycle
from orders.actors import staff
from orders.errors import ProviderUnavailable
from orders.giving_back import apply_refund, follow_refund, send_refund
from orders.models import Order, Payment, ProviderEvent, Refund
from orders.payments.flagging import FOUND_BY_US
from orders.payments.gateway import RefundSnapshot, RefundStanding
from orders.provider_events import deal_with
from orders.refunds import RefundTerms, confirm_refund, request_refund, retry_refund
from orders.settlement import settle
from orders.tests.paying import broken_rules, card_order, payment_of, tell
from shop.testing.provider import Double, Fault

pytestmark = pytest.mark.django_db
BOB = staff("bob")


def paid(double: Double) -> Order:
    order = card_order((VariantFactory.create(stock=5, price=1000), 2))
    double.ledger.pay(payment_of(order).reference)
    settle(payment_id=payment_of(order).pk)
    order.refresh_from_db()
    return order


def asked(order: Order, amount: int | None = None) -> Refund:
    return request_refund(order=order, terms=RefundTerms(amount=amount or order.total), actor=BOB)


def state(refund: Refund) -> tuple[str, str]:
    """The refund's state and its order's payment status."""
    found = Refund.objects.select_related("order").get(pk=refund.pk)
    return found.state, found.order.payment_status


def credit_notes() -> int:
    return ProcrastinateJob.objects.filter(task_name="orders.issue_credit_note").count()


def test_the_provider_gives_back_what_was_promised(stripe_double: Double) -> None:
    order = paid(stripe_double)
    refund = asked(order, 500)

    send_refund(refund_id=refund.pk)

    assert state(refund) == ("succeeded", "partially_refunded")
    assert stripe_double.ledger.given_back(order.number) == [500]
    assert credit_notes() == 1
    assert broken_rules() == []


def test_a_job_that_runs_twice_gives_back_once(stripe_double: Double) -> None:
    order = paid(stripe_double)
    refund = asked(order)
    for _ in range(3):
        send_refund(refund_id=refund.pk)
    assert stripe_double.ledger.given_back(order.number) == [order.total]
    assert (state(refund), credit_notes()) == (("succeeded", "refunded"), 1)


@pytest.mark.parametrize("fault", [Fault.ERROR, Fault.DROP, Fault.DROP_AFTER, Fault.GARBAGE, Fault.BUSY])
def test_without_an_answer_it_is_asked_for_again_under_the_same_name(stripe_double: Double, fault: Fault) -> None:
    order = paid(stripe_double)
    refund = asked(order)
    stripe_double.faults.plan(fault, at="refunds")

    with pytest.raises(ProviderUnavailable):
        send_refund(refund_id=refund.pk)
    assert state(refund) == ("requested", "paid")
    send_refund(refund_id=refund.pk)

    assert state(refund) == ("succeeded", "refunded")
    assert stripe_double.ledger.given_back(order.number) == [order.total]
    assert broken_rules() == []


def test_a_provider_that_says_no_is_seen_and_asked_again(stripe_double: Double) -> None:
    order = paid(stripe_double)
    refund = asked(order)
    stripe_double.faults.plan(Fault.REFUSE, at="refunds")

    send_refund(refund_id=refund.pk)

    failed = Refund.objects.get()
    assert (failed.state, failed.failure) == ("failed", "Something about this request is wrong.")
    assert payment_of(order).refund_committed == 0
    assert broken_rules() == []
    retry_refund(refund=refund, actor=BOB)
    send_refund(refund_id=refund.pk)
    assert state(refund) == ("succeeded", "refunded")
    assert stripe_double.ledger.given_back(order.number) == [order.total]


def test_a_refund_on_its_way_arrives_later(stripe_double: Double) -> None:
    stripe_double.ledger.refunds_begin_as = "pending"
    order = paid(stripe_double)
    refund = asked(order)
    send_refund(refund_id=refund.pk)
    assert state(refund) == ("sent", "paid")
    assert credit_notes() == 0

    refund.refresh_from_db()
    stripe_double.ledger.settle_refund(refund.reference, "succeeded")
    follow_refund(refund_id=refund.pk)

    assert (state(refund), credit_notes()) == (("succeeded", "refunded"), 1)
    assert broken_rules() == []


def test_a_refund_that_fails_on_its_way_is_retried_and_given_back_once(stripe_double: Double) -> None:
    stripe_double.ledger.refunds_begin_as = "pending"
    order = paid(stripe_double)
    refund = asked(order)
    send_refund(refund_id=refund.pk)
    refund.refresh_from_db()
    stripe_double.ledger.settle_refund(refund.reference, "failed", "lost_or_stolen_card")
    send_refund(refund_id=refund.pk)
    assert state(refund) == ("failed", "paid")
    assert Refund.objects.get().failure == "lost or stolen card"

    stripe_double.ledger.refunds_begin_as = "succeeded"
    retry_refund(refund=refund, actor=BOB)
    send_refund(refund_id=refund.pk)

    assert state(refund) == ("succeeded", "refunded")
    assert stripe_double.ledger.given_back(order.number) == [order.total]
    assert broken_rules() == []


def test_old_news_of_the_try_that_failed_does_not_fail_the_next_one(stripe_double: Double) -> None:
    order = paid(stripe_double)
    refund = asked(order)
    old = RefundSnapshot("re_old", refund.amount, "EUR", RefundStanding.FAILED, "closed")
    apply_refund(refund_id=refund.pk, snapshot=old)
    retry_refund(refund=refund, actor=BOB)

    apply_refund(refund_id=refund.pk, snapshot=old, of_old=True)

    assert state(refund) == ("requested", "paid")


def test_a_refund_that_comes_back_from_the_bank_shows_again(stripe_double: Double) -> None:
    order = paid(stripe_double)
    refund = asked(order)
    send_refund(refund_id=refund.pk)
    refund.refresh_from_db()
    stripe_double.ledger.settle_refund(refund.reference, "failed")
    tell(stripe_double.ledger.events[-1])

    deal_with(event_id=ProviderEvent.objects.get(kind="refund.failed").pk)

    assert state(refund) == ("failed", "paid")
    assert (payment_of(order).refunded_amount, payment_of(order).refund_committed) == (0, 0)
    assert "came back" in ProviderEvent.objects.get(kind="shop.noticed").remark
    assert broken_rules() == []
    confirm_refund(refund=refund, actor=BOB)
    assert state(refund) == ("succeeded", "refunded")


def test_news_of_a_refund_settles_it(stripe_double: Double) -> None:
    stripe_double.ledger.refunds_begin_as = "pending"
    order = paid(stripe_double)
    refund = asked(order)
    send_refund(refund_id=refund.pk)
    refund.refresh_from_db()
    stripe_double.ledger.settle_refund(refund.reference, "succeeded")
    event = stripe_double.ledger.events[-1]
    for _ in range(5):
        tell(event)

    stored = ProviderEvent.objects.get()
    deal_with(event_id=stored.pk)

    stored.refresh_from_db()
    assert stored.outcome == "applied"
    assert (state(refund), credit_notes()) == (("succeeded", "refunded"), 1)


def told(double: Double) -> str:
    """The provider's latest message is dealt with; what became of it."""
    tell(double.ledger.events[-1])
    return deal_with(event_id=ProviderEvent.objects.exclude(kind=FOUND_BY_US).latest("pk").pk).outcome


def flagged() -> list[str]:
    return [*ProviderEvent.objects.filter(outcome="flagged").order_by("pk").values_list("remark", flat=True)]


def given_back_there(double: Double, order: Order, amount: int) -> None:
    """Somebody gives money back on the provider's own site."""
    intent = double.ledger.sessions[payment_of(order).reference]["payment_intent"]
    asked = {"payment_intent": intent, "amount": amount, "metadata": {"order_number": order.number}}
    double.ledger.create_refund(asked)


def test_a_refund_that_nobody_here_asked_for_is_flagged(stripe_double: Double) -> None:
    order = paid(stripe_double)
    given_back_there(stripe_double, order, order.total)

    assert told(stripe_double) == "ignored"

    assert flagged() == ["The provider gave back 24.90 EUR that the shop did not ask for."]
    order.refresh_from_db()
    assert order.payment_status == "paid"


def test_what_the_provider_gave_back_beside_our_own_refunds_is_flagged_once(stripe_double: Double) -> None:
    order = paid(stripe_double)
    send_refund(refund_id=asked(order, 500).pk)
    assert (told(stripe_double), flagged()) == ("ignored", [])

    given_back_there(stripe_double, order, 300)
    told(stripe_double)
    send_refund(refund_id=asked(order, 600).pk)
    told(stripe_double)

    assert flagged() == ["The provider gave back 3.00 EUR that the shop did not ask for."]


@pytest.mark.parametrize("change", [{"amount": 1}, {"currency": "USD"}])
def test_another_amount_at_the_provider_is_flagged_and_changes_nothing(
    stripe_double: Double, change: dict[str, Any]
) -> None:
    order = paid(stripe_double)
    refund = asked(order)
    told = RefundSnapshot("re_1", refund.amount, "EUR", RefundStanding.SUCCEEDED)

    apply_refund(refund_id=refund.pk, snapshot=replace(told, **change))

    assert state(refund) == ("requested", "paid")
    assert "another amount" in ProviderEvent.objects.get().remark


@pytest.mark.parametrize("news", [*permutations([RefundStanding.SENT, RefundStanding.SUCCEEDED, RefundStanding.SENT])])
def test_news_in_any_order_and_twice_ends_the_same(stripe_double: Double, news: tuple[RefundStanding, ...]) -> None:
    order = paid(stripe_double)
    refund = asked(order)
    for standing in news * 2:
        apply_refund(refund_id=refund.pk, snapshot=RefundSnapshot("re_1", refund.amount, "EUR", standing))
    assert (state(refund), credit_notes()) == (("succeeded", "refunded"), 1)
    assert order.events.filter(kind="payment", message__contains="returned").count() == 1


def test_an_answer_that_had_seemed_to_fail_and_did_not_counts(stripe_double: Double) -> None:
    """Two jobs ask; the slower one's answer is of a later try."""
    order = paid(stripe_double)
    refund = asked(order)
    apply_refund(refund_id=refund.pk, snapshot=RefundSnapshot("re_1", refund.amount, "EUR", RefundStanding.FAILED))
    late = RefundSnapshot("re_2", refund.amount, "EUR", RefundStanding.SUCCEEDED)

    apply_refund(refund_id=refund.pk, snapshot=late)

    assert state(refund) == ("succeeded", "refunded")
    assert broken_rules() == []


def test_money_that_came_too_late_goes_back_once(stripe_double: Double) -> None:
    order = card_order()
    lifecycle.cancel(order=order, actor=BOB)
    stripe_double.ledger.pay(payment_of(order).reference)
    for _ in range(3):
        settle(payment_id=payment_of(order).pk)
    refund = order.refunds.get()
    for _ in range(3):
        send_refund(refund_id=refund.pk)

    assert stripe_double.ledger.given_back(order.number) == [order.total]
    assert state(refund) == ("succeeded", "unpaid")
    assert Payment.objects.get().refunded_amount == order.total
    assert broken_rules() == []


def test_cancelling_a_paid_order_gives_its_money_back(stripe_double: Double) -> None:
    order = paid(stripe_double)
    lifecycle.cancel(order=order, actor=BOB)
    send_refund(refund_id=order.refunds.get().pk)
    assert state(order.refunds.get()) == ("succeeded", "refunded")
    assert stripe_double.ledger.given_back(order.number) == [order.total]
