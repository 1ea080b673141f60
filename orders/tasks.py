"""Background jobs. A job is enqueued in the transaction it belongs to, so that neither is ever without the other."""

from __future__ import annotations

from enum import StrEnum

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from orders import cart, emails, idempotency
from orders.models import Order


class Message(StrEnum):
    """What a customer is told about an order."""

    CONFIRMATION = "confirmation"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"


@app.task(
    name="orders.send_message",
    queue="mail",
    retry=RetryStrategy(max_attempts=10, exponential_wait=4),
)
def send_message(*, order_id: int, message: str) -> None:
    """Send one e-mail about an order. Repeating it is harmless: what is on the timeline is not sent again."""
    emails.send(order_id=order_id, message=message)


def enqueue_message(order: Order, message: Message) -> None:
    """Have the worker send the message once the current transaction is committed."""
    send_message.defer(order_id=order.pk, message=str(message))


@app.periodic(cron="37 3 * * *")
@app.task(name="orders.tidy")
def tidy(timestamp: int) -> None:
    """Forget carts that guests have left behind, and answers to old idempotency keys."""
    cart.forget_abandoned()
    idempotency.forget_old()
