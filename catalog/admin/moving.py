"""From the list of products to where they come in and go out."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from unfold.decorators import action

from catalog.importing.exporting import exported
from catalog.models import Product


class MovesProducts:
    """For the admin of products: "Import" and "Export" above the list, and an export of those that are ticked."""

    actions_list = ["import_products", "export_products"]

    def has_import_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("catalog.add_importrun")

    def has_export_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("catalog.view_product")

    @action(description="Import", permissions=["import"], url_path="import", icon="upload_file")
    def import_products(self, request: HttpRequest) -> HttpResponse:
        return redirect("admin:catalog_importrun_upload")

    @action(description="Export", permissions=["export"], url_path="export", icon="download")
    def export_products(self, request: HttpRequest) -> HttpResponseBase:
        return _download(request)

    @admin.action(description="Export", permissions=["export"])
    def export_chosen(self, request: HttpRequest, queryset: QuerySet[Product]) -> Any:
        return _download(request, list(queryset.order_by().values_list("pk", flat=True)))


def _download(request: HttpRequest, product_ids: Collection[int] | None = None) -> StreamingHttpResponse:
    """The file, sent while it is read. Costs are in it: who took it along is written down."""
    LogEntry.objects.create(
        user_id=int(request.user.pk or 0),
        content_type=ContentType.objects.get_for_model(Product),
        object_repr=f"Export of {'all' if product_ids is None else len(product_ids)} products",
        action_flag=CHANGE,
    )
    name = f"products-{timezone.localdate()}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(exported(product_ids), content_type="text/csv; charset=utf-8", headers=headers)
