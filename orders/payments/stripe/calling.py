"""Talking to Stripe: one client per account and address, and every way in which a call can go wrong."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

import stripe
from django.conf import settings

from orders.errors import ProviderRefused, ProviderUnavailable
from orders.payments.stripe.amounts import NotAtStripe

logger = logging.getLogger("shop.payments")

# Says nothing about the payment: the key is wrong, or Stripe is busy, also with the same key. Ask again.
NOT_DECIDED = frozenset({401, 403, 409, 429})
CONNECT_SECONDS = 5.0
# The library would note figures about this machine beside every call, and an id in the home directory.
stripe.enable_telemetry = False


def client() -> stripe.StripeClient:
    """The client for the account in the settings."""
    if not settings.STRIPE_SECRET_KEY:
        raise ProviderUnavailable("Stripe is not set up.")
    return _client(
        settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE, settings.STRIPE_TIMEOUT, settings.STRIPE_RETRIES
    )


@lru_cache(maxsize=8)
def _client(key: str, base: str, timeout: float, retries: int) -> stripe.StripeClient:
    return stripe.StripeClient(
        key,
        base_addresses={"api": base} if base else None,
        http_client=stripe.RequestsClient(timeout=(min(CONNECT_SECONDS, timeout), timeout)),
        max_network_retries=retries,
    )


@contextmanager
def asking() -> Iterator[None]:
    """Let out nothing but ProviderUnavailable (the outcome is unknown) and ProviderRefused (Stripe said no)."""
    try:
        yield
    except NotAtStripe as error:
        raise ProviderRefused(str(error)) from error
    except stripe.StripeError as error:
        raise _in_our_words(error) from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        logger.exception("Stripe's answer was not understood.")
        raise ProviderUnavailable("The payment provider's answer was not understood.") from error


def _in_our_words(error: stripe.StripeError) -> ProviderRefused | ProviderUnavailable:
    status = error.http_status or 0
    logger.warning("Stripe: %s %s %s", type(error).__name__, status or "no answer", error.request_id or "")
    if 400 <= status < 500 and status not in NOT_DECIDED:
        return ProviderRefused((error.user_message or "The payment provider said no.")[:300])
    return ProviderUnavailable("The payment provider cannot be reached at the moment.")
