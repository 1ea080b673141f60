"""Invoices of paid orders, and credit notes of their refunds: issued once, then sent.

Both acts run as jobs, may run twice and in any order, and find what was issued already.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.countries import country_name
from orders.actors import job
from orders.invoices.content import (
    INVOICE,
    SHIPPING,
    Buyer,
    Document,
    Line,
    Seller,
    add_up,
    from_json,
    rate_text,
)
from orders.invoices.crediting import Returned, credit_note
from orders.invoices.issuing import issue
from orders.jobs import Message, enqueue_message
from orders.locks import lock_order, retried
from orders.models import Invoice, Order, OrderEvent, OrderLine, Refund
from orders.payments.methods import method_label

CLERK = job("invoices")
WAS_PAID = (Order.PaymentStatus.PAID, Order.PaymentStatus.PARTIALLY_REFUNDED, Order.PaymentStatus.REFUNDED)


@retried
def issue_invoice(*, order_id: int) -> Invoice | None:
    """The invoice of a paid order, issued now if it was not before; the customer is sent it.

    None for an order that was never paid, or was imported: somebody else has sent that one's invoice.
    """
    with transaction.atomic(durable=True):
        return _invoice_of(lock_order(order_id))


@retried
def issue_credit_note(*, refund_id: int) -> Invoice | None:
    """The credit note of a refund that has arrived, issued now if it was not before; the customer is told and sent it.

    None when there is nothing to correct: the refund has not arrived, the order has no invoice, or the money was
    more than the order asked for.
    """
    found = Refund.objects.only("order_id").get(pk=refund_id)
    with transaction.atomic(durable=True):
        order = lock_order(found.order_id)
        refund = Refund.objects.select_related("payment").get(pk=refund_id)
        if refund.state != Refund.State.SUCCEEDED:
            return None
        issued = Invoice.objects.filter(refund=refund).first()
        if issued is not None:
            return issued
        note = None if refund.payment.is_surplus else _new_credit_note(order, refund)
        enqueue_message(order, Message.REFUNDED, about=refund.pk)
        return note


def _invoice_of(locked: Order) -> Invoice | None:
    """The order's invoice, which is issued if the order may have one."""
    issued = locked.invoices.filter(kind=Invoice.Kind.INVOICE).first()
    if issued is not None or locked.payment_status not in WAS_PAID or locked.channel == Order.Channel.IMPORTED:
        return issued
    now = timezone.now()
    invoice = issue(invoice_content(locked, issued_on=_day(now)), order_id=locked.pk, refund_id=None, at=now)
    _note(locked, invoice)
    enqueue_message(locked, Message.PAID)
    return invoice


def _new_credit_note(locked: Order, refund: Refund) -> Invoice | None:
    invoice = _invoice_of(locked)
    if invoice is None:
        return None
    now = timezone.now()
    content = credit_note(
        replace(from_json(invoice.content), seller=_seller()),
        earlier=[from_json(note.content) for note in locked.invoices.filter(kind=Invoice.Kind.CREDIT_NOTE)],
        amount=refund.amount,
        returned=[*_returned(refund)],
        issued_on=_day(now),
    )
    note = issue(content, order_id=locked.pk, refund_id=refund.pk, at=now)
    _note(locked, note)
    return note


def _returned(refund: Refund) -> Iterator[Returned]:
    """What the refund names: pieces of lines, and shipping."""
    for part in refund.lines.all():
        yield Returned(_key(part.line_id), part.quantity, part.amount)
    if refund.shipping:
        yield Returned(SHIPPING, None, refund.shipping)


def invoice_content(order: Order, *, issued_on: date) -> Document:
    """All that an order's invoice says, but for its number. Raises ValueError for an order that does not add up."""
    lines = tuple(_line(line) for line in order.lines.all())
    shipping = Line(
        key=SHIPPING,
        title=order.shipping_method,
        total=order.shipping,
        tax=order.shipping_tax,
        tax_rate=rate_text(order.shipping_tax_rate),
    )
    sums = add_up(lines, shipping, prices_include_tax=order.prices_include_tax)
    if (sums.subtotal, sums.discount, sums.tax, sums.total) != (order.subtotal, order.discount, order.tax, order.total):
        raise ValueError(f"Order {order.number} does not add up: no invoice is made of it.")
    return Document(
        kind=INVOICE,
        number="",
        issued_on=issued_on,
        order_number=order.number,
        ordered_on=_day(order.placed_at),
        payment=method_label(order.payment_method).capitalize(),
        currency=order.currency,
        locale=settings.SHOP_LOCALE,
        prices_include_tax=order.prices_include_tax,
        seller=_seller(),
        buyer=_buyer(order),
        lines=lines,
        shipping=shipping,
        **vars(sums),
    )


def _line(line: OrderLine) -> Line:
    return Line(
        key=_key(line.pk),
        title=line.title,
        sku=line.sku,
        quantity=line.quantity,
        unit_price=line.unit_price,
        discount=line.discount,
        total=line.total,
        tax=line.tax,
        tax_rate=rate_text(line.tax_rate),
    )


def _key(line_id: int) -> str:
    return f"line-{line_id}"


def _seller() -> Seller:
    return Seller(
        brand=settings.SHOP_NAME,
        name=settings.SHOP_LEGAL_NAME,
        address=tuple(settings.SHOP_LEGAL_ADDRESS.splitlines()),
        vat_id=settings.SHOP_VAT_ID,
        footer=tuple(settings.SHOP_INVOICE_FOOTER.splitlines()),
    )


def _buyer(order: Order) -> Buyer:
    *address, _ = order.address_lines  # the last one is the country's code
    return Buyer(address=(*address, country_name(order.country)), vat_number=order.vat_number)


def _day(at: datetime) -> date:
    """The day in the shop's own time zone, whoever asks."""
    return at.astimezone(timezone.get_default_timezone()).date()


def _note(order: Order, document: Invoice) -> None:
    OrderEvent.objects.create(
        order=order,
        kind=OrderEvent.Kind.DOCUMENT,
        message=f"{document.get_kind_display()} {document.number} issued",
        actor_kind=CLERK.kind,
        actor=CLERK.name,
    )
