"""What the staff's pages about orders have in common."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Model
from django.http import HttpRequest

from catalog.money import format_amount


class ReadOnly:
    """Nobody adds, changes or deletes these rows by hand, whatever their permissions."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def money(amount: int, currency: str) -> str:
    return format_amount(amount, currency, settings.SHOP_LOCALE)
