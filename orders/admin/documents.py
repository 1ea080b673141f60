"""Invoices and credit notes for the staff: to find, to read and to download; nobody changes one."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, reverse
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display

from orders.admin.base import ReadOnly, link_to, money
from orders.downloads import as_download
from orders.models import Invoice


@admin.display(description="PDF")
def download_link(document: Invoice) -> str:
    """A link that saves the document."""
    url = reverse("admin:orders_invoice_pdf", args=[document.pk])
    return link_to(url, "Download")


@admin.display(description="Total")
def total(document: Invoice) -> str:
    return money(document.amount, document.order.currency)


class DocumentInline(ReadOnly, TabularInline):
    model = Invoice
    hide_title = True
    verbose_name_plural = "Invoices and credit notes"
    fields = readonly_fields = ["number", "kind", "issued_at", total, download_link]
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Invoice]:
        documents: QuerySet[Invoice] = super().get_queryset(request)
        return documents.select_related("order", "refund").defer("content")


@admin.register(Invoice)
class InvoiceAdmin(ReadOnly, ModelAdmin):
    list_display = ["number", "show_kind", "issued_at", "order_link", "who", total, download_link]
    list_filter = ["kind", "issued_at"]
    search_fields = ["number", "order__number", "order__email", "order__name"]
    search_help_text = "Number of the document or of its order, e-mail address or name"
    date_hierarchy = "issued_at"
    ordering = ["-pk"]
    list_per_page = 50
    show_full_result_count = False
    fields = readonly_fields = ["number", "show_kind", "issued_at", "order_link", "who", total, download_link]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Invoice]:
        documents: QuerySet[Invoice] = super().get_queryset(request)
        return documents.select_related("order", "refund").defer("content")

    @display(description="Kind", ordering="kind", label={"Invoice": "success", "Credit note": "warning"})
    def show_kind(self, document: Invoice) -> str:
        return document.get_kind_display()

    @admin.display(description="Order", ordering="order__number")
    def order_link(self, document: Invoice) -> str:
        url = reverse("admin:orders_order_change", args=[document.order_id])
        return link_to(url, str(document.order))

    @admin.display(description="Customer")
    def who(self, document: Invoice) -> str:
        return f"{document.order.name} ({document.order.email})"

    # --- the file

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.pdf)
        return [path("<int:pk>/pdf/", view, name="orders_invoice_pdf"), *super().get_urls()]

    def pdf(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The document as PDF."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        document = Invoice.objects.filter(pk=pk).first()
        if document is None:
            raise Http404
        return as_download(document)
