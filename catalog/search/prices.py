"""Ranges of prices that shoppers can choose among: few, with round bounds, and about as full as each other. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from catalog.search.marks import FIGURES

RANGES = 5


@dataclass(frozen=True)
class PriceRange:
    """Prices from `low` to `high`, both inclusive (minor units); None where there is no bound."""

    low: int | None
    high: int | None
    count: int


def price_ranges(prices: Mapping[int, int]) -> list[PriceRange]:
    """Ranges for prices and how often each occurs; none when there is nothing to tell apart."""
    bounds = _bounds(sorted(prices.items()))
    edges = [None, *bounds, None]
    ranges = []
    for low, above in pairwise(edges):
        count = sum(n for price, n in prices.items() if (low or 0) <= price and (above is None or price < above))
        ranges.append(PriceRange(low, above - 1 if above is not None else None, count))
    return [each for each in ranges if each.count] if bounds else []


def _bounds(prices: list[tuple[int, int]]) -> list[int]:
    """Round prices at about every fifth of the products."""
    total = sum(count for _, count in prices)
    bounds: list[int] = []
    seen, wanted = 0, 1
    for price, count in prices:
        seen += count
        while wanted < RANGES and seen * RANGES >= wanted * total:
            bounds.append(_round(price))
            wanted += 1
    smallest, largest = (prices[0][0], prices[-1][0]) if prices else (0, 0)
    return sorted({bound for bound in bounds if smallest < bound <= largest})


def _round(price: int) -> int:
    """The nearest figure that people would name: 1, 1.5, 2, 2.5, 3, 4, 5, 7.5 times a power of ten."""
    power = int(10 ** (len(str(price)) - 1))
    figures = [power * tenths // 10 for tenths in (*FIGURES, 100)]
    return min(figures, key=lambda figure: abs(figure - price))
