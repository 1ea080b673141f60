"""Cards through Stripe's hosted page (Checkout). Card data never touches the shop.

Our reference is the Checkout Session: it exists from the start, and through its payment intent money is captured
and given back. Every call that changes something carries an idempotency key made from ours, so that asking twice
is asking once.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings

from orders.errors import ProviderRefused
from orders.payments.gateway import (
    PaymentMethod,
    PaymentRequest,
    ProviderMessage,
    RefundRequest,
    RefundSnapshot,
    RefundStanding,
    Snapshot,
    Standing,
    Started,
)
from orders.payments.stripe import webhooks
from orders.payments.stripe.amounts import to_stripe
from orders.payments.stripe.calling import asking, client
from orders.payments.stripe.reading import refund_snapshot, snapshot

if TYPE_CHECKING:
    from stripe import RequestOptions
    from stripe.params import RefundCreateParams
    from stripe.params.checkout import SessionCreateParams

# Stripe closes a page 30 minutes to 24 hours after it was made. Counted from the order's expiry instead, the time is
# the same whenever the call is repeated (another one would be another request under the same key), and never too
# near. Whoever calls off the order closes the page before.
PAGE_OUTLIVES_ORDER = timedelta(minutes=31)
LONGEST_TERM = timedelta(hours=23)


class StripeGateway:
    """On when STRIPE_SECRET_KEY is set."""

    code = "stripe"
    is_manual = False

    def methods(self) -> list[PaymentMethod]:
        if not settings.STRIPE_SECRET_KEY:
            return []
        return [
            PaymentMethod(
                code="card",
                label="Card",
                description="You pay on the secure page of our payment provider, Stripe.",
                term=settings.SHOP_PAYMENT_TERM,
            )
        ]

    def start(self, request: PaymentRequest) -> Started:
        key = _key(request.key, request.order_number, "start")  # our keys alone may be those of another database
        with asking():
            session = client().v1.checkout.sessions.create(_page(request), key)
            return Started(redirect_url=_text(session.url), reference=_text(session.id))

    def fetch(self, reference: str) -> Snapshot:
        with asking():
            return snapshot(self._session(reference))

    def capture(self, reference: str, *, amount: int, currency: str, key: str) -> Snapshot:
        """Raises ProviderRefused also when another amount is authorized."""
        with asking():
            session = self._session(reference)
            known = snapshot(session)
            if known.standing == Standing.CAPTURED:
                return known
            if known.standing != Standing.AUTHORIZED or (known.amount, known.currency) != (amount, currency):
                raise ProviderRefused("This amount is not authorized.")
            try:
                with asking():
                    intent = client().v1.payment_intents.capture(
                        session["payment_intent"]["id"],
                        {"amount_to_capture": to_stripe(amount, currency)},
                        _key(key, reference, "capture"),
                    )
                    _text(intent.id)
            except ProviderRefused:
                known = self.fetch(reference)
                if known.standing != Standing.CAPTURED:  # by somebody else, this very moment
                    raise
                return known
        return self.fetch(reference)

    def cancel(self, reference: str, *, key: str) -> Snapshot:
        """Close the page, or let go of the authorized money. Somebody may be paying this very moment: Stripe then
        refuses, and the answer says what has become of it.
        """
        with asking():
            session = self._session(reference)
            known = snapshot(session)
            try:
                with asking():
                    if session["status"] == "open" and known.standing == Standing.OPEN:
                        _text(client().v1.checkout.sessions.expire(reference, {}, _key(key, reference, "expire")).id)
                    elif known.standing in {Standing.OPEN, Standing.AUTHORIZED}:
                        intent: str = session["payment_intent"]["id"]
                        _text(client().v1.payment_intents.cancel(intent, {}, _key(key, reference, "cancel")).id)
                    else:
                        return known
            except ProviderRefused:
                pass
        return self.fetch(reference)

    def refund(self, request: RefundRequest) -> RefundSnapshot:
        """Stripe forgets keys after a day, and a job may try for longer: a refund that carries our key is looked for
        first. One that failed is followed by another, under a key that names it, so that this, too, happens once.
        """
        with asking():
            session = self._session(request.reference)
            if not session["payment_intent"] or session["currency"].upper() != request.currency:
                raise ProviderRefused(f"No {request.currency} have been paid here.")
            intent = session["payment_intent"]["id"]
            failed = ""
            for earlier in self._refunds_under(request.key, intent):
                if refund_snapshot(earlier).standing != RefundStanding.FAILED:
                    return refund_snapshot(earlier)
                failed = failed or f"-after-{earlier['id']}"
            wanted: RefundCreateParams = {
                "payment_intent": intent,
                "amount": to_stripe(request.amount, request.currency),
                "metadata": {
                    "order_number": request.order_number,
                    "reference": request.reference,
                    "key": request.key,
                },
            }
            refund = client().v1.refunds.create(wanted, {"idempotency_key": f"{request.key}-refund{failed}"})
            return refund_snapshot(refund.to_dict())

    def _refunds_under(self, key: str, intent: str) -> list[dict[str, Any]]:
        """The refunds of a payment that carry this key, latest first."""
        found = client().v1.refunds.list({"payment_intent": intent, "limit": 100})
        refunds = [refund.to_dict() for refund in found.auto_paging_iter()]
        return [refund for refund in refunds if (refund.get("metadata") or {}).get("key") == key]

    def fetch_refund(self, reference: str) -> RefundSnapshot:
        with asking():
            return refund_snapshot(client().v1.refunds.retrieve(reference).to_dict())

    def read_webhook(self, body: bytes, headers: Mapping[str, str]) -> ProviderMessage:
        return webhooks.read(body, headers, settings.STRIPE_WEBHOOK_SECRETS)

    def _session(self, reference: str) -> dict[str, Any]:
        session = (
            client().v1.checkout.sessions.retrieve(reference, {"expand": ["payment_intent.latest_charge"]}).to_dict()
        )
        if session["id"] != reference:
            raise ValueError("Stripe answered about another session.")
        return session


def _page(request: PaymentRequest) -> SessionCreateParams:
    """The hosted page: one line with the whole total, which is for the shop alone to work out."""
    about = {"order_number": request.order_number}
    page: SessionCreateParams = {
        "mode": "payment",
        "allowed_payment_method_types": ["card"],
        # Converted into the shopper's own currency, the amount would no longer be the order's.
        "adaptive_pricing": {"enabled": False},
        "client_reference_id": request.order_number,
        "metadata": about,
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": request.currency.lower(),
                    "unit_amount": to_stripe(request.amount, request.currency),
                    "product_data": {"name": f"Order {request.order_number}"},
                },
            }
        ],
        "payment_intent_data": {
            "capture_method": "manual" if settings.STRIPE_CAPTURE == "manual" else "automatic",
            "description": f"Order {request.order_number}",
            "metadata": about,
        },
        "success_url": request.return_url,
        "cancel_url": request.return_url,
    }
    if request.email:
        page["customer_email"] = request.email
    if request.expires_at is not None and settings.SHOP_PAYMENT_TERM <= LONGEST_TERM:
        page["expires_at"] = _page_closes(request.expires_at)
    return page


def _page_closes(order_expires: datetime) -> int:
    return int((order_expires + PAGE_OUTLIVES_ORDER).timestamp())


def _key(key: str, about: str, what: str) -> RequestOptions:
    """Our key for one kind of call. At Stripe a key stands for one call with one set of parameters."""
    return {"idempotency_key": f"{key}-{about}-{what}"}


def _text(value: Any) -> str:
    """Raises ValueError for an answer in which this is missing."""
    if not isinstance(value, str) or not value:
        raise ValueError("A text is missing.")
    return value
