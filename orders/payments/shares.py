"""What pieces of a line, and its order's shipping, are worth when they are given back. Pure; minor units.

Whatever the steps, they sum up to exactly what was paid: a step is the difference of two rounded shares.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from catalog.money import divide_half_up, spread


@dataclass(frozen=True)
class Paid:
    """What was paid for a line, and of how many of its pieces the money was given back, or is to be."""

    value: int
    quantity: int
    refunded: int = 0

    @property
    def left(self) -> int:
        """Pieces that can still be given back."""
        return self.quantity - self.refunded

    def worth(self, pieces: int) -> int:
        """What the next `pieces` are worth."""
        return self._share(self.refunded + pieces) - self._share(self.refunded)

    def _share(self, pieces: int) -> int:
        return divide_half_up(self.value * pieces, self.quantity)


@dataclass(frozen=True)
class Shares:
    """An amount to give back, and for what: by line id, for shipping, and the rest for neither."""

    amount: int
    lines: Mapping[int, int]
    shipping: int = 0


def shares(lines: Mapping[int, int], shipping: int, amount: int | None = None) -> Shares:
    """The worth of lines and shipping, or a smaller `amount` in their proportion; alone, it is for nothing of them."""
    parts = [*lines.values(), shipping]
    total = sum(parts)
    if amount is not None and total:
        parts = spread(amount, parts)
    return Shares(
        amount=total if amount is None else amount,
        lines=dict(zip(lines, parts[:-1], strict=True)),
        shipping=parts[-1],
    )
