"""What a refund gives back of an invoice. Amounts and tax of all credit notes never exceed it, and meet it exactly."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.invoices.content import CREDIT_NOTE, Document, Reference, add_up
from orders.invoices.crediting import MoreThanInvoiced, Returned, credit_note
from orders.invoices.tests.documents import invoice
from orders.invoices.tests.test_content import invoices

LATER = date(2026, 12, 1)
MUG_AND_BOOK = [("Mug", 3, 1250, 375, "19"), ("Book", 1, 2000, 200, "7")]


def credited(made: Document, amount: int, *returned: Returned, earlier: list[Document] | None = None) -> Document:
    return credit_note(made, earlier=earlier or [], amount=amount, returned=returned, issued_on=LATER)


def adds_up(note: Document) -> bool:
    sums = add_up(note.lines, note.shipping, prices_include_tax=note.prices_include_tax)
    return all(getattr(note, name) == value for name, value in vars(sums).items())


@pytest.mark.parametrize("with_tax", [True, False])
def test_everything_back_is_the_invoice_again(with_tax: bool) -> None:
    made = invoice(MUG_AND_BOOK, with_tax=with_tax)
    note = credited(made, made.total)
    assert (note.kind, note.number, note.issued_on) == (CREDIT_NOTE, "", LATER)
    assert note.corrects == Reference("INV-000042", date(2026, 11, 25))
    assert note.lines == made.lines
    assert note.shipping == made.shipping
    assert (note.total, note.tax, note.tax_summary) == (made.total, made.tax, made.tax_summary)


def test_pieces_that_come_back_are_named_with_their_price() -> None:
    note = credited(invoice(MUG_AND_BOOK), 1125, Returned("line-1", 1, 1125))
    (line,) = note.lines
    assert (line.title, line.quantity, line.unit_price, line.discount) == ("Mug", 1, 1250, 125)
    assert (line.total, line.tax, line.tax_rate) == (1125, 180, "19")
    assert (note.shipping, note.total, note.tax) == (None, 1125, 180)
    assert adds_up(note)


def test_with_tax_on_top_the_line_is_net_and_the_total_is_what_was_given_back() -> None:
    made = invoice([("Mug", 2, 1000, 0, "19")], with_tax=False)
    note = credited(made, 1190, Returned("line-1", 1, 1190))
    assert (note.lines[0].total, note.lines[0].tax, note.total) == (1000, 190, 1190)
    assert (note.lines[0].quantity, note.lines[0].unit_price) == (1, 1000)


def test_an_amount_without_pieces_is_a_reduction_for_each_rate() -> None:
    note = credited(invoice(MUG_AND_BOOK), 1000)
    assert [(line.title, line.tax_rate, line.total, line.quantity) for line in note.lines] == [
        ("Price reduction", "19", 682, None),
        ("Price reduction", "7", 318, None),
    ]
    assert note.total == 1000
    assert adds_up(note)


def test_shipping_goes_back_with_the_rest() -> None:
    made = invoice([("Mug", 1, 1000, 0, "19")])
    first = credited(made, 1000, Returned("line-1", 1, 1000))
    rest = credited(made, 490, earlier=[first])
    assert rest.lines == ()
    assert rest.shipping == made.shipping
    assert first.tax + rest.tax == made.tax


def test_shipping_that_is_named_goes_back_by_itself() -> None:
    made = invoice([("Mug", 1, 1000, 0, "19")])
    note = credited(made, 490, Returned("shipping", None, 490))
    assert (note.lines, note.shipping, note.total) == ((), made.shipping, 490)


def test_shipping_that_is_named_in_part_and_comes_back_with_the_rest_is_one_sum() -> None:
    made = invoice([("Mug", 1, 1000, 0, "19")])
    note = credited(made, made.total, Returned("shipping", None, 200))
    assert (note.lines, note.shipping, note.tax) == (made.lines, made.shipping, made.tax)


def test_a_piece_that_was_reduced_before_gives_back_what_is_left_of_it() -> None:
    made = invoice([("Mug", 1, 1000, 0, "19")], shipping=None)
    first = credited(made, 300)
    second = credited(made, 700, Returned("line-1", 1, 1000), earlier=[first])
    (line,) = second.lines
    assert (line.total, line.quantity, line.discount) == (700, 1, 300)
    assert first.tax + second.tax == made.tax


def test_more_than_is_left_is_refused() -> None:
    made = invoice([("Mug", 1, 1000, 0, "19")], shipping=None)
    first = credited(made, 300)
    with pytest.raises(MoreThanInvoiced):
        credited(made, 701, earlier=[first])
    with pytest.raises(MoreThanInvoiced):
        credited(made, 100, Returned("line-1", 1, 500))


@given(invoices(), st.data())
def test_however_it_is_given_back_the_parts_are_the_invoice(made: Document, data: st.DataObject) -> None:
    """Any refunds, of pieces or of amounts: each note adds up, none is negative, all together are the invoice."""
    notes: list[Document] = []
    left = made.total
    while left:
        amount = left if len(notes) == 4 else data.draw(st.integers(1, left))
        line = data.draw(st.sampled_from(made.lines))
        pieces = data.draw(st.integers(1, line.quantity or 1))
        named = [Returned(line.key, pieces, data.draw(st.integers(0, min(amount, made.gross(line)))))]
        if made.shipping is not None:
            most = min(amount - named[0].amount, made.gross(made.shipping))
            named.append(Returned("shipping", None, data.draw(st.integers(0, most))))
        note = credited(made, amount, *data.draw(st.sampled_from([[], named[:1], named[1:], named])), earlier=notes)
        assert note.total == amount
        assert adds_up(note)
        assert min(min(part.total, part.tax, part.discount) for part in note.charged) >= 0
        notes.append(note)
        left -= amount
    assert sum(note.tax for note in notes) == made.tax
    parts: Counter[str] = Counter()
    taxes: Counter[str] = Counter()
    for share in (share for note in notes for share in note.shares):
        parts[share.key] += share.gross
        taxes[share.key] += share.tax
    assert parts == Counter({line.key: made.gross(line) for line in made.charged})
    assert taxes == Counter({line.key: line.tax for line in made.charged})
