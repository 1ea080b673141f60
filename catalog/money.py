"""Money: the only place that converts or rounds.

Inside the shop an amount is an `int` in minor units (cents) of the shop's currency; outside it is a decimal
string (`"12.50"`) beside a currency code. Rounding is half up, once, at the line. Pure: knows no database.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

from babel.numbers import format_currency

# Decimal places by ISO 4217; the currencies a merchant can choose.
_TWO = (
    "AUD BGN BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF IDR ILS INR "
    "MXN MYR NOK NZD PHP PLN RON SEK SGD THB TRY UAH USD ZAR"
)
_NONE = "CLP ISK JPY KRW PYG UGX VND XAF XOF"
_THREE = "BHD JOD KWD OMR TND"
CURRENCIES: dict[str, int] = {
    code: places for codes, places in ((_TWO, 2), (_NONE, 0), (_THREE, 3)) for code in codes.split()
}

# Largest amount that is taken in: a line of 999 pieces and an order of 100 such lines stay far inside bigint.
MAX_AMOUNT = 10**12
MAX_DIGITS = 28


class InvalidAmount(ValueError):
    """The text is not an amount of this currency; the message says why."""

    code = "invalid_amount"


def decimals(currency: str) -> int:
    """Decimal places of `currency`: 2 for EUR, 0 for JPY, 3 for KWD."""
    return CURRENCIES[currency]


def parse_amount(value: str | Decimal | int, currency: str) -> int:
    """Minor units of a decimal amount: `("12.50", "EUR")` → 1250.

    Raises InvalidAmount for what is no finite number, has more decimal places than the currency, or is too large.
    """
    try:
        amount = Decimal(value)
    except (InvalidOperation, ValueError, TypeError) as error:
        raise InvalidAmount("This is not an amount.") from error
    if not amount.is_finite():
        raise InvalidAmount("This is not an amount.")
    if abs(amount) > MAX_AMOUNT:
        raise InvalidAmount("This amount is too large.")
    if len(amount.as_tuple().digits) > MAX_DIGITS:  # more than decimal arithmetic keeps exactly
        raise InvalidAmount("This amount has too many digits.")
    minor = amount.scaleb(decimals(currency))
    if minor != minor.to_integral_value():
        raise InvalidAmount(f"{currency} has {decimals(currency)} decimal places.")
    if abs(minor) > MAX_AMOUNT:
        raise InvalidAmount("This amount is too large.")
    return int(minor)


def to_decimal(amount: int, currency: str) -> Decimal:
    """The decimal amount of minor units, with exactly the currency's places: 1250 EUR → Decimal("12.50")."""
    return Decimal(amount).scaleb(-decimals(currency))


def to_string(amount: int, currency: str) -> str:
    """The amount as the API speaks it: 1250 EUR → "12.50"."""
    return f"{to_decimal(amount, currency):f}"


@lru_cache(maxsize=10_000)  # prices come back on every page, and a locale's patterns take long to apply
def format_amount(amount: int, currency: str, locale: str) -> str:
    """The amount as people read it: 1250 EUR in en_IE → "€12.50"."""
    return format_currency(to_decimal(amount, currency), currency, locale=locale)


def round_half_up(amount: Decimal) -> int:
    """Whole minor units, halves away from zero: the shop's one rounding."""
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def divide_half_up(numerator: int, denominator: int) -> int:
    """The quotient of two amounts (numerator ≥ 0, denominator > 0), rounded half up, exactly."""
    return (2 * numerator + denominator) // (2 * denominator)


def percent_of(amount: int, rate: Decimal) -> int:
    """`rate` percent of an amount (≥ 0), rounded half up; rates have at most four decimal places."""
    return divide_half_up(amount * int(rate.scaleb(4)), 1_000_000)


def percent_within(amount: int, rate: Decimal) -> int:
    """The part of an amount (≥ 0) that was added to something as `rate` percent of it, rounded half up."""
    scaled = int(rate.scaleb(4))
    return divide_half_up(amount * scaled, 1_000_000 + scaled)


def spread(amount: int, weights: Sequence[int]) -> list[int]:
    """Split `amount` over lines in proportion to `weights` (≥ 0) so that the parts sum to it exactly.

    Largest remainder: every part is the proportional share rounded down, and the units left over go to the
    largest remainders, earlier lines first. With all weights zero the first line takes everything.
    """
    total = sum(weights)
    if not weights:
        return []
    if total == 0:
        return [amount, *[0] * (len(weights) - 1)]
    shares = [amount * weight // total for weight in weights]
    remainders = [amount * weight % total for weight in weights]
    left = amount - sum(shares)
    for index in sorted(range(len(weights)), key=lambda i: (-remainders[i], i))[:left]:
        shares[index] += 1
    return shares
