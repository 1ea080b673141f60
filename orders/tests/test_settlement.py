from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from procrastinate.contrib.django.models import ProcrastinateJob

from catalog.inventory import stock
from catalog.models import StockLevel, Variant
from catalog.tests.factories import VariantFactory
from orders import lifecycle, settlement
from orders.actors import SHOP, staff
from orders.errors import PaymentNotPossible, ProviderRefused, ProviderUnavailable
from orders.jobs import Message
from orders.locks import lock_order
from orders.models import Order, Payment, ProviderEvent, WebhookDelivery
from orders.payments.gateway import Snapshot, Standing
from orders.settlement import apply, settle
from orders.tests.paying import broken_rules, card_order, payment_of
from orders.tests.placing import place
from orders.webhooks.tests.factories import EndpointFactory
from shop.testing.provider import Double, Fault

pytestmark = pytest.mark.django_db


def jobs(name: str) -> list[dict[str, Any]]:
    found = ProcrastinateJob.objects.filter(task_name=f"orders.{name}").order_by("pk")
    return [dict(job.args) for job in found]


def told() -> list[str]:
    return [job["message"] for job in jobs("send_message")]


def order_at_the_provider(variant: Variant | None = None, pieces: int = 2) -> tuple[Order, Payment]:
    """An order with a card payment whose reference is known; nobody is asked."""
    order = place((variant or VariantFactory.create(stock=5, price=1250), pieces))
    Payment.objects.filter(order=order).update(gateway="stripe", method="card", reference=f"cs_{order.pk}")
    return order, payment_of(order)


def says(payment: Payment, standing: Standing, **changes: Any) -> Snapshot:
    """What the provider would answer."""
    fitting = Snapshot(
        reference=payment.reference,
        order_number=payment.order.number,
        amount=payment.amount,
        currency=payment.currency,
        standing=standing,
        captured=payment.amount if standing == Standing.CAPTURED else 0,
    )
    return replace(fitting, **changes)


def heard(payment: Payment, *standings: Standing) -> Order:
    for standing in standings:
        apply(payment_id=payment.pk, snapshot=says(payment, standing))
    return Order.objects.get(pk=payment.order_id)


def expired(order: Order) -> Order:
    """Its time is up, and the sweeper has been there."""
    with transaction.atomic():
        locked = lock_order(order.pk)
        locked.expires_at = locked.expired_at = timezone.now() - timedelta(minutes=1)
        locked.save()
        return lifecycle.call_off(locked, SHOP, Message.EXPIRED)


def test_captured_money_pays_the_order() -> None:
    order, payment = order_at_the_provider()

    order = heard(payment, Standing.CAPTURED)

    assert (order.status, order.payment_status) == ("processing", "paid")
    assert (payment_of(order).state, payment_of(order).captured_amount) == ("captured", order.total)
    assert list(order.events.values_list("message", "actor_kind", "actor")[1:]) == [
        ("Payment received", "provider", "stripe"),
        ("Order processing", "provider", "stripe"),
    ]
    assert jobs("issue_invoice") == [{"order_id": order.pk}]
    assert broken_rules() == []


def test_authorized_money_lets_the_order_go_on() -> None:
    _, payment = order_at_the_provider()

    order = heard(payment, Standing.AUTHORIZED)

    assert (order.status, order.payment_status) == ("processing", "authorized")
    assert payment_of(order).state == "authorized"
    assert broken_rules() == []


def test_a_parcel_has_authorized_money_taken() -> None:
    _, payment = order_at_the_provider()
    order = heard(payment, Standing.AUTHORIZED)

    lifecycle.ship(order=order, actor=staff("otto"))

    assert jobs("capture_payment") == [{"payment_id": payment.pk}]
    assert heard(payment, Standing.CAPTURED).payment_status == "paid"


