"""Ten people press "Refund" at once, while others ship and cancel; each rule with a control without its guard."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError
from django.db.models import Sum

from catalog.models import StockLevel, Variant
from catalog.tests.factories import VariantFactory
from orders import lifecycle, refunds
from orders.actors import staff
from orders.errors import IllegalMove, InvalidOrder, RefundNotPossible
from orders.giving_back import send_refund
from orders.models import Order, OrderLine, Payment, Refund
from orders.pieces import open_pieces
from orders.refunds import RefundTerms, confirm_refund, request_refund, retry_refund
from orders.settlement import settle
from orders.tests.paying import broken_rules, card_order, payment_of
from shop.testing.provider import Double, Fault
from shop.testing.races import at_once, run_parallel

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
BOB = staff("bob")


def paid(double: Double, variant: Variant, pieces: int = 2) -> Order:
    order = card_order((variant, pieces))
    double.ledger.pay(payment_of(order).reference)
    settle(payment_id=payment_of(order).pk)
    order.refresh_from_db()
    return order


def everything(order: Order) -> RefundTerms:
    pieces = {line.pk: line.quantity for line in OrderLine.objects.filter(order=order)}
    return RefundTerms(pieces, frozenset(pieces), shipping=True)


def send_all() -> None:
    for refund in Refund.objects.filter(state__in=["requested", "sent"]):
        send_refund(refund_id=refund.pk)


@pytest.mark.parametrize("by_amount", [False, True])
def test_ten_full_refunds_at_once_are_one(stripe_double: Double, by_amount: bool) -> None:
    variant = VariantFactory.create(stock=5, price=1000)
    order = paid(stripe_double, variant)
    terms = RefundTerms(amount=order.total) if by_amount else everything(order)

    outcomes = at_once(10, lambda _: request_refund(order=order, terms=terms, actor=BOB))

    assert sum(isinstance(outcome, Refund) for outcome in outcomes) == 1
    assert [type(o) for o in outcomes if isinstance(o, Exception)] == [RefundNotPossible] * 9
    at_once(10, lambda _: send_refund(refund_id=Refund.objects.get().pk))
    assert stripe_double.ledger.given_back(order.number) == [order.total]
    order.refresh_from_db()
    assert order.payment_status == "refunded"
    assert StockLevel.objects.get().reserved == (2 if by_amount else 0)
    assert broken_rules() == []


def test_control_without_lock_and_condition_the_same_money_is_promised_twice(
    stripe_double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = paid(stripe_double, VariantFactory.create(stock=5, price=1000))
    both_have_read = threading.Barrier(2)

    def careless(payment: Payment, amount: int, **options: Any) -> Refund:
        found = Payment.objects.get(pk=payment.pk)
        both_have_read.wait(20)
        if amount > found.refundable:
            raise RefundNotPossible("Nothing is left.")
        Payment.objects.filter(pk=found.pk).update(refund_committed=found.refund_committed + amount)
        return Refund.objects.create(
            payment=found, order_id=found.order_id, key=options["key"] or f"{threading.get_ident():032x}"[-32:],
            currency=found.currency, amount=amount,
        )  # fmt: skip

    monkeypatch.setattr(refunds, "lock_order", lambda pk: Order.objects.get(pk=pk))
    monkeypatch.setattr(refunds, "lock_payments", lambda order: list(order.payments.all()))
    monkeypatch.setattr(refunds, "promise_refund", careless)
    terms = RefundTerms(amount=order.total)
    outcomes = at_once(2, lambda _: request_refund(order=order, terms=terms, actor=BOB))

    assert all(isinstance(outcome, Refund) for outcome in outcomes)
    assert any("promised what its refunds add up to" in rule for rule in broken_rules())


def test_partial_refunds_at_once_never_sum_to_more_than_was_paid(stripe_double: Double) -> None:
    order = paid(stripe_double, VariantFactory.create(stock=5, price=1000))  # 24.90

    outcomes = at_once(12, lambda _: request_refund(order=order, terms=RefundTerms(amount=300), actor=BOB))

    assert sum(isinstance(outcome, Refund) for outcome in outcomes) == 8
    send_all()
    assert sum(stripe_double.ledger.given_back(order.number)) == 2400
    assert broken_rules() == []


def test_one_name_ten_times_is_one_refund(stripe_double: Double) -> None:
    order = paid(stripe_double, VariantFactory.create(stock=5, price=1000))
    terms = RefundTerms(amount=300, key=uuid4())
    outcomes = at_once(10, lambda _: request_refund(order=order, terms=terms, actor=BOB))

    one = Refund.objects.get()
    assert [getattr(outcome, "pk", outcome) for outcome in outcomes] == [one.pk] * 10


def test_refunding_cancelling_and_shipping_at_once_end_on_one_path(stripe_double: Double) -> None:
    for _ in range(5):
        variant = VariantFactory.create(stock=5, price=1000)
        order = paid(stripe_double, variant)
        terms = everything(order)

        acts: list[Callable[[], object]] = [
            partial(request_refund, order=order, terms=terms, actor=BOB),
            partial(lifecycle.cancel, order=order, actor=BOB),
            partial(lifecycle.ship, order=order, actor=BOB),
        ]
        outcomes = run_parallel(acts * 3)

        refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
        assert all(isinstance(error, RefundNotPossible | IllegalMove | InvalidOrder) for error in refused), refused
        for refund in order.refunds.filter(state="requested"):
            send_refund(refund_id=refund.pk)
        order.refresh_from_db()
        level = StockLevel.objects.get(variant=variant)
        given = stripe_double.ledger.given_back(order.number)
        assert given in ([], [order.total])
        if order.status == "cancelled":
            assert (given, order.payment_status, level.on_hand) == ([order.total], "refunded", 5)
        else:
            assert order.status == "shipped"
        assert level.reserved == 0
    assert broken_rules() == []


def cancel(order: Order) -> object:
    return lifecycle.cancel(order=order, actor=BOB)


def give_everything_back(order: Order) -> object:
    return request_refund(order=order, terms=everything(order), actor=BOB)


def while_it_is_packed(order: Order, act: Callable[[Order], object], monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The lock off: whoever ships has seen what is open, then the act takes place, then the parcel leaves."""
    has_seen, is_done, packer = threading.Event(), threading.Event(), threading.local()

    def look_and_wait(*args: Any) -> Any:
        found = open_pieces(*args)
        if getattr(packer, "is_me", False):
            has_seen.set()
            assert is_done.wait(20)
        return found

    def ship() -> Order:
        packer.is_me = True
        return lifecycle.ship(order=order, actor=BOB)

    def act_meanwhile() -> object:
        assert has_seen.wait(20)
        try:
            return act(order)
        finally:
            is_done.set()

    for module in (lifecycle, refunds):
        monkeypatch.setattr(module, "lock_order", lambda pk: Order.objects.get(pk=pk))
    monkeypatch.setattr(lifecycle, "open_pieces", look_and_wait)
    return run_parallel([act_meanwhile, ship])


