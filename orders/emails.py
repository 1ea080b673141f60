"""What customers are told about their orders: subject, text and HTML from `templates/emails/`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from orders.access import order_link
from orders.actors import job
from orders.errors import InvalidOrder
from orders.invoices.issuing import pdf_of
from orders.models import Invoice, Order, OrderEvent
from orders.payments.methods import find_method
from orders.pieces import still_to_come
from orders.shipping.parcels import with_contents

POSTMAN = job("e-mails")
_NOTE = re.compile(
    r"E-mail (?:sent|to be sent again): "
    r"(?P<name>(?P<message>[a-z-]+?)(?:-(?P<about>[0-9]+))?)(?:, copy (?P<copy>[0-9]+))?"
)


@dataclass(frozen=True)
class SentMessage:
    """An e-mail that went out: what it was, the id of what it was about, and how often it was sent or asked for."""

    name: str
    message: str
    about: int | None
    copies: int


def sent_messages(order: Order) -> list[SentMessage]:
    """The order's e-mails by its timeline, the first one first."""
    return _read_notes(order.events.filter(kind=OrderEvent.Kind.EMAIL).order_by("pk").values_list("message", flat=True))


def _read_notes(notes: Iterable[str]) -> list[SentMessage]:
    found: dict[str, SentMessage] = {}
    for note in notes:
        if match := _NOTE.fullmatch(note):
            name, about = match["name"], int(match["about"]) if match["about"] else None
            copies = max(int(match["copy"] or 1), found[name].copies if name in found else 1)
            found[name] = SentMessage(name, match["message"], about, copies)
    return list(found.values())


def send(*, order_id: int, message: str, about: int | None = None, copy: int = 1) -> None:
    """Send a message about an order (and about one of its shipments or refunds), unless it was sent.

    A crash between sending and writing the timeline sends it once more, with the same Message-ID, so that
    mail programs show one. To an address that nobody has, nothing is sent.
    """
    order = Order.objects.prefetch_related("lines").get(pk=order_id)
    outcome = "E-mail not sent, nobody has such an address" if order.is_nobodys else "E-mail sent"
    note = f"{outcome}: {_name(message, about)}" + (f", copy {copy}" if copy > 1 else "")
    if order.events.filter(kind=OrderEvent.Kind.EMAIL, message=note).exists():
        return
    if not order.is_nobodys:
        compose(order, message, about=about, copy=copy).send()
    OrderEvent.objects.create(
        order=order, kind=OrderEvent.Kind.EMAIL, message=note, actor_kind=POSTMAN.kind, actor=POSTMAN.name
    )


def compose(order: Order, message: str, *, about: int | None = None, copy: int = 1) -> EmailMultiAlternatives:
    """The finished e-mail."""
    context = {
        "order": order,
        "lines": order.lines.all(),
        "link": order_link(order),
        "shop_name": settings.SHOP_NAME,
        "site_url": settings.SITE_URL,
        "instructions": payment_instructions(order),
        "tax_name": settings.SHOP_TAX_NAME,
        **_matter(order, message, about),
    }
    template = f"emails/order-{message}"
    subject = " ".join(render_to_string(f"{template}-subject.txt", context).split())
    version = f".copy-{copy}" if copy > 1 else ""
    email = EmailMultiAlternatives(
        subject=subject,
        body=render_to_string(f"{template}-body.txt", context),
        to=[order.email],
        headers={"Message-ID": f"<{order.number}.{_name(message, about)}{version}@{_mail_domain()}>"},
    )
    email.attach_alternative(render_to_string(f"{template}-body.html", context), "text/html")
    if document := context.get("document"):
        email.attach(f"{document.number}.pdf", pdf_of(document), "application/pdf")
    return email


def payment_instructions(order: Order) -> str:
    """What the customer has to do to pay; empty when there is nothing to do."""
    if order.payment_status != Order.PaymentStatus.UNPAID or order.status == Order.Status.CANCELLED:
        return ""
    try:
        return find_method(order.payment_method)[1].instructions
    except InvalidOrder:  # a way to pay that is no longer offered
        return ""


def _matter(order: Order, message: str, about: int | None) -> dict[str, Any]:
    """What the message is about, beside the order; a document goes along as a PDF."""
    if message == "confirmation":
        is_waiting = order.status == Order.Status.PENDING and order.payment_status == Order.PaymentStatus.UNPAID
        return {"pay_by": order.expires_at if is_waiting else None}
    if message == "paid":
        return {"document": order.invoices.filter(kind=Invoice.Kind.INVOICE).first()}
    if message == "shipped":
        return _parcel(order, about)
    if message == "money-back" and about is not None:
        return {"refund": order.refunds.get(pk=about)}
    if message == "refunded" and about is not None:
        return {"refund": order.refunds.get(pk=about), "document": order.invoices.filter(refund=about).first()}
    if message.startswith("return-") and about is not None:
        back = order.returns.prefetch_related("lines__line").get(pk=about)
        return {"back": back, "return_address": settings.SHOP_RETURN_ADDRESS}
    return {}


def _parcel(order: Order, shipment_id: int | None) -> dict[str, Any]:
    """What is told about a parcel: what is in it, and what is still to come. Without one it is the whole order."""
    shipment = with_contents(order.shipments.filter(pk=shipment_id or 0)).first()
    contents = list(shipment.lines.all()) if shipment else list(order.lines.all())
    pieces, all_pieces = (sum(each.quantity for each in lines) for lines in (contents, order.lines.all()))
    return {
        "shipment": shipment,
        "contents": contents,
        "is_part": pieces < all_pieces,
        "to_come": still_to_come(order),
    }


def _name(message: str, about: int | None) -> str:
    return message if about is None else f"{message}-{about}"


def _mail_domain() -> str:
    address = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    return address.rpartition("@")[2] or urlsplit(settings.SITE_URL).hostname or "localhost"
