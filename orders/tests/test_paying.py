from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from catalog.tests.factories import VariantFactory
from orders import lifecycle
from orders.actors import GUEST, staff
from orders.errors import InvalidOrder, PaymentNotPossible, ProviderRefused, ProviderUnavailable
from orders.models import Order
from orders.paying import change_method, news_of, start_payment
from orders.payments import taking
from orders.tests.paying import broken_rules, card_order, payment_of
from orders.tests.placing import place
from shop.testing.provider import Double, Fault

pytestmark = pytest.mark.django_db


def unpaid_card_order() -> Order:
    return place((VariantFactory.create(stock=5, price=1250), 2), payment_method="card")


def test_a_transfer_asks_nobody() -> None:
    order = place((VariantFactory.create(stock=5), 2))
    assert start_payment(order=order).redirect_url is None
    assert payment_of(order).reference == ""


def test_a_card_is_paid_at_the_provider_who_sends_the_shopper_back(stripe_double: Double, settings: Any) -> None:
    order = unpaid_card_order()

    started = start_payment(order=order)

    session = stripe_double.ledger.sessions[payment_of(order).reference]
    assert started.redirect_url == f"{stripe_double.url}/pay/{session['id']}"
    assert session["success_url"].startswith(f"{settings.SITE_URL}/orders/{order.number}/")
    assert session["success_url"].endswith("/return/")


def test_pressing_pay_again_leads_to_the_same_page(stripe_double: Double) -> None:
    order = unpaid_card_order()
    pages = {start_payment(order=order).redirect_url for _ in range(3)}
    assert len(pages) == len(stripe_double.ledger.sessions) == 1


@pytest.mark.parametrize(
    "fault", [Fault.ERROR, Fault.DROP, Fault.DROP_AFTER, Fault.GARBAGE, Fault.EMPTY, Fault.STRANGER, Fault.BUSY]
)
def test_without_an_answer_the_order_stands_and_can_be_paid_later(stripe_double: Double, fault: Fault) -> None:
    order = unpaid_card_order()
    stripe_double.faults.plan(fault, at="sessions")

    with pytest.raises(ProviderUnavailable):
        start_payment(order=order)

    assert (payment_of(order).state, payment_of(order).reference) == ("started", "")
    assert start_payment(order=order).redirect_url
    assert len(stripe_double.ledger.sessions) == 1
    assert broken_rules() == []


def test_a_provider_that_says_no_leaves_the_order_to_be_paid_in_another_way(stripe_double: Double) -> None:
    order = unpaid_card_order()
    stripe_double.faults.plan(Fault.REFUSE, at="sessions", times=2)

    with pytest.raises(ProviderRefused):
        start_payment(order=order)
    payment = change_method(order=order, method="bank_transfer", actor=GUEST)

    assert payment.gateway == "manual"
    assert [p.state for p in order.payments.all()] == ["failed", "started"]


def test_after_a_declined_card_the_same_page_takes_another(stripe_double: Double) -> None:
    order = card_order()
    stripe_double.ledger.decline(payment_of(order).reference)

    start_payment(order=order)

    assert payment_of(order).failure == "Your card was declined."
    assert (order.payments.count(), len(stripe_double.ledger.sessions)) == (1, 1)


def test_after_a_page_was_closed_there_is_a_new_one(stripe_double: Double) -> None:
    order = card_order()
    first = payment_of(order)
    stripe_double.ledger.expire_session(first.reference)

    started = start_payment(order=order)

    second = payment_of(order)
    assert second.pk != first.pk
    assert started.redirect_url == f"{stripe_double.url}/pay/{second.reference}"
    assert [p.state for p in order.payments.all()] == ["cancelled", "started"]
    order.refresh_from_db()
    assert order.expires_at == Order.objects.get().expires_at


def test_an_order_paid_behind_our_back_is_not_paid_again(stripe_double: Double) -> None:
    order = card_order()
    stripe_double.ledger.pay(payment_of(order).reference)

    with pytest.raises(PaymentNotPossible, match="paid already"):
        start_payment(order=order)

    order.refresh_from_db()
    assert (order.payment_status, stripe_double.ledger.charged(order.number)) == ("paid", [order.total])


def test_a_cancelled_order_cannot_be_paid(stripe_double: Double) -> None:
    order = card_order()
    lifecycle.cancel(order=order, actor=staff("otto"))
    order.refresh_from_db()
    with pytest.raises(PaymentNotPossible, match="cancelled"):
        start_payment(order=order)


