"""Prices and what they were: every change leaves an entry in the append-only history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from catalog.models import PriceChange, Variant

Prices = tuple[int, int | None]


def prices_of(variant: Variant) -> Prices:
    """Price and compare-at price, minor units."""
    return variant.price, variant.compare_at_price


def record_prices(variants: Iterable[Variant], before: Mapping[int, Prices], *, actor: str) -> None:
    """Write into the history what differs from `before` (by variant id; a new variant is not in it).

    Part of the caller's transaction, which holds the products' locks. One statement, however many variants.
    """
    PriceChange.objects.bulk_create(
        PriceChange(
            variant=variant,
            price_before=before[variant.pk][0] if variant.pk in before else None,
            price=variant.price,
            compare_at_price_before=before[variant.pk][1] if variant.pk in before else None,
            compare_at_price=variant.compare_at_price,
            actor=actor,
        )
        for variant in variants
        if before.get(variant.pk) != prices_of(variant)
    )
