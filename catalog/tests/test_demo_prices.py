"""The prices of the demo have a past that fits them."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from django.utils import timezone

from catalog.demo.loading import load_catalogue
from catalog.models import Variant
from catalog.reductions import with_lowest_price

pytestmark = pytest.mark.django_db


def test_every_price_has_a_past_that_ends_with_it() -> None:
    now = timezone.now()
    load_catalogue(now=now, products=60, with_pictures=False)

    variants = list(Variant.objects.prefetch_related("price_changes"))
    assert len(variants) >= 60
    for variant in variants:
        past = sorted(variant.price_changes.all(), key=lambda change: change.pk)
        assert past[0].price_before is None
        assert (past[-1].price, past[-1].compare_at_price) == (variant.price, variant.compare_at_price)
        for earlier, later in pairwise(past):
            assert earlier.created_at < later.created_at < now
            before = (later.price_before, later.compare_at_price_before)
            assert before == (earlier.price, earlier.compare_at_price)


def test_sales_began_lately_and_tell_the_lowest_price_before() -> None:
    now = timezone.now()
    load_catalogue(now=now, products=100, with_pictures=False)

    reduced = list(with_lowest_price(Variant.objects.filter(compare_at_price__isnull=False)))
    assert reduced
    for variant in reduced:
        lowest: int = variant.lowest_price  # type: ignore[attr-defined]
        assert variant.compare_at_price is not None
        assert variant.price < lowest <= variant.compare_at_price
        assert variant.price_changes.latest("pk").created_at > now - timedelta(days=21)
