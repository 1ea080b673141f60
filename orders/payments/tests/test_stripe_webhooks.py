"""Messages from Stripe: whose they are, and what they are about. Signed here by the double, not by Stripe's library."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from orders.errors import WebhookInvalid
from orders.payments.gateway import ProviderMessage
from orders.payments.stripe.gateway import StripeGateway
from orders.payments.tests.asking import payment_request, refund_request
from shop.testing.provider import Double, signed
from shop.testing.provider.events import SECRET

GATEWAY = StripeGateway()


@pytest.fixture
def event(stripe_double: Double) -> dict[str, Any]:
    """A paid session, as Stripe tells of it."""
    reference = GATEWAY.start(payment_request()).reference
    stripe_double.ledger.pay(reference)
    found: dict[str, Any] = stripe_double.ledger.events[-1]
    assert found["type"] == "checkout.session.completed"
    return found


def test_a_signed_message_says_what_it_is_about(event: dict[str, Any]) -> None:
    told = GATEWAY.read_webhook(*signed(event))
    session = event["data"]["object"]
    assert (told.event_id, told.kind) == (event["id"], "checkout.session.completed")
    assert (told.reference, told.order_number) == (session["id"], "A-1")
    assert (told.amount, told.currency) == (1250, "EUR")


def refused(body: bytes, headers: dict[str, str]) -> None:
    with pytest.raises(WebhookInvalid):
        GATEWAY.read_webhook(body, headers)


def test_a_changed_byte_is_noticed(event: dict[str, Any]) -> None:
    body, headers = signed(event)
    refused(body.replace(b'"amount_total": 1250', b'"amount_total": 1251'), headers)
    refused(body + b" ", headers)
    refused(body[:-1], headers)
    refused(b"", headers)


def test_the_raw_bytes_count_and_not_what_they_mean(event: dict[str, Any]) -> None:
    """Written in another way it is still what was signed; read and written again it is not."""
    _, headers = signed(event)
    refused(json.dumps(event).encode(), headers)
    odd = json.dumps(event, ensure_ascii=False, separators=(" ,  ", "\t:")).encode()
    assert GATEWAY.read_webhook(*signed(event, body=odd)).event_id == event["id"]


@pytest.mark.parametrize("age", [301, 3600, -301, -3600])
def test_an_old_message_and_one_from_the_future_are_refused(event: dict[str, Any], age: int) -> None:
    refused(*signed(event, timestamp=int(time.time()) - age))


@pytest.mark.parametrize("age", [0, 240, -240])
def test_clocks_may_differ_a_little(event: dict[str, Any], age: int) -> None:
    assert GATEWAY.read_webhook(*signed(event, timestamp=int(time.time()) - age)).event_id == event["id"]


def test_another_time_than_the_signed_one_is_refused(event: dict[str, Any]) -> None:
    body, headers = signed(event, timestamp=int(time.time()) - 3600)
    old, signature = headers["Stripe-Signature"].split(",")
    refused(body, {"Stripe-Signature": f"t={int(time.time())},{signature}"})
    refused(body, {"Stripe-Signature": f"{old},t={int(time.time())},{signature}"})


def test_another_secret_is_refused(event: dict[str, Any]) -> None:
    refused(*signed(event, "whsec_of_somebody_else"))
    refused(*signed(event, ""))


def test_while_the_secret_is_exchanged_both_are_valid(event: dict[str, Any], settings: Any) -> None:
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_new", SECRET]
    for secret in ("whsec_new", SECRET):
        assert GATEWAY.read_webhook(*signed(event, secret)).event_id == event["id"]
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_new"]
    refused(*signed(event, SECRET))


@pytest.mark.parametrize("secrets", [[], [""], [" "]])
def test_without_a_secret_nothing_is_believed(event: dict[str, Any], settings: Any, secrets: list[str]) -> None:
    settings.STRIPE_WEBHOOK_SECRETS = secrets
    for secret in ("", " ", SECRET):
        refused(*signed(event, secret))


@pytest.mark.parametrize(
    "signature",
    ["", "nonsense", "t=,v1=", "t=1", "v1=abc", "t=now,v1=abc", "t=1,v0=abc", "t=1,v1=é", "é", "t=9" * 200, "=,=,="],
)
def test_a_signature_that_is_none_is_refused(event: dict[str, Any], signature: str) -> None:
    body, _ = signed(event)
    refused(body, {"Stripe-Signature": signature})


def test_no_header_and_other_headers_are_refused(event: dict[str, Any]) -> None:
    body, headers = signed(event)
    refused(body, {})
    refused(body, {"X-Signature": headers["Stripe-Signature"]})


def test_the_name_of_the_header_may_be_written_in_any_case(event: dict[str, Any]) -> None:
    body, headers = signed(event)
    assert GATEWAY.read_webhook(body, {"stripe-signature": headers["Stripe-Signature"]}).event_id == event["id"]


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\xfe", b"[]", b"null", b'"text"', b"{}", b'{"id": "evt_1"}', b'{"data": {"object": null}}', b"{"],
)
def test_a_signed_message_that_cannot_be_read_is_refused(stripe_double: Double, body: bytes) -> None:
    refused(*signed({}, body=body))


def test_every_kind_of_message_names_the_order(stripe_double: Double, settings: Any) -> None:
    """Also those without our reference: the order's number travels with the payment and with the refund."""
    settings.STRIPE_CAPTURE = "manual"
    reference = GATEWAY.start(payment_request()).reference
    stripe_double.ledger.decline(reference)
    stripe_double.ledger.pay(reference)
    GATEWAY.capture(reference, amount=1250, currency="EUR", key="payment-1")
    GATEWAY.refund(refund_request(reference, 500))
    told = [GATEWAY.read_webhook(*signed(event)) for event in stripe_double.ledger.events]
    session = {"checkout.session.completed": reference, "refund.created": reference}
    assert [(message.kind, message.order_number, message.reference) for message in told] == [
        (kind, "A-1", session.get(kind, ""))
        for kind in (
            "payment_intent.payment_failed",
            "payment_intent.amount_capturable_updated",
            "checkout.session.completed",
            "payment_intent.succeeded",
            "refund.created",
            "charge.refunded",
        )
    ]
    assert {(message.kind, message.amount) for message in told if message.amount != 1250} == {("refund.created", None)}


