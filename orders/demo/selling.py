"""Where the demo shop ships, for how much, and which taxes it charges there.

The tax rates are those of 2025, for show: before you sell, look up what holds for you.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.conf import settings
from django.db import transaction

from catalog.demo.loading import minor
from catalog.models import TaxClass
from orders.models import RateStep, ShippingMethod, ShippingZone, TaxRate, ZoneArea

# Standard, reduced (as for seeds), books.
TAXES: Mapping[str, tuple[str, str, str]] = {
    "AT": ("20", "10", "10"),
    "BE": ("21", "6", "6"),
    "CH": ("8.1", "2.6", "2.6"),
    "DE": ("19", "7", "7"),
    "DK": ("25", "25", "25"),
    "ES": ("21", "10", "4"),
    "FR": ("20", "10", "5.5"),
    "GB": ("20", "5", "0"),
    "IE": ("23", "13.5", "0"),
    "IT": ("22", "10", "4"),
    "LU": ("17", "8", "3"),
    "NL": ("21", "9", "9"),
    "PL": ("23", "8", "5"),
    "SE": ("25", "12", "6"),
}
CLASSES = ("standard", "reduced", "books")
# In the country, and outside its VAT.
UNTAXED_REGIONS = (("ES", "Canarias"), ("ES", "Ceuta"), ("ES", "Melilla"))
ISLANDS = (
    "18565", "25845", "25846", "25847", "25849", "25859", "25863", "25869", "2593", "2594", "2596", "2598", "2599",
    "26465", "26474", "26486", "26548", "26571", "26579", "26757", "27498", "83256",
)  # fmt: skip


@dataclass(frozen=True)
class Way:
    """A method, its amounts as decimals; `steps` are by weight in grams, `by_value` by the value of the goods."""

    name: str
    price: str = "0"
    description: str = ""
    steps: Mapping[int, str] = field(default_factory=dict)
    by_value: Mapping[str, str] = field(default_factory=dict)
    free_from: str = ""
    max_weight: int | None = None
    days: tuple[int, int] = (2, 4)


@dataclass(frozen=True)
class Zone:
    name: str
    areas: tuple[tuple[str, str], ...]
    ways: tuple[Way, ...]


ZONES = (
    Zone(
        "Germany",
        (("DE", ""),),
        (
            Way("Parcel", steps={0: "4.90", 5000: "6.90", 10_000: "9.90"}, free_from="75", max_weight=31_500),
            Way("Express", "12.90", "By noon on the next working day", max_weight=20_000, days=(1, 1)),
        ),
    ),
    Zone(
        "German islands",
        tuple(("DE", prefix) for prefix in ISLANDS),
        (Way("Parcel by ferry", "14.90", "To the islands it takes a little longer", max_weight=31_500, days=(4, 7)),),
    ),
    Zone(
        "European Union",
        tuple((code, "") for code in ("AT", "BE", "DK", "ES", "FR", "IE", "IT", "LU", "NL", "PL", "SE")),
        (
            Way(
                "Parcel, European Union",
                steps={0: "9.90", 5000: "14.90", 10_000: "19.90"},
                free_from="150",
                max_weight=31_500,
                days=(3, 6),
            ),
            Way(
                "Parcel, insured",
                description="Signed for, and insured for what it is worth",
                by_value={"0": "14.90", "100": "19.90", "250": "29.90"},
                max_weight=31_500,
                days=(3, 6),
            ),
        ),
    ),
    Zone(
        "Switzerland and United Kingdom",
        (("CH", ""), ("GB", "")),
        (
            Way(
                "Parcel, international",
                description="Duties are paid to the carrier",
                steps={0: "16.90", 5000: "24.90", 10_000: "34.90"},
                max_weight=20_000,
                days=(5, 9),
            ),
        ),
    ),
)


@transaction.atomic(durable=True)
def load_selling() -> None:
    """Write zones and rates, each unless some are there already."""
    if not ShippingZone.objects.exists():
        for zone in ZONES:
            _write_zone(zone)
    if not TaxRate.objects.exists():
        classes = {each.code: each for each in TaxClass.objects.filter(code__in=CLASSES)}
        TaxRate.objects.bulk_create(
            TaxRate(tax_class=classes[code], country=country, rate=Decimal(rate))
            for country, rates in TAXES.items()
            if country in settings.SHOP_COUNTRIES
            for code, rate in zip(CLASSES, rates, strict=True)
            if code in classes
        )
        TaxRate.objects.bulk_create(
            TaxRate(tax_class=tax_class, country=country, region=region, rate=Decimal(0))
            for country, region in UNTAXED_REGIONS
            if country in settings.SHOP_COUNTRIES
            for tax_class in classes.values()
        )


def _write_zone(zone: Zone) -> None:
    served = [(country, prefix) for country, prefix in zone.areas if country in settings.SHOP_COUNTRIES]
    if not served:
        return
    made = ShippingZone.objects.create(name=zone.name)
    ZoneArea.objects.bulk_create(
        ZoneArea(zone=made, country=country, postcode_prefix=prefix) for country, prefix in served
    )
    for position, way in enumerate(zone.ways):
        method = ShippingMethod.objects.create(
            zone=made,
            name=way.name,
            description=way.description,
            kind=_kind(way),
            price=minor(way.price),
            free_from=minor(way.free_from) if way.free_from else None,
            max_weight=way.max_weight,
            min_days=way.days[0],
            max_days=way.days[1],
            position=position,
        )
        steps = way.steps or {minor(start): price for start, price in way.by_value.items()}
        RateStep.objects.bulk_create(
            RateStep(method=method, starts_at=start, price=minor(price)) for start, price in steps.items()
        )


def _kind(way: Way) -> ShippingMethod.Kind:
    if way.steps:
        return ShippingMethod.Kind.BY_WEIGHT
    return ShippingMethod.Kind.BY_VALUE if way.by_value else ShippingMethod.Kind.FLAT
