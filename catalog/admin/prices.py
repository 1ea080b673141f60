"""What variants cost, and since when: to look at. Prices are changed on the page of their product."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from catalog.admin.base import ReadOnly, money
from catalog.models import PriceChange


@admin.register(PriceChange)
class PriceChangeAdmin(ReadOnly, ModelAdmin):
    list_display = ["created_at", "sku", "product", "before", "now", "compare_before", "compare_now", "actor"]
    list_filter = ["created_at"]
    list_select_related = ["variant__product"]
    search_fields = ["variant__sku", "variant__product__name", "actor"]
    search_help_text = "SKU, name of the product, or who did it"
    ordering = ["-pk"]
    list_per_page = 50
    show_full_result_count = False
    fields = ["created_at", "sku", "product", "before", "now", "compare_before", "compare_now", "actor"]
    readonly_fields = fields

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """The page of a product leads here."""
        return lookup == "variant__product__id__exact" or super().lookup_allowed(lookup, value, request)

    @admin.display(description="SKU", ordering="variant__sku")
    def sku(self, change: PriceChange) -> str:
        return change.variant.sku

    @admin.display(ordering="variant__product__name")
    def product(self, change: PriceChange) -> str:
        return str(change.variant)

    @admin.display(description="price before")
    def before(self, change: PriceChange) -> str:
        return money(change.price_before)

    @admin.display(description="price", ordering="price")
    def now(self, change: PriceChange) -> str:
        return money(change.price)

    @admin.display(description="compare-at price before")
    def compare_before(self, change: PriceChange) -> str:
        return money(change.compare_at_price_before)

    @admin.display(description="compare-at price")
    def compare_now(self, change: PriceChange) -> str:
        return money(change.compare_at_price)
