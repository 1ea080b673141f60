"""Imports of orders in the admin: as those of products, with a form that says how the file is written."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from catalog.admin import import_pages
from catalog.admin.import_pages import ImportPages
from catalog.importing.models import ImportRun
from catalog.money import CURRENCIES, format_amount
from orders.importing.choices import OrderChoices, columns_from
from orders.importing.layout import COLUMNS, REQUIRED, InvalidLayout
from orders.importing.previewing import Shown, likely_delimiter, preview
from orders.importing.reading import CANCELLED, DELIVERED, REFUNDED, SHIPPED
from orders.importing.running import TASK
from orders.models import OrderImport

ENCODINGS = [
    ("utf-8-sig", "UTF-8"),
    ("cp1252", "Windows (Western European)"),
    ("iso-8859-15", "ISO 8859-15"),
]
STATUSES = [
    ("", "The file says it"),
    *((each, each.capitalize()) for each in (DELIVERED, SHIPPED, REFUNDED, CANCELLED)),
]


def select(choices: list[tuple[str, str]], label: str, **options: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=choices, widget=UnfoldAdminSelectWidget(), **options)


def text(label: str, most: int, help_text: str = "") -> forms.CharField:
    widget = UnfoldAdminTextInputWidget()
    return forms.CharField(label=label, required=False, max_length=most, widget=widget, help_text=help_text)


class UploadForm(import_pages.UploadForm):
    command = "import_orders"
    help_text = "One row per order line; the rows of an order follow one another. The first row names the columns."


class StartForm(import_pages.StartForm):
    """How the file is written; what it leaves empty is as in this shop."""

    field_order = [
        *("columns", "delimiter", "decimal", "encoding", "date_format", "time_zone"),
        *("currency", "tax", "status", "cancelled_prefix", "dry_run"),
    ]
    columns = forms.CharField(
        label="Names of columns",
        required=False,
        max_length=2000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 8, "placeholder": "order=InvoiceNo"}),
        help_text=f"Where the file calls them otherwise: ours=theirs, one per line. Needed: {', '.join(REQUIRED)}; "
        f"known besides: {', '.join(name for name in COLUMNS if name not in REQUIRED)}.",
    )
    delimiter = select([(",", "Comma"), (";", "Semicolon"), ("\t", "Tab"), ("|", "Bar")], "Between cells")
    decimal = select([(".", "Point: 12.50"), (",", "Comma: 12,50")], "Decimal sign")
    encoding = select(ENCODINGS, "Encoding")
    date_format = text("Form of dates", 60, "Such as %d/%m/%Y %H:%M. Empty: ISO 8601, such as 2026-01-31 18:30.")
    time_zone = text("Time zone of dates", 60, f"Such as Europe/London. Empty: {settings.TIME_ZONE}.")
    currency = text("Currency", 3, f"Of rows that name none. Empty: {settings.SHOP_CURRENCY}.")
    tax = select([("", "As in this shop"), ("included", "In the prices"), ("on-top", "Added to the prices")], "Tax")
    status = select(STATUSES, "Status", help_text="Of orders that name none.")
    cancelled_prefix = text("Beginning of cancelled numbers", 10, "Such as C. Only such orders may take pieces back.")

    def clean_columns(self) -> dict[str, str]:
        try:
            return columns_from(self.cleaned_data["columns"])
        except InvalidLayout as error:
            raise forms.ValidationError(str(error)) from error

    def clean_currency(self) -> str:
        currency = str(self.cleaned_data["currency"]).strip().upper()
        if currency and currency not in CURRENCIES:
            raise forms.ValidationError("The shop does not know this currency.")
        return currency

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                self.choices().layout()
            except InvalidLayout as error:
                raise forms.ValidationError(str(error)) from error
        return cleaned

    def choices(self) -> OrderChoices:
        given = {name: value for name, value in self.cleaned_data.items() if name != "dry_run"}
        # A choice that was not sent at all is the first one, as in a browser.
        return OrderChoices.read({name: value for name, value in given.items() if value})


@admin.register(OrderImport)
class OrderImportAdmin(ImportPages):
    kind = ImportRun.Kind.ORDERS
    task = TASK
    noun = "orders"
    upload_form = UploadForm
    preview_template = "admin/orders/_import_preview.html"
    list_display = ["file_name", "created_at", "actor", "state", "is_dry_run", "created", "unchanged", "refused"]

    def has_import_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self.may_import(request)

    @action(description="Import orders", permissions=["import"], url_path="upload", icon="upload_file")
    def upload(self, request: HttpRequest) -> HttpResponse:
        return self.upload_page(request)

    def start_form(self, run: ImportRun, data: Any = None) -> StartForm:
        """As the file was read the last time, or as it looks at first sight."""
        stored = dict(run.choices) or {"delimiter": likely_delimiter(run)}
        stored["columns"] = "\n".join(f"{ours}={theirs}" for ours, theirs in stored.get("columns", {}).items())
        return StartForm(data, initial=stored)

    def preview(self, run: ImportRun, form: import_pages.StartForm) -> Any:
        if form.is_bound:
            choices = form.choices() if form.is_valid() else None
        else:
            choices = OrderChoices.read(run.choices or {"delimiter": likely_delimiter(run)})
        if choices is None or not isinstance(choices, OrderChoices):
            return {"found": None}
        found = preview(run, choices)
        return {"found": found, "rows": [(shown, _amount(shown)) for shown in found.orders]}


def _amount(shown: Shown) -> str:
    order = shown.order
    return format_amount(shown.total, order.currency, settings.SHOP_LOCALE) if order.currency in CURRENCIES else "–"
