"""Brands, product types and their attributes."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.forms import ModelForm, ValidationError
from django.http import HttpRequest
from unfold.admin import TabularInline

from catalog.admin.base import TellsCatalogErrors
from catalog.jobs import enqueue_refresh
from catalog.models import Attribute, AttributeChoice, Brand, CollectionRule, ProductType, TypeAttribute


class Describes(TellsCatalogErrors):
    """What products are described with: listed with their number; a change has them found anew."""

    counted = "products"
    what = ""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        counted: QuerySet[Any] = rows.annotate(product_count=Count(self.counted))
        return counted

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if change and (form.has_changed() or any(formset.has_changed() for formset in formsets)):
            enqueue_refresh(self.what, form.instance.pk)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, Any, Any]:
        """What stands in the way is counted, not listed: a brand may have a million products."""
        rows = list(objs)
        in_the_way = [f"{row}: {number} {name}" for row in rows for name, number in self.uses(row) if number]
        return [str(row) for row in rows], {str(self.opts.verbose_name_plural): len(rows)}, set(), in_the_way

    def uses(self, row: Any) -> list[tuple[str, int]]:
        """What would be left without it, by name."""
        rules = CollectionRule.objects.filter(**{self.what: row})
        return [("products", row.products.count()), ("rules of collections", rules.count())]

    @admin.display(description="Products", ordering="product_count")
    def product_count(self, row: Any) -> int:
        return int(row.product_count)


@admin.register(Brand)
class BrandAdmin(Describes):
    what = "brand"
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


class AttributeForm(ModelForm[Attribute]):
    def clean_kind(self) -> str:
        kind: str = self.cleaned_data["kind"]
        if self.instance.pk and kind != self.initial["kind"] and self.instance.values.exists():
            raise ValidationError("Products have values of the present kind; make another attribute instead.")
        return kind


@admin.register(Attribute)
class AttributeAdmin(Describes):
    form = AttributeForm
    counted = "values"
    what = "attribute"
    list_display = ["name", "code", "kind", "unit", "is_filter", "product_count"]
    list_filter = ["kind", "is_filter"]
    search_fields = ["name", "code"]
    ordering = ["position", "name"]
    prepopulated_fields = {"code": ["name"]}
    fields = ("name", "code", "kind", "unit", "is_filter", "position")
    inlines = [ChoiceInline]

    def uses(self, row: Any) -> list[tuple[str, int]]:
        return [("products", row.values.count()), ("product types", row.type_attributes.count())]


class TypeAttributeInline(TabularInline):
    model = TypeAttribute
    fields = ("attribute", "position")
    autocomplete_fields = ["attribute"]
    extra = 0
    ordering_field = "position"
    hide_ordering_field = True


@admin.register(ProductType)
class ProductTypeAdmin(Describes):
    what = "product_type"
    list_display = ["name", "product_count"]
    search_fields = ["name"]
    ordering = ["name"]
    inlines = [TypeAttributeInline]
