"""Writes the planned past of the demo shop: orders with lines, payments and timelines, and the stock they moved.

Written in bulk, not through the acts: nobody gets an e-mail about an order of last month. What the acts would
have kept true is kept true here, and `audit` says so.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.models import User
from catalog.demo import assortment
from catalog.models import Variant
from orders.actors import ActorKind
from orders.demo.coupons import PastCoupons
from orders.demo.history import PlannedOrder, Step, plan
from orders.demo.parcels import Packed, pack, parcels_of
from orders.demo.people import PEOPLE
from orders.demo.prices import PastPrices
from orders.demo.stock import move_stock
from orders.models import Order, OrderEvent, OrderLine, Payment, Refund, Shipment, ShipmentLine
from orders.numbers import ALPHABET
from orders.payments.methods import find_method
from orders.totals import PricedLine, Quote

KEY = "demo-order-"
CLERK = "otto"
Status = Order.Status
PaymentStatus = Order.PaymentStatus
STATUS_AFTER = {
    Step.ACCEPTED: Status.PROCESSING,
    Step.SHIPPED: Status.SHIPPED,
    Step.DELIVERED: Status.DELIVERED,
    Step.CANCELLED: Status.CANCELLED,
}


@dataclass(frozen=True)
class Written:
    """An order with its lines and what happened to it, before it is inserted."""

    order: Order
    lines: list[OrderLine]
    planned: PlannedOrder
    parcels: list[Packed]


def load_history(*, now: datetime) -> int:
    """Write the last ninety days, unless that was done before; returns the number of orders."""
    with transaction.atomic(durable=True):
        variants = demo_variants()
        if not variants or Order.objects.filter(idempotency_key__startswith=KEY).exists():
            return 0
        users = {user.username: user for user in User.objects.filter(username__in=[p.username for p in PEOPLE])}
        coupons = PastCoupons()
        past = list(_past(now, variants, users, coupons))
        Order.objects.bulk_create(each.order for each in past)
        coupons.redeem(each.order for each in past)
        OrderLine.objects.bulk_create(line for each in past for line in each.lines)
        payments = Payment.objects.bulk_create(_payment(each) for each in past)
        Refund.objects.bulk_create(_refund(payment) for payment in payments if payment.refunded_amount)
        packed = [parcel for each in past for parcel in each.parcels]
        Shipment.objects.bulk_create(parcel.shipment for parcel in packed)
        ShipmentLine.objects.bulk_create(line for parcel in packed for line in parcel.lines)
        OrderEvent.objects.bulk_create(event for each in past for event in _timeline(each))
        move_stock([line for each in past for line in each.lines], packed, now, actor=CLERK)
        return len(past)


def demo_variants() -> list[Variant]:
    """What the past was made of: the assortment that has names and faces, as far as it is loaded."""
    slugs = [product.slug for product in assortment.PRODUCTS]
    live = Variant.objects.buyable().filter(product__slug__in=slugs)
    return list(live.select_related("product", "stock").order_by("sku"))


def _past(
    now: datetime, variants: Sequence[Variant], users: dict[str, User], coupons: PastCoupons
) -> Iterator[Written]:
    rng, prices = random.Random("order numbers"), PastPrices()
    for number, planned in enumerate(plan(now=now, variants=len(variants)), 1):
        goods = [(variants[at], pieces) for at, pieces in planned.basket]
        order, lines = _order(rng, number, planned, goods, coupons, prices)
        order.customer = users.get(planned.person.username) if planned.person else None
        parcels = [pack(order, lines, parcel, CLERK) for parcel in parcels_of(number, planned, lines, now)]
        yield Written(order, lines, planned, parcels)


def _order(
    rng: random.Random,
    number: int,
    planned: PlannedOrder,
    goods: list[tuple[Variant, int]],
    coupons: PastCoupons,
    prices: PastPrices,
) -> tuple[Order, list[OrderLine]]:
    """The order with its lines, as the checkout would have priced it."""
    priced = [PricedLine(variant.pk, variant.price, pieces) for variant, pieces in goods]
    code, taken_off = coupons.choose(number, planned.email, planned.placed_at, priced)
    priced = [replace(line, discount=less) for line, less in zip(priced, taken_off, strict=True)]
    option, quote = prices.quote(planned.home, goods, priced)
    order = Order(
        number="".join(rng.choice(ALPHABET) for _ in range(5)) + "-" + "".join(rng.choices(ALPHABET, k=5)),
        idempotency_key=f"{KEY}{number:04}",
        coupon_code=code,
        shipping_method=option.name,
        shipping_estimate=option.estimate,
        **_as_planned(planned),
        **_amounts(quote),
    )
    lines = zip(goods, quote.lines, quote.line_taxes, strict=True)
    return order, [_line(order, variant, line, tax) for (variant, _), line, tax in lines]


def _as_planned(planned: PlannedOrder) -> dict[str, Any]:
    return {
        "channel": Order.Channel.IMPORTED,
        "status": _status(planned),
        "payment_status": _payment_status(planned),
        "payment_method": planned.method,
        "email": planned.email,
        "customer_note": planned.note,
        "placed_at": planned.placed_at,
        "delivered_at": _steps(planned).get(Step.DELIVERED),
        **vars(planned.home),
    }


def _amounts(quote: Quote) -> dict[str, Any]:
    return {
        "currency": settings.SHOP_CURRENCY,
        "subtotal": quote.subtotal,
        "discount": quote.discount,
        "shipping": quote.shipping,
        "tax": quote.tax,
        "prices_include_tax": quote.prices_include_tax,
        "total": quote.total,
        "shipping_tax": quote.shipping_tax,
        "shipping_tax_rate": quote.shipping_tax_rate,
    }


def _line(order: Order, variant: Variant, priced: PricedLine, tax: int) -> OrderLine:
    return OrderLine(
        order=order,
        variant=variant,
        product_name=variant.product.name,
        variant_name=variant.name,
        sku=variant.sku,
        unit_price=priced.unit_price,
        quantity=priced.quantity,
        discount=priced.discount,
        tax=tax,
        tax_rate=priced.tax_rate,
        total=priced.total,
    )


def _steps(planned: PlannedOrder) -> dict[Step, datetime]:
    return {happened.step: happened.at for happened in planned.steps}


def _status(planned: PlannedOrder) -> Status:
    steps = _steps(planned)
    if Step.CANCELLED in steps:
        return Status.CANCELLED
    if Step.DELIVERED in steps:
        return Status.DELIVERED
    if Step.SHIPPED in steps:
        return Status.SHIPPED
    return Status.PROCESSING if steps else Status.PENDING


def _payment_status(planned: PlannedOrder) -> PaymentStatus:
    steps = _steps(planned)
    if Step.REFUNDED in steps:
        return PaymentStatus.REFUNDED
    return PaymentStatus.PAID if Step.PAID in steps else PaymentStatus.UNPAID


def _payment(written: Written) -> Payment:
    order, steps = written.order, _steps(written.planned)
    state = Payment.State.STARTED
    if Step.PAID in steps:
        state = Payment.State.CAPTURED
    elif Step.CANCELLED in steps:
        state = Payment.State.CANCELLED
    gateway, method = find_method(written.planned.method)
    return Payment(
        order=order,
        gateway=gateway.code,
        method=method.code,
        currency=order.currency,
        amount=order.total,
        captured_amount=order.total if Step.PAID in steps else 0,
        refund_committed=order.total if Step.REFUNDED in steps else 0,
        refunded_amount=order.total if Step.REFUNDED in steps else 0,
        state=state,
        created_at=order.placed_at,
    )


def _refund(payment: Payment) -> Refund:
    return Refund(
        payment=payment,
        order=payment.order,
        key=uuid.uuid4(),
        currency=payment.currency,
        amount=payment.refunded_amount,
        reason="Order cancelled",
        state=Refund.State.SUCCEEDED,
        requested_by=CLERK,
        created_at=payment.created_at,
    )


def _timeline(written: Written) -> Iterator[OrderEvent]:
    """The events that the acts would have written."""
    order, planned = written.order, written.planned
    _, method = find_method(planned.method)
    yield OrderEvent(
        order=order,
        kind=OrderEvent.Kind.PLACED,
        to_status=Status.PENDING,
        message=f"Order placed, {method.label.lower()}",
        actor_kind=ActorKind.CUSTOMER if planned.person else ActorKind.GUEST,
        actor=planned.person.username if planned.person else "guest",
        created_at=planned.placed_at,
    )
    status, parcels = Status.PENDING, list(written.parcels)
    for happened in planned.steps:
        while parcels and parcels[0].shipment.shipped_at <= happened.at:
            yield parcels.pop(0).event
        if happened.step in (Step.PAID, Step.REFUNDED):
            message = "Payment received" if happened.step == Step.PAID else "Money returned"
            yield OrderEvent(
                order=order,
                kind=OrderEvent.Kind.PAYMENT,
                message=message,
                actor_kind=ActorKind.STAFF,
                actor=CLERK,
                created_at=happened.at,
            )
        reached = STATUS_AFTER.get(happened.step, Status.PROCESSING if status == Status.PENDING else status)
        if reached != status:
            yield _moved(order, status, reached, happened.at)
            status = reached
    yield from (parcel.event for parcel in parcels)


def _moved(order: Order, before: Status, after: Status, at: datetime) -> OrderEvent:
    return OrderEvent(
        order=order,
        kind=OrderEvent.Kind.STATUS,
        from_status=before,
        to_status=after,
        message=f"Order {after.label.lower()}",
        actor_kind=ActorKind.STAFF,
        actor=CLERK,
        created_at=at,
    )
