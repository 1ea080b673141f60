"""What a shopper is told when something cannot be done."""

from __future__ import annotations

from catalog.errors import OutOfStock, Shortage
from orders.errors import CartChanged, CartFull, CouponRefused, EmptyCart, InvalidOrder, NoShipping, TotalChanged

# Refusals of carts and checkout: the shopper is told why, and nothing was written.
Refused = (InvalidOrder, EmptyCart, OutOfStock, CartFull, CartChanged, CouponRefused, NoShipping, TotalChanged)


def explain(error: Exception) -> str:
    """A refusal in the shopper's words."""
    if isinstance(error, OutOfStock):
        return " ".join(map(_shortage, error.shortages))
    if isinstance(error, InvalidOrder) and error.field == "items":
        return "Something in your cart is no longer sold. It is marked below."
    return str(error)


def _shortage(shortage: Shortage) -> str:
    if shortage.available <= 0:
        return f"“{shortage.name}” is sold out."
    return f"Only {shortage.available} of “{shortage.name}” left; {shortage.requested} would be too many."
