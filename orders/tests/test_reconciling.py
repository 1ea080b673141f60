"""What got lost between the shop and its providers is found again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from catalog.tests.factories import VariantFactory
from orders import lifecycle, reconciling, tasks
from orders.actors import staff
from orders.errors import ProviderUnavailable
from orders.models import Order, Payment, ProviderEvent, Refund
from orders.paying import start_payment
from orders.reconciling import PATIENCE, Finding, reconcile
from orders.refunds import RefundTerms, request_refund
from orders.settlement import settle
from orders.tests.paying import broken_rules, card_order, payment_of, tell
from orders.tests.placing import place
from shop.testing.provider import Double, Fault

pytestmark = pytest.mark.django_db
BOB = staff("bob")


def reconciled() -> list[Finding]:
    return list(reconcile(quiet=timedelta(0)))


def healed() -> list[tuple[str, str]]:
    return [(found.before, found.after) for found in reconciled() if found.is_healed]


def test_what_was_paid_and_never_told_is_found(stripe_double: Double) -> None:
    order = card_order()
    stripe_double.ledger.pay(payment_of(order).reference)

    assert healed() == [("started", "captured")]

    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("processing", "paid")
    assert healed() == []
    assert broken_rules() == []


def test_an_answer_that_was_lost_is_found_by_its_key_and_charged_once(stripe_double: Double) -> None:
    """The provider made the page, we never heard its name; the shopper, somehow, paid there."""
    order = place((VariantFactory.create(stock=5, price=1250), 2), payment_method="card")
    stripe_double.faults.plan(Fault.DROP_AFTER, at="sessions")
    with pytest.raises(ProviderUnavailable):
        start_payment(order=order)
    (session,) = stripe_double.ledger.sessions
    stripe_double.ledger.pay(session)
    assert payment_of(order).reference == ""

    assert healed() == [("started", "captured")]

    order.refresh_from_db()
    assert order.payment_status == "paid"
    assert len(stripe_double.ledger.sessions) == 1
    assert stripe_double.ledger.charged(order.number) == [order.total]
    assert broken_rules() == []


def test_a_page_that_was_closed_there_is_closed_here(stripe_double: Double) -> None:
    order = card_order()
    stripe_double.ledger.expire_session(payment_of(order).reference)
    assert healed() == [("started", "cancelled")]
    assert start_payment(order=order).redirect_url


def test_what_is_open_here_and_unknown_there_is_given_up(stripe_double: Double) -> None:
    order = card_order()
    Payment.objects.update(reference="cs_of_another_account")
    assert healed() == [("started", "failed")]
    assert "No such checkout.session" in payment_of(order).failure
    assert start_payment(order=order).redirect_url


def test_what_is_authorized_here_and_unknown_there_is_for_the_staff(stripe_double: Double) -> None:
    card_order()
    Payment.objects.update(reference="cs_of_another_account", state="authorized")
    Order.objects.update(payment_status="authorized")
    assert healed() == []
    assert ProviderEvent.objects.get().outcome == "flagged"


def test_a_payment_whose_end_was_not_confirmed_is_closed(stripe_double: Double) -> None:
    order = card_order()
    lifecycle.cancel(order=order, actor=BOB)
    assert healed() == [("cancelled, not confirmed", "cancelled")]
    assert stripe_double.ledger.sessions[payment_of(order).reference]["status"] == "expired"


def test_a_payment_of_a_cancelled_order_that_was_made_all_the_same_goes_back(stripe_double: Double) -> None:
    order = card_order()
    lifecycle.cancel(order=order, actor=BOB)
    stripe_double.ledger.pay(payment_of(order).reference)

    assert healed() == [("cancelled, not confirmed", "captured, to be returned")]
    assert healed() == [("requested", "succeeded")]

    assert stripe_double.ledger.given_back(order.number) == [order.total]
    assert broken_rules() == []


def test_refunds_that_were_not_sent_or_not_followed_are(stripe_double: Double) -> None:
    order = card_order()
    stripe_double.ledger.pay(payment_of(order).reference)
    reconciled()
    refund = request_refund(order=order, terms=RefundTerms(amount=500), actor=BOB)
    stripe_double.ledger.refunds_begin_as = "pending"
    assert healed() == [("requested", "sent")]
    refund.refresh_from_db()
    stripe_double.ledger.settle_refund(refund.reference, "succeeded")
    assert healed() == [("sent", "succeeded")]
    assert broken_rules() == []


def test_messages_whose_job_was_lost_are_dealt_with(stripe_double: Double) -> None:
    order = card_order()
    stripe_double.ledger.pay(payment_of(order).reference)
    tell(stripe_double.ledger.events[-1])
    reconciled()
    assert ProviderEvent.objects.get().outcome in {"applied", "ignored"}


def test_what_happens_right_now_is_left_to_those_who_are_at_it(stripe_double: Double) -> None:
    card_order()
    place((VariantFactory.create(stock=5), 2))
    assert list(reconcile()) == []
    Payment.objects.update(created_at=timezone.now() - timedelta(minutes=6))
    assert len(list(reconcile())) == 1
    assert list(reconcile()) == []  # asked about a moment ago


def test_one_that_cannot_be_cleared_up_does_not_hold_up_the_others(stripe_double: Double) -> None:
    card_order()
    second = card_order()
    stripe_double.ledger.pay(payment_of(second).reference)
    stripe_double.faults.plan(Fault.ERROR)

    found = reconciled()

    assert [(f.problem != "", f.is_healed) for f in found] == [(True, False), (False, True)]


def test_a_provider_that_is_away_is_not_asked_about_everything(stripe_double: Double) -> None:
    """Each question costs a time-out; meanwhile the worker does nothing else."""
    orders = [card_order() for _ in range(PATIENCE + 2)]
    stripe_double.faults.plan(Fault.ERROR, times=PATIENCE)

    assert [found.problem != "" for found in reconciled()] == [True] * PATIENCE

    asked = Payment.objects.exclude(checked_at=None).count()
    assert (asked, len(orders)) == (PATIENCE, PATIENCE + 2)
    assert len(reconciled()) == len(orders)  # the ones that were left out come first


def expect_one_of_two_rounds_to_ask(double: Double) -> None:
    """The second round had read what is open, two rows, before the first one asked."""
    second = reconcile(quiet=timedelta(0))
    next(second)
    assert len(reconciled()) == 2
    asked = len(double.calls)
    list(second)
    assert len(double.calls) == asked


def test_rounds_that_overlap_ask_once(stripe_double: Double) -> None:
    card_order()
    card_order()
    expect_one_of_two_rounds_to_ask(stripe_double)


def two_open_refunds(double: Double) -> None:
    double.ledger.refunds_begin_as = "pending"
    for _ in range(2):
        order = card_order()
        double.ledger.pay(payment_of(order).reference)
        settle(payment_id=payment_of(order).pk)
        request_refund(order=order, terms=RefundTerms(amount=500), actor=BOB)


def test_rounds_that_overlap_follow_a_refund_once(stripe_double: Double) -> None:
    two_open_refunds(stripe_double)
    expect_one_of_two_rounds_to_ask(stripe_double)


def test_refunds_that_stay_open_do_not_keep_others_waiting(stripe_double: Double) -> None:
    two_open_refunds(stripe_double)

    asked = [
        found.subject for _ in range(4) for found in reconcile(quiet=timedelta(0), batch=1) if "refund" in found.subject
    ]

    assert len(asked) == 4
    assert asked[0] != asked[1]
    assert asked[:2] == asked[2:]


def test_the_command_says_what_it_healed(stripe_double: Double, capsys: pytest.CaptureFixture[str]) -> None:
    order = card_order()
    stripe_double.ledger.pay(payment_of(order).reference)
    call_command("reconcile_payments")
    said = capsys.readouterr().out
    assert f"order {order.number}, payment {payment_of(order).pk}: started → captured" in said
    assert "1 asked about, 1 healed, 0 not cleared up." in said


def test_a_round_of_the_job_has_an_end_and_the_command_asks_about_everything(
    stripe_double: Double, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(reconciling, "BATCH", 2)
    for _ in range(3):
        card_order()
    Payment.objects.update(created_at=timezone.now() - timedelta(hours=1))
    tasks.reconcile(0)
    assert Payment.objects.exclude(checked_at=None).count() == 2
    call_command("reconcile_payments")
    assert "3 asked about" in capsys.readouterr().out


def test_the_command_fails_when_something_is_not_cleared_up(
    stripe_double: Double, capsys: pytest.CaptureFixture[str]
) -> None:
    card_order()
    stripe_double.faults.plan(Fault.ERROR)
    with pytest.raises(CommandError, match="1 could not be cleared up"):
        call_command("reconcile_payments")


def test_nothing_to_do_is_said_too(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("reconcile_payments")
    assert "0 asked about, 0 healed" in capsys.readouterr().out
    assert not Refund.objects.exists()
