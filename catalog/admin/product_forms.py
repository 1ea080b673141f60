"""The forms of variants and pictures. Stock is not among their fields: they cannot overwrite what was sold."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms import BaseInlineFormSet, ModelForm, ValidationError
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminTextInputWidget,
)

from catalog.admin.base import AmountInput
from catalog.inventory.stock import MAX_ON_HAND
from catalog.models import Product, Variant
from catalog.variants import (
    MAX_WEIGHT,
    NewVariant,
    VariantChanges,
    change_variant,
    create_variants,
    retire_variant,
)


class VariantForm(ModelForm[Variant]):
    sku = forms.CharField(
        label="SKU",
        required=False,
        max_length=64,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "generated"}),
    )
    price = AmountInput()
    compare_at_price = AmountInput(required=False)
    weight = forms.IntegerField(
        label="Weight (g)",
        required=False,
        min_value=0,
        max_value=MAX_WEIGHT,
        widget=UnfoldAdminIntegerFieldWidget(),
    )
    initial_stock = forms.IntegerField(
        required=False, min_value=0, max_value=MAX_ON_HAND, widget=UnfoldAdminIntegerFieldWidget()
    )

    class Meta:
        model = Variant
        fields = ("sku", "name", "price", "compare_at_price", "weight")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "initial_stock" in self.fields:
            self.fields["initial_stock"].disabled = True

    def clean_sku(self) -> str:
        sku: str = self.cleaned_data["sku"].strip()
        if self.instance.pk and not sku:
            raise ValidationError("A variant needs a SKU.")
        if sku and not (sku.isascii() and sku.isprintable()):
            raise ValidationError("Use Latin letters, digits and signs.")
        return sku

    def clean_weight(self) -> int:
        return self.cleaned_data["weight"] or 0

    def as_new(self) -> NewVariant:
        values = self.cleaned_data
        return NewVariant(
            price=values["price"],
            sku=values["sku"],
            name=values["name"],
            compare_at_price=values["compare_at_price"],
            weight=values["weight"],
            stock_quantity=values["initial_stock"] or 0,
        )

    def changes(self) -> VariantChanges:
        changed: VariantChanges = {}
        for name in ("sku", "name", "price", "compare_at_price", "weight"):
            if name in self.changed_data:
                changed[name] = self.cleaned_data[name]
        return changed


class VariantFormSet(BaseInlineFormSet[Variant, Product, VariantForm]):
    """Saved through the pieces of the variant acts."""

    def save_through_acts(self, *, actor: str) -> None:
        """Retire, change and create what the forms say; part of the page's transaction."""
        self.new_objects, self.changed_objects, self.deleted_objects = [], [], []
        for form in self.deleted_forms:
            if form.instance.pk:
                retire_variant(form.instance)
                self.deleted_objects.append(form.instance)
        kept = [form for form in self.forms if form not in self.deleted_forms and form.has_changed()]
        for form in kept:
            if form.instance.pk:
                change_variant(form.instance.pk, form.changes(), actor=actor)
                self.changed_objects.append((form.instance, form.changed_data))
        new = [form.as_new() for form in kept if not form.instance.pk]
        if new:
            self.new_objects = create_variants(self.instance, new, actor=actor)
