"""Orders whose time to be paid is over."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from catalog.models import StockLevel
from catalog.tests.factories import VariantFactory
from orders import expiry, lifecycle, timeline
from orders.actors import staff
from orders.emails import compose
from orders.errors import IllegalMove
from orders.expiry import expire, expire_due
from orders.models import Coupon, Order
from orders.refunds import mark_refunded
from orders.settlement import awaits_transfer, settle, take_transfer, void
from orders.tests.paying import broken_rules, card_order, payment_of
from orders.tests.placing import place
from shop.testing.provider import Double, Fault

pytestmark = pytest.mark.django_db


def time_is_up(*orders: Order, minutes: int = 1) -> None:
    due = timezone.now() - timedelta(minutes=minutes)
    Order.objects.filter(pk__in=[order.pk for order in orders]).update(expires_at=due)


def told(order: Order) -> list[str]:
    jobs = ProcrastinateJob.objects.filter(task_name="orders.send_message", args__order_id=order.pk).order_by("pk")
    return [job.args["message"] for job in jobs]


def test_an_order_that_was_not_paid_gives_stock_and_coupon_back(stripe_double: Double) -> None:
    Coupon.objects.create(code="TEN", kind="amount", amount=1000, max_uses=1)
    order = card_order((VariantFactory.create(stock=5, price=1250), 2), coupon="TEN")
    time_is_up(order)

    assert expire_due() == 1

    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("cancelled", "unpaid")
    assert order.expired_at is not None
    assert (StockLevel.objects.get().reserved, Coupon.objects.get().used) == (0, 0)
    assert (payment_of(order).state, payment_of(order).is_closing) == ("cancelled", False)
    assert stripe_double.ledger.sessions[payment_of(order).reference]["status"] == "expired"
    assert told(order) == ["confirmation", "expired"]
    last = order.events.latest("pk")
    assert (last.message, last.actor_kind, last.actor) == ("Order expired, not paid in time", "shop", "expiry")
    assert timeline.entries(order.events.all())[0].text == "Order expired, not paid in time"
    assert broken_rules() == []


def test_a_transfer_that_did_not_arrive_expires_after_its_days() -> None:
    order = place((VariantFactory.create(stock=5), 2))
    assert expire_due() == 0
    time_is_up(order)
    assert (expire_due(), expire_due()) == (1, 0)
    assert payment_of(order).state == "cancelled"


def test_what_is_paid_in_the_last_second_counts(stripe_double: Double) -> None:
    order = card_order()
    stripe_double.ledger.pay(payment_of(order).reference)
    time_is_up(order)

    assert expire_due() == 0

    order.refresh_from_db()
    assert (order.status, order.payment_status, order.expired_at) == ("processing", "paid", None)
    assert told(order) == ["confirmation"]
    assert broken_rules() == []


def test_an_order_that_is_not_due_is_left_alone(stripe_double: Double) -> None:
    waiting, accepted, cancelled = card_order(), place((VariantFactory.create(stock=5), 2)), card_order()
    lifecycle.accept(order=accepted, actor=staff("otto"))
    lifecycle.cancel(order=cancelled, actor=staff("otto"))
    time_is_up(accepted, cancelled)

    assert expire_due() == 0
    assert not any(expire(order_id=order.pk) for order in (waiting, accepted, cancelled))

    assert [o.status for o in Order.objects.order_by("pk")] == ["pending", "processing", "cancelled"]


def test_a_provider_that_is_away_is_told_later_and_asked_once(stripe_double: Double) -> None:
    first, second = card_order(), card_order()
    time_is_up(first, second)
    before = len(stripe_double.calls)
    stripe_double.faults.plan(Fault.DROP, times=9)

    assert expire_due() == 2

    assert len(stripe_double.calls) - before == 1
    jobs = ProcrastinateJob.objects.filter(task_name="orders.void_payment").order_by("pk")
    assert [job.args["payment_id"] for job in jobs] == [payment_of(first).pk, payment_of(second).pk]
    assert payment_of(first).is_closing
    stripe_double.faults.clear()
    void(payment_id=payment_of(first).pk)
    assert not payment_of(first).is_closing
    assert broken_rules() == []


def test_money_that_arrives_after_the_local_end_wins_the_stock_back(stripe_double: Double) -> None:
    order = card_order()
    time_is_up(order)
    stripe_double.faults.plan(Fault.DROP)
    expire_due()
    stripe_double.ledger.pay(payment_of(order).reference)

    settle(payment_id=payment_of(order).pk)

    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("processing", "paid")
    assert stripe_double.ledger.charged(order.number) == [order.total]
    assert told(order) == ["confirmation", "expired", "revived"]
    assert broken_rules() == []


def test_one_order_that_cannot_be_called_off_does_not_hold_up_the_others(
    stripe_double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = [card_order() for _ in range(3)]
    time_is_up(*orders)
    call_off = expiry._call_off

    def broken(*, order_id: int) -> bool:
        if order_id == orders[0].pk:
            raise RuntimeError("This one is odd.")
        return call_off(order_id=order_id)

    monkeypatch.setattr(expiry, "_call_off", broken)
    assert expire_due() == 2
    assert [o.status for o in Order.objects.order_by("pk")] == ["pending", "cancelled", "cancelled"]


def test_the_oldest_come_first_and_not_all_at_once() -> None:
    mug = VariantFactory.create(stock=9)
    orders = [place((mug, 1)) for _ in range(3)]
    for number, order in enumerate(orders):
        time_is_up(order, minutes=10 - number)
    assert expire_due(batch=2) == 2
    assert Order.objects.get(status="pending") == orders[2]


def test_what_is_due_is_found_by_its_index() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        # As on a large table, where reading and sorting all of it costs more.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off")
        plan = Order.objects.due(timezone.now()).order_by("expires_at")[:200].explain()
    assert "orders_order_due" in plan


def test_the_letter_says_that_it_expired_and_not_that_somebody_cancelled() -> None:
    order = place((VariantFactory.create(stock=5), 2))
    time_is_up(order)
    expire_due()
    order.refresh_from_db()
    letter = compose(order, "expired")
    assert letter.subject == f"Your order {order.number} has expired"
    assert "has expired" in str(letter.alternatives[0][0])
    assert "We have not received a payment" in letter.body


def test_a_transfer_that_arrives_late_wins_the_stock_back() -> None:
    order = place((VariantFactory.create(stock=2), 2))
    time_is_up(order)
    expire_due()

    assert awaits_transfer(Order.objects.get(pk=order.pk))
    paid = take_transfer(order=order, actor=staff("otto"))

    assert (paid.status, paid.payment_status) == ("processing", "paid")
    assert StockLevel.objects.get().reserved == 2
    assert told(order) == ["confirmation", "expired", "revived"]
    assert order.events.filter(message="Payment received").get().actor == "otto"
    with pytest.raises(IllegalMove):
        take_transfer(order=order, actor=staff("otto"))
    assert broken_rules() == []


def test_a_transfer_that_arrives_when_the_stock_is_gone_is_given_back_by_hand_once() -> None:
    variant = VariantFactory.create(stock=2)
    order = place((variant, 2))
    time_is_up(order)
    expire_due()
    place((variant, 1))

    late = take_transfer(order=order, actor=staff("otto"))

    assert (late.status, late.payment_status) == ("cancelled", "unpaid")
    assert [(refund.state, refund.amount) for refund in order.refunds.all()] == [("requested", order.total)]
    assert told(order) == ["confirmation", "expired", "money-back"]
    with pytest.raises(IllegalMove):
        take_transfer(order=order, actor=staff("otto"))
    mark_refunded(order=order, actor=staff("otto"))
    assert broken_rules() == []


def test_an_expired_card_payment_is_not_for_the_staff_to_confirm(stripe_double: Double) -> None:
    order = card_order()
    time_is_up(order)
    expire_due()
    assert not awaits_transfer(Order.objects.get(pk=order.pk))
    with pytest.raises(IllegalMove):
        take_transfer(order=order, actor=staff("otto"))
