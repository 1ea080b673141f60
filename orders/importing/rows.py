"""What an order that was read becomes here: rows that are ready to be inserted. No database is asked.

An imported order is over, and stays what it was: its pieces have left (or never will), its money came (and went back),
its timeline tells the shortest legal way there, all at its own date. It has no parcels, no invoice and no job.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from accounts.email_addresses import canonical_email
from accounts.models import User
from catalog.models import Variant
from catalog.money import spread
from orders.actors import Actor, ActorKind
from orders.importing.reading import CANCELLED, DELIVERED, REFUNDED, SHIPPED, ReadLine, ReadOrder
from orders.models import Order, OrderEvent, OrderLine, Payment, Refund
from orders.numbers import new_number

# How it was paid, and through which gateway: none of ours, so nobody is ever asked.
ELSEWHERE = "elsewhere"
NOBODY = "customer.invalid"  # nobody has an address there (RFC 2606)
Status, PaymentStatus = Order.Status, Order.PaymentStatus
ENDS_AS = {
    DELIVERED: (Status.DELIVERED, PaymentStatus.PAID),
    SHIPPED: (Status.SHIPPED, PaymentStatus.PAID),
    REFUNDED: (Status.DELIVERED, PaymentStatus.REFUNDED),
    CANCELLED: (Status.CANCELLED, PaymentStatus.UNPAID),
}
WAYS = {
    Status.CANCELLED: (Status.PENDING, Status.CANCELLED),
    Status.SHIPPED: (Status.PENDING, Status.PROCESSING, Status.SHIPPED),
    Status.DELIVERED: (Status.PENDING, Status.PROCESSING, Status.SHIPPED, Status.DELIVERED),
}


@dataclass(frozen=True)
class Known:
    """What the shop knows already: customers by confirmed address, variants by SKU in lower case."""

    customers: Mapping[str, User]
    variants: Mapping[str, Variant]


@dataclass(frozen=True)
class Source:
    """Where orders are imported from, who does it and when; whether their prices contain the tax."""

    file_name: str
    actor: Actor
    now: datetime
    tax_included: bool


def address_of(read: ReadOrder) -> str:
    """The customer's address; one that nobody has when the file knows only a number, or nobody."""
    if read.email:
        return canonical_email(read.email)
    kept = "".join(sign for sign in read.customer.lower() if sign.isascii() and (sign.isalnum() or sign in "-_."))
    return f"{kept.strip('.') or 'nobody'}@{NOBODY}"


def order_row(read: ReadOrder, known: Known, source: Source) -> Order:
    """The order, not yet inserted."""
    status, payment_status = ends_as(read)
    email = address_of(read)
    on_top = 0 if source.tax_included else read.tax
    return Order(
        number=new_number(),
        external_number=read.number,
        customer=known.customers.get(email),
        channel=Order.Channel.IMPORTED,
        status=status,
        payment_status=payment_status,
        payment_method=ELSEWHERE,
        email=email,
        name=read.customer_name or read.customer,
        country=read.country,
        currency=read.currency,
        subtotal=read.subtotal,
        discount=read.discount,
        shipping=read.shipping,
        tax=read.tax,
        total=read.subtotal - read.discount + read.shipping + on_top,
        prices_include_tax=source.tax_included,
        placed_at=read.moment,
        delivered_at=read.moment if status == Status.DELIVERED else None,
    )


def ends_as(read: ReadOrder) -> tuple[str, str]:
    """Where the order has come to. What costs nothing counts as paid, as everywhere in the shop."""
    status, payment_status = ENDS_AS[read.status]
    nothing = read.subtotal - read.discount + read.shipping + read.tax == 0
    return status, PaymentStatus.PAID if nothing else payment_status


