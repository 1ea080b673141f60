"""The forms by which staff take in, correct or recount stock, and the page that has one for a whole product."""

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
    UnfoldBooleanSwitchWidget,
)

from catalog.admin.ledger import linked
from catalog.errors import CatalogError
from catalog.inventory import stock
from catalog.models import Product, StockLevel, StockMovement, Variant

RECEIVE, CORRECT, RECOUNT = "receive", "correct", "recount"
WAYS = (
    (RECEIVE, "Received: so many came in"),
    (CORRECT, "Correction: so many more or −fewer"),
    (RECOUNT, "Counted: so many are there"),
)


class MovementForm(forms.Form):
    """What happened to the stock of one variant."""

    way = forms.ChoiceField(label="What happened", choices=WAYS, initial=RECEIVE, widget=UnfoldAdminRadioSelectWidget())
    quantity = forms.IntegerField(
        label="Pieces",
        min_value=-stock.MAX_ON_HAND,
        max_value=stock.MAX_ON_HAND,
        widget=UnfoldAdminIntegerFieldWidget(),
        help_text="A correction has a minus for fewer. A count includes what is promised to orders.",
    )
    reason = forms.ChoiceField(
        label="Reason of a correction",
        choices=[(reason.value, reason.label) for reason in stock.CORRECTIONS],
        required=False,
        widget=UnfoldAdminSelectWidget(),
    )
    note = forms.CharField(
        label="Note",
        max_length=200,
        widget=UnfoldAdminTextInputWidget(),
        help_text="For the stock ledger, such as “Delivery of 12 May” or “Broken in the store”.",
    )

    def act(self, *, variant_id: int, actor: str) -> StockLevel:
        """Do what the (valid) form says. Raises CatalogError."""
        values = self.cleaned_data
        said: dict[str, Any] = {"variant_id": variant_id, "note": values["note"], "actor": actor}
        if values["way"] == RECEIVE:
            return stock.receive(quantity=values["quantity"], **said)
        if values["way"] == CORRECT:
            reason = StockMovement.Reason(values["reason"] or StockMovement.Reason.ADJUSTED)
            return stock.adjust(quantity=values["quantity"], reason=reason, **said)
        return stock.recount(counted=values["quantity"], **said)


class VariantChoiceField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, variant: Any) -> str:
        level = variant.stock
        return f"{variant.name or variant.product.name} ({variant.sku}): {level}"


class StockForm(MovementForm):
    """What happened to one of the variants of a product."""

    variant = VariantChoiceField(queryset=Variant.objects.none(), widget=UnfoldAdminSelectWidget())
    field_order = ["variant"]

    def __init__(self, product: Product, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        variants = Variant.objects.live().filter(product=product).select_related("stock", "product")
        self.fields["variant"].queryset = variants  # type: ignore[attr-defined]
        if len(variants) == 1:
            self.fields["variant"].initial = variants[0]


class RulesForm(forms.Form):
    """When staff are warned, and whether more may be sold than is there."""

    low_at = forms.IntegerField(
        label="Low below",
        required=False,
        min_value=0,
        max_value=stock.MAX_ON_HAND,
        widget=UnfoldAdminIntegerFieldWidget(),
        help_text="Low when fewer pieces can be promised. Empty: the shop's own number.",
    )
    allows_backorders = forms.BooleanField(
        label="Back-orders",
        required=False,
        widget=UnfoldBooleanSwitchWidget(),
        help_text="Sell more than is there; orders wait for what has not come in.",
    )


def stock_page(request: HttpRequest, product: Product, *, context: Mapping[str, Any], back: str) -> HttpResponse:
    """Show the form with the latest movements, or do what it says and go `back`."""
    form = StockForm(product, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            level = form.act(variant_id=form.cleaned_data["variant"].pk, actor=request.user.get_username())
        except CatalogError as error:
            form.add_error("quantity", str(error))
        else:
            messages.success(request, f"Stock of {form.cleaned_data['variant']}: {level}.")
            return redirect(back)
    movements = StockMovement.objects.filter(level__variant__product=product).select_related("level__variant")[:10]
    page = {
        **context,
        "title": f"Stock of {product}",
        "form": form,
        "movements": linked(request, movements),
        "levels": StockLevel.objects.filter(variant__product=product, variant__archived_at=None)
        .select_related("variant")
        .order_by("variant__position", "pk"),
        "back": back,
    }
    return TemplateResponse(request, "admin/catalog/stock.html", page)
