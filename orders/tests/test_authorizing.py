"""Money that is authorized and not yet taken: in time, too late, lapsed, taken when the job for it has given up."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from catalog.models import StockLevel, Variant
from catalog.tests.factories import VariantFactory
from orders import lifecycle, settlement
from orders.access import order_link
from orders.actors import staff
from orders.emails import compose
from orders.errors import IllegalMove, PaymentNotPossible
from orders.expiry import expire_due
from orders.models import Order, ProviderEvent
from orders.paying import change_method, start_payment
from orders.reconciling import reconcile
from orders.settlement import capture, settle
from orders.tests.paying import broken_rules, card_order, payment_of
from orders.tests.placing import place
from shop.testing.provider import Double, Fault

pytestmark = pytest.mark.django_db
OTTO = staff("otto")


@pytest.fixture(autouse=True)
def _authorize_first(stripe_double: Double, settings: Any) -> None:
    settings.STRIPE_CAPTURE = "manual"


def told(order: Order) -> list[str]:
    jobs = ProcrastinateJob.objects.filter(task_name="orders.send_message", args__order_id=order.pk).order_by("pk")
    return [job.args["message"] for job in jobs]


def time_is_up(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(expires_at=timezone.now() - timedelta(minutes=1))


def reconciled() -> list[tuple[str, str]]:
    return [(found.before, found.after) for found in reconcile(quiet=timedelta(0)) if found.is_healed]


def news_of(order: Order) -> Order:
    settle(payment_id=payment_of(order).pk)
    return Order.objects.get(pk=order.pk)


def authorized(double: Double) -> Order:
    """An order whose money is authorized, here and there."""
    order = card_order((VariantFactory.create(stock=2, price=1250), 2))
    double.ledger.pay(payment_of(order).reference)
    return news_of(order)


def lapsed(double: Double, order: Order) -> Order:
    """The provider's permission has ended."""
    double.ledger.cancel_intent(double.ledger.sessions[payment_of(order).reference]["payment_intent"])
    return news_of(order)


# --- around the order's end


def test_what_was_authorized_in_the_last_second_counts(stripe_double: Double) -> None:
    order = card_order()
    stripe_double.ledger.pay(payment_of(order).reference)
    time_is_up(order)

    assert expire_due() == 0

    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("processing", "authorized")
    assert told(order) == ["confirmation"]
    assert broken_rules() == []


def expired_and_authorized_after(double: Double) -> Order:
    """The provider is away when the order expires, and the shopper goes on paying there."""
    order = card_order((VariantFactory.create(stock=2, price=1250), 2))
    time_is_up(order)
    double.faults.plan(Fault.ERROR)
    assert expire_due() == 1
    double.ledger.pay(payment_of(order).reference)
    return order


def test_an_authorization_after_the_end_wakes_the_order_up(stripe_double: Double) -> None:
    order = expired_and_authorized_after(stripe_double)

    settlement.void(payment_id=payment_of(order).pk)

    order.refresh_from_db()
    assert (order.status, order.payment_status, payment_of(order).state) == ("processing", "authorized", "authorized")
    assert StockLevel.objects.get().reserved == 2
    assert told(order) == ["confirmation", "expired", "revived"]
    assert broken_rules() == []


def test_an_authorization_after_the_end_is_let_go_when_the_stock_is_gone(stripe_double: Double) -> None:
    order = expired_and_authorized_after(stripe_double)
    place((Variant.objects.get(order_lines__order=order), 1))

    news_of(order)
    for _ in range(2):
        settlement.void(payment_id=payment_of(order).pk)

    order.refresh_from_db()
    payment = payment_of(order)
    assert (order.status, order.payment_status) == ("cancelled", "unpaid")
    assert (payment.state, payment.is_closing) == ("cancelled", False)
    assert told(order) == ["confirmation", "expired", "released"]
    assert "nothing was taken" in compose(order, "released").body
    assert stripe_double.ledger.charged(order.number) == []
    assert broken_rules() == []


def test_a_cancelled_order_whose_authorization_is_released_needs_no_second_letter(stripe_double: Double) -> None:
    order = authorized(stripe_double)
    lifecycle.cancel(order=order, actor=OTTO)
    settlement.void(payment_id=payment_of(order).pk)
    assert told(order) == ["confirmation", "cancelled"]
    assert not payment_of(order).is_closing


