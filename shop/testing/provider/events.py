"""Messages as Stripe sends them, signed independently of its library."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any

SECRET = "whsec_of_the_double"
Json = dict[str, Any]


def signed(
    event: Json, secret: str = SECRET, *, timestamp: int | None = None, body: bytes | None = None
) -> tuple[bytes, dict[str, str]]:
    """The raw body of the event and its headers. `body` signs other bytes instead."""
    raw = json.dumps(event, indent=2).encode() if body is None else body
    at = int(time.time()) if timestamp is None else timestamp
    mac = hmac.new(secret.encode(), f"{at}.".encode() + raw, hashlib.sha256).hexdigest()
    return raw, {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": f"t={at},v1={mac}"}
