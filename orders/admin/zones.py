"""Shipping zones: where things go, how, and for how much, all on one page."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import StackedInline, TabularInline

from accounts.countries import country_name
from catalog.admin.base import TellsCatalogErrors, money
from orders.admin.zone_forms import AreaForm, AreaFormSet, MethodForm
from orders.models import ShippingMethod, ShippingZone, ZoneArea
from orders.shipping.options import estimate


class AreaInline(TabularInline):
    model = ZoneArea
    form = AreaForm
    formset = AreaFormSet
    verbose_name = "area"
    verbose_name_plural = "Where it is: the longest postcode prefix that fits an address decides"
    extra = 1
    max_num = 1000


class MethodInline(StackedInline):
    model = ShippingMethod
    form = MethodForm
    verbose_name = "way to ship"
    verbose_name_plural = "How things are shipped there: shoppers choose, the first is chosen until they do"
    fields = (
        ("name", "description"),
        ("kind", "price"),
        "steps",
        ("free_from", "max_weight"),
        ("min_days", "max_days"),
        ("position", "is_active"),
    )
    extra = 0
    max_num = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[ShippingMethod]:
        methods: QuerySet[ShippingMethod] = super().get_queryset(request).prefetch_related("steps")
        return methods


@admin.register(ShippingZone)
class ShippingZoneAdmin(TellsCatalogErrors):
    list_display = ["name", "places", "ways"]
    search_fields = ["name", "methods__name"]
    inlines = [AreaInline, MethodInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ShippingZone]:
        zones: QuerySet[ShippingZone] = super().get_queryset(request).prefetch_related("areas", "methods")
        return zones

    @admin.display(description="Where")
    def places(self, zone: ShippingZone) -> str:
        areas = list(zone.areas.all())
        named = [f"{country_name(area.country)} {area.postcode_prefix}".strip() for area in areas[:6]]
        return ", ".join(named) + (f" and {len(areas) - 6} more" if len(areas) > 6 else "") or "–"

    @admin.display(description="How")
    def ways(self, zone: ShippingZone) -> str:
        return ", ".join(_summary(method) for method in zone.methods.all()) or "–"


def _summary(method: ShippingMethod) -> str:
    """A method in a few words: "Parcel €4.90, 2–4 working days"."""
    parts: list[Any] = [method.name]
    if method.kind == ShippingMethod.Kind.FLAT:
        parts.append(money(method.price))
    else:
        parts.append(method.get_kind_display().lower())
    said = " ".join(map(str, parts))
    days = estimate(method.min_days, method.max_days)
    return f"{said}, {days}" if days else said
