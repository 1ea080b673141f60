"""Payment without a provider: by bank transfer or on delivery. Staff see the money and say so."""

from __future__ import annotations

from django.conf import settings

from orders.payments.gateway import PaymentMethod, PaymentRequest, Started


class ManualGateway:
    """Asks nobody; the order waits until a member of staff marks it as paid or accepts it."""

    code = "manual"

    def methods(self) -> list[PaymentMethod]:
        return [
            PaymentMethod(
                code="bank_transfer",
                label="Bank transfer",
                description="You transfer the amount after ordering; we ship when it has arrived.",
                instructions=settings.SHOP_BANK_DETAILS,
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
