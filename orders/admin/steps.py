"""What staff can do with an order, and when it makes sense."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from orders import lifecycle, refunds, settlement
from orders.models import Order

Status = Order.Status


@dataclass(frozen=True)
class Step:
    """Something staff can do with an order: the act, when it makes sense, and what to tell them before."""

    question: str
    label: str
    done: str
    act: Callable[..., Order]
    fits: Callable[[Order], bool]
    explanation: str


STEPS = {
    "accept": Step(
        "Accept order {}?",
        "Accept the order",
        "accepted",
        lifecycle.accept,
        lambda order: lifecycle.may_move(order, Status.PROCESSING) and lifecycle.is_paid_later(order),
        "The order goes to be packed before it is paid.",
    ),
    "mark_paid": Step(
        "Mark order {} as paid?",
        "Mark as paid",
        "marked as paid",
        settlement.take_transfer,
        settlement.awaits_transfer,
        "The whole amount has arrived. A pending order goes on to be packed; so does one that had expired, if its "
        "stock is still there. Otherwise you are asked to give the money back.",
    ),
    "ship": Step(
        "Ship order {}?",
        "Ship the order",
        "shipped",
        lifecycle.ship,
        lifecycle.may_ship,
        "The parcel leaves: its pieces are taken from the stock, and the customer gets an e-mail.",
    ),
    "deliver": Step(
        "Mark order {} as delivered?",
        "Mark as delivered",
        "marked as delivered",
        lifecycle.deliver,
        lambda order: lifecycle.may_move(order, Status.DELIVERED),
        "The parcel has arrived.",
    ),
    "cancel": Step(
        "Cancel order {}?",
        "Cancel the order",
        "cancelled",
        lifecycle.cancel,
        lifecycle.may_cancel,
        "The reserved pieces are free again, and the customer gets an e-mail. Money that was paid goes "
        "back the way it came; what no provider took is given back by you.",
    ),
    "take_money": Step(
        "Take the money of order {}?",
        "Take the money",
        "paid",
        settlement.capture_order,
        lambda order: order.payment_status == Order.PaymentStatus.AUTHORIZED,
        "The authorized amount is taken now. A parcel that leaves takes it by itself.",
    ),
    "mark_refunded": Step(
        "Mark order {} as refunded?",
        "Mark as refunded",
        "marked as refunded",
        refunds.mark_refunded,
        refunds.awaits_refund,
        "You have given the whole amount back.",
    ),
}
