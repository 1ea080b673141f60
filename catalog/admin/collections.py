"""Collections with their rules, and what these find."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from treebeard.forms import TreeNodeChoiceField
from unfold.admin import TabularInline
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from catalog.admin.base import AmountInput, PageForm, PictureForm, TellsCatalogErrors, measured
from catalog.admin.uploads import StoresPicturesFirst
from catalog.collections import LONGEST_NEW, MAX_RULES, insert_collection, products_of, rewrite_collection
from catalog.images import files_of_shelf, shelf_changed
from catalog.jobs import enqueue_discard
from catalog.models import Category, Collection, CollectionRule

SHOWN = 12
COUNTED = 1000
# The column of the form that holds the value of each field; a rule about reduced prices has none.
COLUMN = {
    "tag": "text",
    "product_type": "product_type",
    "brand": "brand",
    "category": "category",
    "price_from": "price",
    "price_to": "price",
    "new": "days",
}
VALUES = ("text", "product_type", "brand", "category", "price", "days")


class RuleForm(ModelForm[CollectionRule]):
    """One condition; the value that belongs to its field counts, others are let go."""

    text = forms.CharField(label="Tag", required=False, max_length=60, widget=UnfoldAdminTextInputWidget())
    category = TreeNodeChoiceField(queryset=None, required=False, widget=UnfoldAdminSelectWidget())
    price = AmountInput(required=False)
    days = forms.IntegerField(
        required=False, min_value=1, max_value=LONGEST_NEW, widget=UnfoldAdminIntegerFieldWidget()
    )

    class Meta:
        model = CollectionRule
        fields = ("field", "text", "product_type", "brand", "category")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "category" in self.fields:
            self.fields["category"].queryset = Category.objects.order_by("path")  # type: ignore[attr-defined]
        column = COLUMN.get(self.instance.field)
        if self.instance.pk and column in ("price", "days"):
            self.initial[column] = self.instance.number

    def clean(self) -> dict[str, Any]:
        column = COLUMN.get(self.cleaned_data.get("field", ""))
        if column and column not in self.errors and self.cleaned_data.get(column) in (None, ""):
            self.add_error(column, "This rule needs it.")
        for name in VALUES:
            if name != column:
                self.cleaned_data[name] = "" if name == "text" else None
        price, days = self.cleaned_data.get("price"), self.cleaned_data.get("days")
        self.instance.number = price if price is not None else days
        return self.cleaned_data


class RuleInline(TabularInline):
    model = CollectionRule
    form = RuleForm
    fields = ("field", *VALUES)
    extra = 0
    max_num = MAX_RULES


class CollectionForm(PageForm, PictureForm):
    class Meta:
        model = Collection
        fields = (
            "name",
            "slug",
            "description",
            "image",
            "matches_any",
            "is_published",
            "position",
            "seo_title",
            "seo_description",
        )


@admin.register(Collection)
class CollectionAdmin(StoresPicturesFirst, TellsCatalogErrors):
    folder = "collections"
    form = CollectionForm
    list_display = ["name", "slug", "is_published", "position"]
    list_editable = ["position"]
    list_filter = ["is_published"]
    search_fields = ["name", "slug"]
    ordering = ["position", "name"]
    inlines = [RuleInline]
    readonly_fields = ["finds"]
    fieldsets = [
        (None, {"fields": ("name", "slug", "description", "image", "is_published", "position")}),
        ("What is in it", {"fields": ("matches_any", "finds")}),
        ("Search engines", {"fields": ("seo_title", "seo_description"), "classes": ["collapse"]}),
    ]

    @admin.display(description="The rules find")
    def finds(self, collection: Collection) -> str:
        """How many products shoppers see there now, and the newest of them."""
        if collection._state.adding:
            return "What they find is shown here when it is saved."
        products = products_of(collection).listed().order_by("-created_at", "-pk")
        number = products[: COUNTED + 1].count()
        if not number:
            return "Nothing yet that shoppers can see."
        links = [(reverse("admin:catalog_product_change", args=[pk]), name) for pk, name in _names(products)]
        said = f"more than {COUNTED}" if number > COUNTED else number
        listed = format_html_join(", ", '<a href="{}">{}</a>', links)
        return format_html(
            "<strong>{} product{}</strong>: {}{}", said, "" if number == 1 else "s", listed, _rest(number)
        )

    def save_model(self, request: HttpRequest, obj: Collection, form: Any, change: bool) -> None:
        former = files_of_shelf(obj)
        is_new_picture = "image" in form.changed_data or not change
        columns = {*form.changed_data} - {"image"}
        if is_new_picture:
            columns |= measured(obj, form.cleaned_data.get("image")).keys()
        if change:
            rewrite_collection(obj, columns)
        else:
            insert_collection(obj, form.cleaned_data["slug"])
        if is_new_picture:
            shelf_changed(obj, former)

    def delete_model(self, request: HttpRequest, obj: Collection) -> None:
        former = files_of_shelf(obj)
        super().delete_model(request, obj)
        enqueue_discard([former])

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        former = [files_of_shelf(each) for each in queryset]
        super().delete_queryset(request, queryset)
        enqueue_discard(former)


def _names(products: Any) -> Any:
    return products.values_list("pk", "name")[:SHOWN]


def _rest(number: int) -> str:
    return " …" if number > SHOWN else ""
