"""Brands, product types and their attributes."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from unfold.admin import TabularInline

from catalog.admin.base import TellsCatalogErrors
from catalog.models import Attribute, AttributeChoice, Brand, ProductType, TypeAttribute


class Counted(TellsCatalogErrors):
    """A list with the number of products of each row."""

    counted = "products"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        counted: QuerySet[Any] = rows.annotate(product_count=Count(self.counted))
        return counted

    @admin.display(description="Products", ordering="product_count")
    def product_count(self, row: Any) -> int:
        return int(row.product_count)


@admin.register(Brand)
class BrandAdmin(Counted):
    list_display = ["name", "slug", "product_count"]
    search_fields = ["name"]
    ordering = ["name"]
    prepopulated_fields = {"slug": ["name"]}


class ChoiceInline(TabularInline):
    model = AttributeChoice
    fields = ("value", "position")
    extra = 0
    ordering_field = "position"
    hide_ordering_field = True


@admin.register(Attribute)
class AttributeAdmin(Counted):
    counted = "values"
    list_display = ["name", "code", "kind", "unit", "is_filter", "product_count"]
    list_filter = ["kind", "is_filter"]
    search_fields = ["name", "code"]
    ordering = ["position", "name"]
    prepopulated_fields = {"code": ["name"]}
    fields = ("name", "code", "kind", "unit", "is_filter", "position")
    inlines = [ChoiceInline]


class TypeAttributeInline(TabularInline):
    model = TypeAttribute
    fields = ("attribute", "position")
    autocomplete_fields = ["attribute"]
    extra = 0
    ordering_field = "position"
    hide_ordering_field = True


@admin.register(ProductType)
class ProductTypeAdmin(Counted):
    list_display = ["name", "product_count"]
    search_fields = ["name"]
    ordering = ["name"]
    inlines = [TypeAttributeInline]