def test_an_open_page_tells_why_a_card_was_declined() -> None:
    _, payment = order_at_the_provider()

    apply(payment_id=payment.pk, snapshot=says(payment, Standing.OPEN, failure="Your card was declined."))

    payment.refresh_from_db()
    assert (payment.state, payment.failure) == ("started", "Your card was declined.")
    assert payment.checked_at is not None


@pytest.mark.parametrize("standing", [Standing.FAILED, Standing.CANCELLED])
def test_a_payment_of_which_nothing_comes_leaves_the_order_to_be_paid(standing: Standing) -> None:
    _, payment = order_at_the_provider()

    order = heard(payment, standing)

    assert (order.status, order.payment_status) == ("pending", "unpaid")
    assert payment_of(order).state == standing
    assert lifecycle.is_payable(order)


@pytest.mark.parametrize(
    ("change", "remark"),
    [
        ({"amount": 1}, "a payment of 0.01 EUR"),
        ({"currency": "USD"}, "a payment in USD"),
        ({"order_number": "22222-22222"}, "a payment for order 22222-22222"),
        ({"reference": "cs_of_somebody"}, "answered about cs_of_somebody"),
        ({"captured": 1}, "took 0.01 EUR, not the whole amount"),
    ],
)
def test_money_that_does_not_fit_never_pays_and_is_flagged_once(change: dict[str, Any], remark: str) -> None:
    _, payment = order_at_the_provider()
    odd = says(payment, Standing.CAPTURED, **change)

    apply(payment_id=payment.pk, snapshot=odd)
    apply(payment_id=payment.pk, snapshot=odd)

    order = Order.objects.get()
    assert (order.status, order.payment_status, payment_of(order).state) == ("pending", "unpaid", "started")
    flagged = ProviderEvent.objects.get()
    assert (flagged.outcome, flagged.payment_id, flagged.order_number) == ("flagged", payment.pk, order.number)
    assert remark in flagged.remark
    assert broken_rules() == []


NEWS = [Standing.OPEN, Standing.AUTHORIZED, Standing.CAPTURED]


def end_of(*standings: Standing) -> tuple[Any, ...]:
    order, payment = order_at_the_provider()
    order = heard(payment, *standings)
    payment.refresh_from_db()
    return (
        order.status, order.payment_status, payment.state, payment.captured_amount == order.total, payment.is_surplus,
        payment.is_closing, order.refunds.count(), order.payments.count(),
    )  # fmt: skip


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(NEWS * 2 + [Standing.FAILED, Standing.CANCELLED]))
def test_news_in_any_order_and_twice_ends_the_same(order: list[Standing]) -> None:
    """Whatever else was said on the way: once money was taken, the order is paid."""
    assert end_of(*order) == ("processing", "paid", "captured", True, False, False, 0, 1)


@pytest.mark.parametrize("order", [*permutations(NEWS)])
def test_each_order_of_the_news_ends_the_same(order: tuple[Standing, ...]) -> None:
    assert end_of(*order) == end_of(*NEWS)


@pytest.mark.parametrize("order", [*permutations([Standing.OPEN, Standing.FAILED, Standing.CANCELLED])])
def test_a_payment_that_came_to_nothing_ends_the_same_too(order: tuple[Standing, ...]) -> None:
    assert end_of(*order) == ("pending", "unpaid", "cancelled", False, False, False, 0, 1)


def test_an_authorization_of_a_closed_payment_is_let_go() -> None:
    _, payment = order_at_the_provider()

    order = heard(payment, Standing.CANCELLED, Standing.AUTHORIZED)

    assert (order.status, order.payment_status, payment_of(order).is_closing) == ("pending", "unpaid", True)
    assert jobs("void_payment") == [{"payment_id": payment.pk}]


# --- money for orders that are off


def test_money_for_an_expired_order_wakes_it_up_while_its_stock_is_there() -> None:
    variant = VariantFactory.create(stock=2, price=1250)
    order, payment = order_at_the_provider(variant)
    expired(order)
    assert StockLevel.objects.get().reserved == 0

    order = heard(payment, Standing.CAPTURED, Standing.CAPTURED)

    assert (order.status, order.payment_status) == ("processing", "paid")
    assert order.expired_at is not None
    assert StockLevel.objects.get().reserved == 2
    assert told() == ["confirmation", "expired", "revived"]
    assert order.refunds.count() == 0
    assert broken_rules() == []