def test_an_order_whose_time_is_up_cannot_be_paid_though_nobody_has_swept_yet(stripe_double: Double) -> None:
    order = card_order()
    Order.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    order.refresh_from_db()
    for act in (lambda: start_payment(order=order), lambda: change_method(order=order, method="card", actor=GUEST)):
        with pytest.raises(PaymentNotPossible, match="time to pay"):
            act()
    assert len(stripe_double.ledger.sessions) == 1


def test_an_order_accepted_before_it_was_paid_is_left_to_the_staff(stripe_double: Double) -> None:
    order = lifecycle.accept(order=place((VariantFactory.create(stock=5), 1)), actor=staff("otto"))
    with pytest.raises(PaymentNotPossible):
        start_payment(order=order)


def test_a_payment_called_off_while_the_provider_answers_cannot_be_made(
    stripe_double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody cancels the order between our question and its answer: the page is closed, nobody gets its address."""
    order = unpaid_card_order()
    remember = taking._remember

    def cancel_first(*args: Any) -> None:
        lifecycle.cancel(order=order, actor=staff("otto"))
        remember(*args)

    monkeypatch.setattr(taking, "_remember", cancel_first)
    with pytest.raises(PaymentNotPossible):
        start_payment(order=order)

    (session,) = stripe_double.ledger.sessions.values()
    assert session["status"] == "expired"
    assert payment_of(order).is_closing is False


# --- another way to pay


def test_from_a_card_to_a_transfer(stripe_double: Double, settings: Any) -> None:
    order = card_order()
    reference = payment_of(order).reference

    change_method(order=order, method="bank_transfer", actor=GUEST)

    assert stripe_double.ledger.sessions[reference]["status"] == "expired"
    order.refresh_from_db()
    assert [(p.method, p.state) for p in order.payments.all()] == [("card", "cancelled"), ("bank_transfer", "started")]
    assert order.payment_method == "bank_transfer"
    assert order.expires_at == order.placed_at + settings.SHOP_BANK_TRANSFER_TERM
    assert order.events.latest("pk").message == "To be paid by bank transfer"
    assert broken_rules() == []


def test_from_a_transfer_to_a_card_there_is_time_for_a_card(stripe_double: Double, settings: Any) -> None:
    order = place((VariantFactory.create(stock=5), 2))
    Order.objects.update(placed_at=timezone.now() - timedelta(days=3))

    change_method(order=order, method="card", actor=GUEST)

    order.refresh_from_db()
    assert order.expires_at is not None
    assert timedelta(minutes=29) < order.expires_at - timezone.now() <= settings.SHOP_PAYMENT_TERM
    assert start_payment(order=order).redirect_url


def test_changing_to_and_fro_does_not_keep_the_stock_for_ever(stripe_double: Double, settings: Any) -> None:
    order = place((VariantFactory.create(stock=5), 2))
    Order.objects.update(placed_at=timezone.now() - timedelta(days=10))
    order.refresh_from_db()
    for method in ("card", "bank_transfer", "card", "bank_transfer"):
        change_method(order=order, method=method, actor=GUEST)
        order.refresh_from_db()
    assert order.expires_at == order.placed_at + settings.SHOP_BANK_TRANSFER_TERM


def test_a_way_that_has_no_term_does_not_expire() -> None:
    order = place((VariantFactory.create(stock=5), 2))
    change_method(order=order, method="pay_on_delivery", actor=GUEST)
    order.refresh_from_db()
    assert order.expires_at is None


def test_a_card_that_was_charged_pays_although_another_way_was_chosen(stripe_double: Double) -> None:
    order = card_order()
    stripe_double.ledger.pay(payment_of(order).reference)

    with pytest.raises(PaymentNotPossible, match="paid already"):
        change_method(order=order, method="bank_transfer", actor=GUEST)

    order.refresh_from_db()
    assert (order.payment_status, order.payment_method, order.payments.count()) == ("paid", "card", 1)


def test_while_the_provider_is_away_the_old_way_stays(stripe_double: Double) -> None:
    order = card_order()
    stripe_double.faults.plan(Fault.DROP, times=9)

    with pytest.raises(ProviderUnavailable):
        change_method(order=order, method="bank_transfer", actor=GUEST)

    assert (payment_of(order).method, payment_of(order).state) == ("card", "started")


def test_a_way_that_is_not_offered_is_refused(stripe_double: Double) -> None:
    order = card_order()
    with pytest.raises(InvalidOrder):
        change_method(order=order, method="shells", actor=GUEST)
    assert payment_of(order).state == "started"


def test_the_provider_is_not_asked_again_at_once(stripe_double: Double) -> None:
    order = card_order()
    for _ in range(5):
        news_of(order, unless_asked_within=timedelta(seconds=2))
    assert sum(method == "GET" for method, *_ in stripe_double.calls) == 1