def test_a_message_about_something_else_is_read_and_says_so(stripe_double: Double) -> None:
    event = stripe_double.ledger.event("customer.created", {"id": "cus_1", "object": "customer"})
    assert GATEWAY.read_webhook(*signed(event)) == ProviderMessage(event["id"], "customer.created", event)


def test_who_paid_is_not_kept(stripe_double: Double, event: dict[str, Any]) -> None:
    reference = event["data"]["object"]["id"]
    GATEWAY.refund(refund_request(reference))
    events = stripe_double.ledger.events
    assert "jo@example.com" in json.dumps(events)
    assert "alice@example.com" in json.dumps(events)
    kept = json.dumps([GATEWAY.read_webhook(*signed(event)).payload for event in events])
    assert "example.com" not in kept.replace("shop.example.com", "")
    assert "Jo Doe" not in kept


def test_neither_cards_nor_secrets_nor_evidence_of_a_dispute_are_kept(stripe_double: Double) -> None:
    """A declined card comes with the error, and Stripe fills in who a disputed charge was for."""
    declined = {"payment_method": {"id": "pm_1", "card": {"last4": "9995", "fingerprint": "canary"}}}
    intent = {"object": "payment_intent", "currency": "eur", "amount": 1250, "client_secret": "canary"}
    dispute = {"object": "dispute", "reason": "fraudulent", "evidence": {"customer_purchase_ip": "canary"}}
    for subject in (intent | {"last_payment_error": declined}, dispute):
        told = GATEWAY.read_webhook(*signed(stripe_double.ledger.event("about", {"id": "x_1", **subject})))
        assert "canary" not in json.dumps(told.payload)
        assert "9995" not in json.dumps(told.payload)


def test_amounts_of_a_message_are_the_shops(stripe_double: Double) -> None:
    reference = GATEWAY.start(payment_request(currency="ISK", amount=5)).reference
    stripe_double.ledger.pay(reference)
    told = GATEWAY.read_webhook(*signed(stripe_double.ledger.events[-1]))
    assert (told.amount, told.currency) == (5, "ISK")
