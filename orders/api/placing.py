"""From a request to a placed order."""

from __future__ import annotations

import contextlib
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects
from rest_framework.request import Request

from accounts.throttling import client_address, spend
from idempotency.keys import KeyedRequest
from orders.access import cart_to_order
from orders.api.headers import cart_token, customer
from orders.api.serializers import OrderInput, OrderSerializer
from orders.checkout import Buyer, Item, ShippingAddress, Terms, place_order
from orders.errors import InvalidOrder, PaymentNotPossible, ProviderRefused, ProviderUnavailable
from orders.lifecycle import is_payable
from orders.models import Cart, Order, Shipment
from orders.paying import start_payment
from orders.payments.methods import payment_methods
from orders.shipping.parcels import with_contents


def place(request: Request, keyed: KeyedRequest | None) -> dict[str, Any]:
    """Place the order that the request describes and ask for its payment; the order as it is shown.

    Raises ValidationError for the form of the request, and what `place_order` raises.
    """
    user = customer(request)
    form = OrderInput(data=request.data, context={"customer": user})
    form.is_valid(raise_exception=True)
    asked = form.validated_data
    if asked.get("coupon"):
        spend("coupons", client_address(request._request))
    order = place_order(
        buyer=Buyer(
            email=asked.get("email") or getattr(user, "email", ""),
            customer=user,
            vat_number=asked.get("vat_number", ""),
        ),
        address=ShippingAddress(**asked["shipping_address"]),
        terms=Terms(
            payment_method=asked.get("payment_method") or payment_methods()[0].code,
            channel=Order.Channel.API,
            shipping=asked.get("shipping_method", ""),
            coupon=asked.get("coupon"),
            expected_total=asked.get("expected_total"),
            idempotency_key=keyed.digest if keyed else None,
            note=asked.get("note", ""),
        ),
        items=[Item(**item) for item in asked.get("items", [])],
        cart=meant_cart(request, asked),
    )
    return shown(order, guest=user is None, redirect_url=payment_page(order))


def payment_page(order: Order) -> str | None:
    """Where the shopper can pay a placed order. Without an answer the order stands all the same, and can be paid
    later: its payments say so."""
    if not is_payable(order):
        return None
    with contextlib.suppress(PaymentNotPossible, ProviderUnavailable, ProviderRefused, InvalidOrder):
        return start_payment(order=order).redirect_url
    return None


def shown(order: Order, **context: Any) -> dict[str, Any]:
    """The order in full, as `OrderSerializer` shows it in this context: a fixed number of queries."""
    parcels = Prefetch("shipments", with_contents(Shipment.objects.all()))
    prefetch_related_objects([order], "lines", "events", "payments", "refunds", parcels)
    return dict(OrderSerializer(order, context=context).data)


def meant_cart(request: Request, asked: dict[str, Any]) -> Cart | None:
    """The cart that is meant, when no items are named."""
    if "items" in asked:
        return None
    return cart_to_order(user=customer(request), token=asked.get("cart") or cart_token(request))
