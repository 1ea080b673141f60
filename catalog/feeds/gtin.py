"""Global trade item numbers (EAN, UPC, ISBN-13): only real ones are told to others; pure."""

from __future__ import annotations

LENGTHS = (8, 12, 13, 14)
# Given out by each shop for itself, or printed on coupons: elsewhere they name another thing, or none (GS1).
OF_ONE_SHOP = ("02", "04", "05", "2", "98", "99")
OF_ONE_SHOP_SHORT = ("0", "2")


def gtin_of(barcode: str) -> str:
    """The digits of a barcode that is a GTIN by its length, check digit and range; otherwise ""."""
    digits = barcode.replace("-", "").replace(" ", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) in LENGTHS):
        return ""
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return digits if weighted % 10 == 0 and not _is_of_one_shop(digits) else ""


def _is_of_one_shop(digits: str) -> bool:
    if len(digits) == 8:
        return digits.startswith(OF_ONE_SHOP_SHORT)
    # As thirteen digits: a UPC begins with 0, and of a GTIN-14 the first digit says how many are packed.
    return digits.zfill(13)[-13:].startswith(OF_ONE_SHOP)
