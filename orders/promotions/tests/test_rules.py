"""What a coupon takes off: never more than the goods cost, exactly what it says, and only of what it is for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.promotions.rules import CouponKind, CouponTerms, DoesNotCount, EligibleLine, discount

NOW = datetime(2026, 5, 12, 12, 0, tzinfo=UTC)
TEN_PERCENT = CouponTerms(CouponKind.PERCENTAGE, percentage=Decimal(10))
FIVE_OFF = CouponTerms(CouponKind.AMOUNT, amount=500)
FREE_SHIPPING = CouponTerms(CouponKind.FREE_SHIPPING)

carts = st.lists(st.builds(EligibleLine, st.integers(0, 10**15), is_eligible=st.booleans()), min_size=1, max_size=100)
percentages = st.decimals(Decimal("0.01"), Decimal(100), places=2)


def some_eligible(lines: list[EligibleLine]) -> list[EligibleLine]:
    return [replace(lines[0], is_eligible=True), *lines[1:]]


@given(carts.map(some_eligible), percentages)
def test_a_percentage_is_rounded_once_for_each_line_and_takes_at_most_what_it_costs(
    lines: list[EligibleLine], percentage: Decimal
) -> None:
    off = discount(CouponTerms(CouponKind.PERCENTAGE, percentage=percentage), lines, now=NOW).by_line
    for less, line in zip(off, lines, strict=True):
        exact = line.gross * percentage / 100 if line.is_eligible else Decimal(0)
        assert 0 <= less <= line.gross
        assert abs(less - exact) <= Decimal("0.5")


@given(carts.map(some_eligible), st.integers(1, 10**17))
def test_an_amount_is_spread_exactly_over_what_it_is_for(lines: list[EligibleLine], amount: int) -> None:
    off = discount(CouponTerms(CouponKind.AMOUNT, amount=amount), lines, now=NOW).by_line
    assert sum(off) == min(amount, sum(line.gross for line in lines if line.is_eligible))
    for less, line in zip(off, lines, strict=True):
        assert 0 <= less <= (line.gross if line.is_eligible else 0)


@given(carts.map(some_eligible))
def test_all_of_it_is_all_of_it(lines: list[EligibleLine]) -> None:
    everything = CouponTerms(CouponKind.PERCENTAGE, percentage=Decimal(100))
    off = discount(everything, lines, now=NOW).by_line
    assert off == tuple(line.gross if line.is_eligible else 0 for line in lines)


def test_the_worked_examples() -> None:
    lines = [EligibleLine(2500), EligibleLine(1890), EligibleLine(333)]
    assert discount(TEN_PERCENT, lines, now=NOW).by_line == (250, 189, 33)
    assert discount(FIVE_OFF, lines, now=NOW).by_line == (265, 200, 35)
    one_of_them = [EligibleLine(2500, is_eligible=False), EligibleLine(490)]
    assert discount(FIVE_OFF, one_of_them, now=NOW).by_line == (0, 490)


def test_free_shipping_leaves_the_goods_alone() -> None:
    off = discount(FREE_SHIPPING, [EligibleLine(100), EligibleLine(200)], now=NOW)
    assert (off.by_line, off.frees_shipping) == ((0, 0), True)


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        (replace(TEN_PERCENT, starts_at=NOW + timedelta(microseconds=1)), "not valid yet"),
        (replace(TEN_PERCENT, ends_at=NOW), "has expired"),
        (replace(TEN_PERCENT, is_used_up=True), "has been used up"),
        (replace(TEN_PERCENT, minimum_spend=1001), "larger order"),
    ],
)
def test_what_does_not_count_says_why(terms: CouponTerms, said: str) -> None:
    with pytest.raises(DoesNotCount, match=said):
        discount(terms, [EligibleLine(1000)], now=NOW)


def test_the_bounds_belong_to_it() -> None:
    terms = replace(TEN_PERCENT, starts_at=NOW, ends_at=NOW + timedelta(microseconds=1), minimum_spend=1000)
    assert discount(terms, [EligibleLine(1000)], now=NOW).by_line == (100,)


def test_the_minimum_counts_all_goods_and_says_what_it_is() -> None:
    lines = [EligibleLine(600), EligibleLine(400, is_eligible=False)]
    assert discount(replace(TEN_PERCENT, minimum_spend=1000), lines, now=NOW).by_line == (60, 0)
    with pytest.raises(DoesNotCount) as refusal:
        discount(replace(TEN_PERCENT, minimum_spend=1001), lines, now=NOW)
    assert refusal.value.minimum == 1001


@pytest.mark.parametrize("terms", [TEN_PERCENT, FIVE_OFF, FREE_SHIPPING])
def test_nothing_it_is_for_is_told(terms: CouponTerms) -> None:
    with pytest.raises(DoesNotCount, match="for other products"):
        discount(terms, [EligibleLine(1000, is_eligible=False)], now=NOW)
