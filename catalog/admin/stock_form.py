"""The page on which staff take in, correct or recount the stock of a product."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from catalog.errors import CatalogError
from catalog.inventory import stock
from catalog.models import Product, StockLevel, StockMovement, Variant

RECEIVE, CORRECT, RECOUNT = "receive", "correct", "recount"
WAYS = (
    (RECEIVE, "Received: so many pieces have come in"),
    (CORRECT, "Correction: so many more, or (with a minus) fewer"),
    (RECOUNT, "Counted: so many pieces are there, the promised ones included"),
)


class VariantChoiceField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, variant: Any) -> str:
        level = variant.stock
        return f"{variant.name or variant.product.name} ({variant.sku}): {level}"


class StockForm(forms.Form):
    variant = VariantChoiceField(queryset=Variant.objects.none(), widget=UnfoldAdminSelectWidget())
    way = forms.ChoiceField(label="What happened", choices=WAYS, initial=RECEIVE, widget=UnfoldAdminRadioSelectWidget())
    quantity = forms.IntegerField(
        label="Pieces",
        min_value=-stock.MAX_ON_HAND,
        max_value=stock.MAX_ON_HAND,
        widget=UnfoldAdminIntegerFieldWidget(),
    )
    note = forms.CharField(
        label="Reason",
        max_length=200,
        widget=UnfoldAdminTextInputWidget(),
        help_text="For the stock ledger, such as “Delivery of 12 May” or “Broken in the store”.",
    )

    def __init__(self, product: Product, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        variants = Variant.objects.live().filter(product=product).select_related("stock", "product")
        self.fields["variant"].queryset = variants  # type: ignore[attr-defined]
        if len(variants) == 1:
            self.fields["variant"].initial = variants[0]

    def act(self, *, actor: str) -> StockLevel:
        """Do what the (valid) form says. Raises CatalogError."""
        values = self.cleaned_data
        said: dict[str, Any] = {"variant_id": values["variant"].pk, "note": values["note"], "actor": actor}
        if values["way"] == RECEIVE:
            return stock.receive(quantity=values["quantity"], **said)
        if values["way"] == CORRECT:
            return stock.adjust(quantity=values["quantity"], **said)
        return stock.recount(counted=values["quantity"], **said)


def stock_page(request: HttpRequest, product: Product, *, context: Mapping[str, Any], back: str) -> HttpResponse:
    """Show the form with the latest movements, or do what it says and go `back`."""
    form = StockForm(product, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            level = form.act(actor=request.user.get_username())
        except CatalogError as error:
            form.add_error("quantity", str(error))
        else:
            messages.success(request, f"Stock of {form.cleaned_data['variant']}: {level}.")
            return redirect(back)
    movements = StockMovement.objects.filter(level__variant__product=product).select_related("level__variant")[:10]
    page = {**context, "title": f"Stock of {product}", "form": form, "movements": movements, "back": back}
    return TemplateResponse(request, "admin/catalog/stock.html", page)
