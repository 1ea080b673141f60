from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from orders.totals import PricedLine, ShippingRate, quote

RATE = ShippingRate(name="Standard", price=490, free_from=7500)
lines = st.lists(
    st.builds(PricedLine, st.integers(1, 10**6), st.integers(1, 10**12), st.integers(1, 999)),
    min_size=1,
    max_size=30,
)


@given(lines)
def test_a_quote_adds_up(lines: list[PricedLine]) -> None:
    result = quote(lines, RATE)

    assert result.subtotal == sum(line.unit_price * line.quantity for line in lines)
    assert result.total == result.subtotal - result.discount + result.shipping + result.tax
    assert result.total < 2**63


def test_shipping_is_free_from_the_threshold_on() -> None:
    assert [RATE.cost_of(subtotal) for subtotal in (0, 7499, 7500)] == [490, 490, 0]
    assert [RATE.missing_to_free(subtotal) for subtotal in (0, 7499, 7500, 9000)] == [7500, 1, 0, 0]


def test_without_a_threshold_shipping_is_never_free() -> None:
    rate = ShippingRate(name="Standard", price=490, free_from=None)
    assert rate.cost_of(10**9) == 490
    assert rate.missing_to_free(0) == 0