def line_rows(order: Order, read: ReadOrder, known: Known) -> Iterator[OrderLine]:
    """The lines; discount and tax of the order are spread over them by what they cost."""
    discounts = spread(order.discount, [line.total for line in read.lines])
    nets = [line.total - less for line, less in zip(read.lines, discounts, strict=True)]
    rate = rate_of(order.tax, sum(nets), included=order.prices_include_tax)
    for line, net, less, tax in zip(read.lines, nets, discounts, spread(order.tax, nets), strict=True):
        variant = known.variants.get(line.sku.lower())
        yield OrderLine(
            order=order,
            variant=variant,
            product_name=_name(line, variant),
            variant_name=variant.name if variant and not line.name else "",
            sku=line.sku,
            unit_price=line.unit_price,
            quantity=line.quantity,
            discount=less,
            tax=tax,
            tax_rate=rate,
            total=net,
            shipped=line.quantity if order.status != Status.CANCELLED else 0,
        )


def rate_of(tax: int, net: int, *, included: bool) -> Decimal:
    """The rate (percent, one decimal place) that makes so much tax of so much goods: the file has only the sum."""
    base = net - tax if included else net
    if tax == 0 or base <= 0:
        return Decimal(0)
    return min(Decimal(999), (Decimal(tax * 100) / base).quantize(Decimal("0.1"), ROUND_HALF_UP))


def payment_row(order: Order) -> Payment:
    """What was paid, and given back; of a cancelled order, the payment that never came."""
    captured = order.total if order.payment_status != PaymentStatus.UNPAID else 0
    returned = order.total if order.payment_status == PaymentStatus.REFUNDED else 0
    is_off = order.payment_status == PaymentStatus.UNPAID
    return Payment(
        order=order,
        gateway=ELSEWHERE,
        method=ELSEWHERE,
        currency=order.currency,
        amount=order.total,
        captured_amount=captured,
        refund_committed=returned,
        refunded_amount=returned,
        state=Payment.State.CANCELLED if is_off else Payment.State.CAPTURED,
        created_at=order.placed_at,
    )


def refund_row(payment: Payment, source: Source) -> Refund:
    """The money that went back, before the order came here."""
    return Refund(
        payment=payment,
        order=payment.order,
        key=uuid.uuid4(),
        currency=payment.currency,
        amount=payment.refunded_amount,
        reason="Refunded before it was imported",
        state=Refund.State.SUCCEEDED,
        requested_by=source.actor.name,
        created_at=payment.created_at,
    )


def events(order: Order, source: Source) -> Iterator[OrderEvent]:
    """The timeline: placed by a guest (nobody logged in here), everything else by who imports it."""
    way = WAYS[Status(order.status)]
    yield OrderEvent(
        order=order,
        kind=OrderEvent.Kind.PLACED,
        to_status=Status.PENDING,
        message="Order placed",
        actor_kind=ActorKind.GUEST,
        actor="guest",
        created_at=order.placed_at,
    )
    if order.payment_status != PaymentStatus.UNPAID:
        yield _event(order, source, OrderEvent.Kind.PAYMENT, "Payment received" if order.total else "Nothing to pay")
    for before, after in pairwise(way):
        message = f"Order {after.label.lower()}"
        yield _event(order, source, OrderEvent.Kind.STATUS, message, from_status=before, to_status=after)
    if order.payment_status == PaymentStatus.REFUNDED:
        yield _event(order, source, OrderEvent.Kind.PAYMENT, "Money returned")
    note = f"Imported from {source.file_name[:200]}, there order {order.external_number}"
    yield _event(order, source, OrderEvent.Kind.NOTE, note, created_at=source.now)


def _event(order: Order, source: Source, kind: OrderEvent.Kind, message: str, **more: object) -> OrderEvent:
    return OrderEvent(
        order=order,
        kind=kind,
        message=message,
        actor_kind=source.actor.kind,
        actor=source.actor.name,
        **{"created_at": order.placed_at, **more},
    )


def _name(line: ReadLine, variant: Variant | None) -> str:
    return line.name or (variant.product.name if variant else line.sku)
