"""What the staff's pages about orders have in common."""

from __future__ import annotations

from typing import Any, TypeVar

from django import forms
from django.conf import settings
from django.db.models import Model
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from catalog.money import format_amount
from orders.actors import SHOP, ActorKind
from orders.models import Order

LINK = "text-primary-600 underline dark:text-primary-500"
F = TypeVar("F", bound=forms.Form)


class ReadOnly:
    """Nobody adds, changes or deletes these rows by hand, whatever their permissions."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def dressed(form: F) -> F:
    """The form in the clothes of the admin theme."""
    for field in form.fields.values():
        if not field.widget.is_hidden:
            plain, field.widget = field.widget, _widget(field)
            field.widget.is_required = plain.is_required
    return form


def _widget(field: forms.Field) -> Any:
    attrs = field.widget.attrs
    if isinstance(field, forms.ChoiceField):
        is_radio = isinstance(field.widget, forms.RadioSelect)
        return (UnfoldAdminRadioSelectWidget if is_radio else UnfoldAdminSelectWidget)(choices=field.choices)
    if isinstance(field.widget, forms.Textarea):
        return UnfoldAdminTextareaWidget(attrs=attrs)
    if isinstance(field.widget, forms.CheckboxInput):
        return UnfoldBooleanSwitchWidget(attrs=attrs)
    if isinstance(field, forms.IntegerField):
        return UnfoldAdminIntegerFieldWidget(attrs=attrs)
    return UnfoldAdminTextInputWidget(attrs=attrs)


def told_actor(kind: str, name: str) -> str:
    """Somebody who did something, with the sort of somebody: "otto (staff)", "stripe (provider)", "the shop"."""
    if kind == ActorKind.SHOP:
        return "the shop" if name in ("", SHOP.name) else f"{name} (job)"
    return "guest" if kind == ActorKind.GUEST else f"{name} ({kind})"


def asked_order(request: HttpRequest, object_id: str | None) -> Order | None:
    """The order that all buttons of a page ask about, read once."""
    seen: dict[str, Order | None] = request.__dict__.setdefault("_orders_seen", {})
    if object_id is None:
        return None
    if object_id not in seen:
        seen[object_id] = Order.objects.filter(pk=object_id).first() if object_id.isdecimal() else None
    return seen[object_id]


def link_to(page: str, text: str) -> SafeString:
    """A link that is seen as one, by day and by night."""
    return format_html('<a href="{}" class="{}">{}</a>', page, LINK, text)


def money(amount: int, currency: str) -> str:
    return format_amount(amount, currency, settings.SHOP_LOCALE)