def test_an_order_that_wakes_up_tells_what_it_has_made_scarce() -> None:
    EndpointFactory.create(events=["order.paid", "order.cancelled", "stock.low"])
    order, payment = order_at_the_provider(VariantFactory.create(stock=6, price=1250))
    expired(order)
    heard(payment, Standing.CAPTURED, Standing.CAPTURED)
    events = WebhookDelivery.objects.order_by("pk").values_list("event", flat=True)
    assert list(events) == ["stock.low", "order.cancelled", "stock.low", "order.paid"]


def test_money_for_an_expired_order_goes_back_once_its_stock_is_gone() -> None:
    variant = VariantFactory.create(stock=2, price=1250)
    order, payment = order_at_the_provider(variant)
    expired(order)
    place((variant, 1))

    order = heard(payment, Standing.CAPTURED, Standing.AUTHORIZED, Standing.CAPTURED)

    assert (order.status, order.payment_status) == ("cancelled", "unpaid")
    refund = order.refunds.get()
    assert (refund.amount, refund.state) == (order.total, "requested")
    payment.refresh_from_db()
    assert (payment.state, payment.is_surplus, payment.refundable) == ("captured", True, 0)
    assert jobs("send_refund") == [{"refund_id": refund.pk}]
    assert told() == ["confirmation", "expired", "confirmation", "money-back"]
    assert StockLevel.objects.get().reserved == 1
    assert broken_rules() == []


def test_money_for_an_order_that_somebody_cancelled_goes_back_though_there_is_stock() -> None:
    order, payment = order_at_the_provider()
    lifecycle.cancel(order=order, actor=staff("otto"))

    order = heard(payment, Standing.CAPTURED)

    assert (order.status, order.payment_status, order.refunds.get().amount) == ("cancelled", "unpaid", order.total)
    assert StockLevel.objects.get().reserved == 0
    assert broken_rules() == []


def test_control_without_the_stock_an_expired_order_would_be_oversold(monkeypatch: pytest.MonkeyPatch) -> None:
    variant = VariantFactory.create(stock=2, price=1250)
    order, payment = order_at_the_provider(variant)
    expired(order)
    place((variant, 1))

    monkeypatch.setattr(stock, "reserve", lambda demand: None)
    heard(payment, Standing.CAPTURED)

    assert any("reserved stock is what live orders" in rule for rule in broken_rules())


def test_money_on_a_second_payment_of_a_paid_order_goes_back() -> None:
    order, first = order_at_the_provider()
    heard(first, Standing.CANCELLED)
    second = Payment.objects.create(
        order=order, gateway="stripe", method="card", reference="cs_second", currency="EUR", amount=order.total
    )
    heard(second, Standing.CAPTURED)

    order = heard(first, Standing.CAPTURED, Standing.CAPTURED)

    first.refresh_from_db()
    assert (order.payment_status, first.is_surplus, first.refund_committed) == ("paid", True, order.total)
    assert order.refunds.get().payment_id == first.pk
    assert broken_rules() == []


def test_money_on_an_earlier_payment_closes_the_one_that_is_open() -> None:
    order, first = order_at_the_provider()
    heard(first, Standing.CANCELLED)
    second = Payment.objects.create(
        order=order, gateway="stripe", method="card", reference="cs_second", currency="EUR", amount=order.total
    )

    order = heard(first, Standing.CAPTURED)

    second.refresh_from_db()
    assert (order.payment_status, second.state, second.is_closing) == ("paid", "cancelled", True)
    assert jobs("void_payment") == [{"payment_id": second.pk}]
    assert broken_rules() == []


# --- asking a provider over HTTP


