"""Global trade item numbers (EAN, UPC, ISBN-13): only real ones are told to others; pure."""

from __future__ import annotations

LENGTHS = (8, 12, 13, 14)


def gtin_of(barcode: str) -> str:
    """The digits of a barcode that is a GTIN by its length and check digit; otherwise ""."""
    digits = barcode.replace("-", "").replace(" ", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) in LENGTHS):
        return ""
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return digits if weighted % 10 == 0 else ""
