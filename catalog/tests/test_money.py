from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.money import (
    MAX_AMOUNT,
    InvalidAmount,
    format_amount,
    parse_amount,
    round_half_up,
    spread,
    to_string,
)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("12.50", "EUR", 1250),
        ("12.5", "EUR", 1250),
        ("12", "EUR", 1200),
        ("1e2", "EUR", 10000),
        ("0", "EUR", 0),
        ("-3.10", "EUR", -310),
        ("1200", "JPY", 1200),
        ("1.234", "KWD", 1234),
    ],
)
def test_a_decimal_becomes_minor_units(text: str, currency: str, minor: int) -> None:
    assert parse_amount(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("12.505", "EUR"),
        ("0.5", "JPY"),
        ("1.2345", "KWD"),
        ("NaN", "EUR"),
        ("Infinity", "EUR"),
        ("1e309", "EUR"),
        ("1e-400", "EUR"),
        ("1.00000000000000000000000000000000001", "EUR"),
        ("12,50", "EUR"),
        ("", "EUR"),
        ("\x00", "EUR"),
        ("ten", "EUR"),
        (str(MAX_AMOUNT), "EUR"),
    ],
)
def test_what_is_no_amount_of_the_currency_is_refused(text: str, currency: str) -> None:
    with pytest.raises(InvalidAmount):
        parse_amount(text, currency)


@given(st.integers(-MAX_AMOUNT, MAX_AMOUNT), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_the_api_reads_back_what_it_wrote(amount: int, currency: str) -> None:
    assert parse_amount(to_string(amount, currency), currency) == amount


def test_amounts_are_written_with_the_places_of_their_currency() -> None:
    assert [to_string(1250, currency) for currency in ("EUR", "JPY", "KWD")] == ["12.50", "1250", "1.250"]


def test_people_read_amounts_in_their_locale() -> None:
    assert format_amount(123450, "EUR", "en_IE") == "€1,234.50"
    assert format_amount(123450, "EUR", "de_DE") == "1.234,50\xa0€"


def test_halves_are_rounded_up() -> None:
    assert [round_half_up(Decimal(x)) for x in ("0.5", "1.5", "2.5", "2.49", "-0.5")] == [1, 2, 3, 2, -1]


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**6), min_size=1, max_size=20))
def test_a_spread_amount_sums_exactly_and_is_fair(amount: int, weights: list[int]) -> None:
    parts = spread(amount, weights)

    assert sum(parts) == amount
    total = sum(weights)
    if total:
        assert all(abs(part - amount * weight / total) < 1 for part, weight in zip(parts, weights, strict=True))


def test_the_largest_remainders_get_what_is_left_over() -> None:
    assert spread(100, [1, 1, 1]) == [34, 33, 33]
    assert spread(10, [5, 3, 1]) == [6, 3, 1]
    assert spread(5, [0, 0]) == [5, 0]
    assert spread(5, []) == []
