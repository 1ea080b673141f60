"""Shopper, webhook, return page, sweeper and provider at the same moment, on real connections and over real HTTP.

Each rule stands beside a control that shows the fault with its guard off.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from catalog.models import StockLevel, Variant
from catalog.tests.factories import VariantFactory
from orders import expiry, paying, settlement
from orders.access import return_link
from orders.actors import GUEST
from orders.errors import PaymentNotPossible, ProviderUnavailable
from orders.expiry import expire
from orders.giving_back import send_refund
from orders.models import Order, Payment, ProviderEvent, Refund
from orders.paying import change_method, start_payment
from orders.payments.gateway import Started
from orders.provider_events import deal_with
from orders.settlement import settle, void
from orders.tests.paying import broken_rules, card_order, payment_of, tell
from orders.tests.placing import place
from shop.testing.provider import Double, Fault, Refused
from shop.testing.races import at_once, run_parallel

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def jobs(name: str, **about: int) -> int:
    """How many jobs there are; those of earlier tests are still in the table."""
    named = {f"args__{key}": value for key, value in about.items()}
    return ProcrastinateJob.objects.filter(task_name=f"orders.{name}", **named).count()


def errors(outcomes: list[Any]) -> list[Any]:
    return [outcome for outcome in outcomes if isinstance(outcome, Exception)]


def finish() -> None:
    """What the worker would do: close what is to be closed, send what is to be sent."""
    for payment in Payment.objects.filter(is_closing=True):
        void(payment_id=payment.pk)
    for refund in Refund.objects.filter(state__in=["requested", "sent"]):
        send_refund(refund_id=refund.pk)


def kept(double: Double, order: Order) -> int:
    """What the shopper has paid in the end, as the world sees it."""
    return sum(double.ledger.charged(order.number)) - sum(double.ledger.given_back(order.number))


def owed(order: Order) -> int:
    """What the shop may keep."""
    order.refresh_from_db()
    return order.total if order.status in ("processing", "shipped", "delivered") else 0


def pay_there(double: Double, reference: str) -> object:
    """The shopper pays on the provider's page, unless it is closed."""
    try:
        return double.ledger.pay(reference)
    except Refused:
        return None


# --- one payment, many messengers


def test_twenty_settlers_webhooks_and_returns_have_one_effect(stripe_double: Double) -> None:
    order = card_order()
    payment = payment_of(order)
    stripe_double.ledger.pay(payment.reference)
    events = stripe_double.ledger.events[:2]

    def settle_it() -> object:
        return settle(payment_id=payment.pk)

    def tell_it() -> object:
        for event in events:
            assert tell(event).status_code == 200
        return [deal_with(event_id=event.pk) for event in ProviderEvent.objects.all()]

    def come_back() -> object:
        return Client().get(return_link(order)).status_code

    outcomes = run_parallel([settle_it, tell_it, come_back] * 7)

    assert errors(outcomes) == []
    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("processing", "paid")
    assert order.events.filter(message="Payment received").count() == 1
    assert (jobs("issue_invoice", order_id=order.pk), ProviderEvent.objects.count()) == (1, len(events))
    assert stripe_double.ledger.charged(order.number) == [order.total]
    assert broken_rules() == []


