"""What Stripe's objects mean to the shop. Pure: plain dictionaries in, snapshots out.

An object that is not as expected raises KeyError, TypeError or ValueError; `calling` makes one error of them.
"""

from __future__ import annotations

from typing import Any

from orders.payments.gateway import ProviderMessage, RefundSnapshot, RefundStanding, Snapshot, Standing
from orders.payments.stripe.amounts import from_stripe

Json = dict[str, Any]

# Who paid with what, and what opens a payment, is Stripe's to keep: these members of a message are not stored.
PERSONAL = frozenset(
    {
        "billing_details",
        "card",
        "client_secret",
        "collected_information",
        "customer_details",
        "customer_email",
        "evidence",
        "payment_method_details",
        "receipt_email",
        "shipping",
        "shipping_details",
    }
)
REFUNDS = {
    "pending": RefundStanding.SENT,
    "requires_action": RefundStanding.SENT,
    "succeeded": RefundStanding.SUCCEEDED,
    "failed": RefundStanding.FAILED,
    "canceled": RefundStanding.FAILED,
}


def snapshot(session: Json) -> Snapshot:
    """The payment of a Checkout Session whose `payment_intent` is expanded, and its `latest_charge` within."""
    intent: Json = session["payment_intent"] or {}
    charge: Json = intent.get("latest_charge") or {}
    standing = _standing(session, intent)
    currency = session["currency"].upper()
    return Snapshot(
        reference=session["id"],
        order_number=session["client_reference_id"] or "",
        amount=from_stripe(session["amount_total"], currency),
        currency=currency,
        standing=standing,
        captured=from_stripe(intent.get("amount_received") or 0, currency),
        refunded=from_stripe(charge.get("amount_refunded") or 0, currency),
        failure=((intent.get("last_payment_error") or {}).get("message") or "")[:300],
    )


def _standing(session: Json, intent: Json) -> Standing:
    """The intent knows what became of the money; before there is any, the session knows whether it may come."""
    if intent:
        by_intent = {
            "succeeded": Standing.CAPTURED,
            "requires_capture": Standing.AUTHORIZED,
            "canceled": Standing.CANCELLED,
        }.get(intent["status"])
        if by_intent:
            return by_intent
    if session["status"] == "expired":
        return Standing.CANCELLED
    if session["status"] == "open":
        return Standing.OPEN  # also after a declined card: the shopper may try another one on the same page
    if session["status"] != "complete":
        raise ValueError(f"A session that is {session['status']!r} is not known.")
    if not intent:
        if session["payment_status"] == "no_payment_required":
            return Standing.CAPTURED
        raise ValueError("A completed session without a payment is not known.")
    # Money on a slow way, a bank debit for example: it is coming, or it came to nothing.
    return Standing.OPEN if intent["status"] == "processing" else Standing.FAILED


def refund_snapshot(refund: Json) -> RefundSnapshot:
    """A refund of Stripe's."""
    currency = refund["currency"].upper()
    return RefundSnapshot(
        reference=refund["id"],
        amount=from_stripe(refund["amount"], currency),
        currency=currency,
        standing=REFUNDS[refund["status"]],
        failure=(refund.get("failure_reason") or "").replace("_", " "),
    )


def message(event: Json) -> ProviderMessage:
    """What an event is about. Sessions name our reference; intents and charges only the order; disputes neither."""
    subject = event["data"]["object"]
    metadata = subject.get("metadata") or {}
    kind = subject["object"]
    amount, currency = None, ""
    if kind in {"checkout.session", "payment_intent", "charge"}:
        currency = (subject["currency"] or "").upper()
        amount = subject["amount_total" if kind == "checkout.session" else "amount"]
    return ProviderMessage(
        event_id=event["id"],
        kind=event["type"],
        payload=_without_people(event),
        reference=subject["id"] if kind == "checkout.session" else metadata.get("reference", ""),
        order_number=metadata.get("order_number", ""),
        amount=None if amount is None else from_stripe(amount, currency),
        currency=currency,
    )


def _without_people(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_people(inner) for key, inner in value.items() if key not in PERSONAL}
    if isinstance(value, list):
        return [_without_people(inner) for inner in value]
    return value
