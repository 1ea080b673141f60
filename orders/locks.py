"""Every lock the shop takes, in the one order that cannot deadlock.

cart → order → stock levels by id → coupon → payment. Locks last until the transaction ends; taking one
outside a transaction is an error of Django's (`TransactionManagementError`), never a silent no-lock.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from psycopg import errors as postgres

from catalog.retrying import is_collision, repeated
from orders.models import Cart, Coupon, Order, Payment

P = ParamSpec("P")
R = TypeVar("R")
# Constraints on what is drawn at random: drawn again, it will differ. Of an order that somebody else imports at the
# same moment: looked for again, it is there.
RANDOM = ("orders_order_number", "orders_coupon_code", "orders_order_external_number_once")


def lock_cart(pk: int) -> Cart:
    """The cart as it is now; nobody else changes or orders it meanwhile."""
    return Cart.objects.select_for_update(no_key=True, of=("self",)).get(pk=pk)


def lock_order(pk: int) -> Order:
    """The order as it is now; nobody else moves, pays or refunds it meanwhile."""
    return Order.objects.select_for_update(no_key=True, of=("self",)).get(pk=pk)


def lock_coupon(pk: int) -> Coupon:
    """The coupon as it is now; nobody else redeems, gives back or changes it meanwhile."""
    return Coupon.objects.select_for_update(no_key=True, of=("self",)).get(pk=pk)


def lock_payments(order: Order) -> list[Payment]:
    """The order's payments, oldest first."""
    return list(Payment.objects.select_for_update(no_key=True, of=("self",)).filter(order=order).order_by("pk"))


def retried(act: Callable[P, R]) -> Callable[P, R]:
    """Run the act again when it was the victim of a deadlock or of a colliding random number or code."""
    return repeated(act, when=_worth_repeating)


def _worth_repeating(error: Exception) -> bool:
    cause = error.__cause__
    if isinstance(cause, postgres.UniqueViolation):
        return (cause.diag.constraint_name or "").startswith(RANDOM)
    return is_collision(error)
