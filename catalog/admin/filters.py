"""The side bar filters of the catalogue's lists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest

from catalog.models import Category, Product, StockLevel


class ShelfFilter(admin.SimpleListFilter):
    """Archived products are out of the way unless they are asked for."""

    title = "shelf"
    parameter_name = "shelf"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("archived", "Archived"), ("all", "All")]

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        for number, choice in enumerate(super().choices(changelist)):
            yield choice if number else {**choice, "display": "In the shop"}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> QuerySet[Product]:
        if self.value() == "all":
            return queryset
        return queryset.filter(archived_at__isnull=self.value() != "archived")


class ShownFilter(admin.SimpleListFilter):
    title = "shown"
    parameter_name = "shown"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "To all"), ("later", "Later"), ("address", "By address only"), ("no", "Not published")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        match self.value():
            case "yes":
                return queryset.listed()
            case "later":
                return queryset.filter(is_published=True, published_from__gt=Now())
            case "address":
                return queryset.on_sale().filter(is_listed=False)
            case "no":
                return queryset.filter(is_published=False)
        return queryset


class StockFilter(admin.SimpleListFilter):
    title = "stock"
    parameter_name = "stock"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("in", "In stock"), ("out", "Sold out")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.in_stock(self.value() == "in") if self.value() in ("in", "out") else queryset


class CategoryFilter(admin.SimpleListFilter):
    """A category with everything below it."""

    title = "category"
    parameter_name = "category"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        rows = Category.objects.order_by("path").values_list("pk", "depth", "name")
        return [(str(pk), " " * 3 * (depth - 1) + name) for pk, depth, name in rows]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        wanted = self.value() or ""
        if not (wanted.isascii() and wanted.isdigit()):
            return queryset
        category = Category.objects.filter(pk=int(wanted[:18])).first()
        return queryset.in_category(category) if category else queryset.none()


class LevelFilter(admin.SimpleListFilter):
    title = "available"
    parameter_name = "available"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("low", f"Low (fewer than {settings.SHOP_LOW_STOCK}, or than its own number)"),
            ("out", "Nothing available"),
            ("promised", "Promised to orders"),
            ("awaited", "Back-ordered: orders wait"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[StockLevel]) -> QuerySet[StockLevel]:
        if self.value() == "low":
            return queryset.filter(pk__in=StockLevel.objects.low())
        if self.value() == "out":
            return queryset.filter(pk__in=StockLevel.objects.sold_out())
        if self.value() == "awaited":
            return queryset.filter(pk__in=StockLevel.objects.awaited())
        return queryset.filter(reserved__gt=0) if self.value() == "promised" else queryset
