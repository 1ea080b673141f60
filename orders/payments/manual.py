"""Payment without a provider: by bank transfer or on delivery. Staff see the money and say so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

from django.conf import settings

from orders.errors import ProviderRefused, WebhookInvalid
from orders.payments.gateway import PaymentMethod, PaymentRequest, ProviderMessage, RefundRequest, Started


class ManualGateway:
    """Asks nobody; the order waits until a member of staff marks it as paid or accepts it."""

    code = "manual"
    is_manual = True

    def methods(self) -> list[PaymentMethod]:
        return [
            PaymentMethod(
                code="bank_transfer",
                label="Bank transfer",
                description="You transfer the amount after ordering; we ship when it has arrived.",
                instructions=settings.SHOP_BANK_DETAILS,
                term=settings.SHOP_BANK_TRANSFER_TERM,
            ),
            PaymentMethod(
                code="pay_on_delivery",
                label="Pay on delivery",
                description="You pay when the parcel is handed over.",
                instructions="Please have the amount ready when the parcel arrives.",
            ),
        ]

    def start(self, request: PaymentRequest) -> Started:
        return Started()

    def fetch(self, reference: str) -> NoReturn:
        raise _nobody()

    def capture(self, reference: str, *, amount: int, currency: str, key: str) -> NoReturn:
        raise _nobody()

    def cancel(self, reference: str, *, key: str) -> NoReturn:
        raise _nobody()

    def refund(self, request: RefundRequest) -> NoReturn:
        raise _nobody()

    def fetch_refund(self, reference: str) -> NoReturn:
        raise _nobody()

    def read_webhook(self, body: bytes, headers: Mapping[str, str]) -> ProviderMessage:
        raise WebhookInvalid("This way to pay has no webhooks.")


def _nobody() -> ProviderRefused:
    return ProviderRefused("There is no provider to ask; staff say what became of the money.")
