"""Stripe's messages: verified on the raw bytes, then read."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping, Sequence

import stripe

from orders.errors import WebhookInvalid
from orders.payments.gateway import ProviderMessage
from orders.payments.stripe.reading import message

HEADER = "stripe-signature"
TOLERANCE_SECONDS = 300


def read(body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> ProviderMessage:
    """The message, when one of the secrets signed these very bytes within the last five minutes.

    During a rotation two secrets are valid. Raises WebhookInvalid.
    """
    signature = next((value for name, value in headers.items() if name.lower() == HEADER), "")
    if not any(_is_signed(body, signature, secret) for secret in secrets):
        raise WebhookInvalid("The signature is not valid.")
    try:
        return message(json.loads(body))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise WebhookInvalid("The message cannot be read.") from error


def _is_signed(body: bytes, signature: str, secret: str) -> bool:
    """Stripe's own check, which forgets two things: a time in the future, and a signature that is not ASCII."""
    if not signature.isascii() or _sent_at(signature) > time.time() + TOLERANCE_SECONDS:
        return False
    try:
        return bool(stripe.WebhookSignature.verify_header(body, signature, secret, TOLERANCE_SECONDS))
    except (stripe.SignatureVerificationError, UnicodeError):
        return False


def _sent_at(signature: str) -> int:
    told = re.search(r"(?:^|,)t=([0-9]{1,12})(?:,|$)", signature)
    return int(told[1]) if told else 0
