"""What the past of the demo shop did to its stock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.db.models import F

from catalog.models import StockLevel, StockMovement
from orders.demo.history import DAYS
from orders.demo.parcels import Packed
from orders.models import Order, OrderLine

TILL = "demo"
LIVE = (Order.Status.PENDING, Order.Status.PROCESSING)


def move_stock(lines: Sequence[OrderLine], packed: Sequence[Packed], now: datetime, *, actor: str) -> None:
    """Receive what the past has sold before it began, let the shipped pieces leave, reserve the promised ones.

    What can be bought now stays as the assortment has it.
    """
    shipped: Counter[int] = Counter()
    promised: Counter[int] = Counter()
    for line in lines:
        if line.variant_id is None:
            continue
        shipped[line.variant_id] += line.shipped
        if line.order.status in LIVE:
            promised[line.variant_id] += line.open
    sold = {variant_id: n for variant_id, n in (shipped + promised).items() if n}
    locked = StockLevel.objects.select_for_update(no_key=True).filter(variant_id__in=sold).order_by("pk")
    levels = {level.variant_id: level for level in locked}
    there = {variant_id: level.on_hand + sold[variant_id] for variant_id, level in levels.items()}
    received = [
        StockMovement(
            level=levels[variant_id],
            quantity=sold[variant_id],
            on_hand_after=there[variant_id],
            reason=StockMovement.Reason.RECEIVED,
            note="Delivery of the season",
            actor=TILL,
            created_at=now - timedelta(days=DAYS + 1),
        )
        for variant_id in sorted(sold)
    ]
    StockMovement.objects.bulk_create([*received, *_departures(packed, levels, there, actor)])
    for variant_id in sorted(+promised):
        StockLevel.objects.filter(variant_id=variant_id).update(
            on_hand=F("on_hand") + promised[variant_id], reserved=F("reserved") + promised[variant_id]
        )


def _departures(
    packed: Sequence[Packed], levels: dict[int, StockLevel], there: dict[int, int], actor: str
) -> Iterator[StockMovement]:
    for parcel in sorted(packed, key=lambda parcel: parcel.shipment.shipped_at):
        for piece in parcel.lines:
            if piece.line.variant_id is None:
                continue
            there[piece.line.variant_id] -= piece.quantity
            yield StockMovement(
                level=levels[piece.line.variant_id],
                quantity=-piece.quantity,
                on_hand_after=there[piece.line.variant_id],
                reason=StockMovement.Reason.SHIPPED,
                reference=parcel.shipment.order.number,
                actor=actor,
                created_at=parcel.shipment.shipped_at,
            )
