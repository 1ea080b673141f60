"""Several people pack the same order at the same moment, on real connections; with the control that needs the lock."""

from __future__ import annotations

import threading
from collections.abc import Iterable

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from catalog.models import StockLevel, StockMovement
from catalog.tests.factories import VariantFactory
from orders import lifecycle
from orders.actors import staff
from orders.errors import IllegalMove
from orders.models import Order, OrderLine, Shipment
from orders.pieces import open_pieces
from orders.tests.auditing import broken_rules
from orders.tests.placing import place
from shop.testing.races import at_once

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
PACKERS = 6


@pytest.fixture
def order() -> Order:
    """Four pieces of one thing, to be packed."""
    return lifecycle.accept(order=place((VariantFactory.create(stock=10), 4)), actor=staff("bob"))


def pack_at_once(
    order: Order, pieces: int, *, seen: bool = False, key: str | None = None
) -> list[Shipment | Exception]:
    line = order.lines.get()
    shown = {line.pk: line.open}
    return at_once(
        PACKERS,
        lambda number: lifecycle.send_parcel(
            order=order,
            actor=staff(f"packer-{number}"),
            pieces={line.pk: pieces},
            seen=shown if seen else None,
            key=key,
        ),
    )


def departed() -> int:
    return -sum(StockMovement.objects.filter(reason="shipped").values_list("quantity", flat=True))


def test_the_same_pieces_leave_once(order: Order) -> None:
    outcomes = pack_at_once(order, 4)

    assert sum(isinstance(outcome, Shipment) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, IllegalMove) for outcome in outcomes) == PACKERS - 1
    assert (order.lines.get().shipped, Shipment.objects.count(), departed()) == (4, 1, 4)
    level = StockLevel.objects.get()
    assert (level.on_hand, level.reserved) == (6, 0)
    messages = ProcrastinateJob.objects.filter(task_name="orders.send_message", args__message="shipped")
    assert messages.filter(args__order_id=order.pk).count() == 1
    assert broken_rules() == []


def test_who_looked_at_the_same_table_sends_one_parcel(order: Order) -> None:
    """Half of the pieces: there would be enough left for a second parcel that nobody meant."""
    outcomes = pack_at_once(order, 2, seen=True)

    assert sum(isinstance(outcome, Shipment) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, IllegalMove) for outcome in outcomes) == PACKERS - 1
    assert (order.lines.get().shipped, Shipment.objects.count(), departed()) == (2, 1, 2)
    assert broken_rules() == []


def test_one_key_at_once_is_one_parcel(order: Order) -> None:
    outcomes = pack_at_once(order, 1, key="the-digest")

    assert {outcome.pk for outcome in outcomes if isinstance(outcome, Shipment)} == {Shipment.objects.get().pk}
    assert len([outcome for outcome in outcomes if isinstance(outcome, Shipment)]) == PACKERS
    assert (order.lines.get().shipped, departed()) == (1, 1)
    assert broken_rules() == []


def test_control_without_the_orders_lock_two_people_send_what_one_of_them_meant(
    order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same race with the guard off: everybody reads what is open before anybody writes."""
    everybody_has_read = threading.Barrier(2)

    def wait_for_the_other(lines: Iterable[OrderLine]) -> dict[int, int]:
        found = open_pieces(lines)
        everybody_has_read.wait(20)
        return found

    monkeypatch.setattr(lifecycle, "lock_order", lambda pk: Order.objects.get(pk=pk))
    monkeypatch.setattr(lifecycle, "open_pieces", wait_for_the_other)
    line = order.lines.get()
    outcomes = at_once(
        2,
        lambda number: lifecycle.send_parcel(
            order=order, actor=staff(f"packer-{number}"), pieces={line.pk: 2}, seen={line.pk: 4}
        ),
    )

    assert all(isinstance(outcome, Shipment) for outcome in outcomes)
    assert (Shipment.objects.count(), departed()) == (2, 4)  # each of them meant two of four
