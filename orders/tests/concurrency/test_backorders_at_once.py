"""Back-ordered pieces come in while several people pack, on real connections; with controls that need the lock."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from catalog.inventory import stock
from catalog.models import StockLevel, StockMovement, Variant
from catalog.tests.factories import VariantFactory
from orders import lifecycle
from orders.actors import staff
from orders.errors import GoodsMissing
from orders.models import Order, Shipment
from orders.tests.auditing import broken_rules
from orders.tests.placing import place
from shop.testing.races import at_once

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
WAITING = 6
PATIENCE = 20


@pytest.fixture
def mug() -> Variant:
    """Nothing of it is here; it can be ordered all the same."""
    return VariantFactory.create(stock=0, allows_backorders=True)


def orders_for(variant: Variant, number: int = WAITING) -> list[Order]:
    """Each waits for one piece."""
    return [lifecycle.accept(order=place((variant, 1)), actor=staff("bob")) for _ in range(number)]


def send(order: Order, number: int) -> Shipment:
    return lifecycle.send_parcel(order=order, actor=staff(f"packer-{number}"))


def numbers(variant: Variant) -> tuple[int, int]:
    level = StockLevel.objects.get(variant=variant)
    return level.on_hand, level.reserved


def test_of_many_orders_that_wait_for_two_pieces_two_get_them(mug: Variant) -> None:
    orders = orders_for(mug)
    stock.receive(variant_id=mug.pk, quantity=2)

    outcomes = at_once(WAITING, lambda number: send(orders[number], number))

    assert sum(isinstance(outcome, Shipment) for outcome in outcomes) == 2
    assert sum(isinstance(outcome, GoodsMissing) for outcome in outcomes) == WAITING - 2
    assert (numbers(mug), Shipment.objects.count()) == ((0, WAITING - 2), 2)
    assert broken_rules() == []


def test_what_comes_in_while_parcels_leave_is_all_there(mug: Variant) -> None:
    orders = orders_for(mug)

    def act(number: int) -> Any:
        if number < WAITING:
            return send(orders[number], number)
        return stock.receive(variant_id=mug.pk, quantity=2)

    outcomes = at_once(WAITING + 2, act)

    left = sum(isinstance(outcome, Shipment) for outcome in outcomes)
    assert left + sum(isinstance(outcome, GoodsMissing) for outcome in outcomes) == WAITING
    assert left <= 4
    assert numbers(mug) == (4 - left, WAITING - left)
    assert broken_rules() == []


def test_two_who_pack_the_same_order_send_its_piece_once(mug: Variant) -> None:
    [order] = orders_for(mug, 1)
    others = orders_for(mug, 3)
    stock.receive(variant_id=mug.pk, quantity=4)

    outcomes = at_once(2, lambda number: send(order, number))

    assert sum(isinstance(outcome, Shipment) for outcome in outcomes) == 1
    assert (numbers(mug), len(others)) == ((3, 3), 3)
    assert broken_rules() == []


def careless(everybody_has_read: threading.Barrier) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Sending and receiving as they would be without the lock: what was read is written back, changed."""

    def read(variant_id: int) -> StockLevel:
        level = StockLevel.objects.get(variant=variant_id)
        everybody_has_read.wait(PATIENCE)
        return level

    def take(demand: stock.Demand) -> dict[int, StockLevel]:
        levels = {variant_id: read(variant_id) for variant_id in demand}
        for variant_id, pieces in demand.items():
            level = levels[variant_id]
            assert level.on_hand >= pieces  # it was looked at
            StockLevel.objects.filter(pk=level.pk).update(
                on_hand=level.on_hand - pieces, reserved=level.reserved - pieces
            )
        return levels

    return take, read


def test_control_without_the_levels_lock_one_piece_leaves_in_two_parcels(
    mug: Variant, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = orders_for(mug, 2)
    stock.receive(variant_id=mug.pk, quantity=1)
    take, _ = careless(threading.Barrier(2))
    monkeypatch.setattr(stock, "_take_promised", take)

    outcomes = at_once(2, lambda number: send(orders[number], number))

    assert all(isinstance(outcome, Shipment) for outcome in outcomes)  # there was one piece
    assert StockMovement.objects.filter(reason="shipped").count() == 2
    assert broken_rules()


def test_control_without_the_levels_lock_what_came_in_is_forgotten_or_what_left_is(
    mug: Variant, monkeypatch: pytest.MonkeyPatch
) -> None:
    [order] = orders_for(mug, 1)
    stock.receive(variant_id=mug.pk, quantity=1)
    take, read = careless(threading.Barrier(2))
    monkeypatch.setattr(stock, "_take_promised", take)
    monkeypatch.setattr(stock, "_locked", read)

    def act(number: int) -> Any:
        return send(order, number) if number else stock.receive(variant_id=mug.pk, quantity=3)

    outcomes = at_once(2, act)

    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert numbers(mug)[0] != 1 + 3 - 1
    assert broken_rules()
