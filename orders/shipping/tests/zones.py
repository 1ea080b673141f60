"""Zones, methods and taxes in tests, in one line each. Amounts are minor units, weights grams."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from catalog.models import TaxClass
from orders.models import RateStep, ShippingMethod, ShippingZone, TaxRate, ZoneArea


def zone(name: str, *areas: str) -> ShippingZone:
    """A zone; an area is a country, or a country and a postcode prefix: "DE", "DE 27498"."""
    made = ShippingZone.objects.create(name=name)
    for area in areas:
        country, _, prefix = area.partition(" ")
        ZoneArea.objects.create(zone=made, country=country, postcode_prefix=prefix)
    return made


def method(of: ShippingZone, name: str, price: int = 0, **fields: Any) -> ShippingMethod:
    """A way to ship; `by_weight=` or `by_value=` takes its steps: {starts at: price}."""
    for kind in (ShippingMethod.Kind.BY_WEIGHT, ShippingMethod.Kind.BY_VALUE):
        if steps := fields.pop(str(kind), None):
            made = ShippingMethod.objects.create(zone=of, name=name, kind=kind, **fields)
            RateStep.objects.bulk_create(RateStep(method=made, starts_at=at, price=cost) for at, cost in steps.items())
            return made
    return ShippingMethod.objects.create(zone=of, name=name, price=price, **fields)


def tax(rate: str, *, country: str = "DE", region: str = "", code: str = "standard") -> TaxRate:
    """A rate of a tax class, which is made at its first mention; "standard" is the default and that of shipping."""
    tax_class, _ = TaxClass.objects.get_or_create(
        code=code, defaults={"name": code.capitalize(), "is_default": code == "standard"}
    )
    return TaxRate.objects.create(tax_class=tax_class, country=country, region=region, rate=Decimal(rate))
