from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.money import MAX_AMOUNT
from orders.totals import PricedLine, Shipping, quote, tax_of

RATES = [Decimal(rate) for rate in ("0", "2.1", "5.5", "7", "8.875", "19", "25", "100")]
rates = st.sampled_from(RATES)
lines = st.lists(
    st.builds(
        lambda pk, price, quantity, part, rate: PricedLine(pk, price, quantity, price * quantity * part // 100, rate),
        st.integers(1, 10**6),
        st.integers(1, MAX_AMOUNT),
        st.integers(1, 999),
        st.integers(0, 100),
        rates,
    ),
    min_size=1,
    max_size=30,
)
shipping = st.builds(Shipping, st.integers(0, MAX_AMOUNT), rates)


@given(lines, shipping, st.booleans())
def test_a_quote_adds_up(lines: list[PricedLine], shipping: Shipping, included: bool) -> None:
    result = quote(lines, shipping, prices_include_tax=included)

    assert result.subtotal == sum(line.unit_price * line.quantity for line in lines)
    assert result.discount == sum(line.discount for line in lines)
    assert result.tax == sum(result.line_taxes) + result.shipping_tax
    on_top = 0 if included else result.tax
    assert result.total == result.subtotal - result.discount + result.shipping + on_top
    assert 0 <= result.total < 2**63


@given(st.integers(0, MAX_AMOUNT * 999), rates)
def test_tax_is_exact_to_half_a_minor_unit(amount: int, rate: Decimal) -> None:
    on_top = tax_of(amount, rate, included=False)
    assert abs(on_top * 100 - amount * rate) <= 50
    within = tax_of(amount, rate, included=True)
    assert abs(within * (100 + rate) - amount * rate) * 2 <= 100 + rate


@pytest.mark.parametrize(
    ("amount", "rate", "included", "tax"),
    [
        (1000, "19", False, 190),
        (1190, "19", True, 190),
        (250, "1", False, 3),  # 2.5: half up
        (101, "50", True, 34),  # 33.67
        (7, "7", True, 0),  # 0.458
        (999, "0", True, 0),
    ],
)
def test_tax_is_rounded_half_up(amount: int, rate: str, included: bool, tax: int) -> None:
    assert tax_of(amount, Decimal(rate), included=included) == tax
