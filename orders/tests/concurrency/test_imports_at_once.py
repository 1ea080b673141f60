"""A file with the stock comes in while the shop sells and sends, on real connections; with the control."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db.models import Sum

from catalog.importing.tests.files import as_csv, mug, take_in
from catalog.inventory import stock
from catalog.models import ImportRun, StockLevel, StockMovement, Variant
from orders import lifecycle
from orders.actors import staff
from orders.models import Order
from orders.tests.auditing import broken_rules
from orders.tests.placing import place
from shop.testing.races import at_once

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
BUYERS = 5
PATIENCE = 20


def counted(pieces: int) -> bytes:
    return as_csv(mug(**{"Variant Inventory Qty": str(pieces)}))


def variant_with(pieces: int) -> Variant:
    take_in(counted(pieces))
    return Variant.objects.get()


def packed(variant: Variant, pieces: int) -> Order:
    return lifecycle.accept(order=place((variant, pieces)), actor=staff("bob"))


def ledger() -> int:
    return int(StockMovement.objects.aggregate(pieces=Sum("quantity"))["pieces"])


def test_stock_that_is_imported_while_orders_come_and_go_stays_what_the_ledger_says() -> None:
    variant = variant_with(10)
    order = packed(variant, 4)

    def act(number: int) -> Any:
        if number == 0:
            return take_in(counted(8), stock=True)
        if number == 1:
            return lifecycle.ship(order=order, actor=staff("otto"))
        return place((variant, 1))

    outcomes = at_once(2 + BUYERS, act)

    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    level = StockLevel.objects.get()
    assert level.reserved == BUYERS
    # So many buyers came after the file; the parcel took nothing that could be bought.
    assert 8 - BUYERS <= level.available <= 8
    assert level.on_hand == ledger()
    assert not ImportRun.objects.filter(refused__gt=0).exists()
    assert broken_rules() == []


def test_no_more_is_sold_than_an_import_leaves() -> None:
    variant = variant_with(10)

    def act(number: int) -> Any:
        return take_in(counted(2), stock=True) if number == 0 else place((variant, 3))

    at_once(4, act)

    level = StockLevel.objects.get()
    assert 0 <= level.reserved <= level.on_hand
    assert broken_rules() == []


def test_control_without_the_levels_lock_an_import_forgets_what_has_left(monkeypatch: pytest.MonkeyPatch) -> None:
    variant = variant_with(10)
    order = packed(variant, 4)
    has_read, has_left = threading.Event(), threading.Event()

    def careless(*, variant_id: int, available: int, note: str, actor: str) -> None:
        level = StockLevel.objects.get(variant=variant_id)
        has_read.set()
        has_left.wait(PATIENCE)
        stock._write(
            level,
            available - level.available,
            reason=StockMovement.Reason.ADJUSTED,
            note=note,
            reference="",
            actor=actor,
        )

    monkeypatch.setattr(stock, "hold", lambda variant_ids: None)
    monkeypatch.setattr(stock, "set_available", careless)

    def act(number: int) -> Any:
        if number == 0:
            return take_in(counted(8), stock=True)
        has_read.wait(PATIENCE)
        lifecycle.ship(order=order, actor=staff("otto"))
        has_left.set()
        return None

    outcomes = at_once(2, act)

    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    # Four pieces have left, and stand on the shelf all the same.
    assert (StockLevel.objects.get().on_hand, ledger()) == (12, 8)
    assert broken_rules()
