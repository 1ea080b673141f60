"""The lowest price of the 30 days before a reduction: by example, at its boundaries, and against a plain model."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from catalog.models import PriceChange, Variant
from catalog.reductions import with_lowest_price
from catalog.tests.factories import ProductFactory, VariantFactory
from catalog.variants import update_variant

pytestmark = pytest.mark.django_db
FIRST_DAY = datetime(2026, 1, 1, 12, tzinfo=UTC)
# Days since the first, price, compare-at price.
Entry = tuple[int, int, int | None]


def priced(*history: Entry) -> int | None:
    """What the database finds for a variant with this history."""
    variant = VariantFactory.create(price=history[-1][1], compare_at_price=history[-1][2])
    PriceChange.objects.filter(variant=variant).delete()
    before: tuple[int | None, int | None] = (None, None)
    for days, price, compare_at_price in history:
        PriceChange.objects.create(
            variant=variant,
            price_before=before[0],
            price=price,
            compare_at_price_before=before[1],
            compare_at_price=compare_at_price,
            created_at=FIRST_DAY + timedelta(days=days),
        )
        before = price, compare_at_price
    found: int | None = with_lowest_price(Variant.objects.filter(pk=variant.pk)).get().lowest_price  # type: ignore[attr-defined]
    return found


@pytest.mark.parametrize(
    ("history", "lowest"),
    [
        pytest.param([(0, 2000, None)], None, id="no reduction, no lowest price"),
        pytest.param([(0, 2000, None), (50, 1500, 2000)], 2000, id="the price before"),
        pytest.param([(0, 1800, None), (40, 2000, None), (50, 1500, 2000)], 1800, id="raised just before"),
        pytest.param([(0, 1800, None), (20, 2000, None), (50, 1500, 2000)], 2000, id="raised exactly 30 days before"),
        pytest.param([(0, 1800, None), (21, 2000, None), (50, 1500, 2000)], 1800, id="raised 29 days before"),
        pytest.param([(0, 2000, None), (50, 1500, 2000), (60, 1200, 2000)], 2000, id="deepened: the same reduction"),
        pytest.param([(0, 2000, None), (50, 1500, 2000), (90, 1200, 2000)], 2000, id="deepened after long"),
        pytest.param(
            [(0, 2000, None), (50, 1500, 2000), (55, 2000, None), (60, 1700, 2000)], 1500, id="one sale after another"
        ),
        pytest.param(
            [(0, 2000, None), (10, 1500, 2000), (15, 2000, None), (60, 1700, 2000)], 2000, id="the other long ago"
        ),
        pytest.param([(0, 2000, None), (50, 1000, 2000), (60, 1500, 2000)], 1000, id="dearer within the sale"),
        pytest.param([(0, 2000, None), (50, 1500, 2000), (60, 1500, 3000)], 1500, id="a larger reduction claimed"),
        pytest.param([(0, 2000, None), (50, 1500, 2000), (60, 1500, 1800)], 2000, id="a smaller reduction claimed"),
        pytest.param([(0, 2000, None), (3, 1500, 2000)], 2000, id="younger than 30 days"),
        pytest.param([(0, 1500, 2000)], None, id="came into the shop reduced"),
        pytest.param([(0, 1500, 2000), (5, 2000, None), (6, 1400, 2000)], 1500, id="reduced again"),
    ],
)
def test_the_lowest_price(history: list[Entry], lowest: int | None) -> None:
    assert priced(*history) == lowest


def test_other_variants_do_not_matter() -> None:
    priced((0, 100, None))

    assert priced((0, 2000, None), (50, 1500, 2000)) == 2000


def by_hand(history: list[Entry]) -> int | None:
    """The same, read off a calendar: which prices were in force at some moment of the window?"""
    began = None
    for (_, price, compare), (day, new_price, new_compare) in zip([(0, 0, None), *history], history, strict=False):
        if new_compare is None:
            began = None
        elif compare is None or new_price > price or new_compare > compare:
            began = day
    if began is None:
        return None
    ends = [day for day, *_ in history[1:]] + [10**6]
    in_force = [
        price
        for (starts, price, _), end in zip(history, ends, strict=True)
        if starts < began and end > began - 30  # [starts, end) meets [began - 30, began)
    ]
    return min(in_force, default=None)


PRICES = st.sampled_from([1000, 1500, 2000])
ABOVE = st.sampled_from([None, None, 2500, 3000])
STEPS = st.lists(st.tuples(st.sampled_from([1, 5, 10, 15, 29, 30, 31]), PRICES, ABOVE), min_size=1, max_size=8)


class AgainstTheCalendar(TestCase):
    @given(STEPS)
    @example([(1, 1000, None), (1, 2000, None), (30, 1500, 2500)])
    @settings(max_examples=150, deadline=None)
    def test_the_database_reads_the_calendar_the_same_way(self, steps: list[Entry]) -> None:
        day, history = 0, []
        for days, price, compare_at_price in steps:
            day += days
            history.append((day, price, compare_at_price))

        assert priced(*history) == by_hand(history)


def test_pages_and_lists_show_it_beside_the_price(client: Client) -> None:
    product = ProductFactory.create(slug="mug", price=2000)
    VariantFactory.create(product=product, price=3000, compare_at_price=5000)
    update_variant(variant_id=product.variants.earliest("pk").pk, price=1500, compare_at_price=2500)

    for address in ("/products/mug/", "/products/"):
        page = client.get(address).content.decode()
        assert "Lowest price of the last 30 days before the reduction: €20.00" in page
        assert set(re.findall(r"reduction: (\S+?)<", page)) == {"€20.00"}
