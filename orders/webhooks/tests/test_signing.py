"""Our signatures, read by the specification's own library."""

from __future__ import annotations

import base64
import time

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from orders.webhooks import signing

PAYLOAD = '{"type":"order.placed","timestamp":"2026-01-02T03:04:05Z","data":{"note":"Müller & Söhne 🫖"}}'


def test_a_message_is_verified_by_the_library_of_the_specification() -> None:
    secret = signing.new_secret()
    headers = signing.headers([secret], signing.new_message_id(), int(time.time()), PAYLOAD)
    assert Webhook(secret).verify(PAYLOAD, headers)["data"]["note"] == "Müller & Söhne 🫖"


def test_we_and_the_library_know_the_same_signature() -> None:
    """The specification's own example."""
    signature = signing.sign(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, '{"test": 2432232314}'
    )
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("changed", ["body", "webhook-id", "webhook-timestamp", "secret"])
def test_any_change_breaks_it(changed: str) -> None:
    secret, now = signing.new_secret(), int(time.time())
    headers = signing.headers([secret], "msg_1", now, PAYLOAD)
    body = PAYLOAD.replace("placed", "payed") if changed == "body" else PAYLOAD
    if changed in headers:
        headers[changed] = {"webhook-id": "msg_2", "webhook-timestamp": str(now + 1)}[changed]
    with pytest.raises(WebhookVerificationError):
        Webhook(signing.new_secret() if changed == "secret" else secret).verify(body, headers)


def test_while_a_secret_is_replaced_both_are_good() -> None:
    old, new = signing.new_secret(), signing.new_secret()
    headers = signing.headers([new, old], "msg_1", int(time.time()), PAYLOAD)
    for secret in (old, new):
        assert Webhook(secret).verify(PAYLOAD, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(signing.new_secret()).verify(PAYLOAD, headers)


def test_secrets_are_long_and_random_and_ids_have_no_full_stop() -> None:
    secrets = {signing.new_secret() for _ in range(50)}
    assert len(secrets) == 50
    assert all(len(base64.b64decode(secret.removeprefix("whsec_"))) == 32 for secret in secrets)
    assert "." not in signing.new_message_id()
