"""Numbers without gaps, the rows that carry them, and the page that is printed of one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.conf import settings
from django.db.models import F

from orders.invoices.content import Document, from_json, to_json
from orders.invoices.models import Invoice, InvoiceCounter
from orders.invoices.rendering import render

DIGITS = 6


def issue(document: Document, *, order_id: int, refund_id: int | None, at: datetime) -> Invoice:
    """Write the document under the next number of its series.

    Take every other lock before: the series is locked until the transaction ends. If that is undone, so is the
    number, and the next one gets it.
    """
    sequence = next_number(document.kind)
    number = f"{prefix(document.kind)}{sequence:0{DIGITS}}"
    return Invoice.objects.create(
        kind=document.kind,
        sequence=sequence,
        number=number,
        order_id=order_id,
        refund_id=refund_id,
        content=to_json(replace(document, number=number)),
        issued_at=at,
    )


def next_number(kind: str) -> int:
    """The number after the last one of the series. Holds the series' row: nobody else gets one meanwhile."""
    series = InvoiceCounter.objects.filter(pk=kind)
    if not series.update(last=F("last") + 1):
        # The first of all: whoever comes second waits here for the first, and then finds the row.
        InvoiceCounter.objects.bulk_create([InvoiceCounter(pk=kind)], ignore_conflicts=True)
        series.update(last=F("last") + 1)
    return series.get().last


def pdf_of(document: Invoice) -> bytes:
    """The document as it is printed. It is made each time anew, and is the same each time."""
    return render(from_json(document.content))


def prefix(kind: str) -> str:
    """What a series' numbers begin with."""
    return str(settings.SHOP_INVOICE_PREFIX if kind == Invoice.Kind.INVOICE else settings.SHOP_CREDIT_NOTE_PREFIX)
