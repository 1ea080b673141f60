"""Pictures on the page of their product, and the list of those that could not be fetched."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet, ModelForm, ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from catalog import images
from catalog.admin.base import ReadOnly, thumbnail
from catalog.admin.uploads import StoredPicture
from catalog.errors import InvalidProduct
from catalog.fetching import fetch_again, start_anew
from catalog.gallery import ALT_LENGTH, MAX_PICTURES, insert_picture, remove_pictures, shown_as
from catalog.jobs import enqueue_discard, enqueue_renditions
from catalog.models import Product, ProductImage
from catalog.pictures import checked

State = ProductImage.State


class ProductImageForm(ModelForm[ProductImage]):
    """A picture is uploaded, or has been fetched; another upload replaces it."""

    upload = forms.FileField(
        label="File",
        required=False,
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": "image/jpeg,image/png,image/webp,image/avif,image/gif"}),
    )
    alt = forms.CharField(
        label="Alternative text",
        required=False,
        max_length=ALT_LENGTH,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "The product's name"}),
    )
    again = forms.BooleanField(label="Fetch again", required=False, widget=UnfoldBooleanWidget())

    class Meta:
        model = ProductImage
        fields = ("alt", "position")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.state != State.FAILED and "again" in self.fields:
            self.fields["again"].disabled = True

    def clean_upload(self) -> StoredPicture | None:
        upload = self.cleaned_data.get("upload")
        if upload and not isinstance(upload, StoredPicture):
            try:
                checked(upload, size=upload.size)
            except InvalidProduct as error:
                raise ValidationError(str(error)) from error
            raise ValidationError("This file could not be stored. Please try again.")
        if not upload and self.instance.pk is None:
            raise ValidationError("Choose a file.")
        return upload or None


class ProductImageFormSet(BaseInlineFormSet[ProductImage, Product, ProductImageForm]):
    """Saved without a look at what a job may have fetched meanwhile."""

    def save_through_acts(self) -> None:
        """Delete, change and add what the forms say; part of the page's transaction."""
        self.new_objects, self.changed_objects, self.deleted_objects = [], [], []
        kept = [form for form in self.forms if form not in self.deleted_forms and form.has_changed()]
        self.deleted_objects = remove_pictures(form.instance.pk for form in self.deleted_forms if form.instance.pk)
        for form in kept:
            if form.instance.pk:
                self._change(form)
                self.changed_objects.append((form.instance, form.changed_data))
            else:
                self.new_objects.append(self._add(form))

    def _change(self, form: ProductImageForm) -> None:
        values, upload = form.cleaned_data, form.cleaned_data["upload"]
        ProductImage.objects.filter(pk=form.instance.pk).update(alt=values["alt"], position=values["position"])
        if upload:
            enqueue_discard(images.files_of(_locked([form.instance.pk])))
            ProductImage.objects.filter(pk=form.instance.pk).update(
                **shown_as(upload.stored), renditions=[], problem=""
            )
            enqueue_renditions([form.instance.pk])
        elif values.get("again"):
            start_anew([form.instance.pk])

    def _add(self, form: ProductImageForm) -> ProductImage:
        values = form.cleaned_data
        position = values["position"] if "position" in form.changed_data else None
        return insert_picture(self.instance, values["upload"].stored, alt=values["alt"], position=position)


def _locked(ids: list[int]) -> QuerySet[ProductImage]:
    return ProductImage.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")


class ProductImageInline(TabularInline):
    model = ProductImage
    form = ProductImageForm
    formset = ProductImageFormSet
    readonly_fields = ("preview", "fetching")
    ordering_field = "position"
    hide_title = True
    extra = 0
    max_num = MAX_PICTURES

    def get_fields(self, request: HttpRequest, obj: Product | None = None) -> tuple[str, ...]:
        is_read_only = obj is not None and not self.has_change_permission(request, obj)
        fields = ("preview", "alt", "position") if is_read_only else ("preview", "upload", "alt", "position")
        if obj is None or not obj.images.exclude(source_url="").exists():
            return fields
        return (*fields, "fetching") if is_read_only else (*fields, "fetching", "again")

    @admin.display(description="")
    def preview(self, image: ProductImage) -> str:
        return thumbnail(image.image.url, image.alt, 72) if image.image else "–"

    @admin.display(description="Fetched from")
    def fetching(self, image: ProductImage) -> str:
        if not image.source_url:
            return "–"
        return format_html("{}<br>{}", how_it_went(image), shortened(image.source_url))


@admin.register(ProductImage)
class ProductImageAdmin(ReadOnly, ModelAdmin):
    """The pictures that are not here (yet)."""

    list_display = ["product", "told", "tries", "fetched_from"]
    list_filter = ["state"]
    list_select_related = ["product"]
    search_fields = ["product__name", "source_url"]
    search_help_text = "Product or address"
    ordering = ["-pk"]
    list_display_links = None
    list_per_page = 50
    show_full_result_count = False
    actions = ["fetch_again"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProductImage]:
        waiting: QuerySet[ProductImage] = super().get_queryset(request).exclude(state=State.STORED)
        return waiting

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return super().changelist_view(request, {"title": "Pictures to fetch", **(extra_context or {})})

    def has_again_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("catalog.change_productimage")

    @admin.display(description="Product", ordering="product__name")
    def product(self, image: ProductImage) -> str:
        page = reverse("admin:catalog_product_change", args=[image.product_id])
        return format_html('<a href="{}">{}</a>', page, image.product.name)

    @admin.display(description="State")
    def told(self, image: ProductImage) -> str:
        return how_it_went(image)

    @admin.display(description="Address")
    def fetched_from(self, image: ProductImage) -> str:
        return shortened(image.source_url)

    @admin.action(description="Fetch again", permissions=["again"])
    def fetch_again(self, request: HttpRequest, queryset: QuerySet[ProductImage]) -> None:
        started = fetch_again(image_ids=queryset.values_list("pk", flat=True))
        self.message_user(request, f"{started} will be fetched again.", messages.SUCCESS)


def how_it_went(image: ProductImage) -> str:
    state = image.get_state_display()
    return f"{state}: {image.problem}" if image.problem else state


def shortened(url: str) -> str:
    shown = url if len(url) <= 60 else f"{url[:30]}…{url[-28:]}"
    return format_html('<span title="{}">{}</span>', url, shown)
