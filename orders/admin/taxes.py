"""Tax classes, each with its rates by country and region on one page, and all rates as a list."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.countries import country_name
from catalog.admin.base import TellsCatalogErrors
from catalog.models import TaxClass
from catalog.templatetags.money import percent
from orders.admin.base import ReadOnly
from orders.admin.zone_forms import CountryField
from orders.models import TaxRate


class RateForm(ModelForm[TaxRate]):
    country = CountryField()
    rate = forms.DecimalField(
        label="Percent",
        min_value=0,
        max_value=100,
        max_digits=7,
        decimal_places=4,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal", "size": 8}),
    )

    class Meta:
        model = TaxRate
        fields = ("country", "region", "rate")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "country" in self.fields:
            self.fields["country"].also_offer(self.instance.country)  # type: ignore[attr-defined]
        if self.instance.pk and "rate" in self.fields:
            self.initial["rate"] = f"{self.instance.rate.normalize():f}"

    def clean_region(self) -> str:
        region: str = self.cleaned_data["region"]
        return region.strip()


class RateInline(TabularInline):
    model = TaxRate
    form = RateForm
    verbose_name_plural = "Rates: a region's own goes before its country's; where there is none, there is no tax"
    extra = 1
    max_num = 1000


@admin.register(TaxClass)
class TaxClassAdmin(TellsCatalogErrors):
    list_display = ["name", "code", "is_default"]
    search_fields = ["name", "code"]
    inlines = [RateInline]
    prepopulated_fields = {"code": ["name"]}

    def get_readonly_fields(self, request: HttpRequest, obj: TaxClass | None = None) -> list[str]:
        """Settings and the API name a class by its code."""
        return ["code"] if obj is not None else []

    def get_prepopulated_fields(self, request: HttpRequest, obj: TaxClass | None = None) -> dict[str, Any]:
        return {} if obj is not None else {"code": ["name"]}


@admin.register(TaxRate)
class TaxRateAdmin(ReadOnly, ModelAdmin):
    """To look up what holds where; a rate is changed on the page of its class."""

    list_display = ["place", "tax_class", "percentage"]
    list_display_links = None
    list_filter = ["country", "tax_class"]
    search_fields = ["country", "region"]
    list_select_related = ["tax_class"]

    @admin.display(description="Where", ordering="country")
    def place(self, rate: TaxRate) -> str:
        return ", ".join(filter(None, [country_name(rate.country), rate.region]))

    @admin.display(description="Rate", ordering="rate")
    def percentage(self, rate: TaxRate) -> str:
        return percent(rate.rate)
