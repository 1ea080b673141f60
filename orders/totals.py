"""What an order costs. Pure arithmetic on minor units; the only place that adds a total up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from catalog.money import percent_of, percent_within


@dataclass(frozen=True)
class PricedLine:
    """A variant, its price per piece (minor units), how many of it, what is taken off, and its tax in percent."""

    variant_id: int
    unit_price: int
    quantity: int
    discount: int = 0
    tax_rate: Decimal = Decimal(0)

    @property
    def gross(self) -> int:
        """Before any discount."""
        return self.unit_price * self.quantity

    @property
    def total(self) -> int:
        return self.gross - self.discount


@dataclass(frozen=True)
class TaxSum:
    """The tax at one rate (percent): how much, and of which amount, which contains it or not as prices do."""

    rate: Decimal
    amount: int
    tax: int


@dataclass(frozen=True)
class Shipping:
    """What shipping costs (minor units), and its tax in percent."""

    price: int
    tax_rate: Decimal = Decimal(0)


@dataclass(frozen=True)
class Quote:
    """What the shopper is shown before ordering; `total` is what will be asked for. Minor units.

    `tax` is all the tax, of the lines (`line_taxes`, in their order) and of shipping. It is part of the total
    already when `prices_include_tax`.
    """

    lines: tuple[PricedLine, ...]
    line_taxes: tuple[int, ...]
    subtotal: int
    discount: int
    shipping: int
    shipping_tax: int
    shipping_tax_rate: Decimal
    tax: int
    prices_include_tax: bool
    total: int

    @property
    def taxes(self) -> tuple[TaxSum, ...]:
        """`tax` by rate."""
        parts = [(line.tax_rate, line.total, tax) for line, tax in zip(self.lines, self.line_taxes, strict=True)]
        return taxes_by_rate([*parts, (self.shipping_tax_rate, self.shipping, self.shipping_tax)])


def quote(lines: Sequence[PricedLine], shipping: Shipping, *, prices_include_tax: bool = True) -> Quote:
    """Add the lines and their shipping up. Tax is rounded half up, once for each line and once for shipping."""
    line_taxes = tuple(tax_of(line.total, line.tax_rate, included=prices_include_tax) for line in lines)
    shipping_tax = tax_of(shipping.price, shipping.tax_rate, included=prices_include_tax)
    tax = sum(line_taxes) + shipping_tax
    goods = sum(line.total for line in lines)
    return Quote(
        lines=tuple(lines),
        line_taxes=line_taxes,
        subtotal=sum(line.gross for line in lines),
        discount=sum(line.discount for line in lines),
        shipping=shipping.price,
        shipping_tax=shipping_tax,
        shipping_tax_rate=shipping.tax_rate,
        tax=tax,
        prices_include_tax=prices_include_tax,
        total=goods + shipping.price + (0 if prices_include_tax else tax),
    )


def tax_of(amount: int, rate: Decimal, *, included: bool) -> int:
    """The tax at `rate` percent that the amount contains, or that comes on top of it. Minor units."""
    return percent_within(amount, rate) if included else percent_of(amount, rate)


def taxes_by_rate(parts: Iterable[tuple[Decimal, int, int]]) -> tuple[TaxSum, ...]:
    """Parts (rate, amount, tax) summed up, the highest rate first; what is not taxed is left out."""
    sums: dict[Decimal, tuple[int, int]] = {}
    for rate, amount, tax in parts:
        if rate and amount:
            amounts, taxes = sums.get(rate, (0, 0))
            sums[rate] = amounts + amount, taxes + tax
    return tuple(TaxSum(rate, *sums[rate]) for rate in sorted(sums, reverse=True))


EMPTY = quote((), Shipping(0))
