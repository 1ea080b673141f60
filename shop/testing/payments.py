"""Fixtures for payments: Stripe, as far as the shop can tell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from shop.testing.provider import Double
from shop.testing.provider.events import SECRET
from shop.testing.provider.server import SECRET_KEY


@pytest.fixture
def stripe_double(settings: Any) -> Iterator[Double]:
    """The shop takes cards, through a double of Stripe with books of its own. Calls are not retried by themselves."""
    with Double() as double:
        settings.STRIPE_SECRET_KEY = SECRET_KEY
        settings.STRIPE_WEBHOOK_SECRETS = [SECRET]
        settings.STRIPE_API_BASE = double.url
        settings.PAYMENT_PAGES = [double.url]
        settings.STRIPE_CAPTURE = "automatic"
        settings.STRIPE_TIMEOUT = 5.0
        settings.STRIPE_RETRIES = 0
        yield double
