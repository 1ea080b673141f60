"""Invoices and credit notes as files to keep."""

from __future__ import annotations

from django.http import HttpResponse

from orders.invoices.issuing import pdf_of
from orders.models import Invoice


def as_download(document: Invoice) -> HttpResponse:
    """The document as a PDF that the browser saves under its number, and that nobody on the way keeps."""
    return HttpResponse(
        pdf_of(document),
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'attachment; filename="{document.number}.pdf"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )
