"""The admin as the staff's working place: its style sheet and a menu in the order of the day.

Everybody sees the entries they have the permission for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy

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
            ("Order imports", "upload_file", "admin:orders_orderimport_changelist", "orders.view_orderimport"),
            ("Order summary", "bar_chart", "orders:report", "orders.view_reports"),
        ],
    ),
    (
        "Catalogue",
        [
            ("Products", "inventory_2", "admin:catalog_product_changelist", "catalog.view_product"),
            ("Pictures to fetch", "image", "admin:catalog_productimage_changelist", "catalog.view_productimage"),
            ("Categories", "account_tree", "admin:catalog_category_changelist", "catalog.view_category"),
            ("Collections", "auto_awesome_motion", "admin:catalog_collection_changelist", "catalog.view_collection"),
            ("Brands", "verified", "admin:catalog_brand_changelist", "catalog.view_brand"),
            ("Product types", "category", "admin:catalog_producttype_changelist", "catalog.view_producttype"),
            ("Attributes", "tune", "admin:catalog_attribute_changelist", "catalog.view_attribute"),
            ("Imports", "upload_file", "admin:catalog_importrun_changelist", "catalog.view_importrun"),
            ("Stock", "warehouse", "admin:catalog_stocklevel_changelist", "catalog.view_stocklevel"),
            ("Stock value", "payments", "admin:catalog_stocklevel_value", "catalog.view_stock_value"),
            ("Stock-takes", "fact_check", "admin:catalog_stocksheet_changelist", "catalog.view_stocksheet"),
            (
                "Stock movements",
                "swap_vert",
                "admin:catalog_stockmovement_changelist",
                "catalog.view_stockmovement",
            ),
            (
                "Waiting for stock",
                "notifications",
                "admin:catalog_stockalert_changelist",
                "catalog.view_stockalert",
            ),
            ("Price history", "history", "admin:catalog_pricechange_changelist", "catalog.view_pricechange"),
            ("Synonyms", "join_inner", "admin:catalog_synonym_changelist", "catalog.view_synonym"),
            (
                "Vain searches",
                "search_off",
                "admin:catalog_searchmiss_changelist",
                "catalog.view_searchmiss",
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


def favicon(request: HttpRequest) -> str:
    """The shop's own; without one, browsers ask for an address that is not there."""
    return static("img/favicon.svg")


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
