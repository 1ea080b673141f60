"""What other systems can be told. Pure."""

from __future__ import annotations

from typing import Any, Literal

OrderEventName = Literal["order.placed", "order.paid", "order.shipped", "order.cancelled"]
EventName = OrderEventName | Literal["refund.succeeded", "stock.low"]
Data = dict[str, Any]

EVENTS: dict[EventName, str] = {
    "order.placed": "An order was placed",
    "order.paid": "An order was paid in full",
    "order.shipped": "All of an order is on its way",
    "order.cancelled": "An order was called off",
    "refund.succeeded": "Money was given back",
    "stock.low": "A variant has become scarce",
}
TEST_EVENT = "webhook.test"
