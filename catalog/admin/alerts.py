"""How many wait for what is sold out: something to buy by. Who they are is nobody's business."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, Min, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from catalog.admin.base import ReadOnly
from catalog.models import StockAlert


@admin.register(StockAlert)
class StockAlertAdmin(ReadOnly, ModelAdmin):
    """One row for each variant: its oldest open alert stands for all of them."""

    list_display = ["sku", "product", "waiting", "created_at", "on_hand", "reserved"]
    list_display_links = None
    list_select_related = ["variant__product", "variant__stock"]
    search_fields = ["variant__sku", "variant__product__name"]
    search_help_text = "SKU or name"
    list_per_page = 50
    show_full_result_count = False
    fields = ["sku", "product", "created_at"]
    readonly_fields = fields

    def get_ordering(self, request: HttpRequest) -> list[str]:
        return ["-people", "pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[StockAlert]:
        open_alerts = StockAlert.objects.filter(sent_at=None).order_by().values("variant")
        people = open_alerts.filter(variant=OuterRef("variant")).annotate(people=Count("pk")).values("people")
        oldest = open_alerts.annotate(oldest=Min("pk")).values("oldest")
        return StockAlert.objects.filter(pk__in=oldest).annotate(people=Subquery(people))

    @admin.display(description="SKU", ordering="variant__sku")
    def sku(self, alert: StockAlert) -> str:
        return alert.variant.sku

    @admin.display(ordering="variant__product__name")
    def product(self, alert: StockAlert) -> str:
        return str(alert.variant)

    @admin.display(description="waiting", ordering="people")
    def waiting(self, alert: Any) -> int:
        return int(alert.people)

    @admin.display(description="on hand", ordering="variant__stock__on_hand")
    def on_hand(self, alert: StockAlert) -> int:
        return alert.variant.stock.on_hand

    @admin.display(ordering="variant__stock__reserved")
    def reserved(self, alert: StockAlert) -> int:
        return alert.variant.stock.reserved
