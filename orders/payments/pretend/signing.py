"""Messages of the pretend provider, signed as a real one signs its own: the raw bytes and the time, with a secret."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.core.signing import BadSignature, TimestampSigner
from django.utils.crypto import constant_time_compare

from orders.errors import WebhookInvalid
from orders.payments.gateway import ProviderMessage
from orders.payments.pretend.models import PretendPayment

HEADER = "Pretend-Signature"
TOLERANCE = timedelta(minutes=5)
_signer = TimestampSigner(salt="orders.payments.pretend")


def message_about(payment: PretendPayment) -> tuple[bytes, dict[str, str]]:
    """A new message that says how the payment stands: its raw body, and its headers."""
    told = {
        "id": f"event_{secrets.token_urlsafe(18)}",
        "type": f"payment.{payment.state}",
        "reference": payment.reference,
        "order_number": payment.order_number,
        "amount": payment.amount,
        "currency": payment.currency,
    }
    body = json.dumps(told).encode()
    return body, {HEADER: _signer.sign(hashlib.sha256(body).hexdigest())}


def read(body: bytes, headers: Mapping[str, str]) -> ProviderMessage:
    """The message, when its signature is ours and not older than five minutes. Raises WebhookInvalid."""
    signature = next((value for name, value in headers.items() if name.lower() == HEADER.lower()), "")
    try:
        digest = _signer.unsign(signature, max_age=TOLERANCE)
    except BadSignature as error:
        raise WebhookInvalid("The signature is not valid.") from error
    if not constant_time_compare(digest, hashlib.sha256(body).hexdigest()):
        raise WebhookInvalid("The signature is not valid.")
    told: dict[str, Any] = json.loads(body)
    return ProviderMessage(
        event_id=told["id"],
        kind=told["type"],
        payload=told,
        reference=told["reference"],
        order_number=told["order_number"],
        amount=told["amount"],
        currency=told["currency"],
    )
