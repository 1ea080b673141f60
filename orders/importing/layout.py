"""How a file of orders is written: its signs, its names for the columns, and what it leaves unsaid. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

REQUIRED = ("order", "date", "sku", "quantity", "unit_price")
OPTIONAL = (
    "email", "customer", "customer_name", "name", "status", "currency", "shipping", "discount", "tax", "country",
)  # fmt: skip
COLUMNS = (*REQUIRED, *OPTIONAL)
SOME_DAY = datetime(2000, 1, 1, tzinfo=UTC)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class InvalidLayout(ValueError):
    """The file cannot be read in this way; the message says why. Nothing was read."""


@dataclass(frozen=True)
class Layout:
    """How to read a file. The defaults are those of the shop's own CSV.

    `columns` maps our names to the file's. `date_format` is one of strptime's (empty: ISO 8601); a date without an
    offset is in `zone`. `status` is that of rows which name none. The number of an order that is cancelled may begin
    with `cancelled_prefix`, whatever its status says.
    """

    delimiter: str = ","
    decimal: str = "."
    date_format: str = ""
    zone: tzinfo = UTC
    currency: str = "EUR"
    status: str = ""
    cancelled_prefix: str = ""
    tax_included: bool = True
    columns: Mapping[str, str] = field(default_factory=dict)
    now: datetime | None = None

    def __post_init__(self) -> None:
        if len(self.delimiter) != 1 or self.delimiter in '"\r\n\x00':
            raise InvalidLayout("The delimiter is one sign, such as ; or ,")
        if self.decimal not in (".", ","):
            raise InvalidLayout("The decimal sign is a point or a comma.")
        if unknown := sorted(set(self.columns) - set(COLUMNS)):
            raise InvalidLayout(f"There is no column {unknown[0]!r}. Choose from: {', '.join(COLUMNS)}.")
        try:
            datetime.strptime(SOME_DAY.strftime(self.date_format), self.date_format)
        except (ValueError, re.error) as error:
            raise InvalidLayout(f"This is not how dates are written: {self.date_format!r}.") from error


@dataclass(frozen=True)
class Places:
    """At which position of a row each of our columns stands, as far as the file has it."""

    at: Mapping[str, int]
    names: Mapping[str, str]
    ignored: tuple[str, ...]


def places_of(header: Sequence[str], layout: Layout) -> Places:
    """Find the columns in the first row, without regard to case. Raises InvalidLayout when one is missing."""
    there = {_folded(name): position for position, name in reversed(list(enumerate(header)))}
    names = {column: layout.columns.get(column, column) for column in COLUMNS}
    at = {column: there[_folded(name)] for column, name in names.items() if _folded(name) in there}
    missing = [names[column] for column in (*REQUIRED, *layout.columns) if column not in at]
    if missing:
        raise InvalidLayout(f"The file has no column {missing[0]!r}. It has: {', '.join(header)[:300]}.")
    if "status" not in at and not layout.status:
        raise InvalidLayout("The file has no column 'status': say which status its orders have.")
    ignored = tuple(name for position, name in enumerate(header) if name and position not in at.values())
    return Places(at, names, ignored)


def printable(text: str) -> str:
    """The text with a mark in place of each sign that is none: a control character, or what the encoding lacks."""
    return _CONTROL.sub("\ufffd", text)


def _folded(name: str) -> str:
    """`Unit price`, `unit-price` and `UNIT_PRICE` are one."""
    return name.strip().casefold().replace(" ", "_").replace("-", "_")
