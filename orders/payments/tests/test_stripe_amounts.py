from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.money import CURRENCIES, MAX_AMOUNT
from orders.payments.stripe.amounts import NotAtStripe, from_stripe, to_stripe


@pytest.mark.parametrize(
    ("amount", "currency", "at_stripe"),
    [(1250, "EUR", 1250), (500, "JPY", 500), (5120, "KWD", 5120), (5, "ISK", 500), (7, "UGX", 700), (0, "EUR", 0)],
)
def test_amounts_as_stripe_documents_them(amount: int, currency: str, at_stripe: int) -> None:
    assert to_stripe(amount, currency) == at_stripe
    assert from_stripe(at_stripe, currency) == amount
    assert from_stripe(at_stripe, currency.lower()) == amount


@pytest.mark.parametrize("currency", ["BHD", "JOD", "KWD", "OMR", "TND"])
def test_a_third_decimal_is_never_rounded_away(currency: str) -> None:
    with pytest.raises(NotAtStripe, match=f"Cards take {currency} in steps of 0.010 only"):
        to_stripe(5123, currency)


def test_a_fraction_of_what_has_none_is_not_understood() -> None:
    with pytest.raises(NotAtStripe):
        from_stripe(550, "isk")


@given(st.sampled_from(sorted(CURRENCIES)), st.integers(0, MAX_AMOUNT))
def test_every_amount_comes_back_as_it_went(currency: str, amount: int) -> None:
    try:
        at_stripe = to_stripe(amount, currency)
    except NotAtStripe:
        assert (CURRENCIES[currency], amount % 10 != 0) == (3, True)
    else:
        assert from_stripe(at_stripe, currency) == amount