def test_control_without_the_orders_lock_one_payment_has_two_effects(
    stripe_double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = card_order()
    payment = payment_of(order)
    stripe_double.ledger.pay(payment.reference)
    both_have_read = threading.Barrier(2)

    def careless(payment_id: int) -> tuple[Payment, Order]:
        found = Payment.objects.select_related("order").get(pk=payment_id)
        both_have_read.wait(20)
        return found, found.order

    monkeypatch.setattr(settlement, "_locked", careless)
    at_once(2, lambda _: settle(payment_id=payment.pk))

    assert order.events.filter(message="Payment received").count() == 2
    assert any("the timeline is a legal path" in rule for rule in broken_rules())


def test_five_copies_of_a_message_at_once_are_one_row_and_one_job(stripe_double: Double) -> None:
    order = card_order()
    stripe_double.ledger.pay(payment_of(order).reference)
    event = stripe_double.ledger.events[0]

    answers = at_once(5, lambda _: tell(event).status_code)

    assert answers == [200] * 5
    assert jobs("apply_event", event_id=ProviderEvent.objects.get().pk) == 1
    assert broken_rules() == []


def test_control_looking_first_and_storing_then_stores_a_message_twice(stripe_double: Double) -> None:
    """Without the unique constraint behind it, "is it there already?" is asked by both before either has stored it."""
    both_have_looked = threading.Barrier(2)

    def careless(_: int) -> None:
        is_new = not ProviderEvent.objects.filter(event_id="evt_1").exists()
        both_have_looked.wait(20)
        if is_new:
            ProviderEvent.objects.create(gateway="stripe", event_id="evt_1", kind="x", payload={})

    with without("orders_providerevent_once", ProviderEvent):
        at_once(2, careless)
        assert ProviderEvent.objects.count() == 2
        ProviderEvent.objects.all().delete()


@contextlib.contextmanager
def without(name: str, model: type[Any]) -> Iterator[None]:
    """A constraint is off for a while; what breaks it must be gone at the end."""
    constraint = next(each for each in model._meta.constraints if each.name == name)
    with connection.schema_editor() as editor:
        editor.remove_constraint(model, constraint)
    yield
    with connection.schema_editor() as editor:
        editor.add_constraint(model, constraint)


# --- paying again


def closed_page(double: Double) -> Order:
    order = card_order()
    double.ledger.expire_session(payment_of(order).reference)
    return order


def test_ten_presses_on_pay_after_a_closed_page_open_one_new_page(stripe_double: Double) -> None:
    order = closed_page(stripe_double)

    outcomes = at_once(10, lambda _: start_payment(order=order))

    pages = {outcome.redirect_url for outcome in outcomes if isinstance(outcome, Started)}
    assert len(pages) == 1, outcomes
    assert errors(outcomes) == []
    states = [session["status"] for session in stripe_double.ledger.sessions.values()]
    assert sorted(states) == ["expired", "open"]
    assert [p.state for p in order.payments.order_by("pk")] == ["cancelled", "started"]
    assert broken_rules() == []


def test_control_without_lock_and_constraint_two_presses_open_two_pages(
    stripe_double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = closed_page(stripe_double)
    settle(payment_id=payment_of(order).pk)
    both_have_read = threading.Barrier(2)

    def careless_payments(locked: Order) -> list[Payment]:
        found = list(locked.payments.all())
        both_have_read.wait(20)
        return found

    monkeypatch.setattr(paying, "lock_order", lambda pk: Order.objects.get(pk=pk))
    monkeypatch.setattr(paying, "lock_payments", careless_payments)
    with without("orders_payment_one_alive_per_order", Payment):
        at_once(2, lambda _: start_payment(order=order))
        is_open = [s for s in stripe_double.ledger.sessions.values() if s["status"] == "open"]
        assert len(is_open) == 2  # the shopper could pay on both
        assert any("one payment that is alive" in rule for rule in broken_rules())
        Payment.objects.filter(pk=payment_of(order).pk).delete()


def test_paying_while_another_way_is_chosen_charges_at_most_once(stripe_double: Double) -> None:
    """The shopper pays in one tab and changes to a transfer in another, in whatever order it happens."""
    for _ in range(6):
        order = card_order((VariantFactory.create(stock=5, price=1250), 2))
        acts: list[Callable[[], object]] = [
            partial(pay_there, stripe_double, payment_of(order).reference),
            partial(change_method, order=order, method="bank_transfer", actor=GUEST),
            partial(start_payment, order=order),
        ]
        outcomes = run_parallel(acts)
        assert all(isinstance(error, PaymentNotPossible) for error in errors(outcomes)), outcomes
        for payment in order.payments.exclude(gateway="manual"):
            settle(payment_id=payment.pk)
        finish()
        order.refresh_from_db()
        is_paid = order.payment_status == "paid"
        assert kept(stripe_double, order) == (order.total if is_paid else 0)
        assert order.payments.alive().count() == 1
    assert broken_rules() == []


# --- money and the end of an order's time


def due(order: Order) -> Order:
    Order.objects.filter(pk=order.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    order.refresh_from_db()
    return order


def race_to_the_end(
    double: Double, monkeypatch: pytest.MonkeyPatch, variant: Variant, *, money_first: bool, competitor: bool = False
) -> Order:
    """The provider is paid and cannot be reached by the sweeper; the order's end and its money meet here, in the
    order that is asked for."""
    order = due(card_order((variant, 2)))
    payment = payment_of(order)
    double.ledger.pay(payment.reference)
    settled, expired, fetched = threading.Event(), threading.Event(), threading.Event()
    apply, ask_first, call_off = settlement.apply, expiry._ask_first, expiry._call_off

    def apply_then(*args: Any, **kwargs: Any) -> Any:
        fetched.set()
        if not money_first:
            assert expired.wait(20)
        try:
            return apply(*args, **kwargs)
        finally:
            settled.set()

    def call_off_then(*args: Any, **kwargs: Any) -> Any:
        if money_first:
            assert settled.wait(20)
        done = call_off(*args, **kwargs)
        if competitor:
            place((variant, 1))
        expired.set()
        return done

    monkeypatch.setattr(settlement, "apply", apply_then)
    monkeypatch.setattr(expiry, "_call_off", call_off_then)
    monkeypatch.setattr(expiry, "_ask_first", lambda *_: fetched.wait(20))
    outcomes = run_parallel([lambda: settle(payment_id=payment.pk), lambda: expire(order_id=order.pk)])
    monkeypatch.setattr(settlement, "apply", apply)
    monkeypatch.setattr(expiry, "_call_off", call_off)
    monkeypatch.setattr(expiry, "_ask_first", ask_first)
    assert errors(outcomes) == [], outcomes
    finish()
    order.refresh_from_db()
    return order


def test_sweepers_that_overlap_end_an_order_once(stripe_double: Double) -> None:
    order = due(card_order((VariantFactory.create(stock=2), 2)))
    assert sorted(at_once(4, lambda _: expire(order_id=order.pk)), key=str) == [False] * 3 + [True]
    assert order.events.filter(to_status="cancelled").count() == 1


def test_money_just_before_the_end_pays_the_order(stripe_double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    variant = VariantFactory.create(stock=2)
    order = race_to_the_end(stripe_double, monkeypatch, variant, money_first=True)
    assert (order.status, order.payment_status, order.expired_at) == ("processing", "paid", None)
    assert kept(stripe_double, order) == order.total
    assert broken_rules() == []


def test_money_just_after_the_end_wins_the_stock_back(stripe_double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    variant = VariantFactory.create(stock=2)
    order = race_to_the_end(stripe_double, monkeypatch, variant, money_first=False)
    assert (order.status, order.payment_status) == ("processing", "paid")
    assert order.expired_at is not None
    assert StockLevel.objects.get(variant=variant).reserved == 2
    assert kept(stripe_double, order) == order.total
    assert broken_rules() == []


def test_money_after_the_end_goes_back_when_somebody_has_bought_the_rest(
    stripe_double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    variant = VariantFactory.create(stock=2)
    order = race_to_the_end(stripe_double, monkeypatch, variant, money_first=False, competitor=True)
    assert (order.status, order.payment_status) == ("cancelled", "unpaid")
    assert kept(stripe_double, order) == 0
    assert stripe_double.ledger.given_back(order.number) == [order.total]
    assert StockLevel.objects.get(variant=variant).reserved == 1
    assert broken_rules() == []


def test_payer_sweeper_settler_and_a_second_buyer_at_once_never_oversell_or_keep_money(stripe_double: Double) -> None:
    """Nobody arranges the order here; whatever it is, stock and money add up."""
    for number in range(6):
        variant = VariantFactory.create(stock=2)
        order = due(card_order((variant, 2)))
        payment = payment_of(order)
        if number % 2:
            stripe_double.faults.plan(Fault.ERROR, at="expire")

        acts: list[Callable[[], object]] = [
            partial(pay_there, stripe_double, payment.reference),
            partial(expire, order_id=order.pk),
            partial(settle, payment_id=payment.pk),
            partial(place, (variant, 2)),
        ]
        run_parallel(acts)
        stripe_double.faults.clear()
        for _ in range(2):
            for each in order.payments.exclude(state="captured"):
                settle(payment_id=each.pk)
            finish()
        expire(order_id=order.pk)
        finish()
        assert kept(stripe_double, order) == owed(order)
        assert StockLevel.objects.get(variant=variant).reserved <= 2
    assert broken_rules() == []


def test_control_a_sweeper_that_does_not_look_again_keeps_money_for_nothing(
    stripe_double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decided before the lock, and not again under it: the order is paid in between and called off all the same."""
    order = due(card_order())
    stripe_double.ledger.pay(payment_of(order).reference)

    def careless(*args: Any, **kwargs: Any) -> bool:
        return True

    monkeypatch.setattr(expiry, "_ask_first", lambda *_: settle(payment_id=payment_of(order).pk))
    monkeypatch.setattr(expiry, "is_due", careless)
    expire(order_id=order.pk)

    order.refresh_from_db()
    assert order.status == "cancelled"
    assert kept(stripe_double, order) != owed(order)


def test_a_provider_that_times_out_after_charging_is_asked_until_it_is_known(
    stripe_double: Double, settings: Any
) -> None:
    """Authorized money is taken, the answer never comes; ten more tries at once take nothing more."""
    settings.STRIPE_CAPTURE = "manual"
    settings.STRIPE_TIMEOUT = 1.0
    order = card_order()
    stripe_double.ledger.pay(payment_of(order).reference)
    settle(payment_id=payment_of(order).pk)
    stripe_double.faults.plan(Fault.HANG_AFTER, at="capture")
    with pytest.raises(ProviderUnavailable):
        settlement.capture(payment_id=payment_of(order).pk)
    assert payment_of(order).state == "authorized"
    stripe_double.faults.clear()

    outcomes = at_once(10, lambda _: settlement.capture(payment_id=payment_of(order).pk))

    assert errors(outcomes) == []
    assert stripe_double.ledger.charged(order.number) == [order.total]
    order.refresh_from_db()
    assert order.payment_status == "paid"
    assert broken_rules() == []