def test_control_without_the_lock_a_cancelled_order_is_shipped_with_the_pieces_of_another(
    stripe_double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    variant = VariantFactory.create(stock=5, price=1000)
    order, _ = paid(stripe_double, variant), paid(stripe_double, variant)

    outcomes = while_it_is_packed(order, cancel, monkeypatch)

    assert [type(outcome) for outcome in outcomes] == [Order, Order]
    order.refresh_from_db()
    assert (order.status, order.refunds.get().amount) == ("shipped", order.total)
    assert StockLevel.objects.get().reserved == 0  # the other order's two are to come
    assert broken_rules() != []


def test_control_without_the_lock_only_postgresql_stops_what_is_refunded_from_being_shipped(
    stripe_double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    variant = VariantFactory.create(stock=5, price=1000)
    order, _ = paid(stripe_double, variant), paid(stripe_double, variant)

    outcomes = while_it_is_packed(order, give_everything_back, monkeypatch)

    assert [type(outcome) for outcome in outcomes] == [Refund, IntegrityError]


def test_retrying_a_failed_refund_and_giving_a_new_one_at_once_gives_back_once(stripe_double: Double) -> None:
    order = paid(stripe_double, VariantFactory.create(stock=5, price=1000))
    refund = request_refund(order=order, terms=RefundTerms(amount=order.total), actor=BOB)
    stripe_double.faults.plan(Fault.REFUSE, at="refunds")
    send_refund(refund_id=refund.pk)

    outcomes = run_parallel(
        [
            lambda: retry_refund(refund=refund, actor=BOB),
            lambda: request_refund(order=order, terms=RefundTerms(amount=order.total), actor=BOB),
            lambda: confirm_refund(refund=refund, actor=BOB),
        ]
        * 3
    )

    assert sum(isinstance(outcome, Refund) for outcome in outcomes) == 1
    send_all()
    promised = order.refunds.exclude(state="failed").aggregate(sum=Sum("amount"))["sum"]
    assert promised == order.total
    assert sum(stripe_double.ledger.given_back(order.number)) <= order.total
    assert broken_rules() == []


def test_a_refund_and_news_of_it_at_once_have_one_effect(stripe_double: Double) -> None:
    stripe_double.ledger.refunds_begin_as = "pending"
    order = paid(stripe_double, VariantFactory.create(stock=5, price=1000))
    refund = request_refund(order=order, terms=RefundTerms(amount=order.total), actor=BOB)
    send_refund(refund_id=refund.pk)
    refund.refresh_from_db()
    stripe_double.ledger.settle_refund(refund.reference, "succeeded")

    at_once(12, lambda _: send_refund(refund_id=refund.pk))

    assert order.events.filter(message__contains="returned").count() == 1
    assert payment_of(order).refunded_amount == order.total
    assert broken_rules() == []
