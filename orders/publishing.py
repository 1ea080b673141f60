"""What other systems are told: an order, a refund, a stock level in a few plain facts.

The data is thin on purpose. It names what happened and how much of it, and no person: no e-mail address, no postal
address, no name. Who may know more asks the API, with a token of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.urls import reverse

from catalog.inventory.models import StockLevel
from catalog.money import to_string
from orders.models import Order, Refund
from orders.webhooks.delivering import enqueue_event
from orders.webhooks.events import Data, OrderEventName


def publish_order(event: OrderEventName, order: Order) -> None:
    """Tell what became of the order, once the caller's transaction is committed."""
    if not order.is_nobodys:
        enqueue_event(event, lambda: [_order(order)])


def publish_refund(refund: Refund) -> None:
    """Tell that money was given back, once the caller's transaction is committed."""
    if not refund.order.is_nobodys:
        enqueue_event("refund.succeeded", lambda: [_refund(refund)])


def publish_low_stock(order: Order, levels: Sequence[StockLevel]) -> None:
    """Tell which variants the order has made scarce, one message each, once the caller's transaction is committed."""
    if levels and not order.is_nobodys:
        tell_low_stock(levels)


def tell_low_stock(levels: Sequence[StockLevel]) -> None:
    """Tell which variants have become scarce, one message each, once the caller's transaction is committed."""
    enqueue_event("stock.low", lambda: [_level(level) for level in levels])


def _order(order: Order) -> Data:
    amounts = {
        name: to_string(getattr(order, name), order.currency)
        for name in ("subtotal", "discount", "shipping", "tax", "total")
    }
    return {
        "number": order.number,
        "status": order.status,
        "payment_status": order.payment_status,
        "payment_method": order.payment_method,
        "channel": order.channel,
        "placed_at": order.placed_at.isoformat().replace("+00:00", "Z"),
        "currency": order.currency,
        **amounts,
        "prices_include_tax": order.prices_include_tax,
        "lines": [
            {
                "sku": line.sku,
                "quantity": line.quantity,
                "unit_price": to_string(line.unit_price, order.currency),
                "total": to_string(line.total, order.currency),
            }
            for line in order.lines.all()
        ],
        "url": _url(order),
    }


def _url(order: Order) -> str:
    """Where the API tells more, to who may know it."""
    return settings.SITE_URL + reverse("api-order-detail", args=[order.number])


def _refund(refund: Refund) -> Data:
    order = refund.order
    return {
        "id": refund.pk,
        "order": order.number,
        "currency": refund.currency,
        "amount": to_string(refund.amount, refund.currency),
        "payment_status": order.payment_status,
        "lines": [{"sku": line.line.sku, "quantity": line.quantity} for line in refund.lines.select_related("line")],
        "url": _url(order),
    }


def _level(level: StockLevel) -> Data:
    return {
        "sku": level.variant.sku,
        "product": level.variant.product.name,
        "variant": level.variant.name,
        "on_hand": level.on_hand,
        "reserved": level.reserved,
        "available": level.available,
        "below": level.warns_below,
    }
