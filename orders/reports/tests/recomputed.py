"""The order summary computed a second time, from ORM rows in plain Python, to compare PostgreSQL's answer with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from django.conf import settings

from catalog.models import Category
from orders.models import Order, OrderLine
from orders.reports.parameters import Parameters

Numbers = dict[str, int | None]


@dataclass
class Recomputed:
    """Numbers by the key of the row, and of all rows."""

    rows: dict[str, Numbers]
    totals: Numbers


def recompute(orders: Sequence[Order], parameters: Parameters, customer_id: int | None = None) -> Recomputed:
    """The report over the orders, which come from `all_orders`."""
    orders = [order for order in orders if _wanted(order, parameters, customer_id)]
    category = _category_path(parameters.category)
    bought = {order: [line for line in order.lines.all() if _below(line, category)] for order in orders}
    bought = {order: lines for order, lines in bought.items() if lines or category is None}

    by_line = parameters.group_by in ("product", "category", "top_category")
    key = _keys()[parameters.group_by]
    shown = set(_empty_rows(parameters))
    shown |= {key(order, line) for order, lines in bought.items() for line in lines if _listed(order, parameters)}
    rows: dict[str, Numbers] = {}
    for name in shown:
        of_row = {
            order: [line for line in lines if key(order, line) == name]
            for order, lines in bought.items()
            if _listed(order, parameters)
        }
        of_row = {order: lines for order, lines in of_row.items() if lines}
        rows[name] = _add_up(of_row, whole=category is None and not by_line)
    counted = {order: lines for order, lines in bought.items() if _counted(order, parameters)}
    return Recomputed(rows, _add_up(counted, whole=category is None))


def all_orders() -> list[Order]:
    """Every order with its lines and what they were about."""
    return list(Order.objects.prefetch_related("lines__variant__product__category"))


def _wanted(order: Order, parameters: Parameters, customer_id: int | None) -> bool:
    return (
        parameters.start <= local_day(order) <= parameters.end
        and parameters.status in ("", order.status)
        and customer_id in (None, order.customer_id)
    )


def _counted(order: Order, parameters: Parameters) -> bool:
    return order.status != "cancelled" or parameters.include_cancelled or parameters.status == "cancelled"


def _listed(order: Order, parameters: Parameters) -> bool:
    return _counted(order, parameters) or parameters.group_by == "status"


def local_day(order: Order) -> date:
    return order.placed_at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def _below(line: OrderLine, path: str | None) -> bool:
    if path is None:
        return True
    return line.variant is not None and line.variant.product.category.path.startswith(path)


def _category_path(slug: str) -> str | None:
    return Category.objects.get(slug=slug).path if slug else None


def _keys() -> dict[str, Callable[[Order, OrderLine], str]]:
    tops = dict(Category.objects.filter(depth=1).values_list("path", "slug"))
    return {
        "day": lambda order, line: str(local_day(order)),
        "week": lambda order, line: str(_monday(local_day(order))),
        "month": lambda order, line: str(local_day(order).replace(day=1)),
        "status": lambda order, line: order.status,
        "customer": lambda order, line: str(order.customer_id or ""),
        "product": lambda order, line: line.variant.product.slug if line.variant else "",
        "category": lambda order, line: line.variant.product.category.slug if line.variant else "",
        "top_category": lambda order, line: tops[line.variant.product.category.path[:4]] if line.variant else "",
    }


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _empty_rows(parameters: Parameters) -> list[str]:
    """Keys of rows that are shown whether there are orders or not."""
    if parameters.group_by == "status":
        return [parameters.status] if parameters.status else list(Order.Status.values)
    days = [parameters.start + timedelta(days=n) for n in range((parameters.end - parameters.start).days + 1)]
    starts = {
        "day": days,
        "week": [_monday(day) for day in days],
        "month": [day.replace(day=1) for day in days],
    }
    return [str(start) for start in starts.get(parameters.group_by, [])]


def _add_up(bought: dict[Order, list[OrderLine]], *, whole: bool) -> Numbers:
    lines = [line for of_order in bought.values() for line in of_order]
    gross = sum(line.unit_price * line.quantity for line in lines)
    discount = sum(line.discount for line in lines)
    total = sum(order.total for order in bought)
    average = None
    if whole and bought:
        average = int((Decimal(total) / len(bought)).quantize(Decimal(1), ROUND_HALF_UP))
    return {
        "orders": len(bought),
        "units": sum(line.quantity for line in lines),
        "gross": gross,
        "discount": discount,
        "net": gross - discount,
        "shipping": sum(order.shipping for order in bought) if whole else None,
        "tax": sum(order.tax for order in bought) if whole else None,
        "total": total if whole else None,
        "average_order_value": average,
    }
