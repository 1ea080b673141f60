"""Secrets at rest, and what becomes of them when SECRET_KEY is changed."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from standardwebhooks import Webhook

from orders.webhooks import delivering, sealing
from orders.webhooks.models import WebhookEndpoint
from orders.webhooks.tests.factories import EndpointFactory
from orders.webhooks.tests.messages import State, attempt, message_to
from shop.testing.receivers import receiver

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("local_receivers")]

FIRST, SECOND = "first-" * 10, "second-" * 10


@pytest.fixture(autouse=True)
def first_key(settings: Any) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = FIRST, []


def in_the_database() -> str:
    """Whatever is stored of all endpoints."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(e)::text FROM orders_webhookendpoint e")
        return str(cursor.fetchall())


def test_no_secret_stands_in_the_database_neither_the_new_one_nor_the_one_before() -> None:
    endpoint = EndpointFactory.create()
    old = endpoint.secret
    new = delivering.rotate_secret(endpoint=endpoint).secret
    stored = in_the_database()
    for secret in (old, new):
        assert secret.removeprefix("whsec_").rstrip("=") not in stored
    assert "whsec_" not in stored
    assert WebhookEndpoint.objects.get().signing_secrets(timezone.now()) == [new, old]


def test_the_same_secret_is_never_sealed_the_same_way() -> None:
    assert sealing.seal("whsec_x") != sealing.seal("whsec_x")
    assert sealing.unseal(sealing.seal("whsec_x")) == "whsec_x"


@pytest.mark.parametrize("spoilt", ["", "nonsense", "gAAAAA==", "é"])
def test_what_was_spoilt_is_refused(spoilt: str) -> None:
    with pytest.raises(sealing.SecretUnreadable):
        sealing.unseal(spoilt)
    assert sealing.seal_anew(spoilt) == spoilt


def test_a_single_changed_sign_is_noticed() -> None:
    sealed = sealing.seal("whsec_x")
    with pytest.raises(sealing.SecretUnreadable):
        sealing.unseal(sealed[:40] + ("A" if sealed[40] != "A" else "B") + sealed[41:])


def test_a_new_key_takes_over_while_the_old_one_is_among_the_fallbacks(settings: Any) -> None:
    endpoint = EndpointFactory.create()
    old = endpoint.secret
    new = delivering.rotate_secret(endpoint=endpoint).secret

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = SECOND, [FIRST]
    assert WebhookEndpoint.objects.get().signing_secrets(timezone.now()) == [new, old]
    delivering.seal_secrets_anew()
    settings.SECRET_KEY_FALLBACKS = []

    assert WebhookEndpoint.objects.get().signing_secrets(timezone.now()) == [new, old]
    sealed = in_the_database()
    delivering.seal_secrets_anew()
    assert in_the_database() == sealed  # there was nothing left to do


def test_without_the_key_messages_wait_and_go_out_once_it_is_back(settings: Any) -> None:
    with receiver() as here:
        delivery = message_to(here)
        settings.SECRET_KEY = SECOND
        delivery = attempt(delivery)
        assert (delivery.state, delivery.attempts) == (State.PENDING, 1)
        assert delivery.last_error.startswith("The endpoint's secret cannot be read")
        delivering.seal_secrets_anew()  # touches nothing that it cannot read
        settings.SECRET_KEY_FALLBACKS = [FIRST]
        assert attempt(delivery).state == State.SUCCEEDED
    (got,) = here.requests
    assert Webhook(WebhookEndpoint.objects.get().secret).verify(got.body, got.headers)
