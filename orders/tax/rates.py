"""Which tax applies where. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.db.models import Q

from orders.models import TaxRate

NONE = Decimal(0)


@dataclass(frozen=True)
class Rates:
    """The rates of one place, in percent: by the id of a tax class, for products without one, and for shipping."""

    by_class: dict[int, Decimal]
    default: Decimal
    shipping: Decimal

    def of(self, tax_class_id: int | None) -> Decimal:
        """The rate of products of this class; without a rate there is no tax."""
        return self.default if tax_class_id is None else self.by_class.get(tax_class_id, NONE)


def rates_at(country: str, region: str) -> Rates:
    """The rates in force at an address: the region's own before the country's. One query."""
    here = TaxRate.objects.filter(Q(region="") | Q(region__iexact=region.strip()), country=country)
    by_class: dict[int, Decimal] = {}
    default = shipping = NONE
    for rate in here.select_related("tax_class").order_by("region"):  # the country's come first and are replaced
        by_class[rate.tax_class_id] = rate.rate
        if rate.tax_class.is_default:
            default = rate.rate
        if rate.tax_class.code == settings.SHOP_SHIPPING_TAX_CLASS:
            shipping = rate.rate
    return Rates(by_class, default, shipping)
