"""Which ways to ship an address and a cart have, and what they cost. Reads only."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, Min, Q

from catalog.money import parse_amount
from orders.models import RateStep, ShippingMethod, ShippingZone, ZoneArea

# What people write before a postcode instead of the ISO code.
CAR_SIGNS = {
    "AT": "A", "BE": "B", "DE": "D", "ES": "E", "FI": "FIN", "FR": "F", "HU": "H", "IT": "I", "LU": "L", "NO": "N",
    "PT": "P", "SE": "S", "SI": "SLO",
}  # fmt: skip


@dataclass(frozen=True)
class ShippingOption:
    """A way to ship that a shopper can choose. Minor units; `free_from` as in the merchant's table."""

    code: str
    name: str
    price: int
    description: str = ""
    estimate: str = ""
    free_from: int | None = None

    def missing_to_free(self, value: int) -> int:
        """What goods of this value lack to free shipping; 0 when it is free or never will be."""
        return max(0, self.free_from - value) if self.free_from is not None else 0


@dataclass(frozen=True)
class Consignment:
    """What is to be shipped: the value of the goods before any coupon (minor units) and their weight (grams)."""

    value: int
    weight: int


def options_for(country: str, postcode: str, consignment: Consignment) -> list[ShippingOption]:
    """The ways to ship this there, as the merchant ordered them; none when nothing is shipped there. Three queries.

    While no zone is set up at all, one flat rate by setting goes everywhere.
    """
    return priced_options(methods_for(country, postcode), consignment)


def methods_for(country: str, postcode: str) -> list[ShippingMethod] | None:
    """The active methods of the zone there, with their steps; None while no zone is set up at all."""
    zone_id = _zone_of(country, postcode)
    if zone_id is None:
        return [] if ShippingZone.objects.exists() else None
    return list(ShippingMethod.objects.filter(zone=zone_id, is_active=True).prefetch_related("steps"))


def priced_options(methods: Sequence[ShippingMethod] | None, consignment: Consignment) -> list[ShippingOption]:
    """What `methods_for` found, at its price for this; what does not take it is left out. Asks nothing more."""
    if methods is None:
        return [standard_option(consignment.value)]
    priced = ((method, _price(method, consignment)) for method in methods)
    return [_option(method, price) for method, price in priced if price is not None]


def free_from_at_home() -> int | None:
    """The least value of goods (minor units) from which shipping within the shop's own country is free, for whole
    countries: some postcodes may be dearer. None when it never is. One query."""
    at_home = Q(areas__country=settings.SHOP_COUNTRY, areas__postcode_prefix="", methods__is_active=True)
    zones = ShippingZone.objects.aggregate(
        number=Count("pk", distinct=True), free_from=Min("methods__free_from", filter=at_home)
    )
    free_from: int | None = zones["free_from"] if zones["number"] else standard_option(0).free_from
    return free_from


def standard_option(value: int) -> ShippingOption:
    """The flat rate by setting. An empty `SHOP_SHIPPING_FREE_FROM` means that shipping is never free."""
    currency = settings.SHOP_CURRENCY
    free_from = settings.SHOP_SHIPPING_FREE_FROM
    limit = parse_amount(free_from, currency) if free_from else None
    price = parse_amount(settings.SHOP_SHIPPING_FLAT_RATE, currency)
    return ShippingOption(
        code="standard",
        name="Standard shipping",
        price=0 if limit is not None and value >= limit else price,
        free_from=limit,
    )


def compact_postcode(postcode: str) -> str:
    """A postcode as prefixes are compared with: without spaces and signs, in capitals."""
    upper = unicodedata.normalize("NFKC", postcode).upper()
    return "".join(sign for sign in upper if sign.isascii() and sign.isalnum())


def _zone_of(country: str, postcode: str) -> int | None:
    """The zone of the longest prefix that fits, also when the country stands before the postcode (D-27498)."""
    compact = compact_postcode(postcode)
    bare = re.sub(rf"^(?:{country}|{CAR_SIGNS.get(country, country)})(?=[0-9])", "", compact)
    prefixes = {written[:length] for written in (compact, bare) for length in range(len(written) + 1)}
    areas = ZoneArea.objects.filter(country=country, postcode_prefix__in=prefixes)
    longest = max(areas, key=lambda area: len(area.postcode_prefix), default=None)
    return longest.zone_id if longest else None


def _price(method: ShippingMethod, consignment: Consignment) -> int | None:
    """What the method costs; None when it does not take this."""
    if method.max_weight is not None and consignment.weight > method.max_weight:
        return None
    if method.kind == ShippingMethod.Kind.FLAT:
        price: int | None = method.price
    elif method.kind == ShippingMethod.Kind.BY_WEIGHT:
        price = _step(method.steps.all(), consignment.weight)
    else:
        price = _step(method.steps.all(), consignment.value)
    if price is not None and method.free_from is not None and consignment.value >= method.free_from:
        return 0
    return price


def _step(steps: Iterable[RateStep], reached: int) -> int | None:
    """The price of the highest step that is reached."""
    return max(((step.starts_at, step.price) for step in steps if step.starts_at <= reached), default=(0, None))[1]


def _option(method: ShippingMethod, price: int) -> ShippingOption:
    return ShippingOption(
        code=str(method.pk),
        name=method.name,
        price=price,
        description=method.description,
        estimate=estimate(method.min_days, method.max_days),
        free_from=method.free_from,
    )


def estimate(least: int | None, most: int | None) -> str:
    """How long it takes, in words: "2–4 working days"; empty when it is not known."""
    if least is None:
        return f"up to {_working_days(most)}" if most is not None else ""
    if most is None:
        return f"from {_working_days(least)}"
    return _working_days(most) if least == most else f"{least}–{most} working days"


def _working_days(number: int) -> str:
    return "1 working day" if number == 1 else f"{number} working days"
