"""What an invoice says, and that it says the same after it was kept."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.invoices.content import Document, TaxRow, from_json, rate_text, to_json
from orders.invoices.crediting import credit_note
from orders.invoices.tests.documents import BUYER, Sold, invoice

RATES = ["0", "5.5", "7", "19", "25"]


@st.composite
def invoices(draw: st.DrawFn) -> Document:
    """Any cart, in currencies of 0, 2 and 3 decimals, with tax in the prices or on top."""
    sold: list[Sold] = []
    for _ in range(draw(st.integers(1, 8))):
        quantity, price = draw(st.integers(1, 999)), draw(st.integers(0, 10**7))
        discount = draw(st.integers(0, quantity * price))
        sold.append((draw(st.text(max_size=20)), quantity, price, discount, draw(st.sampled_from(RATES))))
    return invoice(
        sold,
        shipping=draw(st.none() | st.integers(0, 5000)),
        shipping_rate=draw(st.sampled_from(RATES)),
        with_tax=draw(st.booleans()),
        currency=draw(st.sampled_from(["JPY", "EUR", "KWD"])),
    )


def test_tax_in_the_prices_is_shown_and_not_added() -> None:
    made = invoice([("Mug", 2, 1250, 0, "19"), ("Book", 1, 2000, 200, "7")])
    assert (made.subtotal, made.discount, made.tax, made.total) == (4500, 200, 595, 4790)
    assert made.tax_summary == (TaxRow("19", 2513, 477, 2990), TaxRow("7", 1682, 118, 1800))


def test_tax_on_top_is_added() -> None:
    made = invoice([("Mug", 2, 1250, 0, "19"), ("Book", 1, 2000, 200, "5.5")], with_tax=False)
    assert (made.subtotal, made.discount, made.tax, made.total) == (4500, 200, 667, 5457)
    assert made.tax_summary == (TaxRow("19", 2990, 568, 3558), TaxRow("5.5", 1800, 99, 1899))


def test_without_any_tax_there_is_no_tax_to_sum_up() -> None:
    assert invoice([("Mug", 2, 1250, 0, "0")], shipping_rate="0").tax_summary == ()


def test_what_is_taxed_with_nothing_stands_beside_what_is_taxed() -> None:
    made = invoice([("Mug", 1, 1190, 0, "19"), ("Stamps", 1, 100, 0, "0")], shipping=None)
    assert made.tax_summary == (TaxRow("19", 1000, 190, 1190), TaxRow("0", 100, 0, 100))


@given(invoices())
def test_the_sums_by_rate_are_the_total(made: Document) -> None:
    assert made.total == made.subtotal - made.discount + (made.shipping.total if made.shipping else 0) + (
        0 if made.prices_include_tax else made.tax
    )
    if made.tax_summary:
        assert sum(row.gross for row in made.tax_summary) == made.total
        assert sum(row.tax for row in made.tax_summary) == made.tax
    assert sum(map(made.gross, made.charged)) == made.total


@given(invoices())
def test_what_was_kept_is_what_was_issued(made: Document) -> None:
    note = credit_note(made, earlier=[], amount=made.total, returned=[], issued_on=made.issued_on)
    for document in (made, note):
        assert from_json(json.loads(json.dumps(to_json(document)))) == document


def test_everything_that_is_printed_is_kept() -> None:
    kept = to_json(invoice([("Mug", 1, 1, 0, "19")], buyer=BUYER))
    assert kept["version"] == 1
    assert kept["buyer"]["address"] == BUYER.address
    assert kept["seller"]["vat_id"] == "DE123456789"
    assert (kept["issued_on"], kept["ordered_on"]) == ("2026-11-25", "2026-11-24")


@pytest.mark.parametrize(
    ("rate", "text"), [("19.0000", "19"), ("5.5000", "5.5"), ("0.0000", "0"), ("100", "100"), ("8.1", "8.1")]
)
def test_rates_are_written_without_idle_zeros(rate: str, text: str) -> None:
    assert rate_text(Decimal(rate)) == text
