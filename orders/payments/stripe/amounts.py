"""Amounts as Stripe speaks them. Pure.

Stripe counts in minor units as the shop does, with two exceptions. Króna and Ugandan shilling have no decimals,
yet Stripe still writes them with two: 5 ISK are 500. And of currencies with three decimals the card networks carry
only two: the last digit must be 0.
"""

from __future__ import annotations

from catalog.money import decimals

WRITTEN_WITH_TWO_DECIMALS = frozenset({"ISK", "UGX"})


class NotAtStripe(ValueError):
    """Stripe has no such amount; the message says which it has."""


def to_stripe(amount: int, currency: str) -> int:
    """The shop's amount as Stripe's. Raises NotAtStripe: an amount is never rounded on the way."""
    if currency in WRITTEN_WITH_TWO_DECIMALS:
        return amount * 100
    if decimals(currency) == 3 and amount % 10:
        raise NotAtStripe(f"Cards take {currency} in steps of 0.010 only.")
    return amount


def from_stripe(amount: int, currency: str) -> int:
    """Stripe's amount as the shop's; `currency` in either case."""
    if currency.upper() not in WRITTEN_WITH_TWO_DECIMALS:
        return amount
    if amount % 100:
        raise NotAtStripe(f"{currency.upper()} has no fractions.")
    return amount // 100
