"""What an order costs. Pure arithmetic on minor units; the only place that adds a total up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class PricedLine:
    """A variant, its price per piece (minor units) and how many of it."""

    variant_id: int
    unit_price: int
    quantity: int

    @property
    def total(self) -> int:
        return self.unit_price * self.quantity


@dataclass(frozen=True)
class ShippingRate:
    """One flat rate, free from a merchandise value on (`None`: never free). Minor units."""

    name: str
    price: int
    free_from: int | None

    def cost_of(self, subtotal: int) -> int:
        return 0 if self.free_from is not None and subtotal >= self.free_from else self.price

    def missing_to_free(self, subtotal: int) -> int:
        """What is missing to free shipping; 0 when it is free or never will be."""
        return max(0, self.free_from - subtotal) if self.free_from is not None else 0


@dataclass(frozen=True)
class Quote:
    """What the shopper is shown before ordering; `total` is what will be asked for. Minor units."""

    lines: tuple[PricedLine, ...]
    subtotal: int
    discount: int
    shipping: int
    tax: int
    total: int


def quote(lines: Sequence[PricedLine], rate: ShippingRate) -> Quote:
    """Price the lines and their shipping."""
    subtotal = sum(line.total for line in lines)
    shipping = rate.cost_of(subtotal)
    return Quote(lines=tuple(lines), subtotal=subtotal, discount=0, shipping=shipping, tax=0, total=subtotal + shipping)
