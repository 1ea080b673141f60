"""The seam between the shop and whoever moves the money.

The order is placed first; then, outside any transaction, its gateway is asked to start the payment. A gateway
is a stateless object with the few methods of `Gateway`; adding one is adding a module and a line in
`orders/payments/methods.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class PaymentMethod:
    """A way to pay as the shopper sees it. `instructions` follow on the order's page and in its e-mail."""

    code: str
    label: str
    description: str
    instructions: str = ""


@dataclass(frozen=True)
class PaymentRequest:
    """What is asked for. `amount` in minor units; `key` makes repeating the request harmless."""

    order_number: str
    method: str
    amount: int
    currency: str
    key: str


@dataclass(frozen=True)
class Started:
    """The provider's answer: where to send the shopper (`None`: nothing to do), and its own reference."""

    redirect_url: str | None = None
    reference: str = ""


class Gateway(Protocol):
    """Somebody who can be asked for money."""

    @property
    def code(self) -> str:
        """The name under which payments remember this gateway."""

    def methods(self) -> list[PaymentMethod]:
        """The ways to pay that shoppers can choose now."""

    def start(self, request: PaymentRequest) -> Started:
        """Ask for the money. Called after the order is committed, never inside a transaction."""
