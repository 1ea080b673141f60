"""What of an order can be sent back, and until when. Reads only; `orders.aftersales` decides under the order's lock."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from orders.models import Order, OrderLine, Return

State = Return.State
MOVES: dict[State, tuple[State, ...]] = {
    State.REQUESTED: (State.ACCEPTED, State.REFUSED, State.WITHDRAWN),
    State.ACCEPTED: (State.RECEIVED, State.REFUSED),
    State.RECEIVED: (State.REFUNDED, State.CLOSED),
    State.REFUNDED: (),
    State.CLOSED: (),
    State.REFUSED: (),
    State.WITHDRAWN: (),
}


def may_become(back: Return, to: State) -> bool:
    """The table allows this step from where the return is."""
    return to in MOVES[State(back.state)]


def last_day(order: Order) -> datetime | None:
    """The end of the last day, in the shop's time zone, on which a return can be asked for; None before delivery."""
    if order.status != Order.Status.DELIVERED or order.delivered_at is None:
        return None
    zone = timezone.get_default_timezone()
    day = order.delivered_at.astimezone(zone).date() + timedelta(days=settings.SHOP_RETURN_DAYS + 1)
    return datetime.combine(day, time(), zone) - timedelta(microseconds=1)


def is_in_time(order: Order) -> bool:
    """A return can still be asked for, as far as the calendar goes."""
    until = last_day(order)
    return until is not None and timezone.now() <= until


def pieces_to_return(lines: Iterable[OrderLine], returns: Iterable[Return]) -> dict[int, int]:
    """What the customer has and has not announced to send back, by line id: shipped, less returned, less on the way.

    Pieces of a return that was refused or withdrawn are free again, and so are those that did not arrive with the
    others.
    """
    announced: dict[int, int] = {}
    for back in returns:
        for part in back.lines.all() if back.is_open else ():
            announced[part.line_id] = announced.get(part.line_id, 0) + part.quantity
    left = {line.pk: line.shipped - line.returned - announced.get(line.pk, 0) for line in lines}
    return {pk: quantity for pk, quantity in left.items() if quantity > 0}


def returns_of(order: Order) -> QuerySet[Return]:
    """The order's returns with their lines, latest first. Three queries, however many there are."""
    return with_lines(order.returns.all())


def with_lines(returns: QuerySet[Return]) -> QuerySet[Return]:
    """The same returns, with all that is shown of one."""
    return returns.select_related("order", "refund").prefetch_related("lines__line")
