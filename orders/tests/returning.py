"""Delivered orders in tests, and what is sent back of them, through the real acts."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from catalog.models import Variant
from orders import aftersales, lifecycle
from orders.actors import GUEST, staff
from orders.aftersales import Arrived
from orders.models import Order, Return
from orders.tests.placing import place

OTTO = staff("otto")


def delivered(*items: tuple[Variant, int], customer: User | None = None, paid: bool = True, **options: Any) -> Order:
    """An order that has arrived with its customer."""
    order = place(*items, customer=customer, **options)
    order = lifecycle.mark_paid(order=order, actor=OTTO) if paid else lifecycle.accept(order=order, actor=OTTO)
    return lifecycle.deliver(order=lifecycle.ship(order=order, actor=OTTO), actor=OTTO)


def ask(order: Order, *quantities: int, reason: str = "Too small") -> Return:
    """A return of so many pieces of the order's lines, in their order."""
    pieces = dict(zip(order.lines.values_list("pk", flat=True), quantities, strict=False))
    return aftersales.request_return(order=order, pieces=pieces, reason=reason, actor=GUEST)


def accepted(order: Order, *quantities: int) -> Return:
    return aftersales.accept_return(of_return=ask(order, *quantities), actor=OTTO)


def take_in(back: Return, *came: tuple[int, int]) -> Return:
    """What came back of the return's lines, in their order, and how many of it are restocked."""
    lines = back.lines.values_list("line_id", flat=True)
    arrived = {line: Arrived(*numbers) for line, numbers in zip(lines, came, strict=False)}
    return aftersales.receive_return(of_return=back, arrived=arrived, actor=OTTO)


def received(order: Order, *quantities: int) -> Return:
    """A return of which everything came back and can be sold again."""
    return take_in(accepted(order, *quantities), *((quantity, quantity) for quantity in quantities if quantity))
