"""Invoices and credit notes of a shopper's own orders, as PDF."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.access import person
from orders.access import document_of, guest_order, own_order
from orders.downloads import as_download
from orders.models import Invoice, Order
from orders.views.privacy import behind_signed_link, personal


@dataclass(frozen=True)
class Link:
    """A document on the page of its order."""

    name: str
    url: str


def listed() -> Prefetch[str]:
    """The documents of an order, to be fetched along with it: without what is printed on them."""
    return Prefetch("invoices", Invoice.objects.defer("content"))


def links(order: Order, token: str) -> list[Link]:
    """The order's documents, for whoever sees its page: with the token of its signed link, or as its customer."""
    return [link(order, document, token) for document in order.invoices.all()]


def link(order: Order, document: Invoice, token: str) -> Link:
    """One of them."""
    url = (
        reverse("orders:guest-document", args=[order.number, token, document.number])
        if token
        else reverse("orders:document", args=[order.number, document.number])
    )
    return Link(f"{document.get_kind_display()} {document.number}", url)


@personal
@require_safe
@login_required
def document(request: HttpRequest, number: str, document: str) -> HttpResponse:
    """A document of the customer's order."""
    return as_download(document_of(own_order(person(request), number), document))


@behind_signed_link
@require_safe
def guest_document(request: HttpRequest, number: str, token: str, document: str) -> HttpResponse:
    """A document of a guest's order, for whoever holds its link."""
    return as_download(document_of(guest_order(number, token), document))
