"""What a refund gives back of an invoice, line by line and with its tax. Pure arithmetic on minor units.

A refund names pieces or shipping, or only an amount. What is named is credited to its line; the rest is spread over
what has not been credited yet. The tax of a line's share is the tax of everything credited of it so far, rounded once,
less what earlier credit notes hold: when all of a line has been given back, so has exactly its tax.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import groupby

from catalog.money import spread
from orders.invoices.content import CREDIT_NOTE, SHIPPING, Document, Line, Reference, Share, add_up


@dataclass(frozen=True)
class Returned:
    """A line of the invoice that a refund is for, with how many pieces of it (none of shipping); `amount` with tax."""

    key: str
    quantity: int | None
    amount: int


class MoreThanInvoiced(ValueError):
    """A refund of more than what the invoice has left."""


def credit_note(
    invoice: Document,
    *,
    earlier: Sequence[Document],
    amount: int,
    returned: Sequence[Returned],
    issued_on: date,
) -> Document:
    """The credit note for a refund of `amount`, still without a number. Raises MoreThanInvoiced."""
    ledger = _Ledger(invoice, earlier)
    lines = [*ledger.credit_named(returned)]
    rest = amount - sum(share.gross for share in ledger.shares)
    lines += ledger.credit_rest(rest)
    goods = tuple(line for line in lines if line.key != SHIPPING)
    shipping = _together([line for line in lines if line.key == SHIPPING])
    sums = add_up(goods, shipping, prices_include_tax=invoice.prices_include_tax)
    return replace(
        invoice,
        kind=CREDIT_NOTE,
        number="",
        issued_on=issued_on,
        lines=goods,
        shipping=shipping,
        corrects=Reference(invoice.number, invoice.issued_on),
        shares=tuple(ledger.shares),
        **vars(sums),
    )


def _together(parts: Sequence[Line]) -> Line | None:
    """Shipping, in one sum, whether it was named or is part of the rest."""
    if not parts:
        return None
    return replace(parts[0], total=sum(part.total for part in parts), tax=sum(part.tax for part in parts))


class _Ledger:
    """How much of each of the invoice's lines is credited, with what this credit note adds to it."""

    def __init__(self, invoice: Document, earlier: Sequence[Document]) -> None:
        self.invoice = invoice
        self.line = {line.key: line for line in invoice.charged}
        self.credited: Counter[str] = Counter()
        self.shares: list[Share] = []
        for note in earlier:
            for share in note.shares:
                self.credited[share.key] += share.gross

    def left(self, key: str) -> int:
        return self.invoice.gross(self.line[key]) - self.credited[key]

    def credit_named(self, returned: Sequence[Returned]) -> Iterator[Line]:
        """Credit what the refund names, up to what is left of it."""
        for part in returned:
            gross = min(part.amount, self.left(part.key))
            if gross:
                yield self._printed(self._take(part.key, gross), part.quantity)

    def credit_rest(self, rest: int) -> Iterator[Line]:
        """Spread what the refund does not name over all that is left, shipping included."""
        keys = [key for key in self.line if self.left(key)]
        weights = [self.left(key) for key in keys]
        if not 0 <= rest <= sum(weights):
            raise MoreThanInvoiced(f"{rest} is to be credited, {sum(weights)} is left of {self.invoice.number}.")
        everything = rest == sum(weights)
        untouched = {key for key in keys if not self.credited[key]}
        shares = [self._take(key, gross) for key, gross in zip(keys, spread(rest, weights), strict=True) if gross]
        if not everything:
            yield from self._reductions(shares)
            return
        for share in shares:
            yield self.line[share.key] if share.key in untouched else self._printed(share)

    def _take(self, key: str, gross: int) -> Share:
        before = self.credited[key]
        self.credited[key] += gross
        share = Share(key, gross, self._tax(key, before + gross) - self._tax(key, before))
        self.shares.append(share)
        return share

    def _tax(self, key: str, credited: int) -> int:
        """The tax in so much of a line, in proportion, half up."""
        line = self.line[key]
        return spread(line.tax, [credited, self.invoice.gross(line) - credited])[0]

    def _total(self, share: Share) -> int:
        """The share as prices are written: with its tax, or without."""
        return share.gross if self.invoice.prices_include_tax else share.gross - share.tax

    def _printed(self, share: Share, quantity: int | None = None) -> Line:
        """The share as a line: with pieces and price when quantity × price covers it."""
        line = self.line[share.key]
        total = self._total(share)
        plain = replace(line, total=total, tax=share.tax, quantity=None, unit_price=None, discount=0)
        full_price = quantity * line.unit_price if quantity and line.unit_price is not None else 0
        if full_price < total:
            return plain
        return replace(plain, quantity=quantity, unit_price=line.unit_price, discount=full_price - total)

    def _reductions(self, shares: Sequence[Share]) -> Iterator[Line]:
        """A part of everything is one line per tax rate: nobody reads eight cents on each of sixty lines."""

        def rate_of(share: Share) -> Decimal:
            return Decimal(self.line[share.key].tax_rate)

        for _, group in groupby(sorted(shares, key=rate_of, reverse=True), key=rate_of):
            taken = list(group)
            yield Line(
                key="reduction",
                title="Price reduction",
                total=sum(map(self._total, taken)),
                tax=sum(share.tax for share in taken),
                tax_rate=self.line[taken[0].key].tax_rate,
            )
