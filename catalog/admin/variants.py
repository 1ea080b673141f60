"""The variants on the page of their product. Stock is not among their fields: they cannot overwrite what was sold."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet, ModelForm, ValidationError
from django.http import HttpRequest
from unfold.admin import TabularInline
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from catalog.admin.base import AmountInput, money
from catalog.combinations import HeldOptions, options_of
from catalog.errors import InvalidProduct
from catalog.inventory.stock import MAX_ON_HAND
from catalog.models import Product, ProductImage, Variant
from catalog.variants import (
    MAX_VARIANTS,
    MAX_WEIGHT,
    NewVariant,
    VariantChanges,
    change_variant,
    check_barcode,
    create_variants,
    retire_variant,
)

CHOICES = ("option_1", "option_2", "option_3")
PLAIN = ("sku", "name", "price", "compare_at_price", "cost", "weight", "barcode")


def _choice() -> forms.ChoiceField:
    return forms.ChoiceField(required=False, widget=UnfoldAdminSelectWidget())


class VariantForm(ModelForm[Variant]):
    """One variant. Of a product with options it is chosen by a value of each, and named by them."""

    option_1, option_2, option_3 = _choice(), _choice(), _choice()
    sku = forms.CharField(
        label="SKU",
        required=False,
        max_length=64,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "generated"}),
    )
    price = AmountInput()
    compare_at_price = AmountInput(label="Compare at", required=False)
    cost = AmountInput(required=False, allow_zero=True)
    weight = forms.IntegerField(
        label="Weight (g)",
        required=False,
        min_value=0,
        max_value=MAX_WEIGHT,
        widget=UnfoldAdminIntegerFieldWidget(),
    )
    barcode = forms.CharField(required=False, max_length=64, widget=UnfoldAdminTextInputWidget())
    picture = forms.TypedChoiceField(
        required=False, coerce=int, empty_value=None, widget=UnfoldAdminSelectWidget(), label="Picture"
    )
    initial_stock = forms.IntegerField(
        required=False, min_value=0, max_value=MAX_ON_HAND, widget=UnfoldAdminIntegerFieldWidget()
    )
    backorders = forms.BooleanField(label="Back-orders", required=False, widget=UnfoldBooleanWidget())

    class Meta:
        model = Variant
        fields = PLAIN

    def __init__(self, *args: Any, held: HeldOptions, pictures: list[tuple[int | str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.held = held
        self._offer_values()
        self.fields["picture"].choices = pictures  # type: ignore[attr-defined]
        self.initial["picture"] = self.instance.image_id
        if self.instance.pk:
            self.initial["backorders"] = self.instance.stock.allows_backorders
            self.fields["initial_stock"].disabled = True

    def _offer_values(self) -> None:
        has = (self.instance.value_1_id, self.instance.value_2_id, self.instance.value_3_id)
        for name, option, pk in zip(CHOICES, self.held.options, has, strict=False):
            field = self.fields[name]
            field.label = option.name
            field.choices = [("", "–"), *((value.value, value.value) for value in option.values)]  # type: ignore[attr-defined]
            self.initial[name] = next((value.value for value in option.values if value.pk == pk), "")
        for name in CHOICES[len(self.held.options) :]:
            del self.fields[name]
        if self.held:
            self.fields.pop("name", None)

    def clean_sku(self) -> str:
        sku: str = self.cleaned_data["sku"].strip()
        if self.instance.pk and not sku:
            raise ValidationError("A variant needs a SKU.")
        if sku and not (sku.isascii() and sku.isprintable()):
            raise ValidationError("Use Latin letters, digits and signs.")
        return sku

    def clean_weight(self) -> int:
        return self.cleaned_data["weight"] or 0

    def clean_barcode(self) -> str:
        barcode: str = self.cleaned_data["barcode"].strip()
        try:
            check_barcode(barcode)
        except InvalidProduct as error:
            raise ValidationError(str(error)) from error
        return barcode

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        for name in CHOICES[: len(self.held.options)]:
            if name not in self.errors and not self.cleaned_data.get(name):
                self.add_error(name, "Choose one.")
        return cleaned

    def chosen(self) -> dict[str, str]:
        """The value of each option by the option's name."""
        return {option.name: self.cleaned_data[name] for name, option in zip(CHOICES, self.held.options, strict=False)}

    def as_new(self) -> NewVariant:
        values = self.cleaned_data
        return NewVariant(
            price=values["price"],
            sku=values["sku"],
            name=values.get("name", ""),
            options=self.chosen(),
            compare_at_price=values["compare_at_price"],
            cost=values["cost"],
            weight=values["weight"],
            barcode=values["barcode"],
            image_id=values["picture"],
            stock_quantity=values["initial_stock"] or 0,
            allows_backorders=values["backorders"],
        )

    def changes(self) -> VariantChanges:
        changed: VariantChanges = {}
        for name in PLAIN:
            if name in self.changed_data:
                changed[name] = self.cleaned_data[name]  # type: ignore[literal-required]
        if "picture" in self.changed_data:
            changed["image_id"] = self.cleaned_data["picture"]
        if "backorders" in self.changed_data:
            changed["allows_backorders"] = self.cleaned_data["backorders"]
        if any(name in self.changed_data for name in CHOICES):
            changed["options"] = self.chosen()
        return changed


