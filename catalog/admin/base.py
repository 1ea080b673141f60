"""What the catalogue's admin pages have in common."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError
from django.db.models import Model
from django.forms import ModelForm, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from catalog.admin.richtext import RichTextField
from catalog.admin.uploads import StoredPicture
from catalog.errors import CatalogError, InvalidProduct
from catalog.forms_money import AmountFormField
from catalog.models.seo import DESCRIPTION_HELP
from catalog.money import format_amount
from catalog.pictures import reencoded


class AmountInput(AmountFormField):
    """An amount in the clothes of the admin theme."""

    widget = UnfoldAdminTextInputWidget


class TellsCatalogErrors(ModelAdmin):
    """What the acts refuse is told on the page; nothing of the form is written then."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except (CatalogError, IntegrityError) as error:
            return self.tell(request, error)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> Any:
        try:
            return super().delete_view(request, object_id, extra_context)
        except (CatalogError, IntegrityError) as error:
            return self.tell(request, error)

    def tell(self, request: HttpRequest, error: Exception) -> HttpResponse:
        known = isinstance(error, CatalogError)
        said = str(error) if known else "Somebody else saved the same thing at this moment. Please try again."
        self.message_user(request, f"Nothing was saved. {said}", messages.ERROR)
        return redirect(request.get_full_path())


class ReadOnly:
    """Nobody adds, changes or deletes these rows by hand, whatever their permissions."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class PictureForm(ModelForm[Any]):
    """A form with a field `image`, whose uploads are re-encoded."""

    def clean_image(self) -> Any:
        image = self.cleaned_data.get("image")
        if not isinstance(image, UploadedFile) or isinstance(image, StoredPicture):
            return image
        try:
            return reencoded(image, size=image.size or 0)
        except InvalidProduct as error:
            raise ValidationError(str(error)) from error


class PageForm(ModelForm[Any]):
    """A form of something that has a page of its own: its address, its text, and what search engines are told."""

    slug = forms.SlugField(
        required=False,
        max_length=220,  # the longest; what each may have, its model says
        widget=UnfoldAdminTextInputWidget(),
        help_text="The end of the page's address. Made from the name when left empty; a former address leads here.",
    )
    description = RichTextField()
    seo_description = forms.CharField(
        label="Description for search engines",
        required=False,
        max_length=320,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=DESCRIPTION_HELP,
    )

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"] or self.instance.slug
        others = self._meta.model._default_manager.exclude(pk=self.instance.pk)
        if slug and others.filter(slug=slug).exists():
            raise ValidationError("This address is in use.")
        return slug


def measured(row: Any, picture: Any) -> dict[str, Any]:
    """The columns of a row's picture with its size, which are put on the row, too. It has no copies yet."""
    values: dict[str, Any] = {"image": "", "image_width": 0, "image_height": 0, "image_renditions": []}
    if isinstance(picture, StoredPicture):
        shown = picture.picture
        values |= {"image": picture.stored_as, "image_width": shown.width, "image_height": shown.height}
    elif picture:  # what was there
        return {name: getattr(row, name) for name in values}
    for name, value in values.items():
        setattr(row, name, value)
    return values


def money(amount: int | None) -> str:
    """The amount as people read it; a dash for none."""
    return "–" if amount is None else format_amount(amount, settings.SHOP_CURRENCY, settings.SHOP_LOCALE)


def thumbnail(url: str, alt: str, size: int = 44) -> str:
    return format_html(
        '<img src="{}" alt="{}" width="{}" height="{}" loading="lazy" class="rounded-default">', url, alt, size, size
    )
