"""Documents for tests, made of nothing but what they are about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from catalog.money import round_half_up
from orders.invoices.content import INVOICE, SHIPPING, Buyer, Document, Line, Seller, add_up, rate_text

SELLER = Seller("Juniper & Clay", "Juniper & Clay GmbH", ("Töpfergasse 12", "10117 Berlin"), "DE123456789", ("HRB 1",))
BUYER = Buyer(("Alice Miller", "Gartenweg 7", "10115 Berlin", "Germany"))
Sold = tuple[str, int, int, int, str]  # title, quantity, unit price, discount, tax rate


def invoice(
    sold: Iterable[Sold],
    *,
    shipping: int | None = 490,
    shipping_rate: str = "19",
    with_tax: bool = True,
    **changes: Any,
) -> Document:
    """An invoice over what was sold, with the tax that the rates give."""

    def tax(total: int, rate: str) -> int:
        percent = Decimal(rate)
        return round_half_up(total * percent / (100 + percent if with_tax else 100))

    lines = []
    for at, (title, quantity, price, discount, rate) in enumerate(sold, start=1):
        total = quantity * price - discount
        line = Line(f"line-{at}", title, total, tax(total, rate), rate_text(Decimal(rate)))
        lines.append(replace(line, sku=f"SKU-{at}", quantity=quantity, unit_price=price, discount=discount))
    sent = shipping is not None
    sending = Line(SHIPPING, "Standard", shipping or 0, tax(shipping or 0, shipping_rate), shipping_rate)
    parcel = sending if sent else None
    facts: dict[str, Any] = {
        "kind": INVOICE,
        "number": "INV-000042",
        "issued_on": date(2026, 11, 25),
        "order_number": "4K7QX-B9M2T",
        "ordered_on": date(2026, 11, 24),
        "payment": "Bank transfer",
        "currency": "EUR",
        "locale": "en_IE",
        "seller": SELLER,
        "buyer": BUYER,
    }
    sums = add_up(lines, parcel, prices_include_tax=with_tax)
    return Document(
        lines=tuple(lines), shipping=parcel, prices_include_tax=with_tax, **{**vars(sums), **facts, **changes}
    )
