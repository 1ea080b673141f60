"""Stripe's gateway over real HTTP, against a double that keeps books of its own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from orders.errors import InvalidOrder, ProviderRefused, ProviderUnavailable
from orders.payments.gateway import RefundSnapshot, RefundStanding, Snapshot, Standing
from orders.payments.methods import GATEWAYS, find_method, payment_methods
from orders.payments.stripe.gateway import StripeGateway
from orders.payments.tests.asking import RETURN_URL, payment_request, refund_request
from shop.testing.provider import Double

GATEWAY = StripeGateway()


def started(**changes: Any) -> str:
    """The reference of a payment that the shopper has not made yet."""
    return GATEWAY.start(payment_request(**changes)).reference


# --- being offered ------------------------------------------------------------------------------------------------


def test_cards_are_offered_once_a_key_is_set(settings: Any) -> None:
    with pytest.raises(InvalidOrder):
        find_method("card")
    settings.STRIPE_SECRET_KEY = "sk_test_1"
    gateway, method = find_method("card")
    assert (gateway.code, gateway.is_manual, method.term) == ("stripe", False, settings.SHOP_PAYMENT_TERM)
    assert payment_methods()[0] == method


def test_without_a_key_nobody_can_be_asked_about_older_payments() -> None:
    with pytest.raises(ProviderUnavailable):
        GATEWAYS["stripe"].fetch("cs_test_1")


# --- start --------------------------------------------------------------------------------------------------------


def test_the_shopper_is_sent_to_a_hosted_page_for_the_whole_total(stripe_double: Double) -> None:
    expires_at = timezone.now() + timedelta(minutes=30)
    answer = GATEWAY.start(payment_request(expires_at=expires_at))
    session = stripe_double.ledger.sessions[answer.reference]
    assert answer.redirect_url == f"{stripe_double.url}/pay/{answer.reference}"
    assert (session["amount_total"], session["currency"]) == (1250, "eur")
    assert (session["client_reference_id"], session["metadata"]) == ("A-1", {"order_number": "A-1"})
    assert (session["success_url"], session["cancel_url"]) == (RETURN_URL, RETURN_URL)
    assert session["customer_email"] == "alice@example.com"
    assert session["expires_at"] == int(expires_at.timestamp()) + 31 * 60


def test_starting_twice_makes_one_page(stripe_double: Double) -> None:
    asked = payment_request()
    first, second = GATEWAY.start(asked), GATEWAY.start(asked)
    assert first == second
    assert len(stripe_double.ledger.sessions) == 1
    assert stripe_double.writes() == ["payment-1-A-1-start"] * 2


def test_the_same_key_for_something_else_is_refused(stripe_double: Double) -> None:
    started()
    with pytest.raises(ProviderRefused, match="other parameters"):
        started(amount=1251)
    assert len(stripe_double.ledger.sessions) == 1


def test_two_shops_with_one_account_do_not_share_keys(stripe_double: Double) -> None:
    """A fresh database counts its payments from 1 again; order numbers are random."""
    assert started(order_number="A-1") != started(order_number="B-2")


def test_a_page_is_open_for_half_an_hour_at_least_and_a_day_at_most(stripe_double: Double, settings: Any) -> None:
    just_in_time = started(expires_at=timezone.now(), key="1")
    for_ever = started(expires_at=None, key="2")
    settings.SHOP_PAYMENT_TERM = timedelta(days=3)
    for_days = started(expires_at=timezone.now() + timedelta(days=3), key="3")
    sessions = stripe_double.ledger.sessions
    minutes = [(sessions[name]["expires_at"] - sessions[name]["created"]) / 60 for name in (just_in_time, for_ever)]
    assert minutes == pytest.approx([31, 24 * 60], abs=1)
    assert sessions[for_days]["expires_at"] - sessions[for_days]["created"] == 24 * 60 * 60


def test_an_order_that_has_long_expired_gets_no_page(stripe_double: Double) -> None:
    with pytest.raises(ProviderRefused, match="30 minutes to 24 hours"):
        started(expires_at=timezone.now() - timedelta(minutes=5))


# --- how it stands ------------------------------------------------------------------------------------------------


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
    assert GATEWAY.fetch(reference) == Snapshot(reference, "A-1", 1250, "EUR", Standing.CAPTURED, captured=1250)


def test_an_expired_page_is_cancelled(stripe_double: Double) -> None:
    reference = started()
    stripe_double.ledger.sessions[reference]["expires_at"] = 0
    assert GATEWAY.fetch(reference).standing == Standing.CANCELLED
    with pytest.raises(Exception, match="This page is expired"):
        stripe_double.ledger.pay(reference)


@pytest.mark.parametrize(("fails", "standing"), [(False, Standing.CAPTURED), (True, Standing.FAILED)])
def test_money_on_a_slow_way_is_open_until_it_arrives_or_comes_to_nothing(
    stripe_double: Double, fails: bool, standing: Standing
) -> None:
    reference = started()
    stripe_double.ledger.pay_slowly(reference)
    assert GATEWAY.fetch(reference).standing == Standing.OPEN
    stripe_double.ledger.arrive(reference, failed=fails)
    now = GATEWAY.fetch(reference)
    assert (now.standing, now.failure) == (standing, "The debit was returned." if fails else "")


def test_a_reference_that_stripe_does_not_know_is_refused(stripe_double: Double) -> None:
    with pytest.raises(ProviderRefused, match="No such checkout"):
        GATEWAY.fetch("cs_test_forged")


# --- authorize and capture ----------------------------------------------------------------------------------------


@pytest.fixture
def authorized(stripe_double: Double, settings: Any) -> str:
    settings.STRIPE_CAPTURE = "manual"
    reference = started()
    stripe_double.ledger.pay(reference)
    return reference


def test_with_manual_capture_the_money_is_only_authorized(stripe_double: Double, authorized: str) -> None:
    assert GATEWAY.fetch(authorized) == Snapshot(authorized, "A-1", 1250, "EUR", Standing.AUTHORIZED)
    assert stripe_double.ledger.charged("A-1") == []


def test_capturing_takes_the_whole_amount_once(stripe_double: Double, authorized: str) -> None:
    for key in ("payment-1", "payment-1", "another-key"):
        now = GATEWAY.capture(authorized, amount=1250, currency="EUR", key=key)
        assert now == Snapshot(authorized, "A-1", 1250, "EUR", Standing.CAPTURED, captured=1250)
    assert stripe_double.ledger.charged("A-1") == [1250]


@pytest.mark.parametrize(("amount", "currency"), [(1249, "EUR"), (1251, "EUR"), (1250, "USD")])
def test_another_amount_than_the_authorized_one_is_not_captured(
    stripe_double: Double, authorized: str, amount: int, currency: str
) -> None:
    with pytest.raises(ProviderRefused, match="not authorized"):
        GATEWAY.capture(authorized, amount=amount, currency=currency, key="payment-1")
    assert stripe_double.ledger.charged("A-1") == []


def test_what_nobody_paid_cannot_be_captured(stripe_double: Double) -> None:
    with pytest.raises(ProviderRefused, match="not authorized"):
        GATEWAY.capture(started(), amount=1250, currency="EUR", key="payment-1")


# --- cancel -------------------------------------------------------------------------------------------------------


def test_cancelling_closes_the_page(stripe_double: Double) -> None:
    reference = started()
    for _ in range(2):
        assert GATEWAY.cancel(reference, key="payment-1").standing == Standing.CANCELLED
    with pytest.raises(Exception, match="This page is expired"):
        stripe_double.ledger.pay(reference)
    assert stripe_double.ledger.charged("A-1") == []


def test_cancelling_lets_go_of_authorized_money(stripe_double: Double, authorized: str) -> None:
    assert GATEWAY.cancel(authorized, key="payment-1").standing == Standing.CANCELLED
    assert [intent["status"] for intent in stripe_double.ledger.intents.values()] == ["canceled"]


def test_cancelling_what_is_paid_says_that_it_is_paid(stripe_double: Double) -> None:
    reference = started()
    stripe_double.ledger.pay(reference)
    assert GATEWAY.cancel(reference, key="payment-1").standing == Standing.CAPTURED
    assert stripe_double.ledger.charged("A-1") == [1250]


def test_a_shopper_who_pays_while_we_cancel_has_paid(stripe_double: Double) -> None:
    """Between our question and our cancelling the page was paid: Stripe refuses to close it, and we ask again."""
    reference = started()
    stripe_double.faults.before("expire", lambda: stripe_double.ledger.pay(reference))
    assert GATEWAY.cancel(reference, key="payment-1").standing == Standing.CAPTURED


def test_cancelling_what_is_on_its_way_stops_it_or_says_that_it_cannot(stripe_double: Double) -> None:
    reference = started()
    stripe_double.ledger.pay_slowly(reference)
    stripe_double.faults.plan("refuse", at="cancel")
    assert GATEWAY.cancel(reference, key="payment-1").standing == Standing.OPEN
    assert GATEWAY.cancel(reference, key="payment-1").standing == Standing.CANCELLED


# --- refunds ------------------------------------------------------------------------------------------------------


@pytest.fixture
def paid(stripe_double: Double) -> str:
    reference = started()
    stripe_double.ledger.pay(reference)
    return reference


def test_a_refund_goes_through_the_payment_of_the_page(stripe_double: Double, paid: str) -> None:
    refund = GATEWAY.refund(refund_request(paid, 500))
    assert refund == RefundSnapshot(refund.reference, 500, "EUR", RefundStanding.SUCCEEDED)
    assert GATEWAY.fetch_refund(refund.reference) == refund
    assert stripe_double.ledger.given_back("A-1") == [500]
    assert GATEWAY.fetch(paid).captured == 1250


def test_asking_twice_with_one_key_gives_back_once(stripe_double: Double, paid: str) -> None:
    first, second = (GATEWAY.refund(refund_request(paid, 500)) for _ in range(2))
    assert first == second
    assert stripe_double.ledger.given_back("A-1") == [500]


def test_a_refund_whose_answer_was_lost_is_found_when_stripe_has_forgotten_its_key(
    stripe_double: Double, paid: str
) -> None:
    first = GATEWAY.refund(refund_request(paid, 500))
    stripe_double.answers.clear()
    assert GATEWAY.refund(refund_request(paid, 500)) == first
    assert stripe_double.ledger.given_back("A-1") == [500]
    GATEWAY.refund(refund_request(paid, 500, key="another"))
    assert stripe_double.ledger.given_back("A-1") == [500, 500]


def test_a_refund_on_its_way_is_sent_until_it_arrives(stripe_double: Double, paid: str) -> None:
    stripe_double.ledger.refunds_begin_as = "pending"
    refund = GATEWAY.refund(refund_request(paid))
    assert refund.standing == RefundStanding.SENT
    stripe_double.ledger.settle_refund(refund.reference, "succeeded")
    assert GATEWAY.fetch_refund(refund.reference).standing == RefundStanding.SUCCEEDED
    assert GATEWAY.refund(refund_request(paid)).standing == RefundStanding.SUCCEEDED  # not the answer of then


def test_a_refund_that_failed_is_tried_again_under_the_same_key(stripe_double: Double, paid: str) -> None:
    stripe_double.ledger.refunds_begin_as = "pending"
    first = GATEWAY.refund(refund_request(paid))
    stripe_double.ledger.settle_refund(first.reference, "failed")
    failed = GATEWAY.fetch_refund(first.reference)
    assert (failed.standing, failed.failure) == (RefundStanding.FAILED, "expired or canceled card")
    stripe_double.ledger.refunds_begin_as = "succeeded"
    second, third = (GATEWAY.refund(refund_request(paid)) for _ in range(2))
    assert second == third
    assert (second.standing, second.reference != first.reference) == (RefundStanding.SUCCEEDED, True)
    assert stripe_double.ledger.given_back("A-1") == [1250]


@pytest.mark.parametrize(
    "changes", [{"amount": 1251}, {"amount": 0}, {"amount": -1}, {"currency": "USD"}], ids=lambda value: str(value)
)
def test_what_cannot_be_given_back_is_refused(stripe_double: Double, paid: str, changes: dict[str, Any]) -> None:
    with pytest.raises(ProviderRefused):
        GATEWAY.refund(refund_request(paid, **changes))
    assert stripe_double.ledger.given_back("A-1") == []


def test_parts_never_add_up_to_more_than_was_captured(stripe_double: Double, paid: str) -> None:
    GATEWAY.refund(refund_request(paid, 800, key="1"))
    with pytest.raises(ProviderRefused, match="greater than unrefunded amount"):
        GATEWAY.refund(refund_request(paid, 451, key="2"))
    assert stripe_double.ledger.given_back("A-1") == [800]


def test_before_anything_is_paid_nothing_can_be_given_back(stripe_double: Double) -> None:
    with pytest.raises(ProviderRefused, match="No EUR have been paid here"):
        GATEWAY.refund(refund_request(started()))


# --- other currencies ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("currency", "amount", "at_stripe"),
    [("JPY", 500, 500), ("KWD", 5120, 5120), ("ISK", 5, 500), ("UGX", 12000, 1_200_000), ("HUF", 12345, 12345)],
)
def test_an_amount_goes_to_stripe_and_comes_back(
    stripe_double: Double, currency: str, amount: int, at_stripe: int
) -> None:
    reference = started(currency=currency, amount=amount)
    stripe_double.ledger.pay(reference)
    assert stripe_double.ledger.charged("A-1") == [at_stripe]
    assert GATEWAY.fetch(reference) == Snapshot(reference, "A-1", amount, currency, Standing.CAPTURED, captured=amount)
    refund = GATEWAY.refund(refund_request(reference, amount, currency=currency))
    assert (refund.amount, refund.currency) == (amount, currency)
    assert stripe_double.ledger.given_back("A-1") == [at_stripe]


def test_an_amount_that_cards_do_not_carry_is_refused_before_anybody_is_asked(stripe_double: Double) -> None:
    with pytest.raises(ProviderRefused, match="in steps of"):
        started(currency="KWD", amount=5123)
    assert stripe_double.calls == []
