"""The category tree for its gardeners."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from treebeard.forms import TreeNodeChoiceField
from unfold.widgets import UnfoldAdminSelectWidget

from catalog.admin.base import PageForm, PictureForm, TellsCatalogErrors, measured
from catalog.admin.uploads import StoresPicturesFirst
from catalog.categories import CategoryChanges, lock_tree, plant, rewrite_category, uproot
from catalog.images import files_of_shelf, shelf_changed
from catalog.models import Category


class CategoryForm(PageForm, PictureForm):
    parent = TreeNodeChoiceField(
        queryset=None, required=False, empty_label="None: a top category", widget=UnfoldAdminSelectWidget()
    )

    class Meta:
        model = Category
        fields = ("name", "slug", "description", "image", "seo_title", "seo_description")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Category.objects.order_by("path")
        if self.instance.pk:
            others = others.exclude(path__startswith=self.instance.path)
            self.initial["parent"] = Category.objects.get_parent(self.instance)
        if "parent" in self.fields:
            self.fields["parent"].queryset = others  # type: ignore[attr-defined]


@admin.register(Category)
class CategoryAdmin(StoresPicturesFirst, TellsCatalogErrors):
    folder = "categories"
    form = CategoryForm
    fieldsets = [
        (None, {"fields": ("name", "slug", "parent", "description", "image")}),
        ("Search engines", {"fields": ("seo_title", "seo_description"), "classes": ["collapse"]}),
    ]
    list_display = ["indented", "slug", "products"]
    search_fields = ["name", "slug"]
    ordering = ["path"]
    sortable_by: list[str] = []
    list_per_page = 200

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        categories: QuerySet[Any] = super().get_queryset(request)
        counted: QuerySet[Any] = categories.annotate(product_count=Count("products"))
        return counted

    @admin.display(description="Category")
    def indented(self, category: Category) -> str:
        return format_html('<span style="padding-left:{}rem">{}</span>', 1.5 * (category.depth - 1), category.name)

    @admin.display(description="Products")
    def products(self, category: Any) -> int:
        return int(category.product_count)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """No deleting in bulk: the tree deletes what is below along with a category."""
        return {name: each for name, each in super().get_actions(request).items() if name != "delete_selected"}

    def save_model(self, request: HttpRequest, obj: Category, form: Any, change: bool) -> None:
        lock_tree()
        values = dict(form.cleaned_data)
        former = files_of_shelf(obj)
        picture = measured(obj, values.pop("image"))
        if not change:
            planted = plant(**values, **picture)
            obj.__dict__.update(planted.__dict__)
            shelf_changed(obj, [])
            return
        rewrite_category(obj.pk, cast("CategoryChanges", values))
        if "image" in form.changed_data:
            obj.save(update_fields=[*picture])
            shelf_changed(obj, former)

    def get_deleted_objects(self, objs: Iterable[Any], request: HttpRequest) -> tuple[Any, Any, Any, Any]:
        """Only an empty category is deleted; the act says so when it is not."""
        names = [str(category) for category in objs]
        return names, {"categories": len(names)}, set(), []

    def delete_model(self, request: HttpRequest, obj: Category) -> None:
        lock_tree()
        obj.refresh_from_db()
        uproot(obj)
