"""What the demo's goods cost the shop, and what it orders anew for those who can wait."""

from __future__ import annotations

import zlib

# Pots and pans come again within a week.
ORDERED_ANEW = "KP-"


def cost_of(sku: str, price: int) -> int | None:
    """Between a third and a half of the price, the same on every run; nobody has looked up the cost of a few."""
    share = zlib.crc32(sku.encode()) % 20
    return price * (33 + share) // 100 if share else None


def is_ordered_anew(sku: str) -> bool:
    """What is sold out can be ordered all the same."""
    return sku.startswith(ORDERED_ANEW)
