"""From the list of products to where they come in and go out."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from unfold.decorators import action

from catalog.downloads import products_file
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
        return products_file(user_id=int(request.user.pk or 0))

    @admin.action(description="Export", permissions=["export"])
    def export_chosen(self, request: HttpRequest, queryset: QuerySet[Product]) -> Any:
        ids = list(queryset.order_by().values_list("pk", flat=True))
        return products_file(user_id=int(request.user.pk or 0), product_ids=ids)
