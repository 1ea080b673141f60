"""Single cells: what they mean, and how they are written so that no spreadsheet takes them for a formula. Pure."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal

from catalog.moments import FIRST_YEAR, LAST_YEAR, is_within_calendars
from catalog.money import InvalidAmount, parse_amount, round_half_up

# A spreadsheet would calculate with a cell that begins so (OWASP, CSV injection).
_FORMULA = "[=+\\-@\t\r\n|%\u2212\uff1d\uff0b\uff0d\uff20]"
_WOULD_BE_FORMULA = re.compile(rf"'*{_FORMULA}")
_WRITTEN_WITH_APOSTROPHE = re.compile(rf"'+{_FORMULA}")
_NUMBER = re.compile(r"-?(\d+(\.\d*)?|\.\d+)", re.ASCII)
_COMMA = re.compile(r"-?\d+,\d+", re.ASCII)
TRUE = frozenset(["true", "yes", "1"])
FALSE = frozenset(["false", "no", "0"])
LONGEST_NUMBER = 40


class Misfit(ValueError):
    """The cell is not what its column holds; the message says what that is."""


def quoted(text: str) -> str:
    """The text as a cell that is no formula. `unquoted` takes back exactly what this added."""
    return f"'{text}" if _WOULD_BE_FORMULA.match(text) else text


def unquoted(text: str) -> str:
    return text[1:] if _WRITTEN_WITH_APOSTROPHE.match(text) else text


def quoted_code(text: str) -> str:
    """A SKU or barcode as a cell; in these columns Shopify, too, puts an apostrophe before digits."""
    return f"'{text}" if text.startswith("'") or _WOULD_BE_FORMULA.match(text) else text


def unquoted_code(text: str) -> str:
    return text.removeprefix("'")


def number(text: str) -> Decimal:
    """A plain decimal number. Raises Misfit."""
    if _COMMA.fullmatch(text):
        raise Misfit("Write decimals with a point, such as 9.99.")
    if len(text) > LONGEST_NUMBER or not _NUMBER.fullmatch(text):
        raise Misfit("This is not a number.")
    return Decimal(text)


def whole(text: str, *, least: int, most: int) -> int:
    """A whole number; decimals are rounded. Raises Misfit."""
    value = number(text)
    if not least <= value <= most:
        raise Misfit(f"The number must lie between {least} and {most}.")
    return round_half_up(value)


def amount(text: str, currency: str) -> int:
    """An amount in minor units. Raises Misfit."""
    value = number(text)
    if value < 0:
        raise Misfit("An amount cannot be negative.")
    try:
        return parse_amount(value, currency)
    except InvalidAmount as error:
        raise Misfit(str(error)) from error


def flag(text: str) -> bool:
    """Yes or no. Raises Misfit."""
    lowered = text.lower()
    if lowered in TRUE:
        return True
    if lowered in FALSE:
        return False
    raise Misfit("Write true or false.")


def moment(text: str) -> datetime:
    """A moment with its time zone. Raises Misfit."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = datetime.max
    if moment.tzinfo is None:
        raise Misfit("Write a moment such as 2030-01-31T09:00+01:00.")
    if not is_within_calendars(moment):
        raise Misfit(f"Choose a year from {FIRST_YEAR} to {LAST_YEAR}.")
    return moment
