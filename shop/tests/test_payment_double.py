"""The double of Stripe, seen from outside: its keys, its doors for another process, its hosted page."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

from shop.embedded_postgres import ROOT
from shop.testing.provider import Double
from shop.testing.provider.server import SECRET_KEY, decode

FORM = {
    "mode": "payment",
    "success_url": "http://127.0.0.1/thanks",
    "line_items[0][quantity]": "1",
    "line_items[0][price_data][currency]": "eur",
    "line_items[0][price_data][unit_amount]": "1250",
    "line_items[0][price_data][product_data][name]": "Order A-1",
    "payment_intent_data[metadata][order_number]": "A-1",
}


def create(url: str, key: str = "key-1", secret: str = SECRET_KEY, **changes: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": key}
    return httpx.post(f"{url}/v1/checkout/sessions", data=FORM | changes, headers=headers)


def test_a_key_is_answered_as_stripe_does() -> None:
    with Double() as double:
        first, second = create(double.url), create(double.url)
        other = create(double.url, success_url="http://127.0.0.1/elsewhere")
        assert (first.json(), first.headers.get("Idempotent-Replayed")) == (second.json(), None)
        assert second.headers["Idempotent-Replayed"] == "true"
        assert (other.status_code, other.json()["error"]["type"]) == (400, "idempotency_error")
        assert len(double.ledger.sessions) == 1


def test_with_a_key_of_its_own_every_call_counts() -> None:
    """The control: what the gateway's keys prevent would be seen."""
    with Double() as double:
        create(double.url, "key-1")
        create(double.url, "key-2")
        for session in list(double.ledger.sessions):
            double.ledger.pay(session)
        assert double.ledger.charged("A-1") == [1250, 1250]
        intent = double.ledger.charges[0].intent
        for key in ("key-3", "key-4"):
            headers = {"Authorization": f"Bearer {SECRET_KEY}", "Idempotency-Key": key}
            httpx.post(f"{double.url}/v1/refunds", data={"payment_intent": intent, "amount": "500"}, headers=headers)
        assert double.ledger.given_back("A-1") == [500, 500]


def test_what_was_not_valid_is_not_remembered() -> None:
    with Double() as double:
        assert create(double.url, mode="setup").status_code == 400
        assert create(double.url).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"expires_at": "1"},
        {"expires_at": "99999999999"},
        {"line_items[0][price_data][unit_amount]": "0"},
        {"line_items[0][price_data][currency]": "EUR"},
        {"line_items[0][price_data][currency]": "isk"},
        {"line_items[0][price_data][currency]": "kwd", "line_items[0][price_data][unit_amount]": "1251"},
        {"payment_method_types[0]": "card"},
        {"success_url": ""},
    ],
)
def test_it_refuses_what_stripe_refuses(changes: dict[str, str]) -> None:
    with Double() as double:
        assert create(double.url, **changes).status_code == 400
        assert double.ledger.sessions == {}


def test_nobody_is_served_without_the_key() -> None:
    with Double() as double:
        assert create(double.url, secret="sk_test_other").status_code == 401


def test_stripes_form_encoding_is_understood() -> None:
    assert decode("a[0][b][c]=1&a[0][d]=2&a[1][d]=3&expand[0]=x&e=%C3%A9") == {
        "a": [{"b": {"c": "1"}, "d": "2"}, {"d": "3"}],
        "expand": ["x"],
        "e": "é",
    }


@pytest.fixture
def process() -> Iterator[str]:
    """The double as a process of its own; its address."""
    command = [sys.executable, "-u", "-m", "shop.testing.provider", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        try:
            yield running.stdout.readline().strip().removeprefix("STRIPE_API_BASE=")
            running.terminate()
            assert running.wait(10) == 0
        finally:
            running.kill()


def test_another_process_can_be_paid_at_and_looked_into(process: str) -> None:
    session = create(process).json()
    page = httpx.get(session["url"])
    assert re.findall(r"<button>(\w+)", page.text) == ["pay", "decline", "authorize"]
    assert "<input" not in page.text
    paid = httpx.post(f"{session['url']}/pay")
    assert (paid.status_code, paid.headers["Location"]) == (303, FORM["success_url"])
    assert httpx.post(f"{session['url']}/pay").status_code == 400
    ledger = httpx.get(f"{process}/ledger").json()
    assert [(charge["order_number"], charge["amount"]) for charge in ledger["charges"]] == [("A-1", 1250)]
    assert [event["type"] for event in ledger["events"]] == ["payment_intent.succeeded", "checkout.session.completed"]


def test_another_process_can_be_told_to_fail(process: str) -> None:
    httpx.post(f"{process}/faults", json={"fault": "error", "at": "sessions"})
    assert create(process).status_code == 500
    assert create(process).status_code == 200
    httpx.post(f"{process}/faults", json={"fault": "drop_after", "at": "sessions"})
    with pytest.raises(httpx.RemoteProtocolError):
        create(process, "key-2")
    assert create(process, "key-2").headers["Idempotent-Replayed"] == "true"
    assert len(httpx.get(f"{process}/ledger").json()["sessions"]) == 2
