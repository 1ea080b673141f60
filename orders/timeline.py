"""An order's history in the customer's words. Pure: names of staff and inner notes stay inside."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from orders.models import Order, OrderEvent

Status = Order.Status

NOT_PAID_IN_TIME = "Order expired, not paid in time"
HAPPENED = {
    Status.PROCESSING: "We are packing your order",
    Status.SHIPPED: "Your parcel is on its way",
    Status.DELIVERED: "Delivered",
    Status.CANCELLED: "Order cancelled",
}
# What the acts write about these concerns the customer, too; the names of staff stand beside it, never in it.
TOLD = {
    OrderEvent.Kind.PAYMENT,
    OrderEvent.Kind.SHIPMENT,
    OrderEvent.Kind.REFUND,
    OrderEvent.Kind.RETURN,
    OrderEvent.Kind.DOCUMENT,
}
# What the acts call things among us, in words for who paid. Empty: it is for the staff to put right, the customer
# hears what came of it.
REWORDED = (
    # Why is told beside the return itself. It stands first: the answer is free text that the others might match.
    (r"(?s)Return closed: .*", "Return closed"),
    (r"(Return arrived: .+) \(.+\)", r"\1"),
    (r"Payment authorized", "Your payment is reserved"),
    (r"Authorization released", "Your reserved payment is released: nothing was charged"),
    (r"The authorization has lapsed", "Your reserved payment has lapsed: nothing was charged, please pay again"),
    (r"Paid twice: .*", "You paid twice: the second payment goes back to you"),
    (r"The payment arrived when .*", "Your payment came when the order was off: it goes back to you"),
    (r"(.+) returned", r"\1 returned to you"),
    (r"A refund could not be delivered", "A refund could not be delivered: we are seeing to it"),
    (r"Refund requested", "We are returning your payment"),
    (r"Refund of (.+) requested", r"We are returning \1"),
    (r"Refund sent", "Your refund is on its way"),
    (r"Refund (?:.* )?(?:failed|tried again)", ""),
)
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


def told(events: Iterable[OrderEvent]) -> list[tuple[OrderEvent, str]]:
    """What concerns the customer of a timeline, each with its words, oldest first."""
    return [(event, text) for event in events if (text := _wording(event))]


def entries(events: Iterable[OrderEvent]) -> list[Entry]:
    """What the customer is shown of a timeline, latest first."""
    return [Entry(text, event.created_at) for event, text in told(events)][::-1]


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
        return HAPPENED.get(Status(event.to_status), "") if event.message != NOT_PAID_IN_TIME else event.message
    if event.kind == OrderEvent.Kind.EDITED:
        return event.message.partition(":")[0]
    return _reworded(event.message) if event.kind in TOLD else ""


def _reworded(message: str) -> str:
    for pattern, words in REWORDED:
        if match := re.fullmatch(pattern, message):
            return match.expand(words)
    return message
