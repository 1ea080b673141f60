"""Returns at the same moment, on real connections; each rule with a control that shows the fault without it."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import IntegrityError

from catalog.models import StockLevel, StockMovement
from catalog.tests.factories import VariantFactory
from orders import aftersales
from orders.errors import ReturnNotPossible
from orders.models import Order, OrderLine, Refund, Return
from orders.pieces import count_pieces
from orders.refunds import refund_locked
from orders.reports.invariants import verdicts
from orders.tests.returning import OTTO, accepted, ask, delivered, received, take_in
from shop.testing.races import at_once, run_parallel

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def broken_rules() -> list[str]:
    return [f"{verdict.name}: {verdict.offenders}" for verdict in verdicts() if not verdict.holds]


def an_order() -> Order:
    return delivered((VariantFactory.create(stock=10, price=1250), 4))


def without_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aftersales, "lock_order", lambda pk: Order.objects.get(pk=pk))


def test_ten_requests_for_one_order_are_one_return() -> None:
    order = an_order()

    outcomes = at_once(10, lambda _: ask(order, 2))

    assert sum(isinstance(outcome, Return) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, ReturnNotPossible) for outcome in outcomes) == 9
    assert Return.objects.count() == 1
    assert broken_rules() == []


def test_control_without_the_lock_only_postgresql_stands_in_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody finds no open return; the second insert is refused by the constraint, which tells nobody why."""
    order = an_order()
    without_lock(monkeypatch)
    everybody_has_looked, look = threading.Barrier(4), aftersales._chosen

    def slow_look(*args: Any) -> Any:
        everybody_has_looked.wait(20)
        return look(*args)

    monkeypatch.setattr(aftersales, "_chosen", slow_look)
    outcomes = at_once(4, lambda _: ask(order, 2))

    assert sum(isinstance(outcome, Return) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, IntegrityError) for outcome in outcomes) == 3


def test_a_parcel_is_taken_in_once() -> None:
    order = an_order()
    back = accepted(order, 2)

    outcomes = at_once(8, lambda _: take_in(back, (2, 2)))

    assert sum(isinstance(outcome, Return) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, ReturnNotPossible) for outcome in outcomes) == 7
    assert StockLevel.objects.get(variant=order.lines.get().variant).on_hand == 8
    assert broken_rules() == []


def test_control_without_the_lock_a_parcel_is_taken_in_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    order = an_order()
    back = accepted(order, 2)
    without_lock(monkeypatch)
    both_have_looked, look = threading.Barrier(2), aftersales._expect_arrivable

    def slow_look(*args: Any) -> None:
        look(*args)
        both_have_looked.wait(20)

    monkeypatch.setattr(aftersales, "_expect_arrivable", slow_look)
    outcomes = at_once(2, lambda _: take_in(back, (2, 2)))

    assert not [outcome for outcome in outcomes if isinstance(outcome, ReturnNotPossible)]
    assert StockMovement.objects.filter(reason="returned", reference=order.number).count() == 2
    assert OrderLine.objects.get(order=order).returned == 4  # of two that came
    assert any("come back with a return" in rule for rule in broken_rules())


def test_ten_refunds_of_one_return_are_one() -> None:
    back = received(an_order(), 2)

    outcomes = at_once(10, lambda _: aftersales.refund_return(of_return=back, actor=OTTO))

    assert sum(isinstance(outcome, Return) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, ReturnNotPossible) for outcome in outcomes) == 9
    assert Refund.objects.get(order_id=back.order_id).amount == 2500
    assert broken_rules() == []


def test_control_without_the_lock_one_return_is_refunded_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    back = received(an_order(), 2)
    without_lock(monkeypatch)
    both_have_looked = threading.Barrier(2)

    def slow_refund(*args: Any) -> Refund:
        both_have_looked.wait(20)
        return refund_locked(*args)

    monkeypatch.setattr(aftersales, "refund_locked", slow_refund)
    outcomes = at_once(2, lambda _: aftersales.refund_return(of_return=back, actor=OTTO))

    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert list(Refund.objects.values_list("amount", flat=True)) == [2500, 2500]  # for two pieces


def test_a_return_is_refunded_or_closed_never_both() -> None:
    for _ in range(4):
        back = received(an_order(), 2)

        outcomes = run_parallel(
            [
                lambda of=back: aftersales.refund_return(of_return=of, actor=OTTO),  # type: ignore[misc]
                lambda of=back: aftersales.close_return(of_return=of, answer="No.", actor=OTTO),  # type: ignore[misc]
            ]
        )

        done = [outcome for outcome in outcomes if isinstance(outcome, Return)]
        assert len(done) == 1
        assert sum(isinstance(outcome, ReturnNotPossible) for outcome in outcomes) == 1
        assert Return.objects.get(pk=back.pk).state == done[0].state
        assert Refund.objects.filter(order_id=back.order_id).exists() == (done[0].state == "refunded")
    assert broken_rules() == []


def everybody_looks_first(people: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lock off: nobody takes a step before so many have seen that it can be taken."""
    without_lock(monkeypatch)
    all_have_looked, look = threading.Barrier(people), aftersales._expect_move

    def slow_look(*args: Any) -> None:
        look(*args)
        all_have_looked.wait(20)

    monkeypatch.setattr(aftersales, "_expect_move", slow_look)


def test_control_without_the_lock_what_is_refunded_is_closed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is told that it is too late; at most PostgreSQL has none that is closed and has a refund."""
    back = received(an_order(), 2)
    everybody_looks_first(2, monkeypatch)

    outcomes = run_parallel(
        [
            lambda: aftersales.refund_return(of_return=back, actor=OTTO),
            lambda: aftersales.close_return(of_return=back, answer="No.", actor=OTTO),
        ]
    )

    assert all(isinstance(outcome, Return | IntegrityError) for outcome in outcomes)


def test_answering_and_withdrawing_at_once_end_on_one_path() -> None:
    order = an_order()
    back = ask(order, 2)

    outcomes = run_parallel(
        [
            lambda: aftersales.accept_return(of_return=back, actor=OTTO),
            lambda: aftersales.refuse_return(of_return=back, answer="No.", actor=OTTO),
            lambda: aftersales.withdraw_return(order=order, actor=OTTO),
        ]
    )

    # An accepted return may still be refused.
    done = [outcome.state for outcome in outcomes if isinstance(outcome, Return)]
    assert done in (["accepted"], ["refused"], ["withdrawn"], ["accepted", "refused"])
    assert order.events.filter(kind="return").count() == 1 + len(done)
    assert broken_rules() == []


def test_control_without_the_lock_one_request_gets_three_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    order = an_order()
    back = ask(order, 2)
    everybody_looks_first(3, monkeypatch)

    outcomes = run_parallel(
        [
            lambda: aftersales.accept_return(of_return=back, actor=OTTO),
            lambda: aftersales.refuse_return(of_return=back, answer="No.", actor=OTTO),
            lambda: aftersales.withdraw_return(order=order, actor=OTTO),
        ]
    )

    assert [getattr(outcome, "state", outcome) for outcome in outcomes] == ["accepted", "refused", "withdrawn"]
    assert order.events.filter(kind="return").count() == 1 + 3


def test_counting_is_the_last_wall_against_more_than_was_shipped() -> None:
    line = an_order().lines.get()
    with pytest.raises(IntegrityError, match="returned_within_shipped"):
        count_pieces("returned", {line.pk: 5})
