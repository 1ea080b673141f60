"""What the demo's variants cost before: they came in at some price, many were repriced once, and sales began lately."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from catalog.models import PriceChange, Variant

# When, price, compare-at price.
Entry = tuple[datetime, int, int | None]
WHO = ("clara", "demo")


def load_price_history(variants: Iterable[Variant], now: datetime) -> None:
    """Write how each came to its price; the last entry of each is what it costs (needs `product`)."""
    PriceChange.objects.bulk_create(
        (entry for variant in variants for entry in _changes(variant, past_of(variant, now))), batch_size=5000
    )


def past_of(variant: Variant, now: datetime) -> Sequence[Entry]:
    """The same for the same variant on every run; no two entries at one moment."""
    chance = zlib.crc32(variant.sku.encode())
    came, usual = variant.product.created_at, variant.compare_at_price or variant.price
    past: list[Entry] = [(came, usual, None)]
    if chance % 3 == 0 and usual > 20:  # it was a twentieth cheaper until two months ago
        past = [(came, usual - usual // 20, None), (now - timedelta(days=61 + chance % 20), usual, None)]
    if variant.compare_at_price is None:
        return past
    began = now - timedelta(days=4 + chance % 16, hours=chance % 7)
    if chance % 2 == 0 and usual - variant.price > 1:  # a small sale, some days before the one that runs
        small = usual - (usual - variant.price) // 2
        past += [(began - timedelta(days=20), small, usual), (began - timedelta(days=13), usual, None)]
    return [*past, (began, variant.price, variant.compare_at_price)]


def _changes(variant: Variant, past: Sequence[Entry]) -> Iterator[PriceChange]:
    came, price, compare_at_price = past[0]
    yield PriceChange(variant=variant, price=price, compare_at_price=compare_at_price, actor=WHO[1], created_at=came)
    for (_, price_before, compare_before), (when, price, compare_at_price) in pairwise(past):
        yield PriceChange(
            variant=variant,
            price_before=price_before,
            price=price,
            compare_at_price_before=compare_before,
            compare_at_price=compare_at_price,
            actor=WHO[0],
            created_at=when,
        )
