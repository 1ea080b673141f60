"""Stock levels and their ledger: found, watched, and changed through the stock's own acts."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from unfold.admin import ModelAdmin
from unfold.decorators import action

from catalog.admin.base import ReadOnly, money
from catalog.admin.filters import LevelFilter
from catalog.admin.ledger import ledger_of
from catalog.admin.stock_form import MovementForm, RulesForm
from catalog.errors import CatalogError
from catalog.inventory import stock, value
from catalog.models import StockLevel, StockMovement


@admin.register(StockLevel)
class StockLevelAdmin(ReadOnly, ModelAdmin):
    list_display = ["sku", "product", "on_hand", "reserved", "available", "low_below", "allows_backorders", "adjust"]
    list_filter = [LevelFilter, "allows_backorders"]
    list_select_related = ["variant__product"]
    search_fields = ["variant__sku", "variant__barcode", "variant__product__name"]
    search_help_text = "SKU, barcode or name"
    ordering = ["variant__sku"]
    list_per_page = 50
    show_full_result_count = False
    actions_list = ["value"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[StockLevel]:
        levels: QuerySet[StockLevel] = super().get_queryset(request)
        return levels.select_related("variant__product").annotate(free=F("on_hand") - F("reserved"))

    @admin.display(description="SKU", ordering="variant__sku")
    def sku(self, level: StockLevel) -> str:
        return level.variant.sku

    @admin.display(ordering="variant__product__name")
    def product(self, level: StockLevel) -> str:
        return str(level.variant)

    @admin.display(ordering="free")
    def available(self, level: StockLevel) -> int:
        return level.available

    @admin.display(description="Low below")
    def low_below(self, level: StockLevel) -> str:
        return f"{level.warns_below}, low now" if level.is_low else str(level.warns_below)

    @admin.display(description="")
    def adjust(self, level: StockLevel) -> str:
        page = reverse("admin:catalog_stocklevel_change", args=[level.pk])
        return format_html('<a href="{}">Open</a>', page)

    # --- one level: what is there, what to do with it, and how it came to be

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        if not self.has_view_permission(request):
            raise PermissionDenied
        level = self.get_object(request, object_id)
        if level is None:
            raise Http404("There is no such stock level.")
        rules = RulesForm(initial={"low_at": level.low_at, "allows_backorders": level.allows_backorders})
        form = MovementForm()
        if request.method == "POST":
            if not request.user.has_perm("catalog.change_stocklevel"):
                raise PermissionDenied
            if "rules" in request.POST:
                rules = RulesForm(request.POST)
                done = self._rule(rules, level)
            else:
                form = MovementForm(request.POST)
                done = self._move(request, form, level)
            if done:
                self.message_user(request, done, messages.SUCCESS)
                return redirect(reverse("admin:catalog_stocklevel_change", args=[level.pk]))
            level.refresh_from_db()
        return self._level_page(request, level, form, rules)

    def _move(self, request: HttpRequest, form: MovementForm, level: StockLevel) -> str:
        """What was done; nothing if it was refused."""
        if not form.is_valid():
            return ""
        try:
            changed = form.act(variant_id=level.variant_id, actor=request.user.get_username())
        except CatalogError as error:
            form.add_error("quantity", str(error))
            return ""
        return f"Stock of {level.variant}: {changed}."

    def _rule(self, form: RulesForm, level: StockLevel) -> str:
        if not form.is_valid():
            return ""
        try:
            stock.set_rules(variant_id=level.variant_id, **form.cleaned_data)
        except CatalogError as error:
            form.add_error("allows_backorders", str(error))
            return ""
        return f"The rules of {level.variant} are saved."

    def _level_page(
        self, request: HttpRequest, level: StockLevel, form: MovementForm, rules: RulesForm
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": f"Stock of {level.variant}",
            "opts": self.model._meta,
            "level": level,
            "form": form,
            "rules": rules,
            "may_change": request.user.has_perm("catalog.change_stocklevel"),
            **ledger_of(request, level),
        }
        status = 422 if form.errors or rules.errors else 200
        return TemplateResponse(request, "admin/catalog/level.html", context, status=status)

    # --- all of it

    def has_value_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("catalog.view_stock_value")

    @action(description="Stock value", permissions=["value"], url_path="value", icon="payments")
    def value(self, request: HttpRequest) -> HttpResponseBase:
        """What the stock is worth, on a page or variant by variant as a file."""
        if request.GET.get("format") == "csv":
            name = f"stock-value-{timezone.localdate():%Y-%m-%d}.csv"
            return csv_file(value.written(), name)
        found = value.stock_value()
        context = {
            **self.admin_site.each_context(request),
            "title": "Stock value",
            "opts": self.model._meta,
            "found": found,
            "rows": [(each, money(each.at_cost), money(each.at_price)) for each in found.categories],
            "total": (found.total, money(found.total.at_cost), money(found.total.at_price)),
            "may_change": request.user.has_perm("catalog.change_product"),
        }
        return TemplateResponse(request, "admin/catalog/stock_value.html", context)


def csv_file(pieces: Any, name: str) -> StreamingHttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8", headers=headers)


@admin.register(StockMovement)
class StockMovementAdmin(ReadOnly, ModelAdmin):
    list_display = ["created_at", "sku", "quantity", "before", "on_hand_after", "reason", "note", "reference", "actor"]
    list_filter = ["reason", "created_at"]
    list_select_related = ["level__variant__product"]
    search_fields = ["level__variant__sku", "reference"]
    search_help_text = "SKU or order number"
    ordering = ["-pk"]
    list_per_page = 50
    show_full_result_count = False
    fields = list_display
    readonly_fields = fields

    @admin.display(description="SKU", ordering="level__variant__sku")
    def sku(self, movement: StockMovement) -> str:
        return movement.level.variant.sku

    @admin.display(description="Before")
    def before(self, movement: StockMovement) -> int:
        return movement.on_hand_before
