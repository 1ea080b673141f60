"""More is promised than is there: only where that is allowed, and only what is there can leave."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from catalog.errors import NotHereYet, OutOfStock, StockTooLow
from catalog.inventory import stock, watching
from catalog.models import StockLevel, StockMovement, Variant
from catalog.tests.factories import VariantFactory
from shop.testing.races import at_once

pytestmark = pytest.mark.django_db


def numbers(variant: Variant) -> tuple[int, int]:
    level = StockLevel.objects.get(variant=variant)
    return level.on_hand, level.reserved


def reserve(variant: Variant, pieces: int) -> None:
    with transaction.atomic():
        stock.reserve({variant.pk: pieces})


def test_more_can_be_promised_than_is_there_where_that_is_allowed() -> None:
    on_order, only_here = VariantFactory.create(stock=2, allows_backorders=True), VariantFactory.create(stock=2)
    reserve(on_order, 5)
    with pytest.raises(OutOfStock):
        reserve(only_here, 5)
    assert (numbers(on_order), numbers(only_here)) == ((2, 5), (2, 0))


def test_only_what_is_there_can_leave() -> None:
    variant = VariantFactory.create(stock=2, allows_backorders=True)
    reserve(variant, 5)
    with pytest.raises(NotHereYet, match=r"2 here, 3 needed"), transaction.atomic():
        stock.ship({variant.pk: 3}, reference="X", actor="otto")
    assert (numbers(variant), StockMovement.objects.count()) == ((2, 5), 1)

    stock.ship({variant.pk: 2}, reference="X", actor="otto")
    stock.receive(variant_id=variant.pk, quantity=3)
    stock.ship({variant.pk: 3}, reference="X", actor="otto")
    assert numbers(variant) == (0, 0)


def test_what_is_not_there_cannot_be_written_off() -> None:
    variant = VariantFactory.create(stock=1, allows_backorders=True)
    reserve(variant, 2)
    with pytest.raises(NotHereYet), transaction.atomic():
        stock.write_off({variant.pk: 2}, reference="X", actor="otto")
    assert numbers(variant) == (1, 2)


def test_a_promise_can_be_taken_back_whether_or_not_the_goods_are_there() -> None:
    variant = VariantFactory.create(stock=0, allows_backorders=True)
    reserve(variant, 2)
    stock.release({variant.pk: 2})
    assert numbers(variant) == (0, 0)


def test_corrections_may_go_below_what_is_promised_but_never_below_nothing() -> None:
    variant = VariantFactory.create(stock=3, allows_backorders=True)
    reserve(variant, 5)
    stock.adjust(variant_id=variant.pk, quantity=-2, reason=StockMovement.Reason.DAMAGED)
    stock.recount(variant_id=variant.pk, counted=2)
    assert numbers(variant) == (2, 5)
    with pytest.raises(StockTooLow, match="Only 2"):
        stock.adjust(variant_id=variant.pk, quantity=-3)
    assert numbers(variant) == (2, 5)


def test_saying_that_none_are_available_while_orders_wait_invents_no_pieces() -> None:
    variant = VariantFactory.create(stock=1, allows_backorders=True)
    reserve(variant, 4)
    with transaction.atomic():
        stock.set_available(variant_id=variant.pk, available=0)
        assert numbers(variant) == (1, 4)
        stock.set_available(variant_id=variant.pk, available=2)
    assert numbers(variant) == (6, 4)


def test_they_cannot_end_while_orders_wait_for_goods() -> None:
    variant = VariantFactory.create(stock=1, allows_backorders=True)
    reserve(variant, 2)
    with pytest.raises(StockTooLow, match="1 pieces are promised"):
        stock.set_rules(variant_id=variant.pk, allows_backorders=False, low_at=None)
    assert StockLevel.objects.get().allows_backorders

    stock.receive(variant_id=variant.pk, quantity=1)
    stock.set_rules(variant_id=variant.pk, allows_backorders=False, low_at=3)
    level = StockLevel.objects.get()
    assert (level.allows_backorders, level.low_at) == (False, 3)


def test_of_many_levels_those_for_which_orders_wait_stay_as_they_are() -> None:
    awaited, free = (VariantFactory.create(stock=1, allows_backorders=True) for _ in range(2))
    reserve(awaited, 2)
    with transaction.atomic():
        stuck = stock.allow_backorders([awaited.pk, free.pk], allowed=False)
    assert [level.variant_id for level in stuck] == [awaited.pk]
    allowed = StockLevel.objects.order_by("pk").values_list("allows_backorders", flat=True)
    assert list(allowed) == [True, False]


def test_a_sold_out_variant_that_may_be_back_ordered_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[int] = []
    monkeypatch.setattr(watching, "_welcomers", [])
    watching.on_back(lambda levels: heard.extend(level.variant_id for level in levels))
    variant, here = VariantFactory.create(stock=0), VariantFactory.create(stock=1)
    for each in (variant, here, variant):
        stock.set_rules(variant_id=each.pk, allows_backorders=True, low_at=None)
    stock.receive(variant_id=variant.pk, quantity=1)
    assert heard == [variant.pk]


def test_postgresql_refuses_to_end_them_while_orders_wait() -> None:
    variant = VariantFactory.create(stock=1, allows_backorders=True)
    reserve(variant, 2)
    with pytest.raises(IntegrityError, match="reserved_within_on_hand"), transaction.atomic():
        StockLevel.objects.update(allows_backorders=False)


# --- at once


@pytest.mark.django_db(transaction=True)
def test_of_those_who_ship_the_few_that_are_there_only_so_many_do() -> None:
    variant = VariantFactory.create(stock=3, allows_backorders=True)
    reserve(variant, 12)

    def ship(_: int) -> None:
        with transaction.atomic():
            stock.ship({variant.pk: 1}, reference="X", actor="otto")

    outcomes = at_once(12, ship)
    assert sum(isinstance(outcome, NotHereYet) for outcome in outcomes) == 9
    assert numbers(variant) == (0, 9)


@pytest.mark.django_db(transaction=True)
def test_back_orders_end_before_or_after_a_buyer_and_never_under_one() -> None:
    for _ in range(4):
        variant = VariantFactory.create(stock=0, allows_backorders=True)

        def either(number: int, variant: Variant = variant) -> None:
            if number % 2:
                reserve(variant, 1)
            else:
                stock.set_rules(variant_id=variant.pk, allows_backorders=False, low_at=None)

        outcomes = at_once(6, either)
        assert all(isinstance(outcome, OutOfStock | StockTooLow | StockLevel | None) for outcome in outcomes)
        level = StockLevel.objects.get(variant=variant)
        assert level.allows_backorders or level.reserved == 0


@pytest.mark.django_db(transaction=True)
def test_control_without_the_lock_what_was_seen_is_stale() -> None:
    """Looking and then ending, with a buyer in between: only the constraint is left to refuse it."""
    variant = VariantFactory.create(stock=0, allows_backorders=True)
    barrier = threading.Barrier(2, timeout=10)

    def careless(number: int) -> Any:
        if number:
            awaited = StockLevel.objects.get(variant=variant).awaited
            barrier.wait()  # seen
            barrier.wait()  # bought
            assert awaited == 0
            return StockLevel.objects.filter(variant=variant).update(allows_backorders=False)
        barrier.wait()
        reserve(variant, 1)
        barrier.wait()
        return None

    outcomes = at_once(2, careless)
    assert any(isinstance(outcome, IntegrityError) for outcome in outcomes)
