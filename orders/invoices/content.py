"""What is printed on an invoice or a credit note. Pure; every amount is minor units of `currency`.

An invoice's `Document` is made once, from the order as it was; a credit note's from the invoice, what was credited
before, and the refund. Both are kept as JSON and never made again: printing is formatting.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

INVOICE = "invoice"
CREDIT_NOTE = "credit_note"
SHIPPING = "shipping"


@dataclass(frozen=True)
class Seller:
    """Who sells, as the law wants it: `brand` is the shop's name, `footer` stands below every page."""

    brand: str
    name: str
    address: tuple[str, ...] = ()
    vat_id: str = ""
    footer: tuple[str, ...] = ()


@dataclass(frozen=True)
class Buyer:
    """Who bought: name and address as on a letter, and the VAT number that was given."""

    address: tuple[str, ...]
    vat_number: str = ""


@dataclass(frozen=True)
class Line:
    """One thing that is charged or credited. `key` names it across the documents of an order.

    `total` is quantity × unit price − discount; `tax` at `tax_rate` percent is in it, or comes on top
    (`Document.prices_include_tax`). What has no pieces, such as shipping, has neither quantity nor unit price.
    """

    key: str
    title: str
    total: int
    tax: int = 0
    tax_rate: str = "0"
    sku: str = ""
    quantity: int | None = None
    unit_price: int | None = None
    discount: int = 0


@dataclass(frozen=True)
class TaxRow:
    """All that is taxed at one rate, without tax, the tax, and with tax."""

    rate: str
    net: int
    tax: int
    gross: int


@dataclass(frozen=True)
class Reference:
    """The invoice that a credit note corrects."""

    number: str
    issued_on: date


@dataclass(frozen=True)
class Share:
    """The part of one of the invoice's lines that a credit note gives back, tax included, and the tax in it."""

    key: str
    gross: int
    tax: int


@dataclass(frozen=True)
class Document:
    """An invoice, or with `corrects` a credit note."""

    kind: str
    number: str
    issued_on: date
    order_number: str
    ordered_on: date
    payment: str
    currency: str
    locale: str
    prices_include_tax: bool
    seller: Seller
    buyer: Buyer
    lines: tuple[Line, ...]
    shipping: Line | None
    subtotal: int
    discount: int
    tax: int
    total: int
    tax_summary: tuple[TaxRow, ...]
    corrects: Reference | None = None
    shares: tuple[Share, ...] = ()

    @property
    def charged(self) -> tuple[Line, ...]:
        """The lines, and shipping as the last."""
        return self.lines if self.shipping is None else (*self.lines, self.shipping)

    def gross(self, line: Line) -> int:
        """What the line costs with its tax."""
        return line.total if self.prices_include_tax else line.total + line.tax


@dataclass(frozen=True)
class Sums:
    """What lines and shipping come to."""

    subtotal: int
    discount: int
    tax: int
    total: int
    tax_summary: tuple[TaxRow, ...]


def add_up(lines: Iterable[Line], shipping: Line | None, *, prices_include_tax: bool) -> Sums:
    """The sums of a document. Nothing is rounded here: tax was, once, at its line."""
    goods = tuple(lines)
    charged = goods if shipping is None else (*goods, shipping)
    discount = sum(line.discount for line in goods)
    tax = sum(line.tax for line in charged)
    total = sum(line.total for line in charged)
    return Sums(
        subtotal=sum(line.total for line in goods) + discount,
        discount=discount,
        tax=tax,
        total=total if prices_include_tax else total + tax,
        tax_summary=_tax_summary(charged, prices_include_tax=prices_include_tax),
    )


def rate_text(rate: Decimal) -> str:
    """A tax rate without idle zeros: 19.0000 → "19", 5.5000 → "5.5"."""
    text = f"{rate:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def to_json(document: Document) -> dict[str, Any]:
    """The document as it is stored."""
    stored = asdict(document)
    stored["issued_on"] = document.issued_on.isoformat()
    stored["ordered_on"] = document.ordered_on.isoformat()
    if document.corrects is not None:
        stored["corrects"]["issued_on"] = document.corrects.issued_on.isoformat()
    return {"version": 1, **stored}


def from_json(stored: dict[str, Any]) -> Document:
    """The document that was stored."""
    seller, buyer, corrects, shipping = (stored[name] for name in ("seller", "buyer", "corrects", "shipping"))
    plain = {name: value for name, value in stored.items() if name != "version"}
    return Document(
        **{
            **plain,
            "issued_on": date.fromisoformat(stored["issued_on"]),
            "ordered_on": date.fromisoformat(stored["ordered_on"]),
            "seller": Seller(**{**seller, "address": tuple(seller["address"]), "footer": tuple(seller["footer"])}),
            "buyer": Buyer(**{**buyer, "address": tuple(buyer["address"])}),
            "lines": tuple(Line(**line) for line in stored["lines"]),
            "shipping": Line(**shipping) if shipping else None,
            "tax_summary": tuple(TaxRow(**row) for row in stored["tax_summary"]),
            "corrects": Reference(corrects["number"], date.fromisoformat(corrects["issued_on"])) if corrects else None,
            "shares": tuple(Share(**share) for share in stored["shares"]),
        }
    )


def _tax_summary(charged: Sequence[Line], *, prices_include_tax: bool) -> tuple[TaxRow, ...]:
    """By rate, highest first; nothing when nothing is taxed."""
    if not any(line.tax or Decimal(line.tax_rate) for line in charged):
        return ()
    rates = sorted({line.tax_rate for line in charged}, key=Decimal, reverse=True)
    rows = []
    for rate in rates:
        tax = sum(line.tax for line in charged if line.tax_rate == rate)
        total = sum(line.total for line in charged if line.tax_rate == rate)
        net = total - tax if prices_include_tax else total
        rows.append(TaxRow(rate=rate, net=net, tax=tax, gross=net + tax))
    return tuple(rows)
