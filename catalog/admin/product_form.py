"""The form of the product page: all that is said about a product, with the attributes that its type asks for."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from django import forms
from django.forms import ModelForm, ValidationError
from treebeard.forms import TreeNodeChoiceField
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from catalog.admin.base import PageForm
from catalog.attributes import Value, attributes_of, columns_for
from catalog.describing import COLUMNS, ProductDetails, checked_moment, checked_tags
from catalog.errors import CatalogError, InvalidProduct
from catalog.models import Attribute, Category, Product, RelatedProduct
from catalog.products import ProductChanges
from catalog.variants import lock_product

CHANGED = "Somebody else has changed this product since you opened this page. Please load it again."
PREFIX = "attribute_"


class ProductForm(PageForm):
    """Remembers which version of the product it shows, and refuses to save over a newer one."""

    category = TreeNodeChoiceField(queryset=None, widget=UnfoldAdminSelectWidget())
    tags = forms.CharField(
        required=False, max_length=20_000, widget=UnfoldAdminTextInputWidget(), help_text="Separated by commas."
    )
    version = forms.CharField(required=False, widget=forms.HiddenInput())

    class Meta:
        model = Product
        fields = ("name", "slug", "category", *COLUMNS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "category" in self.fields:
            self.fields["category"].queryset = Category.objects.order_by("path")  # type: ignore[attr-defined]
        self.initial["tags"] = ", ".join(self.instance.tags)
        if self.instance.pk:
            self.initial["version"] = self.instance.updated_at.isoformat()
            for value in self.instance.attribute_values.select_related("attribute", "choice"):
                self.initial[PREFIX + value.attribute.code] = value.choice_id or value.value

    def clean_tags(self) -> list[str]:
        try:
            return checked_tags(self.cleaned_data["tags"].split(","))
        except InvalidProduct as error:
            raise ValidationError(str(error)) from error

    def clean_published_from(self) -> datetime | None:
        try:
            return checked_moment(self.cleaned_data["published_from"])
        except InvalidProduct as error:
            raise ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        for name, field in self.fields.items():
            if name in self.cleaned_data and (attribute := getattr(field, "attribute", None)):
                self._check_attribute(name, attribute)
        if self.instance.pk:
            self._hold_version()
        return cleaned

    def details(self) -> ProductDetails:
        """What the (valid) form says, without the attributes that a newly chosen type does not know."""
        named = {name: self.cleaned_data[name] for name in COLUMNS if name in self.cleaned_data}
        known = attributes_of(Product(product_type=self.cleaned_data.get("product_type")))
        attributes = {code: self._value(PREFIX + code) for code in known if PREFIX + code in self.cleaned_data}
        return cast("ProductDetails", named | {"attributes": attributes})

    def changes(self) -> ProductChanges:
        names = ("name", "slug", "category")
        of_the_product = {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}
        return cast("ProductChanges", of_the_product | self.details())

    def _value(self, name: str) -> Value:
        value = self.cleaned_data[name]
        return value.value if hasattr(value, "value") else cast("Value", value)

    def _check_attribute(self, name: str, attribute: Attribute) -> None:
        value = self._value(name)
        if value in (None, ""):
            return
        try:
            columns_for(attribute, value)
        except InvalidProduct as error:
            self.add_error(name, str(error))

    def _hold_version(self) -> None:
        """Lock the product until it is saved, and see that it is the one that was shown."""
        try:
            current = lock_product(self.instance.pk)
        except CatalogError as error:
            raise ValidationError(str(error)) from error
        if self.data.get(self.add_prefix("version")) != current.updated_at.isoformat():
            raise ValidationError(CHANGED)


class RelatedForm(ModelForm[RelatedProduct]):
    def clean_other(self) -> Product:
        other: Product = self.cleaned_data["other"]
        if other.pk == self.instance.product_id:
            raise ValidationError("A product is not related to itself.")
        return other


def with_attributes_of(product: Product | None) -> type[ProductForm]:
    """The form with a field for each attribute that the product's type asks for."""
    known = attributes_of(product) if product else {}
    fields = {PREFIX + code: _field(attribute) for code, attribute in known.items()}
    return cast("type[ProductForm]", type("ProductForm", (ProductForm,), fields))


def _field(attribute: Attribute) -> forms.Field:
    field = _plain_field(attribute)
    field.label, field.required = str(attribute), False
    field.attribute = attribute  # type: ignore[attr-defined]
    return field


def _plain_field(attribute: Attribute) -> forms.Field:
    if attribute.kind == Attribute.Kind.NUMBER:
        return forms.DecimalField(max_digits=16, decimal_places=4, widget=UnfoldAdminDecimalFieldWidget())
    if attribute.kind == Attribute.Kind.FLAG:
        choices = [("", "–"), ("yes", "Yes"), ("no", "No")]
        return _Flag(choices=choices, coerce=lambda value: value == "yes", empty_value=None)
    if attribute.kind == Attribute.Kind.CHOICE:
        return forms.ModelChoiceField(attribute.choices.all(), empty_label="–", widget=UnfoldAdminSelectWidget())
    return forms.CharField(max_length=500, widget=UnfoldAdminTextInputWidget())


class _Flag(forms.TypedChoiceField):
    widget = UnfoldAdminSelectWidget

    def prepare_value(self, value: Any) -> Any:
        return {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value
