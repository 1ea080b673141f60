"""What the person who imports orders has chosen, as a command line, a form and a run have it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.utils import timezone

from orders.importing.layout import InvalidLayout, Layout


@dataclass(frozen=True, kw_only=True)
class OrderChoices:
    """How a file of orders is written. What is empty is as in this shop; `tax` is "included" or "on-top"."""

    delimiter: str = ","
    decimal: str = "."
    encoding: str = "utf-8-sig"
    date_format: str = ""
    time_zone: str = ""
    currency: str = ""
    status: str = ""
    cancelled_prefix: str = ""
    tax: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)

    def stored(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> OrderChoices:
        return cls(**{each.name: stored[each.name] for each in fields(cls) if each.name in stored})

    def layout(self) -> Layout:
        """Raises InvalidLayout."""
        try:
            zone = ZoneInfo(self.time_zone) if self.time_zone else timezone.get_default_timezone()
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise InvalidLayout(f"There is no time zone {self.time_zone!r}.") from error
        return Layout(
            delimiter=self.delimiter,
            decimal=self.decimal,
            date_format=self.date_format,
            zone=zone,
            currency=self.currency or settings.SHOP_CURRENCY,
            status=self.status,
            cancelled_prefix=self.cancelled_prefix,
            tax_included=settings.SHOP_PRICES_INCLUDE_TAX if not self.tax else self.tax == "included",
            columns=self.columns,
            now=timezone.now(),
        )


def columns_from(text: str) -> dict[str, str]:
    """The file's names by ours, from OURS=THEIRS pairs that commas or lines part. Raises InvalidLayout."""
    pairs = [pair.partition("=") for line in text.splitlines() for pair in line.split(",") if pair.strip()]
    if not all(ours.strip() and equals and theirs.strip() for ours, equals, theirs in pairs):
        raise InvalidLayout("Write OURS=THEIRS, separated by commas.")
    return {ours.strip(): theirs.strip() for ours, _, theirs in pairs}
