"""Stock levels and their ledger: to look at. What changes them is the stock page of a product."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin

from catalog.admin.base import ReadOnly
from catalog.admin.filters import LevelFilter
from catalog.models import StockLevel, StockMovement


@admin.register(StockLevel)
class StockLevelAdmin(ReadOnly, ModelAdmin):
    list_display = ["sku", "product", "on_hand", "reserved", "available", "adjust"]
    list_filter = [LevelFilter]
    list_select_related = ["variant__product"]
    search_fields = ["variant__sku", "variant__product__name"]
    search_help_text = "SKU or name"
    ordering = ["variant__sku"]
    list_per_page = 50
    show_full_result_count = False
    fields = ["sku", "product", "on_hand", "reserved", "available", "adjust"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[StockLevel]:
        levels: QuerySet[StockLevel] = super().get_queryset(request)
        return levels.select_related("variant__product").annotate(free=F("on_hand") - F("reserved"))

    @admin.display(description="SKU", ordering="variant__sku")
    def sku(self, level: StockLevel) -> str:
        return level.variant.sku

    @admin.display(ordering="variant__product__name")
    def product(self, level: StockLevel) -> str:
        return str(level.variant)

    @admin.display(ordering="free")
    def available(self, level: StockLevel) -> int:
        return level.available

    @admin.display(description="")
    def adjust(self, level: StockLevel) -> str:
        page = reverse("admin:catalog_product_adjust_stock", args=[level.variant.product_id])
        return format_html('<a href="{}">Adjust</a>', page)


@admin.register(StockMovement)
class StockMovementAdmin(ReadOnly, ModelAdmin):
    list_display = ["created_at", "sku", "quantity", "reason", "note", "reference", "actor"]
    list_filter = ["reason", "created_at"]
    list_select_related = ["level__variant__product"]
    search_fields = ["level__variant__sku", "reference"]
    search_help_text = "SKU or order number"
    ordering = ["-pk"]
    list_per_page = 50
    show_full_result_count = False
    fields = ["created_at", "sku", "quantity", "reason", "note", "reference", "actor"]
    readonly_fields = fields

    @admin.display(description="SKU", ordering="level__variant__sku")
    def sku(self, movement: StockMovement) -> str:
        return movement.level.variant.sku
