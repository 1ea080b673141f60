"""Stripe's gateway over real HTTP against a double that keeps books of its own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from orders.errors import ProviderRefused
from orders.payments.gateway import PaymentRequest, RefundRequest, RefundSnapshot, RefundStanding, Snapshot, Standing
from orders.payments.methods import find_method, payment_methods
from orders.payments.stripe.gateway import StripeGateway
from shop.testing.provider import Double

GATEWAY = StripeGateway()
RETURN_URL = "https://shop.example.com/orders/A-1/"


def request(**values: Any) -> PaymentRequest:
    given: dict[str, Any] = {
        "order_number": "A-1",
        "method": "card",
        "amount": 1250,
        "currency": "EUR",
        "key": "payment-1",
        "email": "alice@example.com",
        "return_url": RETURN_URL,
        "expires_at": timezone.now() + timedelta(minutes=30),
    }
    return PaymentRequest(**given | values)


def started(**values: Any) -> str:
    """The reference of a payment that the shopper has not made yet."""
    return GATEWAY.start(request(**values)).reference


def refund_of(reference: str, amount: int = 1250, *, key: str = "refund-1", currency: str = "EUR") -> RefundSnapshot:
    return GATEWAY.refund(RefundRequest(reference, "A-1", amount, currency, key))


def test_cards_are_offered_once_a_key_is_set(settings: Any) -> None:
    assert "card" not in [method.code for method in payment_methods()]
    settings.STRIPE_SECRET_KEY = "sk_test_1"
    gateway, method = find_method("card")
    assert (gateway.code, gateway.is_manual, method.term) == ("stripe", False, settings.SHOP_PAYMENT_TERM)


def test_the_shopper_is_sent_to_a_hosted_page_for_the_whole_total(stripe_double: Double) -> None:
    expires_at = timezone.now() + timedelta(minutes=30)
    answer = GATEWAY.start(request(expires_at=expires_at))
    session = stripe_double.ledger.sessions[answer.reference]
    assert answer.redirect_url == f"{stripe_double.url}/pay/{answer.reference}"
    assert (session["amount_total"], session["currency"]) == (1250, "eur")
    assert (session["client_reference_id"], session["metadata"]) == ("A-1", {"order_number": "A-1"})
    assert (session["success_url"], session["cancel_url"]) == (RETURN_URL, RETURN_URL)
    assert session["customer_email"] == "alice@example.com"
    assert session["expires_at"] == int(expires_at.timestamp()) + 31 * 60


def test_starting_twice_makes_one_page(stripe_double: Double) -> None:
    asked = request()
    first, second = GATEWAY.start(asked), GATEWAY.start(asked)
    assert first == second
    assert len(stripe_double.ledger.sessions) == 1
    assert stripe_double.writes() == ["payment-1-A-1-start"] * 2


def test_a_page_before_anybody_paid_is_open(stripe_double: Double) -> None:
    reference = started()
    assert GATEWAY.fetch(reference) == Snapshot(reference, "A-1", 1250, "EUR", Standing.OPEN)


def test_a_paid_page_is_captured(stripe_double: Double) -> None:
    reference = started()
    stripe_double.ledger.pay(reference)
    assert GATEWAY.fetch(reference) == Snapshot(reference, "A-1", 1250, "EUR", Standing.CAPTURED, captured=1250)
    assert stripe_double.ledger.charged("A-1") == [1250]


def test_a_declined_card_leaves_the_page_open_for_another_one(stripe_double: Double) -> None:
    reference = started()
    stripe_double.ledger.decline(reference)
    now = GATEWAY.fetch(reference)
    assert (now.standing, now.failure) == (Standing.OPEN, "Your card was declined.")
    stripe_double.ledger.pay(reference)
    assert GATEWAY.fetch(reference).standing == Standing.CAPTURED


def test_a_refund_goes_through_the_payment_of_the_page(stripe_double: Double) -> None:
    reference = started()
    stripe_double.ledger.pay(reference)
    refund = refund_of(reference, 500)
    assert refund == RefundSnapshot(refund.reference, 500, "EUR", RefundStanding.SUCCEEDED)
    assert GATEWAY.fetch_refund(refund.reference) == refund
    assert stripe_double.ledger.given_back("A-1") == [500]


def test_more_than_was_captured_is_refused(stripe_double: Double) -> None:
    reference = started()
    stripe_double.ledger.pay(reference)
    with pytest.raises(ProviderRefused, match="greater than unrefunded amount"):
        refund_of(reference, 1251)
    assert stripe_double.ledger.given_back("A-1") == []
