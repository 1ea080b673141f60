"""When a coupon counts, and what it takes off. Pure: knows no database and no clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from catalog.money import percent_of, spread


class CouponKind(StrEnum):
    PERCENTAGE = "percentage"
    AMOUNT = "amount"
    FREE_SHIPPING = "free_shipping"


@dataclass(frozen=True)
class CouponTerms:
    """A coupon as the rules see it. Amounts in minor units."""

    kind: CouponKind
    percentage: Decimal = Decimal(0)
    amount: int = 0
    minimum_spend: int = 0
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    is_used_up: bool = False


@dataclass(frozen=True)
class EligibleLine:
    """A line's value before discounts, and whether the coupon is for what it holds."""

    gross: int
    is_eligible: bool = True


@dataclass(frozen=True)
class Discount:
    """What a coupon takes off: for each line, and whether it pays for the cheapest way to ship."""

    by_line: tuple[int, ...]
    frees_shipping: bool = False


class DoesNotCount(ValueError):
    """The coupon does not count; the message says why, for shoppers. `minimum` is what they would have to spend."""

    def __init__(self, message: str, *, minimum: int | None = None) -> None:
        super().__init__(message)
        self.minimum = minimum


def discount(terms: CouponTerms, lines: Sequence[EligibleLine], *, now: datetime) -> Discount:
    """What the coupon takes off these lines now. Raises DoesNotCount.

    The minimum spend counts all lines. A percentage is rounded half up, once for each eligible line; an amount is
    spread over the eligible lines by largest remainder, and never takes off more than they cost.
    """
    _check(terms, lines, now)
    values = [line.gross if line.is_eligible else 0 for line in lines]
    if terms.kind == CouponKind.FREE_SHIPPING:
        return Discount((0,) * len(lines), frees_shipping=True)
    if terms.kind == CouponKind.PERCENTAGE:
        return Discount(tuple(percent_of(value, terms.percentage) for value in values))
    return Discount(tuple(spread(min(terms.amount, sum(values)), values)))


def _check(terms: CouponTerms, lines: Sequence[EligibleLine], now: datetime) -> None:
    if terms.starts_at is not None and now < terms.starts_at:
        raise DoesNotCount("This coupon is not valid yet.")
    if terms.ends_at is not None and now >= terms.ends_at:
        raise DoesNotCount("This coupon has expired.")
    if terms.is_used_up:
        raise DoesNotCount("This coupon has been used up.")
    if sum(line.gross for line in lines) < terms.minimum_spend:
        raise DoesNotCount("This coupon needs a larger order.", minimum=terms.minimum_spend)
    if not any(line.is_eligible for line in lines):
        raise DoesNotCount("This coupon is for other products.")
