"""A provider that only pretends: the shop sells in development without an account anywhere, and without money."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.urls import reverse

from orders.errors import ProviderRefused, WebhookInvalid
from orders.payments.gateway import (
    PaymentMethod,
    PaymentRequest,
    ProviderMessage,
    RefundRequest,
    RefundSnapshot,
    RefundStanding,
    Snapshot,
    Standing,
    Started,
)
from orders.payments.pretend import books, signing
from orders.payments.pretend.models import PretendPayment, PretendRefund

STANDINGS = {
    PretendPayment.State.OPEN: Standing.OPEN,
    PretendPayment.State.AUTHORIZED: Standing.AUTHORIZED,
    PretendPayment.State.CAPTURED: Standing.CAPTURED,
    PretendPayment.State.DECLINED: Standing.FAILED,
    PretendPayment.State.CANCELLED: Standing.CANCELLED,
}


class PretendGateway:
    """On while PRETEND_PAYMENTS is, which only DEBUG can switch on."""

    code = "test"
    is_manual = False

    def methods(self) -> list[PaymentMethod]:
        if not settings.PRETEND_PAYMENTS:
            return []
        return [
            PaymentMethod(
                code="test_card",
                label="Test payment",
                description="No money moves: you choose on the next page how the payment ends.",
                term=settings.SHOP_PAYMENT_TERM,
            )
        ]

    def start(self, request: PaymentRequest) -> Started:
        _must_be_on()
        payment = books.open_payment(request)
        page = reverse("orders:pretend-pay", args=[payment.reference])
        return Started(redirect_url=settings.SITE_URL + page, reference=payment.reference)

    def fetch(self, reference: str) -> Snapshot:
        _must_be_on()
        return _snapshot(books.find(reference))

    def capture(self, reference: str, *, amount: int, currency: str, key: str) -> Snapshot:
        _must_be_on()
        return _snapshot(books.capture(reference, amount=amount, currency=currency))

    def cancel(self, reference: str, *, key: str) -> Snapshot:
        _must_be_on()
        return _snapshot(books.cancel(reference))

    def refund(self, request: RefundRequest) -> RefundSnapshot:
        _must_be_on()
        return _refund_snapshot(books.refund(request))

    def fetch_refund(self, reference: str) -> RefundSnapshot:
        _must_be_on()
        return _refund_snapshot(books.find_refund(reference))

    def read_webhook(self, body: bytes, headers: Mapping[str, str]) -> ProviderMessage:
        if not settings.PRETEND_PAYMENTS:
            raise WebhookInvalid("Nobody pretends here.")
        return signing.read(body, headers)


def _must_be_on() -> None:
    if not settings.PRETEND_PAYMENTS:
        raise ProviderRefused("Nobody pretends here.")


def _snapshot(payment: PretendPayment) -> Snapshot:
    standing = STANDINGS[PretendPayment.State(payment.state)]
    return Snapshot(
        reference=payment.reference,
        order_number=payment.order_number,
        amount=payment.amount,
        currency=payment.currency,
        standing=standing,
        captured=payment.captured,
        refunded=payment.refunded,
        failure="Declined by the pretend bank." if standing == Standing.FAILED else "",
    )


def _refund_snapshot(refund: PretendRefund) -> RefundSnapshot:
    return RefundSnapshot(
        reference=refund.reference,
        amount=refund.amount,
        currency=refund.payment.currency,
        standing=RefundStanding.FAILED if refund.has_failed else RefundStanding.SUCCEEDED,
        failure="The pretend bank fails such refunds once; try again." if refund.has_failed else "",
    )
