"""What can go wrong with carts and orders, in the shop's words. Statuses belong to the doors."""

from __future__ import annotations

from typing import Any


class OrdersError(Exception):
    """Base of the orders' domain errors: a stable `code`, a sentence for people, details for programs."""

    code = "orders_error"

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.details = details


class InvalidOrder(OrdersError):
    """The request cannot become an order whatever the stock; `field` names what to correct."""

    code = "invalid_order"

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message, field=field)
        self.field = field


class EmptyCart(OrdersError):
    """There is nothing to order."""

    code = "cart_empty"


class CartChanged(OrdersError):
    """The cart is no longer what the shopper reviewed, or has become an order. Nothing was written."""

    code = "cart_changed"


class CartFull(OrdersError):
    """The cart holds as many different things, or as many of one, as a cart may."""

    code = "cart_full"


class TotalChanged(OrdersError):
    """The total is another than the one the shopper was shown. `details` carry the new numbers."""

    code = "price_changed"


class IllegalMove(OrdersError):
    """The order's status does not allow this step. Nothing was changed."""

    code = "illegal_move"


class GoodsMissing(IllegalMove):
    """What is to leave was promised on back-order and has not come in. Nothing was changed."""

    code = "not_here_yet"


class EditNotPossible(OrdersError):
    """The order cannot be edited in this way (any more). Nothing was written."""

    code = "edit_not_possible"


class CouponRefused(OrdersError):
    """The coupon does not count for this order: the sentence says why. Nothing was written."""

    code = "coupon_refused"


class BatchExists(OrdersError):
    """There is a batch of coupons with this name already. Nothing was written."""

    code = "batch_exists"


class NoShipping(OrdersError):
    """Nothing is shipped to this address, or not in the way that was chosen. `details` name what is offered."""

    code = "no_shipping"


class PaymentNotPossible(OrdersError):
    """The order cannot be paid (any more), or not in this way."""

    code = "payment_not_possible"


class ProviderUnavailable(OrdersError):
    """The payment provider gave no answer that can be relied on. Asking again with the same key is harmless."""

    code = "provider_unavailable"


class ProviderRefused(OrdersError):
    """The payment provider said no. Nothing was paid or given back."""

    code = "provider_refused"


class WebhookInvalid(OrdersError):
    """The message does not come from the provider, or cannot be read. Nothing was stored."""

    code = "webhook_invalid"


class RefundNotPossible(OrdersError):
    """More than what is left to give back, or nothing to give back from. Nothing was written."""

    code = "refund_not_possible"


class ReturnNotPossible(OrdersError):
    """These pieces cannot be sent back (any more). Nothing was written."""

    code = "return_not_possible"


class EndpointOff(OrdersError):
    """Nothing is sent to a webhook endpoint that is switched off. Nothing was changed."""

    code = "endpoint_off"


class ReportTooSlow(OrdersError):
    """The report was given up because it took too long. Fewer days or orders are quicker."""

    code = "report_too_slow"
