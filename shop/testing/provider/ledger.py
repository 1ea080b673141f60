"""The double's own books: sessions, intents, charges and refunds, as Stripe keeps them.

Written from Stripe's documentation and not from our gateway, so that a misunderstanding shows: it has its own rules
for amounts, times and states, and refuses what Stripe refuses.
"""

from __future__ import annotations

import copy
import itertools
import secrets
import threading
import time
from dataclasses import asdict, dataclass
from typing import Any

Json = dict[str, Any]

TIMES_TEN = {"bhd", "jod", "kwd", "omr", "tnd"}
TIMES_HUNDRED = {"isk", "ugx"}
EARLIEST, LATEST = 30 * 60, 24 * 60 * 60


class Refused(Exception):
    """Stripe's 4xx: status and the `error` member of the answer."""

    def __init__(self, message: str, *, status: int = 400, **error: str) -> None:
        super().__init__(message)
        self.status = status
        self.error = {"type": "invalid_request_error", "message": message, **error}


@dataclass(frozen=True)
class Charge:
    """Money that the world has really paid."""

    intent: str
    session: str
    order_number: str
    amount: int
    currency: str


class Ledger:
    """All state, behind one lock. Methods named as the API's; then those by which a test plays the shopper."""

    def __init__(self, base: str = "") -> None:
        self.base = base
        self.sessions: dict[str, Json] = {}
        self.intents: dict[str, Json] = {}
        self.refunds: dict[str, Json] = {}
        self.charges: list[Charge] = []
        self.events: list[Json] = []
        self.refunds_begin_as = "succeeded"
        self.lock = threading.RLock()
        self._intents_to_be: dict[str, Json] = {}  # by session, until the shopper first tries to pay
        self._numbers = itertools.count(1)
        self._run = secrets.token_hex(6)  # as at Stripe, a name is never given twice

    # --- the API ------------------------------------------------------------------------------------------

    def create_session(self, asked: Json) -> Json:
        """POST /v1/checkout/sessions"""
        if asked.get("mode") != "payment":
            raise Refused("This double only knows payments.")
        if not asked.get("success_url"):
            raise Refused("Missing required param: success_url.")
        if "payment_method_types" in asked:
            raise Refused("Not since 2026-09-30.", code="payment_method_types_no_longer_supported")
        amount, currency = _total(asked)
        now = int(time.time())
        closes = int(asked.get("expires_at") or now + LATEST)
        if not now + EARLIEST <= closes <= now + LATEST:
            raise Refused("The `expires_at` timestamp must be 30 minutes to 24 hours from Checkout Session creation.")
        data = asked.get("payment_intent_data", {})
        session = {
            "id": self._name("cs_test_"), "object": "checkout.session", "mode": "payment", "status": "open",
            "payment_status": "unpaid", "amount_subtotal": amount, "amount_total": amount, "currency": currency,
            "client_reference_id": asked.get("client_reference_id"), "customer_email": asked.get("customer_email"),
            "customer_details": None, "metadata": asked.get("metadata", {}), "payment_intent": None,
            "created": now, "expires_at": closes, "livemode": False,
            "success_url": asked["success_url"], "cancel_url": asked.get("cancel_url"),
        }  # fmt: skip
        session["url"] = f"{self.base}/pay/{session['id']}"
        self.sessions[session["id"]] = session
        self._intents_to_be[session["id"]] = {
            "capture_method": data.get("capture_method", "automatic_async"),
            "metadata": data.get("metadata", {}),
            "description": data.get("description"),
        }
        return session

    def session(self, name: str) -> Json:
        found = self.sessions.get(name)
        if found is None:
            raise Refused(f"No such checkout.session: {name}", status=404, code="resource_missing")
        if found["status"] == "open" and found["expires_at"] <= time.time():
            self._expire(found)
        return found

    def intent(self, name: str) -> Json:
        found = self.intents.get(name)
        if found is None:
            raise Refused(f"No such payment_intent: {name}", status=404, code="resource_missing")
        return found

    def intent_with_charge(self, name: str) -> Json:
        """The payment, and of its latest charge not the name but the whole."""
        intent = self.intent(name)
        return intent | {"latest_charge": self._charge_object(intent)} if intent["latest_charge"] else intent

    def refund(self, name: str) -> Json:
        found = self.refunds.get(name)
        if found is None:
            raise Refused(f"No such refund: {name}", status=404, code="resource_missing")
        return found

    def expire_session(self, name: str) -> Json:
        """POST /v1/checkout/sessions/{id}/expire"""
        session = self.session(name)
        if session["status"] != "open":
            raise Refused(f"Only open Checkout Sessions can be expired. This one is {session['status']}.")
        self._expire(session)
        return session

    def capture_intent(self, name: str, asked: Json) -> Json:
        """POST /v1/payment_intents/{id}/capture"""
        intent = self.intent(name)
        if intent["status"] != "requires_capture":
            raise _unexpected(intent, "captured")
        amount = int(asked.get("amount_to_capture") or intent["amount_capturable"])
        _check_amount(amount, intent["currency"])
        if amount > intent["amount_capturable"]:
            raise Refused("The amount to capture is greater than the amount you can capture.", code="amount_too_large")
        self._charge(intent, amount)
        return intent

    def cancel_intent(self, name: str) -> Json:
        """POST /v1/payment_intents/{id}/cancel"""
        intent = self.intent(name)
        if intent["status"] in {"succeeded", "canceled"}:
            raise _unexpected(intent, "canceled")
        intent |= {"status": "canceled", "amount_capturable": 0, "canceled_at": int(time.time())}
        self._tell("payment_intent.canceled", intent)
        return intent

    def create_refund(self, asked: Json) -> Json:
        """POST /v1/refunds"""
        intent = self.intent(asked.get("payment_intent", ""))
        if intent["status"] != "succeeded":
            raise Refused("This PaymentIntent does not have a successful charge to refund.")
        left = intent["amount_received"] - self.refunded(intent["id"])
        amount = int(asked.get("amount", left))
        _check_amount(amount, intent["currency"])
        if amount > left:
            code = "charge_already_refunded" if left == 0 else "amount_too_large"
            raise Refused(f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})", code=code)
        refund = {
            "id": self._name("re_"), "object": "refund", "amount": amount, "currency": intent["currency"],
            "payment_intent": intent["id"], "charge": intent["latest_charge"], "status": self.refunds_begin_as,
            "metadata": asked.get("metadata", {}), "created": int(time.time()),
        }  # fmt: skip
        self.refunds[refund["id"]] = refund
        self._tell("refund.created", refund)
        self._tell("charge.refunded", self._charge_object(intent))
        return refund

    def list_refunds(self, asked: Json) -> Json:
        """GET /v1/refunds: those of a payment, latest first."""
        of_intent = [
            refund for refund in self.refunds.values() if refund["payment_intent"] == asked.get("payment_intent")
        ]
        return {"object": "list", "url": "/v1/refunds", "has_more": False, "data": of_intent[::-1]}

    # --- the shopper at the hosted page, and the merchant at the dashboard --------------------------------

    def pay(self, name: str) -> Json:
        """The shopper pays with a good card: captured, or authorized when the session asks for that.

        Raises Refused when the page is closed or has been paid.
        """
        with self.lock:
            session = self.session(name)
            intent = self._attempt(session)
            session |= {"status": "complete", "url": None}
            if intent["capture_method"] == "manual":
                intent |= {"status": "requires_capture", "amount_capturable": intent["amount"]}
                self._tell("payment_intent.amount_capturable_updated", intent)
            else:
                session["payment_status"] = "paid"
                self._charge(intent, intent["amount"])
            self._tell("checkout.session.completed", session)
            return session

    def authorize(self, name: str) -> Json:
        """As `pay`, and whatever the session asks for the money is only authorized."""
        with self.lock:
            self._intents_to_be[name]["capture_method"] = "manual"
            return self.pay(name)

    def decline(self, name: str, reason: str = "Your card was declined.") -> Json:
        """The shopper's card is declined; the page stays open for another one."""
        with self.lock:
            intent = self._attempt(self.session(name))
            intent |= {
                "status": "requires_payment_method",
                "last_payment_error": {"type": "card_error", "code": "card_declined", "message": reason},
            }
            self._tell("payment_intent.payment_failed", intent)
            return intent

    def pay_slowly(self, name: str) -> Json:
        """A way to pay that takes days: the session is complete, the money is on its way."""
        with self.lock:
            session = self.session(name)
            intent = self._attempt(session)
            session |= {"status": "complete", "url": None}
            intent["status"] = "processing"
            self._tell("checkout.session.completed", session)
            return session

    def arrive(self, name: str, *, failed: bool = False) -> None:
        """What was on its way is there, or comes to nothing."""
        with self.lock:
            session = self.session(name)
            intent = self.intent(session["payment_intent"])
            if failed:
                error = {"type": "card_error", "message": "The debit was returned."}
                intent |= {"status": "requires_payment_method", "last_payment_error": error}
                self._tell("checkout.session.async_payment_failed", session)
            else:
                session["payment_status"] = "paid"
                self._charge(intent, intent["amount"])
                self._tell("checkout.session.async_payment_succeeded", session)

    def settle_refund(self, name: str, status: str, reason: str = "") -> Json:
        """A refund becomes `succeeded` or `failed` at the bank."""
        with self.lock:
            refund = self.refund(name)
            refund["status"] = status
            if status == "failed":
                refund["failure_reason"] = reason or "expired_or_canceled_card"
            self._tell("refund.failed" if status == "failed" else "refund.updated", refund)
            return refund

    # --- looking from outside -----------------------------------------------------------------------------

    def charged(self, order_number: str) -> list[int]:
        """What was really taken for an order, charge by charge."""
        with self.lock:
            return [charge.amount for charge in self.charges if charge.order_number == order_number]

    def refunded(self, intent: str) -> int:
        with self.lock:
            return sum(
                refund["amount"]
                for refund in self.refunds.values()
                if refund["payment_intent"] == intent and refund["status"] not in {"failed", "canceled"}
            )

    def given_back(self, order_number: str) -> list[int]:
        """What was really given back for an order, refund by refund."""
        with self.lock:
            intents = {name for name, intent in self.intents.items() if _order(intent) == order_number}
            return [
                refund["amount"]
                for refund in self.refunds.values()
                if refund["payment_intent"] in intents and refund["status"] not in {"failed", "canceled"}
            ]

    def as_json(self) -> Json:
        with self.lock:
            return {
                "charges": [asdict(charge) for charge in self.charges],
                "sessions": [*self.sessions.values()],
                "payment_intents": [*self.intents.values()],
                "refunds": [*self.refunds.values()],
                "events": [{"id": event["id"], "type": event["type"]} for event in self.events],
            }

    # --- bookkeeping --------------------------------------------------------------------------------------

    def _attempt(self, session: Json) -> Json:
        """The intent with which the shopper tries to pay on this page."""
        if session["status"] != "open":
            raise Refused(f"This page is {session['status']}.")
        if session["payment_intent"]:
            return self.intents[session["payment_intent"]]
        intent = {
            "id": self._name("pi_"), "object": "payment_intent", "status": "requires_payment_method",
            "amount": session["amount_total"], "amount_capturable": 0, "amount_received": 0,
            "currency": session["currency"], "last_payment_error": None, "latest_charge": None,
            "created": int(time.time()), **self._intents_to_be[session["id"]],
        }  # fmt: skip
        self.intents[intent["id"]] = intent
        session["payment_intent"] = intent["id"]
        return intent

    def _charge(self, intent: Json, amount: int) -> None:
        session = next(s for s in self.sessions.values() if s["payment_intent"] == intent["id"])
        session["payment_status"] = "paid"
        intent |= {
            "status": "succeeded", "amount_received": amount, "amount_capturable": 0,
            "latest_charge": self._name("ch_"), "last_payment_error": None,
        }  # fmt: skip
        self.charges.append(Charge(intent["id"], session["id"], _order(intent), amount, intent["currency"]))
        self._tell("payment_intent.succeeded", intent)

    def _charge_object(self, intent: Json) -> Json:
        refunded = self.refunded(intent["id"])
        return {
            "id": intent["latest_charge"], "object": "charge", "amount": intent["amount_received"],
            "amount_refunded": refunded, "refunded": refunded == intent["amount_received"],
            "currency": intent["currency"], "payment_intent": intent["id"], "metadata": intent["metadata"],
            "billing_details": {"name": "Jo Doe", "email": "jo@example.com"},
        }  # fmt: skip

    def _expire(self, session: Json) -> None:
        session |= {"status": "expired", "url": None}
        if session["payment_intent"]:
            self.intents[session["payment_intent"]]["status"] = "canceled"
        self._tell("checkout.session.expired", session)

    def _tell(self, kind: str, subject: Json) -> None:
        self.events.append(self.event(kind, subject))

    def event(self, kind: str, subject: Json) -> Json:
        """An event about a copy of the object as it is now."""
        return {
            "id": self._name("evt_"), "object": "event", "type": kind, "created": int(time.time()),
            "livemode": False, "data": {"object": copy.deepcopy(subject)},
        }  # fmt: skip

    def _name(self, prefix: str) -> str:
        return f"{prefix}{self._run}{next(self._numbers):06d}"


def _total(asked: Json) -> tuple[int, str]:
    total, currency = 0, ""
    for item in asked.get("line_items", []):
        price = item["price_data"]
        currency = price["currency"]
        if currency != currency.lower() or not price["product_data"].get("name"):
            raise Refused("Invalid currency or product name.")
        _check_amount(int(price["unit_amount"]), currency)
        total += int(price["unit_amount"]) * int(item["quantity"])
    if total <= 0:
        raise Refused("The Checkout Session's total amount due must be positive.", code="amount_too_small")
    return total, currency


def _check_amount(amount: int, currency: str) -> None:
    if amount <= 0:
        raise Refused("This value must be greater than or equal to 1.", code="parameter_invalid_integer")
    if (currency in TIMES_TEN and amount % 10) or (currency in TIMES_HUNDRED and amount % 100):
        raise Refused(f"Invalid amount for {currency}.", code="invalid_charge_amount_no_decimal_compatible")


def _unexpected(intent: Json, what: str) -> Refused:
    return Refused(
        f"This PaymentIntent could not be {what} because it has a status of {intent['status']}.",
        code="payment_intent_unexpected_state",
    )


def _order(intent: Json) -> str:
    return str(intent["metadata"].get("order_number", ""))