def test_an_order_wakes_up_only_once(stripe_double: Double) -> None:
    """What staff call off after that stays off, whatever arrives."""
    order = expired_and_authorized_after(stripe_double)
    lifecycle.cancel(order=news_of(order), actor=OTTO)

    order = news_of(order)

    assert (order.status, payment_of(order).is_closing) == ("cancelled", True)
    assert broken_rules() == []


# --- a permission that ends


def test_a_lapsed_authorization_asks_the_customer_to_pay_again(stripe_double: Double) -> None:
    order = lapsed(stripe_double, authorized(stripe_double))

    assert (order.status, order.payment_status, order.expires_at) == ("processing", "unpaid", None)
    assert told(order) == ["confirmation", "pay-again"]
    assert "Please pay again" in compose(order, "pay-again").body
    assert ProviderEvent.objects.get().outcome == "flagged"

    started = start_payment(order=order)

    assert started.redirect_url
    stripe_double.ledger.pay(payment_of(order).reference)
    order = news_of(order)
    assert (order.status, order.payment_status) == ("processing", "authorized")
    assert broken_rules() == []


def test_nothing_is_shipped_until_somebody_has_paid_again(stripe_double: Double) -> None:
    order = lapsed(stripe_double, authorized(stripe_double))

    with pytest.raises(IllegalMove, match="asked to pay again"):
        lifecycle.ship(order=order, actor=OTTO)
    start_payment(order=order)
    with pytest.raises(IllegalMove, match="asked to pay again"):
        lifecycle.ship(order=order, actor=OTTO)

    stripe_double.ledger.pay(payment_of(order).reference)
    assert lifecycle.ship(order=news_of(order), actor=OTTO).status == "shipped"


def test_a_lapsed_order_can_be_paid_by_transfer_and_then_staff_decide(stripe_double: Double) -> None:
    order = lapsed(stripe_double, authorized(stripe_double))

    change_method(order=order, method="bank_transfer", actor=OTTO)

    order.refresh_from_db()
    assert not lifecycle.has_lost_its_money(order)
    assert lifecycle.mark_paid(order=order, actor=OTTO).payment_status == "paid"
    assert broken_rules() == []


def test_what_has_left_is_paid_again_too_and_the_money_taken(stripe_double: Double) -> None:
    order = authorized(stripe_double)
    lifecycle.ship(order=order, actor=OTTO)
    order = lapsed(stripe_double, order)
    assert (order.status, lifecycle.is_payable(order)) == ("shipped", True)

    start_payment(order=order)
    stripe_double.ledger.pay(payment_of(order).reference)
    news_of(order)
    capture(payment_id=payment_of(order).pk)

    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("shipped", "paid")
    assert stripe_double.ledger.charged(order.number) == [order.total]
    assert broken_rules() == []


def test_the_order_page_offers_to_pay_again(stripe_double: Double, client: Client) -> None:
    order = lapsed(stripe_double, authorized(stripe_double))
    page = client.get(order_link(order))
    assert "Waiting for your payment" in page.text
    assert "Pay now" in page.text


def test_a_paid_order_cannot_be_paid_again(stripe_double: Double) -> None:
    order = authorized(stripe_double)
    capture(payment_id=payment_of(order).pk)
    with pytest.raises(PaymentNotPossible):
        start_payment(order=Order.objects.get(pk=order.pk))


# --- the job that gave up


def test_money_whose_job_has_given_up_is_taken_by_the_reconciler_once(stripe_double: Double) -> None:
    order = authorized(stripe_double)
    lifecycle.ship(order=order, actor=OTTO)
    ProcrastinateJob.objects.all().delete()

    assert reconciled() == [("authorized", "captured")]
    assert reconciled() == []

    order.refresh_from_db()
    assert order.payment_status == "paid"
    assert stripe_double.ledger.charged(order.number) == [order.total]


def test_money_of_what_is_still_in_the_house_is_not_taken(stripe_double: Double) -> None:
    order = authorized(stripe_double)
    assert reconciled() == []
    assert stripe_double.ledger.charged(order.number) == []
