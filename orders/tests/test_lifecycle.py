from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest
from django.core.management import call_command
from django.db import IntegrityError, InternalError, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from catalog.models import StockLevel, StockMovement, Variant
from catalog.tests.factories import VariantFactory
from orders import lifecycle, refunds
from orders.actors import customer, staff
from orders.errors import IllegalMove
from orders.models import Order, OrderEvent, Payment
from orders.tests.placing import place
from shop.testing.races import run_parallel

pytestmark = pytest.mark.django_db

ACTS: dict[str, Callable[..., Order]] = {
    "processing": lifecycle.accept,
    "shipped": lifecycle.ship,
    "delivered": lifecycle.deliver,
    "cancelled": lifecycle.cancel,
}
WAYS = {
    "pending": [],
    "processing": ["processing"],
    "shipped": ["processing", "shipped"],
    "delivered": ["processing", "shipped", "delivered"],
    "cancelled": ["cancelled"],
}
LEGAL = {
    ("pending", "processing"),
    ("pending", "cancelled"),
    ("processing", "shipped"),
    ("processing", "cancelled"),
    ("shipped", "delivered"),
}


def order_that_is(status: str, variant: Variant | None = None) -> Order:
    order = place((variant or VariantFactory.create(stock=5), 2))
    for step in WAYS[status]:
        order = ACTS[step](order=order, actor=staff("otto"))
    return order


def numbers(variant: Variant) -> tuple[int, int]:
    level = StockLevel.objects.get(variant=variant)
    return level.on_hand, level.reserved


def messages() -> list[str]:
    return [job.args["message"] for job in ProcrastinateJob.objects.order_by("pk")]


@pytest.mark.parametrize(("before", "after"), sorted(product(WAYS, ACTS)))
def test_only_the_moves_of_the_table_are_made(before: str, after: str) -> None:
    order = order_that_is(before)
    events = order.events.count()
    has_parcel = order.shipments.count()

    if (before, after) in LEGAL:
        assert ACTS[after](order=order, actor=staff("otto")).status == after
        assert order.events.exclude(kind="shipment").count() == events - has_parcel + 1
    else:
        with pytest.raises(IllegalMove):
            ACTS[after](order=order, actor=staff("otto"))
        assert Order.objects.get().status == before
        assert order.events.count() == events
    call_command("audit")


def test_every_move_is_on_the_timeline_with_its_actor() -> None:
    order = order_that_is("delivered")

    moves = order.events.exclude(kind="shipment")
    assert list(moves.values_list("from_status", "to_status", "actor")) == [
        ("", "pending", "guest"),
        ("pending", "processing", "otto"),
        ("processing", "shipped", "otto"),
        ("shipped", "delivered", "otto"),
    ]


def test_shipping_takes_the_pieces_from_the_shelf_and_tells_the_customer() -> None:
    variant = VariantFactory.create(stock=5)

    order = order_that_is("shipped", variant)

    assert numbers(variant) == (3, 0)
    movement = StockMovement.objects.latest("pk")
    assert (movement.quantity, movement.reason, movement.reference) == (-2, "shipped", order.number)
    assert messages() == ["confirmation", "shipped"]


def test_cancelling_frees_the_stock_closes_the_payment_and_tells_the_customer() -> None:
    variant = VariantFactory.create(stock=5)

    order = order_that_is("cancelled", variant)

    assert numbers(variant) == (5, 0)
    assert order.payments.get().state == "cancelled"
    assert messages() == ["confirmation", "cancelled"]


def test_a_paid_order_goes_on_to_be_packed() -> None:
    order = lifecycle.mark_paid(order=order_that_is("pending"), actor=staff("otto"))

    assert (order.status, order.payment_status) == ("processing", "paid")
    payment = order.payments.get()
    assert (payment.state, payment.captured_amount) == ("captured", order.total)
    call_command("audit")


def test_an_order_is_paid_once() -> None:
    order = lifecycle.mark_paid(order=order_that_is("pending"), actor=staff("otto"))
    with pytest.raises(IllegalMove):
        lifecycle.mark_paid(order=order, actor=staff("otto"))
    assert order.payments.get().captured_amount == order.total


def test_payment_on_delivery_can_arrive_after_shipping() -> None:
    order = lifecycle.mark_paid(order=order_that_is("shipped"), actor=staff("otto"))

    assert (order.status, order.payment_status) == ("shipped", "paid")


def test_a_cancelled_order_takes_no_money() -> None:
    with pytest.raises(IllegalMove):
        lifecycle.mark_paid(order=order_that_is("cancelled"), actor=staff("otto"))
    assert Payment.objects.get().captured_amount == 0


def test_customers_cancel_what_is_unpaid_and_not_shipped() -> None:
    order = order_that_is("processing")
    assert lifecycle.cancel(order=order, actor=customer("alice"), by_customer=True).status == "cancelled"


@pytest.mark.parametrize("status", ["shipped", "delivered", "cancelled"])
def test_customers_cancel_nothing_later(status: str) -> None:
    order = order_that_is(status)
    with pytest.raises(IllegalMove):
        lifecycle.cancel(order=order, actor=customer("alice"), by_customer=True)


def test_a_paid_order_is_cancelled_by_staff_who_return_the_money() -> None:
    order = lifecycle.mark_paid(order=order_that_is("pending"), actor=staff("otto"))
    with pytest.raises(IllegalMove, match="paid already"):
        lifecycle.cancel(order=order, actor=customer("alice"), by_customer=True)

    lifecycle.cancel(order=order, actor=staff("otto"))
    refunded = refunds.mark_refunded(order=order, actor=staff("otto"))

    assert (refunded.status, refunded.payment_status) == ("cancelled", "refunded")
    assert Payment.objects.get().refunded_amount == order.total
    call_command("audit")
    with pytest.raises(IllegalMove):
        refunds.mark_refunded(order=order, actor=staff("otto"))


def test_postgresql_refuses_to_rewrite_the_timeline() -> None:
    order = order_that_is("pending")
    with pytest.raises((InternalError, IntegrityError), match="append-only"), transaction.atomic():
        OrderEvent.objects.filter(order=order).update(message="never happened")


def test_postgresql_refuses_to_refund_more_than_was_captured() -> None:
    order = order_that_is("pending")
    with pytest.raises(IntegrityError, match="refunded_within_committed"), transaction.atomic():
        Payment.objects.filter(order=order).update(refunded_amount=1)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_shipping_and_cancelling_at_once_end_on_one_path() -> None:
    variant = VariantFactory.create(stock=5)
    order = order_that_is("processing", variant)

    outcomes = run_parallel(
        [
            lambda: lifecycle.ship(order=order, actor=staff("otto")),
            lambda: lifecycle.cancel(order=order, actor=staff("mona")),
        ]
        * 5
    )

    assert sum(isinstance(outcome, Order) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, IllegalMove) for outcome in outcomes) == 9
    assert numbers(variant) in {(3, 0), (5, 0)}
    call_command("audit")


@pytest.mark.parametrize("state", ["started", "failed", "cancelled"])
def test_an_order_to_be_paid_at_a_provider_is_not_taken_on_trust(state: str) -> None:
    """Nor after a declined card: it can still be paid, until it expires."""
    order = place((VariantFactory.create(), 1), payment_method="test_card")
    Payment.objects.update(state=state)
    with pytest.raises(IllegalMove, match="paid at its provider first"):
        lifecycle.accept(order=order, actor=staff("otto"))
    order.refresh_from_db()
    assert order.status == "pending"
