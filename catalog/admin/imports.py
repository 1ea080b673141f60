"""Imports of products in the admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.decorators import action
from unfold.widgets import UnfoldBooleanWidget

from catalog.admin import import_pages
from catalog.admin.base import money
from catalog.admin.import_pages import ImportPages
from catalog.fetching import to_fetch
from catalog.importing.choices import Choices
from catalog.importing.previewing import preview
from catalog.models import ImportRun


class UploadForm(import_pages.UploadForm):
    command = "import_products"
    help_text = (
        "As Shopify exports it: Products → Export → “CSV for Excel, Numbers, or other”. "
        "What this shop exports fits as well."
    )


class StartForm(import_pages.StartForm):
    stock = forms.BooleanField(
        label="Also the stock of products that are here",
        required=False,
        widget=UnfoldBooleanWidget(),
        help_text="Make as many pieces available as the file says. New products always get their stock.",
    )
    only_new = forms.BooleanField(
        label="Only new products",
        required=False,
        widget=UnfoldBooleanWidget(),
        help_text="Leave products that are here as they are.",
    )

    def choices(self) -> Choices:
        return Choices(stock=self.cleaned_data["stock"], only_new=self.cleaned_data["only_new"])


@admin.register(ImportRun)
class ImportRunAdmin(ImportPages):
    kind = ImportRun.Kind.PRODUCTS
    task = "catalog.run_import"
    noun = "products"
    upload_form = UploadForm
    preview_template = "admin/catalog/_import_preview.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImportRun]:
        """Of products: what orders were taken in tells about customers."""
        runs: QuerySet[ImportRun] = super().get_queryset(request)
        return runs.filter(kind=self.kind)

    def has_import_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self.may_import(request)

    @action(description="Import products", permissions=["import"], url_path="upload", icon="upload_file")
    def upload(self, request: HttpRequest) -> HttpResponse:
        return self.upload_page(request)

    def start_form(self, run: ImportRun, data: Any = None) -> StartForm:
        return StartForm(data)

    def preview(self, run: ImportRun, form: import_pages.StartForm) -> Any:
        """The preview with amounts as people read them."""
        found = preview(run)
        rows = [(shown, " – ".join(money(price) for price in shown.prices)) for shown in found.products]
        return {"found": found, "rows": rows}

    def beside(self, run: ImportRun) -> dict[str, Any]:
        return {"pictures": to_fetch(run.pk)}
