"""Products with their variants and pictures on one page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.db.models import F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.forms import BaseModelFormSet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from unfold.admin import TabularInline
from unfold.decorators import action, display

from catalog.admin.base import TellsCatalogErrors, money, thumbnail
from catalog.admin.filters import CategoryFilter, ShelfFilter, ShownFilter, StockFilter
from catalog.admin.images import ProductImageFormSet, ProductImageInline
from catalog.admin.moving import MovesProducts
from catalog.admin.options import OptionFormSet, OptionInline, generate_page
from catalog.admin.product_form import PREFIX, ProductForm, RelatedForm, with_attributes_of
from catalog.admin.stock_form import stock_page
from catalog.admin.uploads import StoresPicturesFirst
from catalog.admin.variants import VariantFormSet, VariantInline
from catalog.attributes import attributes_of
from catalog.describing import MAX_RELATED, describe, relate
from catalog.models import Product, ProductImage, RelatedProduct, Variant
from catalog.products import (
    archive_or_delete_product,
    insert_product,
    publish_products,
    restore_product,
    retire_product,
    rewrite_product,
)
from catalog.variants import lock_product, refresh_products

MAIN_FIELDS = ("name", "slug", "category", "product_type", "brand", "tags", "tax_class", "description", "version")


class RelatedInline(TabularInline):
    model = RelatedProduct
    form = RelatedForm
    fk_name = "product"
    verbose_name_plural = "related products"
    fields = ("other", "position")
    autocomplete_fields = ["other"]
    extra = 0
    max_num = MAX_RELATED
    ordering_field = "position"
    hide_ordering_field = True


@admin.register(Product)
class ProductAdmin(MovesProducts, StoresPicturesFirst, TellsCatalogErrors):
    form = ProductForm
    autocomplete_fields = ["brand"]
    inlines = [OptionInline, VariantInline, ProductImageInline, RelatedInline]
    list_display = ["picture", "name", "category", "shown_price", "available", "shown", "created_at"]
    list_display_links = ["picture", "name"]
    list_filter = [ShelfFilter, ShownFilter, StockFilter, "product_type", CategoryFilter]
    list_select_related = ["category"]
    search_fields = ["name", "slug", "variants__sku", "variants__barcode__exact"]
    search_help_text = "Name, SKU or barcode"
    ordering = ["-created_at", "-pk"]
    list_per_page = 50
    show_full_result_count = False
    actions = ["publish", "hide", "restore", "export_chosen"]
    actions_detail = ["generate_missing", "adjust_stock", "price_history"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        stocks = Variant.objects.live().filter(product=OuterRef("pk")).order_by().values("product")
        available = stocks.annotate(pieces=Sum(F("stock__on_hand") - F("stock__reserved"))).values("pieces")
        first = ProductImage.objects.stored().filter(product=OuterRef("pk")).order_by("position", "pk")
        products: QuerySet[Product] = super().get_queryset(request).defer("search_vector")
        return products.annotate(
            pieces=Coalesce(Subquery(available), 0), first_picture=Subquery(first.values("image")[:1])
        )

    # --- what is shown

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change=change, form=with_attributes_of(obj), **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        details = [PREFIX + code for code in attributes_of(obj)] if obj else []
        title = f"Details of every {obj.product_type}" if details else ""
        return [
            (None, {"fields": MAIN_FIELDS}),
            *([(title, {"fields": details})] if details else []),
            ("When and where it is shown", {"fields": ("is_published", "published_from", "is_listed")}),
            (
                "Search engines and feeds",
                {"fields": ("seo_title", "seo_description", "google_category"), "classes": ["collapse"]},
            ),
        ]

    @admin.display(description="")
    def picture(self, product: Any) -> str:
        return thumbnail(default_storage.url(product.first_picture), "") if product.first_picture else "–"

    @admin.display(description="Price", ordering="price")
    def shown_price(self, product: Product) -> str:
        return money(product.price)

    @admin.display(description="Available", ordering="pieces")
    def available(self, product: Any) -> int:
        return int(product.pieces)

    @display(
        description="Shown",
        ordering="is_published",
        label={"Yes": "success", "By address": "info", "Later": "warning", "No": "danger"},
    )
    def shown(self, product: Product) -> tuple[str, str]:
        """Whether shoppers see it, or from when on."""
        if product.archived_at or not product.is_published:
            return "No", "No"
        if not product.is_on_sale and product.published_from:
            return "Later", f"From {date_format(localtime(product.published_from), 'SHORT_DATETIME_FORMAT')}"
        return ("Yes", "Yes") if product.is_listed else ("By address", "By address")

    # --- who may do what

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(super().has_change_permission(request, obj)) and not _is_archived(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(super().has_delete_permission(request, obj)) and not _is_archived(obj)

    def has_stock_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("catalog.change_stocklevel")

    def has_prices_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("catalog.view_pricechange")

    # --- saving

    def save_model(self, request: HttpRequest, obj: Product, form: Any, change: bool) -> None:
        if change:
            rewrite_product(lock_product(obj.pk), form.changes())
            return
        details = form.details()
        describe(obj, details)
        insert_product(obj, form.cleaned_data["slug"])
        relate(obj, details)

    def save_formset(self, request: HttpRequest, form: Any, formset: BaseModelFormSet[Any, Any], change: bool) -> None:
        if isinstance(formset, VariantFormSet):
            formset.save_through_acts(actor=request.user.get_username())
        elif isinstance(formset, OptionFormSet):
            if retired := formset.save_through_acts():
                self.message_user(request, f"No longer offered: {', '.join(retired)}.", messages.WARNING)
        elif isinstance(formset, ProductImageFormSet):
            formset.save_through_acts()
        else:
            super().save_formset(request, form, formset, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        if not change:
            # The variants of a new product are only named yet; options recognise them by their names.
            formsets = sorted(formsets, key=lambda formset: isinstance(formset, OptionFormSet))
        super().save_related(request, form, formsets, change)
        refresh_products([form.instance.pk])

    # --- deleting

    def get_deleted_objects(self, objs: Iterable[Any], request: HttpRequest) -> tuple[Any, Any, Any, Any]:
        """A product that was ordered is archived, so nothing ever stands in the way."""
        names = [f"{product} (archived instead, if it was ever ordered)" for product in objs]
        return names, {"products": len(names)}, set(), []

    def delete_model(self, request: HttpRequest, obj: Product) -> None:
        retire_product(lock_product(obj.pk))

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: int) -> HttpResponse:
        """Says what became of it, which is not always what was asked for."""
        if not Product.objects.filter(pk=obj_id).exists():
            deleted: HttpResponse = super().response_delete(request, obj_display, obj_id)
            return deleted
        said = f"“{obj_display}” was ordered before, so it is not deleted but archived: orders keep it."
        self.message_user(request, said, messages.SUCCESS)
        return redirect("admin:catalog_product_changelist")

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        for pk in queryset.filter(archived_at=None).values_list("pk", flat=True):
            archive_or_delete_product(product_id=pk)

    # --- actions

    @admin.action(description="Publish", permissions=["change"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        self._publish(request, queryset, is_published=True)

    @admin.action(description="Hide from shoppers", permissions=["change"])
    def hide(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        self._publish(request, queryset, is_published=False)

    @admin.action(description="Restore from the archive", permissions=["change"])
    def restore(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        archived = list(queryset.exclude(archived_at=None).values_list("pk", flat=True))
        for pk in archived:
            restore_product(product_id=pk)
        self.message_user(request, f"{len(archived)} restored, and still hidden.", messages.SUCCESS)

    @action(description="Generate missing variants", url_path="missing", permissions=["change"], icon="grid_view")
    def generate_missing(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._page_of(request, object_id, generate_page, changes=True)

    @action(description="Adjust stock", url_path="stock", permissions=["stock"], icon="inventory_2")
    def adjust_stock(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._page_of(request, object_id, stock_page)

    def _page_of(
        self, request: HttpRequest, object_id: str, page: Callable[..., HttpResponse], *, changes: bool = False
    ) -> HttpResponse:
        """A page about one product, which leads back to it."""
        product = self.get_object(request, object_id)
        if product is None:
            return redirect("admin:catalog_product_changelist")
        may_see = self.has_view_or_change_permission(request, product)
        if not may_see or (changes and not self.has_change_permission(request, product)):
            raise PermissionDenied
        back = reverse("admin:catalog_product_change", args=[product.pk])
        return page(request, product, context=self.admin_site.each_context(request), back=back)

    @action(description="Price history", url_path="prices", permissions=["prices"], icon="history")
    def price_history(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect(f"{reverse('admin:catalog_pricechange_changelist')}?variant__product__id__exact={object_id}")

    def _publish(self, request: HttpRequest, queryset: QuerySet[Product], *, is_published: bool) -> None:
        changed = publish_products(product_ids=queryset.values_list("pk", flat=True), is_published=is_published)
        self.message_user(request, f"{changed} changed.", messages.SUCCESS)


def _is_archived(obj: Any) -> bool:
    """Also asked about an id (by the theme's actions) or nothing."""
    return isinstance(obj, Product) and obj.archived_at is not None
