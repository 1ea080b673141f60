"""An order's history in the customer's words. Pure: names of staff and inner notes stay inside."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from orders.models import Order, OrderEvent

Status = Order.Status

HAPPENED = {
    Status.PROCESSING: "We are packing your order",
    Status.SHIPPED: "Your parcel is on its way",
    Status.DELIVERED: "Delivered",
    Status.CANCELLED: "Order cancelled",
}
# What the acts write about these is meant for the customer, too; the names of staff stand beside it, never in it.
TOLD_AS_WRITTEN = {
    OrderEvent.Kind.PAYMENT,
    OrderEvent.Kind.SHIPMENT,
    OrderEvent.Kind.REFUND,
    OrderEvent.Kind.RETURN,
    OrderEvent.Kind.DOCUMENT,
}
# That a refund failed is for the staff to put right; the customer hears when it has arrived.
AMONG_US = ("failed", "tried again")
WAY = (
    (Status.PENDING, "Placed"),
    (Status.PROCESSING, "Packing"),
    (Status.SHIPPED, "On its way"),
    (Status.DELIVERED, "Delivered"),
)


@dataclass(frozen=True)
class Entry:
    """Something that happened, for the customer's eyes."""

    text: str
    at: datetime


@dataclass(frozen=True)
class Step:
    """A station on an order's way: behind it, here, or ahead."""

    name: str
    is_done: bool
    is_here: bool


def entries(events: Iterable[OrderEvent]) -> list[Entry]:
    """What the customer is shown of a timeline, latest first."""
    shown = [Entry(text, event.created_at) for event in events if (text := _wording(event))]
    return shown[::-1]


def steps(order: Order) -> list[Step]:
    """The stations of the order's way; none for an order that is cancelled."""
    stations = [status for status, _ in WAY]
    if order.status not in stations:
        return []
    here = stations.index(Status(order.status))
    arrived = here == len(stations) - 1
    return [
        Step(name, is_done=number < here or arrived, is_here=number == here and not arrived)
        for number, (_, name) in enumerate(WAY)
    ]


def _wording(event: OrderEvent) -> str:
    if event.kind == OrderEvent.Kind.PLACED:
        return "Order placed"
    if event.kind == OrderEvent.Kind.STATUS:
        return HAPPENED.get(Status(event.to_status), "")
    if event.kind == OrderEvent.Kind.EDITED:
        return event.message.partition(":")[0]
    if event.kind == OrderEvent.Kind.REFUND and event.message.endswith(AMONG_US):
        return ""
    return event.message if event.kind in TOLD_AS_WRITTEN else ""
