"""What the demo's goods cost the shop, what is printed on them, and what is ordered anew in time."""

from __future__ import annotations

import zlib

# Pots and pans come again within a week.
ORDERED_ANEW = "KP-"
# Candles burn down: they are ordered earlier than the rest.
GOES_FAST, PLENTY = "LL-140", 20
# The company prefix that GS1 Germany uses in its examples, so that no demo claims somebody's article.
EXAMPLES = "4012345"


def cost_of(sku: str, price: int) -> int | None:
    """Between a third and a half of the price, the same on every run; nobody has looked up the cost of a few."""
    share = zlib.crc32(sku.encode()) % 20
    return price * (33 + share) // 100 if share else None


def is_ordered_anew(sku: str) -> bool:
    """What is sold out can be ordered all the same."""
    return sku.startswith(ORDERED_ANEW)


def warns_below(sku: str) -> int | None:
    """Its own number of pieces below which staff are warned; None: the shop's."""
    return PLENTY if sku.startswith(GOES_FAST) else None


def barcode_of(sku: str) -> str:
    """An EAN-13, the same on every run; a few things come without one."""
    number = zlib.crc32(f"0{sku}".encode()) % 100_000
    if number % 10 == 0:
        return ""
    digits = f"{EXAMPLES}{number:05}"
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-weighted % 10}"
