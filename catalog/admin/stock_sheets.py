"""Stock-takes and deliveries by file: download the sheet, hand it in, look at what it changes, confirm."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from catalog.admin.base import ReadOnly, money
from catalog.admin.stock import csv_file
from catalog.importing.shapes import Unreadable
from catalog.inventory import counting
from catalog.inventory.counting import Standing
from catalog.inventory.sheets import MAX_BYTES, MAX_LINES, written
from catalog.models import StockLevel, StockSheet

SHOWN = 100


class SheetForm(forms.Form):
    kind = forms.ChoiceField(
        label="What it holds",
        choices=[
            (StockSheet.Kind.COUNT, "Stock-take: SKU and Counted"),
            (StockSheet.Kind.DELIVERY, "Delivery: SKU and Quantity"),
        ],
        initial=StockSheet.Kind.COUNT,
        widget=UnfoldAdminRadioSelectWidget(),
    )
    file = forms.FileField(
        label="CSV file",
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,text/csv"}),
        help_text=f"With the columns named above. At most {MAX_LINES} lines; those without a number are left out.",
    )
    note = forms.CharField(
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget(),
        help_text="For the stock ledger, such as “Stock-take of spring”. Empty: the name of the file.",
    )
    counted_now = forms.BooleanField(
        label="Counted just now",
        required=False,
        widget=UnfoldBooleanWidget(),
        help_text="The pieces were counted after the last parcel left. Otherwise a count holds for the moment at which "
        "the sheet was downloaded, and what has moved since is added to it.",
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(f"A sheet has at most {MAX_BYTES // 1_000_000} MB.")
        return file


@admin.register(StockSheet)
class StockSheetAdmin(ReadOnly, ModelAdmin):
    list_display = ["name", "kind", "uploaded_at", "uploaded_by", "confirmed_at", "confirmed_by"]
    list_filter = ["kind"]
    search_fields = ["name", "note", "uploaded_by"]
    ordering = ["-pk"]
    list_per_page = 50
    actions_list = ["download", "upload"]

    def has_hand_in_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("catalog.change_stocklevel") and request.user.has_perm("catalog.add_stocksheet")

    @action(description="Download a sheet to count by", permissions=["hand_in"], url_path="download", icon="download")
    def download(self, request: HttpRequest) -> HttpResponseBase:
        """Everything that is for sale."""
        name = f"stock-take-{timezone.localtime():%Y-%m-%d-%H%M}.csv"
        return csv_file(written(counting.to_count(StockLevel.objects.live())), name)

    @action(description="Hand a sheet in", permissions=["hand_in"], url_path="upload", icon="upload_file")
    def upload(self, request: HttpRequest) -> HttpResponse:
        form = SheetForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            given = dict(form.cleaned_data)
            file, kind = given.pop("file"), StockSheet.Kind(given.pop("kind"))
            try:
                sheet = counting.hand_in(
                    file=file, name=file.name or "file", kind=kind, actor=request.user.get_username(), **given
                )
            except Unreadable as error:
                form.add_error("file", str(error))
            else:
                return redirect(_page(sheet))
        context = {**self.admin_site.each_context(request), "title": "Hand a stock sheet in", "form": form}
        status = 422 if form.errors else 200
        return TemplateResponse(request, "admin/catalog/sheet_upload.html", context, status=status)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """What the sheet would change, or what it has changed."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        sheet = self.get_object(request, object_id)
        if sheet is None:
            raise Http404("There is no such sheet.")
        if request.method == "POST":
            if not self.has_hand_in_permission(request):
                raise PermissionDenied
            applied = counting.confirm(sheet_id=sheet.pk, actor=request.user.get_username())
            self.message_user(request, f"{applied} lines applied.", messages.SUCCESS)
            return redirect(_page(sheet))
        return self._show(request, sheet)

    def _show(self, request: HttpRequest, sheet: StockSheet) -> HttpResponse:
        found = counting.standings(sheet)
        refused = [each for each in found if each.problem]
        changing = [each for each in found if each.change and not each.problem]
        context = {
            **self.admin_site.each_context(request),
            "title": sheet.name,
            "opts": self.model._meta,
            "sheet": sheet,
            "is_count": sheet.kind == StockSheet.Kind.COUNT,
            "lines": len(found),
            "equal": len(found) - len(refused) - len(changing),
            "changing": Paginator(changing, SHOWN).get_page(request.GET.get("p")),
            "more": sum(each.change for each in changing if each.change > 0),
            "fewer": -sum(each.change for each in changing if each.change < 0),
            "worth": money(sum(map(_worth, changing))),
            "refused": refused[:SHOWN],
            "refused_count": len(refused),
            "is_open": any(each.line.moved is None and not each.problem for each in found),
            "may_confirm": self.has_hand_in_permission(request),
        }
        return TemplateResponse(request, "admin/catalog/sheet.html", context)


def _worth(standing: Standing) -> int:
    """What the difference is worth at cost, as far as that is known."""
    cost = standing.level.variant.cost if standing.level else None
    return standing.change * (cost or 0)


def _page(sheet: StockSheet) -> str:
    return reverse("admin:catalog_stocksheet_change", args=[sheet.pk])
