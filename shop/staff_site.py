"""The admin as the staff's working place: colours, a menu in the order of the day, and what is to be done.

Everybody sees the entries they have the permission for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse, reverse_lazy

from catalog.models import StockLevel
from orders.models import Order, ProviderEvent, Refund, Return, WebhookEndpoint
from orders.payments.methods import askable

LOW_STOCK = 3
# Group by group: name, icon, page, and the permission that shows it.
MENU = [
    (
        "Sales",
        [
            ("Orders", "shopping_bag", "admin:orders_order_changelist", "orders.view_order"),
            ("Refunds", "undo", "admin:orders_refund_changelist", "orders.view_refund"),
            (
                "Providers' messages",
                "forum",
                "admin:orders_providerevent_changelist",
                "orders.view_providerevent",
            ),
            ("Returns", "assignment_return", "admin:orders_return_changelist", "orders.view_return"),
            ("Invoices", "receipt_long", "admin:orders_invoice_changelist", "orders.view_invoice"),
            ("Coupons", "sell", "admin:orders_coupon_changelist", "orders.view_coupon"),
            ("Redemptions", "redeem", "admin:orders_redemption_changelist", "orders.view_redemption"),
            ("Order summary", "bar_chart", "orders:report", "orders.view_reports"),
        ],
    ),
    (
        "Catalogue",
        [
            ("Products", "inventory_2", "admin:catalog_product_changelist", "catalog.view_product"),
            ("Categories", "account_tree", "admin:catalog_category_changelist", "catalog.view_category"),
            ("Stock", "warehouse", "admin:catalog_stocklevel_changelist", "catalog.view_stocklevel"),
            (
                "Stock movements",
                "swap_vert",
                "admin:catalog_stockmovement_changelist",
                "catalog.view_stockmovement",
            ),
        ],
    ),
    (
        "Shipping and tax",
        [
            (
                "Shipping zones",
                "local_shipping",
                "admin:orders_shippingzone_changelist",
                "orders.view_shippingzone",
            ),
            ("Tax classes", "percent", "admin:catalog_taxclass_changelist", "catalog.view_taxclass"),
            ("Tax rates", "public", "admin:orders_taxrate_changelist", "orders.view_taxrate"),
        ],
    ),
    (
        "People",
        [
            ("Customers and staff", "group", "admin:accounts_user_changelist", "accounts.view_user"),
            ("Roles", "badge", "admin:auth_group_changelist", "auth.view_group"),
        ],
    ),
    (
        "System",
        [
            (
                "Background jobs",
                "schedule",
                "admin:procrastinate_procrastinatejob_changelist",
                "procrastinate.view_procrastinatejob",
            ),
            ("Webhooks", "webhook", "admin:orders_webhookendpoint_changelist", "orders.view_webhookendpoint"),
            ("Webhook log", "outbox", "admin:orders_webhookdelivery_changelist", "orders.view_webhookdelivery"),
        ],
    ),
]


def style_sheet(request: HttpRequest) -> str:
    """What the theme's own style sheet lacks."""
    return static("css/staff.css")


def allows(permission: str) -> Callable[[HttpRequest], bool]:
    """A menu entry's condition: the user has this permission."""
    return lambda request: request.user.has_perm(permission)


def menu(request: HttpRequest) -> list[dict[str, Any]]:
    """The sidebar."""
    return [
        {
            "title": title,
            "separator": bool(number),
            "items": [
                {"title": name, "icon": icon, "link": reverse_lazy(view), "permission": allows(permission)}
                for name, icon, view, permission in entries
            ],
        }
        for number, (title, entries) in enumerate(MENU)
        if any(request.user.has_perm(permission) for *_, permission in entries)
    ]


def _refunds_by_hand() -> QuerySet[Refund]:
    return Refund.objects.filter(state=Refund.State.REQUESTED).exclude(payment__gateway__in=askable())


def to_do(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What waits for the staff, for the start page: a number, what it counts, and where to find it."""
    tasks: list[dict[str, Any]] = []
    if request.user.has_perm("orders.view_order"):
        orders = reverse("admin:orders_order_changelist")
        tasks += [
            {
                "count": Order.objects.filter(status=Order.Status.PENDING).count(),
                "label": "orders wait for payment or to be accepted",
                "link": f"{orders}?status__exact=pending",
            },
            {
                "count": Order.objects.filter(status=Order.Status.PROCESSING).count(),
                "label": "orders are to be packed and shipped",
                "link": f"{orders}?status__exact=processing",
            },
        ]
    if request.user.has_perm("orders.view_refund"):
        refunds = reverse("admin:orders_refund_changelist")
        tasks += [
            {
                "count": _refunds_by_hand().count(),
                "label": "refunds are to be given back by hand",
                "link": f"{refunds}?state__exact=requested",
            },
            {
                "count": Refund.objects.filter(state=Refund.State.FAILED).count(),
                "label": "refunds have failed",
                "link": f"{refunds}?state__exact=failed",
            },
        ]
    if request.user.has_perm("orders.view_providerevent"):
        tasks.append(
            {
                "count": ProviderEvent.objects.filter(outcome=ProviderEvent.Outcome.FLAGGED).count(),
                "label": "messages about payments are to be looked at",
                "link": f"{reverse('admin:orders_providerevent_changelist')}?outcome__exact=flagged",
            }
        )
    if request.user.has_perm("orders.view_return"):
        returns = reverse("admin:orders_return_changelist")
        tasks += [
            {
                "count": Return.objects.filter(state=Return.State.REQUESTED).count(),
                "label": "returns wait for an answer",
                "link": f"{returns}?state__exact=requested",
            },
            {
                "count": Return.objects.to_refund().count(),
                "label": "returns have arrived and are to be refunded",
                "link": f"{returns}?state__exact=received",
            },
        ]
    if request.user.has_perm("catalog.view_stocklevel"):
        short = StockLevel.objects.filter(
            variant__archived_at=None, variant__product__archived_at=None, on_hand__lte=F("reserved") + LOW_STOCK
        )
        tasks.append(
            {
                "count": short.count(),
                "label": f"variants have {LOW_STOCK} pieces or fewer left",
                "link": reverse("admin:catalog_stocklevel_changelist"),
            }
        )
    if request.user.is_superuser:
        endpoints = reverse("admin:orders_webhookendpoint_changelist")
        tasks.append(
            {
                "count": WebhookEndpoint.objects.filter(is_active=False).exclude(disabled_reason="").count(),
                "label": "webhook endpoints were switched off by the shop",
                "link": f"{endpoints}?is_active__exact=0",
            }
        )
    return context | {"to_do": tasks}