def test_settling_asks_the_provider(stripe_double: Double) -> None:
    order = card_order()
    stripe_double.ledger.pay(payment_of(order).reference)

    settle(payment_id=payment_of(order).pk)

    order.refresh_from_db()
    assert (order.payment_status, stripe_double.ledger.charged(order.number)) == ("paid", [order.total])


@pytest.mark.parametrize("fault", [Fault.ERROR, Fault.GARBAGE, Fault.EMPTY, Fault.DROP, Fault.STRANGER, Fault.REFUSE])
def test_an_answer_that_cannot_be_relied_on_pays_nothing(stripe_double: Double, fault: Fault) -> None:
    order = card_order()
    stripe_double.faults.plan(fault)

    with pytest.raises((ProviderUnavailable, ProviderRefused)):
        settle(payment_id=payment_of(order).pk)

    order.refresh_from_db()
    assert (order.status, order.payment_status, payment_of(order).state) == ("pending", "unpaid", "started")


def test_a_payment_that_is_called_off_is_closed_at_the_provider(stripe_double: Double) -> None:
    order = card_order()
    lifecycle.cancel(order=order, actor=staff("otto"))
    assert payment_of(order).is_closing

    settlement.void(payment_id=payment_of(order).pk)
    settlement.void(payment_id=payment_of(order).pk)

    payment = payment_of(order)
    assert (payment.state, payment.is_closing) == ("cancelled", False)
    assert stripe_double.ledger.sessions[payment.reference]["status"] == "expired"


def test_a_payment_of_a_gateway_that_is_gone_is_left_to_the_staff() -> None:
    _, payment = order_at_the_provider()
    Payment.objects.update(gateway="of-earlier-days", state="cancelled", is_closing=True)
    assert settlement.void(payment_id=payment.pk).is_closing


def test_a_payment_that_was_made_before_it_could_be_closed_goes_back(stripe_double: Double) -> None:
    order = card_order()
    lifecycle.cancel(order=order, actor=staff("otto"))
    stripe_double.ledger.pay(payment_of(order).reference)

    settlement.void(payment_id=payment_of(order).pk)

    assert order.refunds.get().amount == order.total
    assert broken_rules() == []


def test_closing_is_repeated_until_the_provider_is_sure(stripe_double: Double) -> None:
    order = card_order()
    stripe_double.ledger.pay_slowly(payment_of(order).reference)
    lifecycle.cancel(order=order, actor=staff("otto"))
    stripe_double.faults.plan(Fault.REFUSE, at="cancel")

    with pytest.raises(PaymentNotPossible, match="on its way"):
        settlement.void(payment_id=payment_of(order).pk)
    assert payment_of(order).is_closing

    stripe_double.ledger.arrive(payment_of(order).reference, failed=True)
    settlement.void(payment_id=payment_of(order).pk)
    assert not payment_of(order).is_closing


def test_authorized_money_is_taken_once(stripe_double: Double, settings: Any) -> None:
    settings.STRIPE_CAPTURE = "manual"
    order = card_order()
    stripe_double.ledger.pay(payment_of(order).reference)
    settle(payment_id=payment_of(order).pk)
    assert payment_of(order).state == "authorized"

    settlement.capture(payment_id=payment_of(order).pk)
    settlement.capture(payment_id=payment_of(order).pk)

    order.refresh_from_db()
    assert (order.payment_status, stripe_double.ledger.charged(order.number)) == ("paid", [order.total])


def test_authorized_money_that_cannot_be_taken_is_flagged(stripe_double: Double, settings: Any) -> None:
    settings.STRIPE_CAPTURE = "manual"
    order = card_order()
    stripe_double.ledger.pay(payment_of(order).reference)
    settle(payment_id=payment_of(order).pk)
    stripe_double.faults.plan(Fault.REFUSE, at="capture")

    with pytest.raises(ProviderRefused):
        settlement.capture(payment_id=payment_of(order).pk)

    assert payment_of(order).state == "authorized"
    assert "cannot be taken" in ProviderEvent.objects.get().remark
