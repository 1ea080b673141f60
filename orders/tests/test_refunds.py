"""Deciding on refunds: how much, for which pieces, and what becomes of goods, coupon and order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from catalog.models import StockLevel, StockMovement, Variant
from catalog.tests.factories import VariantFactory
from orders import lifecycle, refunds
from orders.actors import staff
from orders.errors import InvalidOrder, RefundNotPossible
from orders.models import Coupon, Order, OrderLine, Payment, Refund
from orders.payments.refunding import fail
from orders.refunds import RefundTerms, confirm_refund, request_refund, retry_refund
from orders.tests.paying import broken_rules
from orders.tests.placing import place
from shop.testing.sql import assert_locked_before_written, captured_sql

pytestmark = pytest.mark.django_db
BOB = staff("bob")


def paid_order(*items: tuple[Variant, int], **options: Any) -> Order:
    """Paid by transfer; nothing is shipped."""
    return lifecycle.mark_paid(order=place(*items, **options), actor=staff("otto"))


def lines_of(order: Order) -> list[OrderLine]:
    return list(OrderLine.objects.filter(order=order).order_by("pk"))


def give(order: Order, **terms: Any) -> Refund:
    return request_refund(order=order, terms=RefundTerms(**terms), actor=BOB)


def everything(order: Order) -> dict[int, int]:
    return {line.pk: line.quantity for line in lines_of(order)}


def level(variant: Variant) -> tuple[int, int]:
    found = StockLevel.objects.get(variant=variant)
    return found.on_hand, found.reserved


def books(order: Order) -> tuple[int, int, int]:
    payment = Payment.objects.get(order=order)
    return payment.captured_amount, payment.refund_committed, payment.refunded_amount


def test_an_amount_is_promised_and_waits_for_the_staff() -> None:
    order = paid_order((VariantFactory.create(stock=5, price=1250), 2))

    refund = give(order, amount=500, reason="A scratch")

    assert (refund.amount, refund.state, refund.reason, refund.requested_by) == (500, "requested", "A scratch", "bob")
    assert books(order) == (2990, 500, 0)
    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("processing", "paid")
    assert order.events.latest("pk").message == "Refund of €5.00 requested"
    assert not ProcrastinateJob.objects.filter(task_name="orders.send_refund").exists()
    assert broken_rules() == []


def test_pieces_are_given_back_and_never_shipped() -> None:
    mug, bowl = VariantFactory.create(stock=5, price=1000), VariantFactory.create(stock=5, price=333)
    order = paid_order((mug, 3), (bowl, 1))
    first, _ = lines_of(order)

    refund = give(order, pieces={first.pk: 2}, restock=[first.pk])

    assert (refund.amount, refund.shipping) == (2000, 0)
    part = refund.lines.get()
    assert (part.line_id, part.quantity, part.amount, part.restock) == (first.pk, 2, 2000, True)
    first.refresh_from_db()
    assert (first.cancelled, first.open) == (2, 1)
    assert (level(mug), level(bowl)) == ((5, 1), (5, 1))
    order.refresh_from_db()
    assert order.status == "processing"
    assert broken_rules() == []


def test_pieces_that_are_not_restocked_are_written_off() -> None:
    mug = VariantFactory.create(stock=5)
    order = paid_order((mug, 3))
    give(order, pieces={lines_of(order)[0].pk: 2})

    assert level(mug) == (3, 1)
    movement = StockMovement.objects.latest("pk")
    assert (movement.quantity, movement.reason, movement.note, movement.reference, movement.actor) == (
        -2, "adjusted", "Written off", order.number, "bob",
    )  # fmt: skip
    assert broken_rules() == []


def test_piece_by_piece_exactly_what_was_paid_goes_back() -> None:
    """A discount does not divide by three, and the tax comes on top."""
    Coupon.objects.create(code="TEN", kind="amount", amount=1000)
    order = paid_order((VariantFactory.create(stock=9, price=1111), 3), coupon="TEN")
    line = lines_of(order)[0]
    OrderLine.objects.update(discount=1000, total=2333, tax=443)
    Order.objects.update(
        prices_include_tax=False, discount=1000, tax=536, shipping_tax=93, total=2333 + 490 + 536, subtotal=3333
    )
    Payment.objects.update(amount=3359, captured_amount=3359)

    amounts = [give(order, pieces={line.pk: 1}, restock=[line.pk]).amount for _ in range(3)]
    shipping = give(order, shipping=True)

    assert sum(amounts) == 2333 + 443
    assert (shipping.amount, shipping.shipping) == (490 + 93, 583)
    assert books(order) == (3359, 3359, 0)
    assert broken_rules() == []


def test_all_of_an_unshipped_order_cancels_it_and_gives_its_coupon_back() -> None:
    Coupon.objects.create(code="TEN", kind="amount", amount=1000, max_uses=1)
    mug = VariantFactory.create(stock=5, price=1250)
    order = paid_order((mug, 2), coupon="TEN")
    assert Coupon.objects.get().used == 1

    refund = give(order, pieces=everything(order), restock=everything(order), shipping=True)

    order.refresh_from_db()
    assert (order.status, order.payment_status, refund.amount) == ("cancelled", "paid", order.total)
    assert (level(mug), Coupon.objects.get().used) == ((5, 0), 0)
    assert order.refunds.count() == 1
    assert broken_rules() == []


def test_the_rest_of_a_partly_shipped_order_makes_it_shipped() -> None:
    order = paid_order((VariantFactory.create(stock=5), 3))
    line = lines_of(order)[0]
    lifecycle.ship(order=order, actor=BOB, pieces={line.pk: 1})

    give(order, pieces={line.pk: 2}, restock=[line.pk])

    order.refresh_from_db()
    assert order.status == "shipped"
    line.refresh_from_db()
    assert (line.shipped, line.cancelled, line.open) == (1, 2, 0)
    assert broken_rules() == []


def test_of_a_line_pieces_in_the_house_come_first_and_shipped_ones_can_come_back() -> None:
    mug = VariantFactory.create(stock=5)
    order = paid_order((mug, 3))
    line = lines_of(order)[0]
    lifecycle.ship(order=order, actor=BOB, pieces={line.pk: 2})
    assert level(mug) == (3, 1)

    give(order, pieces={line.pk: 2}, restock=[line.pk])

    line.refresh_from_db()
    assert (line.shipped, line.cancelled, line.returned) == (2, 1, 1)
    assert level(mug) == (4, 0)
    assert StockMovement.objects.latest("pk").reason == "returned"
    assert broken_rules() == []


def test_shipped_pieces_that_stay_away_move_no_stock() -> None:
    mug = VariantFactory.create(stock=5)
    order = paid_order((mug, 2))
    lifecycle.ship(order=order, actor=BOB)

    give(order, pieces=everything(order))

    assert level(mug) == (3, 0)
    assert lines_of(order)[0].returned == 0
    order.refresh_from_db()
    assert order.status == "shipped"


def test_less_than_the_pieces_are_worth_can_be_given() -> None:
    order = paid_order((VariantFactory.create(stock=5, price=1000), 2))
    refund = give(order, pieces=everything(order), shipping=True, amount=2000)
    assert (refund.amount, refund.shipping, refund.lines.get().amount) == (2000, 394, 1606)
    assert broken_rules() == []


def refused(order: Order, error: type[Exception] = RefundNotPossible, **terms: Any) -> str:
    before = (books(order), order.refunds.count(), order.events.count(), StockMovement.objects.count())
    with pytest.raises(error) as raised:
        give(order, **terms)
    order.refresh_from_db()
    assert (books(order), order.refunds.count(), order.events.count(), StockMovement.objects.count()) == before
    assert broken_rules() == []
    return str(raised.value)


def test_what_cannot_be_given_back_is_refused_and_nothing_changes() -> None:
    order = paid_order((VariantFactory.create(stock=5, price=1000), 2))
    line = lines_of(order)[0]
    assert "At most 24.90 EUR" in refused(order, amount=2491)
    assert "nothing to give back" in refused(order, amount=0)
    assert "nothing to give back" in refused(order, amount=-1)
    assert "nothing to give back" in refused(order)
    assert "for 2 can still" in refused(order, pieces={line.pk: 3})
    assert "worth 10.00 EUR" in refused(order, pieces={line.pk: 1}, amount=1001)
    assert "no line 0" in refused(order, InvalidOrder, pieces={0: 1})
    assert "choose a number" in refused(order, InvalidOrder, pieces={line.pk: -1})
    give(order, amount=2000)
    assert "At most 4.90 EUR" in refused(order, pieces={line.pk: 2})


def test_nothing_is_given_back_twice() -> None:
    order = paid_order((VariantFactory.create(stock=5, price=1000), 2))
    line = lines_of(order)[0]
    give(order, pieces={line.pk: 2}, restock=[line.pk], shipping=True)
    assert "for 0 can still" in refused(order, pieces={line.pk: 1})
    assert "shipping has been" in refused(order, shipping=True)
    assert "At most 0.00" in refused(order, amount=1)


def test_more_than_was_shipped_does_not_come_back() -> None:
    order = paid_order((VariantFactory.create(stock=5, price=1000), 2))
    lifecycle.ship(order=order, actor=BOB)
    line = lines_of(order)[0]
    OrderLine.objects.update(returned=1)  # taken in already
    with pytest.raises(RefundNotPossible, match="1 of the shipped pieces"):
        refunds.request_refund(order=order, terms=RefundTerms(pieces={line.pk: 2}, restock=[line.pk]), actor=BOB)
    OrderLine.objects.update(returned=0)
    give(order, pieces={line.pk: 2})


def test_an_unpaid_order_gives_nothing_back() -> None:
    order = place((VariantFactory.create(stock=5), 1))
    assert "Nothing has been paid" in refused(order, amount=1)


def test_what_is_left_of_a_cancelled_order_can_be_given_back() -> None:
    order = paid_order((VariantFactory.create(stock=5, price=1000), 2))
    give(order, pieces=everything(order), restock=everything(order))
    order.refresh_from_db()
    assert order.status == "cancelled"
    give(order, shipping=True)
    assert books(order) == (2490, 2490, 0)
    assert broken_rules() == []


def test_cancelling_gives_back_what_was_not_promised_yet() -> None:
    order = paid_order((VariantFactory.create(stock=5, price=1000), 2))
    line = lines_of(order)[0]
    give(order, pieces={line.pk: 1}, restock=[line.pk])
    lifecycle.cancel(order=order, actor=BOB)
    assert [refund.amount for refund in order.refunds.all()] == [1000, 1490]
    assert broken_rules() == []


def test_order_stock_coupon_and_payment_are_locked_in_their_order() -> None:
    Coupon.objects.create(code="TEN", kind="amount", amount=1000)
    mug, bowl = VariantFactory.create(stock=5), VariantFactory.create(stock=5)
    order = paid_order((bowl, 1), (mug, 1), coupon="TEN")
    with captured_sql() as statements:
        give(order, pieces=everything(order))
    for table in ("catalog_stocklevel", "orders_payment"):
        assert_locked_before_written(statements, table)
    taken = ('FROM "orders_order"', 'FROM "catalog_stocklevel"', 'UPDATE "orders_coupon"', 'FROM "orders_payment"')
    at = [
        next(n for n, sql in enumerate(statements) if what in sql and ("FOR NO KEY" in sql or "UPDATE" in what))
        for what in taken
    ]
    assert at == sorted(at)


# --- after it was decided


def test_money_given_back_by_hand_is_confirmed() -> None:
    order = paid_order((VariantFactory.create(stock=5, price=1000), 2))
    first, second = give(order, amount=1000), give(order, amount=1490)

    confirm_refund(refund=first, actor=BOB)
    order.refresh_from_db()
    assert order.payment_status == "partially_refunded"
    confirm_refund(refund=second, actor=BOB)

    order.refresh_from_db()
    assert order.payment_status == "refunded"
    assert books(order) == (2490, 2490, 2490)
    credit_notes = ProcrastinateJob.objects.filter(task_name="orders.issue_credit_note")
    assert sorted(job.args["refund_id"] for job in credit_notes) == [first.pk, second.pk]
    assert broken_rules() == []
    with pytest.raises(RefundNotPossible):
        confirm_refund(refund=first, actor=BOB)


def failed(order: Order, amount: int) -> Refund:
    refund = give(order, amount=amount)
    refund.payment = Payment.objects.get(pk=refund.payment_id)
    fail(refund, "The account is closed.")
    return refund


def test_a_refund_that_failed_gives_its_promise_back_and_can_be_tried_again() -> None:
    order = paid_order((VariantFactory.create(stock=5, price=1000), 2))
    refund = failed(order, 2490)
    assert books(order) == (2490, 0, 0)
    assert broken_rules() == []

    again = retry_refund(refund=refund, actor=BOB)

    assert (again.state, again.failure, again.key) == ("requested", "", refund.key)
    assert books(order) == (2490, 2490, 0)
    with pytest.raises(RefundNotPossible):
        retry_refund(refund=refund, actor=BOB)


def test_a_refund_whose_money_went_back_otherwise_is_not_tried_again() -> None:
    order = paid_order((VariantFactory.create(stock=5, price=1000), 2))
    refund = failed(order, 2490)
    give(order, amount=1)
    with pytest.raises(RefundNotPossible, match=r"At most 24\.89"):
        retry_refund(refund=refund, actor=BOB)
    refund.refresh_from_db()
    assert refund.state == "failed"


def test_a_refund_that_failed_can_be_given_back_by_hand() -> None:
    order = paid_order((VariantFactory.create(stock=5, price=1000), 2))
    refund = failed(order, 2490)
    confirm_refund(refund=refund, actor=BOB)
    order.refresh_from_db()
    assert (order.payment_status, books(order)) == ("refunded", (2490, 2490, 2490))


def test_what_the_provider_is_to_do_is_not_confirmed_by_hand() -> None:
    order = paid_order((VariantFactory.create(stock=5, price=1000), 2))
    Payment.objects.update(gateway="stripe", reference="cs_1")
    refund = give(order, amount=1)
    assert ProcrastinateJob.objects.get(task_name="orders.send_refund").args == {"refund_id": refund.pk}
    with pytest.raises(RefundNotPossible):
        confirm_refund(refund=refund, actor=BOB)


def test_postgresql_refuses_what_all_code_might_get_wrong() -> None:
    order = paid_order((VariantFactory.create(stock=5, price=1000), 2))
    refund = give(order, amount=1)
    breaks: dict[str, Callable[[], int]] = {
        "refunds_within_captured": lambda: Payment.objects.update(refund_committed=2491),
        "refunded_within_committed": lambda: Payment.objects.update(refunded_amount=2),
        "amount_positive": lambda: Refund.objects.update(amount=0),
        "shipping_within_amount": lambda: Refund.objects.filter(pk=refund.pk).update(shipping=2),
        "pieces_within_quantity": lambda: OrderLine.objects.update(cancelled=3),
        "returned_within_shipped": lambda: OrderLine.objects.update(returned=1),
    }
    for name, update in breaks.items():
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            update()


def test_the_audit_knows_refunds() -> None:
    order = paid_order((VariantFactory.create(stock=5, price=1000), 2))
    mark = refunds.mark_refunded
    give(order, amount=1)
    assert mark(order=order, actor=BOB).payment_status == "partially_refunded"
    assert broken_rules() == []
