"""The start page of the admin: what waits for whom, and how the shop is doing.

Everybody sees what they have the permission for, each of it a number that leads to the list it counts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from catalog.models import ProductImage, StockLevel
from catalog.money import format_amount
from orders.models import Order, ProviderEvent, Refund, Return, WebhookEndpoint
from orders.payments.methods import askable
from orders.reports.parameters import GroupBy, Parameters

REPORTS = "orders.view_reports"
# No such permission can be granted: administrators have it, as they have every other, and nobody else.
ADMINISTER = "shop.administer"


@dataclass(frozen=True)
class Task:
    """Rows that wait for somebody: who may see them, which they are, and the list that shows them."""

    permission: str
    rows: Callable[[], QuerySet[Any]]
    label: str
    page: str
    query: str

    def shown(self) -> dict[str, Any]:
        link = f"{reverse(f'admin:{self.page}_changelist')}?{self.query}"
        return {"count": self.rows().count(), "label": self.label, "link": link}


def _refunds_by_hand() -> QuerySet[Refund]:
    return Refund.objects.filter(state=Refund.State.REQUESTED).exclude(payment__gateway__in=askable())


def _switched_off() -> QuerySet[WebhookEndpoint]:
    return WebhookEndpoint.objects.filter(is_active=False).exclude(disabled_reason="")


TASKS = [
    Task(
        "orders.view_order",
        lambda: Order.objects.filter(status=Order.Status.PENDING),
        "orders wait for payment or to be accepted",
        "orders_order",
        "status__exact=pending",
    ),
    Task(
        "orders.view_order",
        lambda: Order.objects.filter(status=Order.Status.PROCESSING),
        "orders are to be packed and shipped",
        "orders_order",
        "status__exact=processing",
    ),
    Task(
        "orders.view_refund",
        _refunds_by_hand,
        "refunds are to be given back by hand",
        "orders_refund",
        "state__exact=requested",
    ),
    Task(
        "orders.view_refund",
        lambda: Refund.objects.filter(state=Refund.State.FAILED),
        "refunds have failed",
        "orders_refund",
        "state__exact=failed",
    ),
    Task(
        "orders.view_providerevent",
        lambda: ProviderEvent.objects.filter(outcome=ProviderEvent.Outcome.FLAGGED),
        "messages about payments are to be looked at",
        "orders_providerevent",
        "outcome__exact=flagged",
    ),
    Task(
        "orders.view_return",
        lambda: Return.objects.filter(state=Return.State.REQUESTED),
        "returns wait for an answer",
        "orders_return",
        "state__exact=requested",
    ),
    Task(
        "orders.view_return",
        lambda: Return.objects.to_refund(),
        "returns have arrived and are to be refunded",
        "orders_return",
        "state__exact=received",
    ),
    Task(
        "catalog.view_stocklevel",
        lambda: StockLevel.objects.low(),
        "variants run short: fewer than {low} pieces are left",
        "catalog_stocklevel",
        "available=low",
    ),
    Task(
        "catalog.view_productimage",
        lambda: ProductImage.objects.filter(state=ProductImage.State.FAILED),
        "pictures could not be fetched",
        "catalog_productimage",
        "state__exact=failed",
    ),
    Task(
        ADMINISTER,
        _switched_off,
        "webhook endpoints were switched off by the shop",
        "orders_webhookendpoint",
        "is_active__exact=0",
    ),
]


def start_page(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the page shows besides its frame: tasks and figures."""
    user = request.user
    tasks = [task.shown() for task in TASKS if user.has_perm(task.permission)]
    for task in tasks:
        task["label"] = task["label"].format(low=settings.SHOP_LOW_STOCK)
    return context | {"to_do": tasks, "figures": _figures() if user.has_perm(REPORTS) else []}


def _figures() -> list[dict[str, Any]]:
    """Orders of today and of thirty days as the order summary counts them, in one query; each leads to its report."""
    today = timezone.localdate()
    periods = [
        ("orders today", Parameters(GroupBy.DAY, today, today)),
        ("orders in 30 days", Parameters(GroupBy.DAY, today - timedelta(days=29), today)),
    ]
    [(_, longest)] = periods[1:]
    orders = Order.objects.filter(placed_at__gte=longest.starts_at, currency=settings.SHOP_CURRENCY)
    asked: dict[str, Any] = {}
    for number, (_, period) in enumerate(periods):
        within = Q(placed_at__gte=period.starts_at, placed_at__lt=period.ends_before)
        asked |= {f"count_{number}": Count("pk", filter=within), f"sum_{number}": Sum("total", filter=within)}
    found = orders.exclude(status=Order.Status.CANCELLED).aggregate(**asked)
    return [
        {
            "count": found[f"count_{number}"],
            "label": f"{label}, {_money(found[f'sum_{number}'])} in all",
            "link": f"{reverse('orders:report')}?{period.as_query()}",
        }
        for number, (label, period) in enumerate(periods)
    ]


def _money(amount: int | None) -> str:
    return format_amount(amount or 0, settings.SHOP_CURRENCY, settings.SHOP_LOCALE)
