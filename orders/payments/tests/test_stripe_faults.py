"""Every way in which a call to Stripe goes wrong. What the double's books say afterwards is what counts."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from orders.errors import ProviderRefused, ProviderUnavailable
from orders.payments.gateway import RefundStanding, Standing
from orders.payments.stripe.gateway import StripeGateway
from orders.payments.tests.asking import payment_request, refund_request
from shop.testing.provider import Double, Fault

GATEWAY = StripeGateway()
ASKED = payment_request()
WRITES = {"start": "sessions", "capture": "capture", "cancel": "expire", "refund": "refunds"}
UNKNOWN = [
    Fault.ERROR, Fault.DROP, Fault.DROP_AFTER, Fault.GARBAGE, Fault.EMPTY, Fault.BUSY, Fault.CONFLICT,
    Fault.UNAUTHORIZED,
]  # fmt: skip


def prepared(what: str, double: Double) -> Callable[[], Any]:
    """A call of this kind, on a payment that stands as the call needs it."""
    if what == "start":
        return lambda: GATEWAY.start(ASKED)
    reference = GATEWAY.start(ASKED).reference
    if what == "capture":
        double.ledger.authorize(reference)
        return lambda: GATEWAY.capture(reference, amount=1250, currency="EUR", key="payment-1")
    if what == "refund":
        double.ledger.pay(reference)
        return lambda: GATEWAY.refund(refund_request(reference))
    if what == "cancel":
        return lambda: GATEWAY.cancel(reference, key="payment-1")
    return lambda: GATEWAY.fetch(reference)


def effects(double: Double) -> dict[str, int]:
    """What the calls have come to in the world."""
    ledger = double.ledger
    return {
        "start": len(ledger.sessions),
        "capture": len(ledger.charges),
        "cancel": sum(session["status"] == "expired" for session in ledger.sessions.values()),
        "refund": len(ledger.refunds),
    }


@pytest.mark.parametrize("fault", UNKNOWN)
@pytest.mark.parametrize("what", WRITES)
def test_after_an_unknown_outcome_asking_again_leads_to_one_effect(
    stripe_double: Double, what: str, fault: Fault
) -> None:
    call = prepared(what, stripe_double)
    stripe_double.faults.plan(fault, at=WRITES[what], method="POST")
    with pytest.raises(ProviderUnavailable):
        call()
    answers = [call() for _ in range(2)]
    assert answers[0] == answers[1]
    assert effects(stripe_double)[what] == 1


@pytest.mark.parametrize("fault", [*UNKNOWN, Fault.STRANGER])
def test_an_answer_about_a_payment_that_cannot_be_relied_on_is_none(stripe_double: Double, fault: Fault) -> None:
    fetch = prepared("fetch", stripe_double)
    stripe_double.faults.plan(fault)
    with pytest.raises(ProviderUnavailable):
        fetch()
    assert fetch().standing == Standing.OPEN


def test_an_error_of_stripes_after_the_fact_is_repeated_by_it_and_nothing_is_done_twice(stripe_double: Double) -> None:
    """Stripe keeps the answer to a key whatever it was; only its books, or its messages, tell the truth."""
    call = prepared("start", stripe_double)
    stripe_double.faults.plan(Fault.ERROR_AFTER, at=WRITES["start"], method="POST")
    for _ in range(3):
        with pytest.raises(ProviderUnavailable):
            call()
    assert effects(stripe_double)["start"] == 1


def test_a_refund_behind_such_an_error_is_found_in_stripes_books(stripe_double: Double) -> None:
    call = prepared("refund", stripe_double)
    stripe_double.faults.plan(Fault.ERROR_AFTER, at=WRITES["refund"], method="POST")
    with pytest.raises(ProviderUnavailable):
        call()
    assert call().standing == RefundStanding.SUCCEEDED
    assert effects(stripe_double)["refund"] == 1


def test_a_time_out_after_charging_is_found_by_asking(stripe_double: Double, settings: Any) -> None:
    settings.STRIPE_TIMEOUT = 0.3
    capture = prepared("capture", stripe_double)
    stripe_double.faults.plan(Fault.HANG_AFTER, at="capture")
    with pytest.raises(ProviderUnavailable):
        capture()
    assert stripe_double.ledger.charged("A-1") == [1250]
    assert capture().standing == Standing.CAPTURED
    assert stripe_double.ledger.charged("A-1") == [1250]


def test_nobody_waits_longer_than_the_setting(stripe_double: Double, settings: Any) -> None:
    settings.STRIPE_TIMEOUT = 0.3
    stripe_double.faults.plan(Fault.HANG)
    with pytest.raises(ProviderUnavailable):
        GATEWAY.start(ASKED)
    assert effects(stripe_double)["start"] == 0


def test_a_slow_answer_is_an_answer(stripe_double: Double) -> None:
    stripe_double.faults.plan(Fault.SLOW, at="sessions")
    threading.Timer(0.1, stripe_double.faults.release).start()
    assert GATEWAY.start(ASKED).reference in stripe_double.ledger.sessions


def test_a_failed_call_is_repeated_with_the_same_key_and_not_for_ever(stripe_double: Double, settings: Any) -> None:
    settings.STRIPE_RETRIES = 1
    stripe_double.faults.plan(Fault.DROP_AFTER, at="sessions")
    GATEWAY.start(ASKED)
    assert stripe_double.writes() == ["payment-1-A-1-start"] * 2
    assert effects(stripe_double)["start"] == 1
    stripe_double.faults.plan(Fault.ERROR, times=9)
    with pytest.raises(ProviderUnavailable):
        GATEWAY.start(ASKED)
    assert len(stripe_double.calls) == 4


@pytest.mark.parametrize(
    ("fault", "words"),
    [(Fault.DECLINE, "Your card was declined."), (Fault.REFUSE, "Something about this request is wrong.")],
)
@pytest.mark.parametrize("what", ["start", "capture", "refund"])
def test_a_no_is_a_no_in_the_providers_words(stripe_double: Double, what: str, fault: Fault, words: str) -> None:
    call = prepared(what, stripe_double)
    stripe_double.faults.plan(fault, at=WRITES[what], method="POST")
    with pytest.raises(ProviderRefused, match=words):
        call()
    assert effects(stripe_double)[what] == 0


def test_where_nobody_listens_the_outcome_is_unknown(stripe_double: Double, settings: Any) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        settings.STRIPE_API_BASE = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(ProviderUnavailable):
            GATEWAY.start(ASKED)


def test_ten_at_once_with_one_key_are_one(stripe_double: Double) -> None:
    with ThreadPoolExecutor(10) as threads:
        answers = set(threads.map(lambda _: GATEWAY.start(ASKED), range(10)))
    assert len(answers) == 1
    assert effects(stripe_double)["start"] == 1


def test_neither_errors_nor_logs_tell_a_key(stripe_double: Double, settings: Any, caplog: Any) -> None:
    settings.STRIPE_SECRET_KEY = "sk_test_wrong_0123456789"
    with pytest.raises(ProviderUnavailable) as caught:
        GATEWAY.start(ASKED)
    told = f"{caught.value} {caught.value.details} {caplog.text}"
    assert "sk_test" not in told
    assert "AuthenticationError 401" in caplog.text
