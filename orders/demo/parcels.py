"""The parcels of the demo's past: most orders left in one, some in two, and one order has sent only the first."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from orders.actors import ActorKind
from orders.demo.history import ORDERS, PlannedOrder, Step
from orders.models import Order, OrderEvent, OrderLine, Shipment, ShipmentLine
from orders.shipping.parcels import parcel_with

CARRIERS = {"AT": "Österreichische Post", "CH": "Swiss Post", "DK": "PostNord", "FR": "La Poste", "NL": "DPD"}
USUAL = "DHL"
IN_TWO = 9  # every so-manieth order with several pieces
LATELY = 12  # among this many of the last orders, those being packed have sent a first parcel


@dataclass(frozen=True)
class Packed:
    """A parcel before it is inserted."""

    shipment: Shipment
    lines: list[ShipmentLine]
    event: OrderEvent


def parcels_of(
    number: int, planned: PlannedOrder, lines: Sequence[OrderLine], now: datetime
) -> Iterator[tuple[datetime, list[int]]]:
    """When parcels left, and with how many pieces of each line."""
    times = {happened.step: happened.at for happened in planned.steps}
    ready = times.get(Step.PAID if planned.method == "bank_transfer" else Step.ACCEPTED)
    if ready is None or Step.CANCELLED in times:
        return
    everything = [line.quantity for line in lines]
    first = [*everything[:-1], everything[-1] - 1]
    if Step.SHIPPED not in times:
        if number > ORDERS - LATELY and any(first):
            yield ready + (now - ready) / 2, first
        return
    left = times[Step.SHIPPED]
    if number % IN_TWO == 0 and any(first):
        yield ready + (left - ready) / 2, first
        yield left, [total - sent for total, sent in zip(everything, first, strict=True)]
    else:
        yield left, everything


def pack(order: Order, lines: Sequence[OrderLine], parcel: tuple[datetime, list[int]], clerk: str) -> Packed:
    """The rows of a parcel; its pieces are counted on the lines."""
    at, pieces = parcel
    digits = random.Random(f"{order.number} {at}").randrange(10**9)
    sent = parcel_with(CARRIERS.get(order.country, USUAL), f"DEMO{digits:09}")
    shipment = Shipment(order=order, shipped_by=clerk, shipped_at=at, **vars(sent))
    packed = []
    for line, quantity in zip(lines, pieces, strict=True):
        if quantity:
            line.shipped += quantity
            packed.append(ShipmentLine(shipment=shipment, line=line, quantity=quantity))
    event = OrderEvent(
        order=order,
        kind=OrderEvent.Kind.SHIPMENT,
        message=sent.described(sum(pieces)),
        actor_kind=ActorKind.STAFF,
        actor=clerk,
        created_at=at,
    )
    return Packed(shipment, packed, event)
