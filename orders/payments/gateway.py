"""The seam between the shop and whoever moves the money.

The order is placed first; then, outside any transaction, its gateway is asked to start the payment. A gateway
is a stateless object with the methods of `Gateway`; adding one is adding a folder and a line in
`orders/payments/methods.py`. Every call carries amount and currency or brings them back, and the caller compares
them. Amounts are minor units. Repeating a call with the same key is harmless.

Calls raise `ProviderUnavailable` when the outcome is unknown (time-out, 5xx, nonsense: ask again, same key) and
`ProviderRefused` when the provider said no.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol


@dataclass(frozen=True)
class PaymentMethod:
    """A way to pay as the shopper sees it. `instructions` follow on the order's page and in its e-mail.

    `term` is how long an unpaid order waits for its money (`None`: for ever).
    """

    code: str
    label: str
    description: str
    instructions: str = ""
    term: timedelta | None = None


@dataclass(frozen=True)
class PaymentRequest:
    """What is asked for. `key` makes repeating the request harmless; the shopper comes back to `return_url`."""

    order_number: str
    method: str
    amount: int
    currency: str
    key: str
    email: str
    return_url: str
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Started:
    """The provider's answer: where to send the shopper (`None`: nothing to do), and its own reference."""

    redirect_url: str | None = None
    reference: str = ""


class Standing(StrEnum):
    """How a payment stands at the provider."""

    OPEN = "open"
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Snapshot:
    """A payment as the provider knows it now. `captured` is what was taken, refunds not subtracted; `refunded` what
    of it was given back, or is on its way, whoever asked for that."""

    reference: str
    order_number: str
    amount: int
    currency: str
    standing: Standing
    captured: int = 0
    failure: str = ""
    refunded: int = 0


@dataclass(frozen=True)
class RefundRequest:
    """Money to give back of the payment with this reference."""

    reference: str
    order_number: str
    amount: int
    currency: str
    key: str


class RefundStanding(StrEnum):
    """How a refund stands at the provider."""

    SENT = "sent"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True)
class RefundSnapshot:
    """A refund as the provider knows it now."""

    reference: str
    amount: int
    currency: str
    standing: RefundStanding
    failure: str = ""


@dataclass(frozen=True)
class ProviderMessage:
    """A verified webhook: what it is about. What it does not say is None or empty."""

    event_id: str
    kind: str
    payload: dict[str, Any]
    reference: str = ""
    order_number: str = ""
    amount: int | None = None
    currency: str = ""


class Gateway(Protocol):
    """Somebody who can be asked for money."""

    @property
    def code(self) -> str:
        """The name under which payments remember this gateway."""

    @property
    def is_manual(self) -> bool:
        """Nobody can be asked: staff say what became of the money. Only `methods` and `start` are ever called."""

    def methods(self) -> list[PaymentMethod]:
        """The ways to pay that shoppers can choose now."""

    def start(self, request: PaymentRequest) -> Started:
        """Ask for the money. Called after the order is committed, never inside a transaction."""

    def fetch(self, reference: str) -> Snapshot:
        """How the payment stands now."""

    def capture(self, reference: str, *, amount: int, currency: str, key: str) -> Snapshot:
        """Take the whole authorized amount."""

    def cancel(self, reference: str, *, key: str) -> Snapshot:
        """Make sure that this payment cannot take place any more; the answer says whether it already has."""

    def refund(self, request: RefundRequest) -> RefundSnapshot:
        """Give money back."""

    def fetch_refund(self, reference: str) -> RefundSnapshot:
        """How a refund stands now; `reference` is the one that `refund` answered."""

    def read_webhook(self, body: bytes, headers: Mapping[str, str]) -> ProviderMessage:
        """Verify the raw body and say what it is about. Raises `WebhookInvalid`."""
