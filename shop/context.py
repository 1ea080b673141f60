"""What every storefront page shows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from catalog.browsing import menu
from orders.cart_cookie import piece_count
from orders.shipping.options import free_from_at_home


def storefront(request: HttpRequest) -> dict[str, Any]:
    """The shop's name, the menu of top categories and the number of pieces in the cart; read only when shown."""
    return {
        "shop_name": settings.SHOP_NAME,
        "shop_tagline": settings.SHOP_TAGLINE,
        "prices_include_tax": settings.SHOP_PRICES_INCLUDE_TAX,
        "tax_name": settings.SHOP_TAX_NAME,
        "free_shipping_from": _free_shipping_from,
        "menu": SimpleLazyObject(menu),
        "cart_pieces": SimpleLazyObject(lambda: piece_count(request)),
    }


def _free_shipping_from() -> int:
    """0 when it never is. It is an advertisement: the cart says what holds, this may be a minute old."""
    return cache.get_or_set("free-shipping-from", lambda: free_from_at_home() or 0, 60) or 0
