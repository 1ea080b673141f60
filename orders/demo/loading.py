"""Writes the planned past of the demo shop: orders with lines, payments and timelines, and the stock they moved.

Written in bulk, not through the acts: nobody gets an e-mail about an order of last month. What the acts would
have kept true is kept true here, and `audit` says so.
"""

from __future__ import annotations

import random
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F

from accounts.models import User
from catalog.demo import assortment
from catalog.models import StockLevel, StockMovement, Variant
from orders import totals
from orders.actors import ActorKind
from orders.demo.coupons import PastCoupons
from orders.demo.history import DAYS, PlannedOrder, Step, plan
from orders.demo.people import PEOPLE
from orders.models import Order, OrderEvent, OrderLine, Payment, Refund
from orders.numbers import ALPHABET
from orders.payments.methods import find_method
from orders.shipping.options import standard_option
from orders.totals import PricedLine, Shipping

KEY = "demo-order-"
CLERK, TILL = "otto", "demo"
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


def load_history(*, now: datetime) -> int:
    """Write the last ninety days, unless that was done before; returns the number of orders."""
    with transaction.atomic(durable=True):
        variants = _variants()
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
        OrderEvent.objects.bulk_create(event for each in past for event in _timeline(each))
        _move_stock(past, now)
        return len(past)


def _variants() -> list[Variant]:
    """What the past was made of: the assortment that has names and faces, as far as it is loaded."""
    slugs = [product.slug for product in assortment.PRODUCTS]
    live = Variant.objects.buyable().filter(product__slug__in=slugs)
    return list(live.select_related("product").order_by("sku"))


def _past(
    now: datetime, variants: Sequence[Variant], users: dict[str, User], coupons: PastCoupons
) -> Iterator[Written]:
    rng = random.Random("order numbers")
    for number, planned in enumerate(plan(now=now, variants=len(variants)), 1):
        priced = [PricedLine(at, variants[at].price, pieces) for at, pieces in planned.basket]
        code, taken_off = coupons.choose(number, planned.email, planned.placed_at, priced)
        priced = [replace(line, discount=less) for line, less in zip(priced, taken_off, strict=True)]
        option = standard_option(sum(line.gross for line in priced))
        quote = totals.quote(priced, Shipping(option.price))
        order = Order(
            number="".join(rng.choice(ALPHABET) for _ in range(5)) + "-" + "".join(rng.choices(ALPHABET, k=5)),
            customer=users.get(planned.person.username) if planned.person else None,
            idempotency_key=f"{KEY}{number:04}",
            channel=Order.Channel.IMPORTED,
            status=_status(planned),
            payment_status=_payment_status(planned),
            payment_method=planned.method,
            email=planned.email,
            customer_note=planned.note,
            currency=settings.SHOP_CURRENCY,
            subtotal=quote.subtotal,
            discount=quote.discount,
            shipping=quote.shipping,
            tax=quote.tax,
            total=quote.total,
            coupon_code=code,
            shipping_method=option.name,
            placed_at=planned.placed_at,
            delivered_at=_steps(planned).get(Step.DELIVERED),
            **vars(planned.home),
        )
        has_left = order.status in (Status.SHIPPED, Status.DELIVERED)
        lines = [_line(order, variants[line.variant_id], line, has_left=has_left) for line in quote.lines]
        yield Written(order, lines, planned)


def _line(order: Order, variant: Variant, priced: PricedLine, *, has_left: bool) -> OrderLine:
    return OrderLine(
        order=order,
        variant=variant,
        product_name=variant.product.name,
        variant_name=variant.name,
        sku=variant.sku,
        unit_price=priced.unit_price,
        quantity=priced.quantity,
        discount=priced.discount,
        total=priced.total,
        shipped=priced.quantity if has_left else 0,
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
    status = Status.PENDING
    for happened in planned.steps:
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


def _move_stock(past: Sequence[Written], now: datetime) -> None:
    """Receive what the past has sold before it began, let the shipped pieces leave, reserve the promised ones.

    What can be bought now stays as the assortment has it.
    """
    shipped: Counter[int] = Counter()
    promised: Counter[int] = Counter()
    for each in past:
        for line in each.lines:
            if each.order.status in (Status.SHIPPED, Status.DELIVERED):
                shipped[line.variant_id] += line.quantity
            elif each.order.status in (Status.PENDING, Status.PROCESSING):
                promised[line.variant_id] += line.quantity
    moved = shipped.keys() | promised.keys()
    locked = StockLevel.objects.select_for_update(no_key=True).filter(variant_id__in=moved).order_by("pk")
    levels = {level.variant_id: level for level in locked}
    received = [
        StockMovement(
            level=levels[variant_id],
            quantity=shipped[variant_id] + promised[variant_id],
            reason=StockMovement.Reason.RECEIVED,
            note="Delivery of the season",
            actor=TILL,
            created_at=now - timedelta(days=DAYS + 1),
        )
        for variant_id in sorted(moved)
    ]
    StockMovement.objects.bulk_create([*received, *_shipments(past, levels)])
    for variant_id in sorted(promised):
        StockLevel.objects.filter(variant_id=variant_id).update(
            on_hand=F("on_hand") + promised[variant_id], reserved=F("reserved") + promised[variant_id]
        )


def _shipments(past: Sequence[Written], levels: dict[int, StockLevel]) -> Iterator[StockMovement]:
    left = [each for each in past if each.order.status in (Status.SHIPPED, Status.DELIVERED)]
    for each in sorted(left, key=lambda each: _steps(each.planned)[Step.SHIPPED]):
        for line in each.lines:
            yield StockMovement(
                level=levels[line.variant_id],
                quantity=-line.quantity,
                reason=StockMovement.Reason.SHIPPED,
                reference=each.order.number,
                actor=CLERK,
                created_at=_steps(each.planned)[Step.SHIPPED],
            )
