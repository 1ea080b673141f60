"""What shipping costs: one flat rate by setting, free from a threshold on."""

from __future__ import annotations

from django.conf import settings

from catalog.money import parse_amount
from orders.totals import ShippingRate


def standard_rate() -> ShippingRate:
    """The rate in force. An empty `SHOP_SHIPPING_FREE_FROM` means that shipping is never free."""
    currency = settings.SHOP_CURRENCY
    free_from = settings.SHOP_SHIPPING_FREE_FROM
    return ShippingRate(
        name="Standard shipping",
        price=parse_amount(settings.SHOP_SHIPPING_FLAT_RATE, currency),
        free_from=parse_amount(free_from, currency) if free_from else None,
    )
