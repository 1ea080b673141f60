"""Pieces of an order's lines: which are still open, what they are of the stock, and the counters that remember."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models import Case, F, IntegerField, Value, When

from catalog.inventory.models import StockLevel
from orders.errors import InvalidOrder
from orders.models import Order, OrderLine

Pieces = Mapping[int, int]


def open_pieces(lines: Iterable[OrderLine]) -> dict[int, int]:
    """What is neither shipped nor called off, by line id."""
    return {line.pk: line.open for line in lines if line.open}


def still_to_come(order: Order) -> list[OrderLine]:
    """Lines of which some pieces are still to be shipped (needs `lines`)."""
    if order.status not in (Order.Status.PENDING, Order.Status.PROCESSING):
        return []
    return [line for line in order.lines.all() if line.open]


def awaited_pieces(lines: Iterable[OrderLine]) -> dict[int, int]:
    """Of what is open, how many pieces have not come in, by line id: they were promised on back-order. One query."""
    is_open = [(line, line.variant_id) for line in lines if line.open and line.variant_id is not None]
    levels = StockLevel.objects.filter(variant__in=[variant_id for _, variant_id in is_open])
    there = dict(levels.values_list("variant_id", "on_hand"))
    return {line.pk: n for line, variant_id in is_open if (n := line.open - there.get(variant_id, 0)) > 0}


def checked_pieces(lines: Iterable[OrderLine], wanted: Pieces) -> dict[int, int]:
    """The wanted pieces by line id, without zeros. Raises InvalidOrder for what is not open, or nothing at all."""
    by_id = {line.pk: line for line in lines}
    for pk, quantity in wanted.items():
        line = by_id.get(pk)
        if line is None:
            raise InvalidOrder(f"This order has no line {pk}.", field="lines")
        if not 0 <= quantity <= line.open:
            raise InvalidOrder(
                f"{line.title}: {line.open} of {line.quantity} can be chosen, not {quantity}.", field="lines"
            )
    chosen = {pk: quantity for pk, quantity in wanted.items() if quantity}
    if not chosen:
        raise InvalidOrder("Choose at least one piece.", field="lines")
    return chosen


def demand_of(lines: Iterable[OrderLine], pieces: Pieces) -> dict[int, int]:
    """The pieces by variant id; an order may have several lines of one variant. What is no variant has no stock."""
    demand: dict[int, int] = {}
    for line in lines:
        quantity = pieces.get(line.pk, 0)
        if quantity and line.variant_id is not None:
            demand[line.variant_id] = demand.get(line.variant_id, 0) + quantity
    return demand


def count_pieces(column: str, pieces: Pieces) -> None:
    """Add to a counter of the lines: one UPDATE; part of the caller's transaction, which holds the order's lock."""
    added = Case(*(When(pk=pk, then=Value(n)) for pk, n in pieces.items()), output_field=IntegerField())
    OrderLine.objects.filter(pk__in=pieces).update(**{column: F(column) + added})
