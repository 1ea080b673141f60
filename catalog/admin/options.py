"""What a product is chosen by, on its page: up to three options, each with its values one below the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet, ModelForm, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from unfold.admin import TabularInline
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from catalog.admin.base import AmountInput
from catalog.combinations import name_of
from catalog.errors import CatalogError, InvalidProduct
from catalog.inventory.stock import MAX_ON_HAND
from catalog.models import Option, Product
from catalog.options import (
    MAX_OPTIONS,
    NAME_LENGTH,
    WantedOption,
    checked_option,
    generate_missing,
    missing_combinations,
    plan_options,
    renamed_values,
    set_options,
)
from catalog.variants import MAX_WEIGHT


class OptionForm(ModelForm[Option]):
    name = forms.CharField(
        max_length=NAME_LENGTH, widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "Size, Colour …"})
    )
    values = forms.CharField(
        label="Values, one per line, in order",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 5}),
        help_text="A value that goes takes its variants with it; one that is written anew renames them.",
    )
    position = forms.IntegerField(required=False, min_value=0, max_value=100, widget=forms.HiddenInput())

    class Meta:
        model = Option
        fields = ("name",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.texts = [value.value for value in self.instance.values.all()] if self.instance.pk else []
        self.initial["values"] = "\n".join(self.texts)
        self.initial["position"] = self.instance.position

    def clean_values(self) -> list[str]:
        values = [line.strip() for line in self.cleaned_data["values"].splitlines() if line.strip()]
        try:
            checked_option(WantedOption(name="This option", values=values))
        except InvalidProduct as error:
            raise ValidationError(str(error)) from error
        return values

    def wanted(self) -> WantedOption:
        values = self.cleaned_data["values"]
        was = self.initial.get("name", "") if self.instance.pk else ""
        return WantedOption(
            name=self.cleaned_data["name"], values=values, was=was, renamed=renamed_values(self.texts, values)
        )

    def _post_clean(self) -> None:
        """Nothing is put into the row: options are written anew by their act."""

    def validate_unique(self) -> None:
        """Two may swap their names; the act looks at all of them together."""


class OptionFormSet(BaseInlineFormSet[Option, Product, OptionForm]):
    """All options of a product, written by their act."""

    def wanted(self) -> list[WantedOption]:
        kept = [form for form in self.forms if form not in self.deleted_forms and form.cleaned_data.get("name")]
        kept.sort(key=lambda form: form.cleaned_data.get("position") or 0)
        return [form.wanted() for form in kept]

    def clean(self) -> None:
        """The variants there are must fit; what does not is said before anything is written."""
        if any(self.errors) or not self.has_changed() or self.instance.pk is None:
            return
        try:
            plan_options(self.instance, self.wanted())
        except InvalidProduct as error:
            raise ValidationError(str(error)) from error

    def save_through_acts(self) -> list[str]:
        """Write the options; part of the page's transaction. Returns the names of the variants that went."""
        self.new_objects, self.changed_objects, self.deleted_objects = [], [], []
        if not self.has_changed():
            return []
        self.deleted_objects = [form.instance for form in self.deleted_forms if form.instance.pk]
        return set_options(self.instance, self.wanted())


class OptionInline(TabularInline):
    model = Option
    form = OptionForm
    formset = OptionFormSet
    fields = ("name", "values", "position")
    ordering_field = "position"
    hide_ordering_field = True
    hide_title = True
    extra = 0
    max_num = MAX_OPTIONS

    def get_queryset(self, request: HttpRequest) -> QuerySet[Option]:
        options: QuerySet[Option] = super().get_queryset(request)
        return options.prefetch_related("values")

    def has_change_permission(self, request: HttpRequest, obj: Product | None = None) -> bool:
        return _may_change(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Product | None = None) -> bool:
        return _may_change(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Product | None = None) -> bool:
        return _may_change(request, obj)

    def has_view_permission(self, request: HttpRequest, obj: Product | None = None) -> bool:
        return _may_change(request, obj)


def _may_change(request: HttpRequest, product: Product | None) -> bool:
    """Options are part of their product, and have no permissions of their own."""
    return request.user.has_perm("catalog.change_product") and (product is None or product.archived_at is None)


class GenerateForm(forms.Form):
    """What the new variants have in common."""

    price = AmountInput()
    compare_at_price = AmountInput(required=False, label="Compare-at price", help_text="The former, higher price.")
    weight = forms.IntegerField(
        label="Weight (g)", min_value=0, max_value=MAX_WEIGHT, initial=0, widget=UnfoldAdminIntegerFieldWidget()
    )
    stock_quantity = forms.IntegerField(
        label="First stock of each", min_value=0, max_value=MAX_ON_HAND, initial=0,
        widget=UnfoldAdminIntegerFieldWidget(),
    )  # fmt: skip


def generate_page(request: HttpRequest, product: Product, *, context: Mapping[str, Any], back: str) -> HttpResponse:
    """Show which combinations are missing and ask for their price, or make them and go `back`."""
    try:
        missing = missing_combinations(product)
    except CatalogError as error:
        messages.error(request, str(error))
        return redirect(back)
    if not missing:
        messages.info(request, "Every combination has its variant.")
        return redirect(back)
    first = product.variants.live().first()
    initial = {"price": product.price or None, "weight": first.weight if first else 0}
    form = GenerateForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = generate_missing(product_id=product.pk, actor=request.user.get_username(), **form.cleaned_data)
        except CatalogError as error:
            field = getattr(error, "field", "")
            form.add_error(field if field in form.fields else None, str(error))
        else:
            messages.success(request, f"{len(made)} new variants.")
            return redirect(back)
    names = [name_of(values) for values in missing]
    page = {**context, "title": f"Missing combinations of {product}", "form": form, "names": names, "back": back}
    return TemplateResponse(request, "admin/catalog/generate.html", page)