class VariantFormSet(BaseInlineFormSet[Variant, Product, VariantForm]):
    """Saved through the pieces of the variant acts."""

    default_error_messages = {
        **BaseInlineFormSet.default_error_messages,
        "too_few_forms": "A product has at least one variant, with a price.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_stored = self.instance.pk is not None
        self.held = options_of(self.instance) if is_stored else HeldOptions(())
        images = ProductImage.objects.stored().filter(product=self.instance) if is_stored else ()
        named = [(image.pk, f"{number}. {image.alt or 'Picture'}"[:60]) for number, image in enumerate(images, 1)]
        self.pictures: list[tuple[int | str, str]] = [("", "–"), *named]

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return super().get_form_kwargs(index) | {"held": self.held, "pictures": self.pictures}

    def clean(self) -> None:
        """Two rows are not the same combination."""
        super().clean()
        seen: set[tuple[str, ...]] = set()
        for form in self.forms:
            if not self.held or form in self.deleted_forms or form.errors or not hasattr(form, "cleaned_data"):
                continue
            if not form.instance.pk and not form.has_changed():
                continue
            values = tuple(form.chosen().values())
            if values in seen:
                form.add_error("option_1", "There are two variants of these values.")
            seen.add(values)

    def save_through_acts(self, *, actor: str) -> None:
        """Retire, change and create what the forms say; part of the page's transaction."""
        self.new_objects, self.changed_objects, self.deleted_objects = [], [], []
        # Some may have gone with a value of their options a moment ago.
        live = set(Variant.objects.live().filter(product=self.instance).values_list("pk", flat=True))
        for form in self.deleted_forms:
            if form.instance.pk in live:
                retire_variant(form.instance)
                self.deleted_objects.append(form.instance)
        kept = [form for form in self.forms if form not in self.deleted_forms and form.has_changed()]
        for form in kept:
            if form.instance.pk in live:
                change_variant(form.instance.pk, form.changes(), actor=actor)
                self.changed_objects.append((form.instance, form.changed_data))
        new = [form.as_new() for form in kept if not form.instance.pk]
        if new:
            self.new_objects = create_variants(self.instance, new, actor=actor)
        if not Variant.objects.live().filter(product=self.instance).exists():
            raise InvalidProduct("A product needs at least one variant; delete the product instead.", field="variants")


class VariantInline(TabularInline):
    model = Variant
    form = VariantForm
    formset = VariantFormSet
    readonly_fields = ("stock_now", "shown_price")
    extra = 0
    min_num = 1
    max_num = MAX_VARIANTS
    hide_title = True

    def get_fields(self, request: HttpRequest, obj: Product | None = None) -> tuple[str, ...]:
        if obj is not None and not self.has_change_permission(request, obj):
            return ("sku", "name", "shown_price", "weight", "barcode", "stock_now")
        named = CHOICES[: obj.options.count()] if obj else ()
        stock = ("stock_now", "initial_stock", "backorders")
        plain = [name for name in PLAIN if name not in ("sku", "name")]
        return (*(named or ("name",)), "sku", *plain, "picture", *stock)

    def get_formset(self, request: HttpRequest, obj: Product | None = None, **kwargs: Any) -> Any:
        return super().get_formset(request, obj, validate_min=True, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Variant]:
        variants: QuerySet[Variant] = super().get_queryset(request)
        return variants.filter(archived_at=None).select_related("stock", "product")

    def has_change_permission(self, request: HttpRequest, obj: Product | None = None) -> bool:
        return bool(super().has_change_permission(request, obj)) and (obj is None or obj.archived_at is None)

    def has_add_permission(self, request: HttpRequest, obj: Product | None = None) -> bool:
        return bool(super().has_add_permission(request, obj)) and (obj is None or obj.archived_at is None)

    @admin.display(description="Stock now")
    def stock_now(self, variant: Variant) -> str:
        if variant._state.adding:
            return "–"
        level = variant.stock
        return f"{level.on_hand} ({level.reserved} reserved)" if level.reserved else str(level.on_hand)

    @admin.display(description="Price")
    def shown_price(self, variant: Variant) -> str:
        return money(variant.price)
