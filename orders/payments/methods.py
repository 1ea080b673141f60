"""Which gateways the shop uses and which ways to pay they offer."""

from __future__ import annotations

from orders.errors import InvalidOrder
from orders.payments.gateway import Gateway, PaymentMethod
from orders.payments.manual import ManualGateway
from orders.payments.pretend.gateway import PretendGateway
from orders.payments.stripe.gateway import StripeGateway

# Every gateway that the shop knows, also one that is switched off: it offers no methods then, but may still be asked
# about payments of earlier days.
_ALL: tuple[Gateway, ...] = (StripeGateway(), ManualGateway(), PretendGateway())
GATEWAYS: dict[str, Gateway] = {gateway.code: gateway for gateway in _ALL}


def payment_methods() -> list[PaymentMethod]:
    """Every way to pay, in the order in which shoppers see them."""
    return [method for gateway in GATEWAYS.values() for method in gateway.methods()]


def method_label(code: str) -> str:
    """The name of a way to pay, also of one that is no longer offered."""
    return next((method.label for method in payment_methods() if method.code == code), code.replace("_", " "))


def find_method(code: str) -> tuple[Gateway, PaymentMethod]:
    """The method with this code and its gateway. Raises InvalidOrder for one that is not offered."""
    for gateway in GATEWAYS.values():
        for method in gateway.methods():
            if method.code == code:
                return gateway, method
    offered = ", ".join(method.code for method in payment_methods())
    raise InvalidOrder(f"This way to pay is not offered. Choose one of: {offered}.", field="payment_method")


def is_manual(gateway: str) -> bool:
    """Staff say what became of payments through this gateway; also of one that is no longer there to be asked."""
    return gateway not in GATEWAYS or GATEWAYS[gateway].is_manual


def askable() -> list[str]:
    """The gateways that can be asked what became of a payment."""
    return [code for code, gateway in GATEWAYS.items() if not gateway.is_manual]
