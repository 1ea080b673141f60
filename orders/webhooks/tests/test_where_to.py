"""Targets inside the house: refused at the moment of sending."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from orders.webhooks.tests.messages import State, attempt, message_to
from shop.testing.receivers import receiver

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("local_receivers")]


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/", "https://[::1]/", "https://169.254.169.254/", "https://10.0.0.7/", "https://2130706433/",
        "https://0x7f000001/", "https://0177.0.0.1/", "https://[::ffff:127.0.0.1]/", "https://localhost/",
        "https://user:pw@example.com/", "http://example.com/",
    ],
)  # fmt: skip
def test_a_target_that_slipped_in_is_refused_when_it_is_sent(settings: Any, url: str) -> None:
    """The row may be older than a rule, or written past the form."""
    settings.SHOP_WEBHOOKS_ALLOW_PRIVATE = False
    delivery = attempt(message_to(url))
    assert (delivery.state, delivery.attempts, delivery.last_status) == (State.PENDING, 1, None)
    assert delivery.last_error


def test_a_name_that_leads_inside_is_refused_when_it_is_sent(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SHOP_WEBHOOKS_ALLOW_PRIVATE = False
    with receiver() as here:
        found = socket.getaddrinfo("127.0.0.1", here.port, type=socket.SOCK_STREAM)
        monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: found)
        delivery = attempt(message_to(here.url("hooks.example.com", scheme="https")))
    assert delivery.last_error == "hooks.example.com leads to 127.0.0.1, not into the public internet."
    assert here.requests == []
