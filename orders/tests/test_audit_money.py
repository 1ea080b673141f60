"""The audit's rules about money: each is broken once, behind the acts' back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.utils import timezone

from catalog.tests.factories import VariantFactory
from orders.actors import staff
from orders.models import Order, Payment, ProviderEvent, Refund, RefundLine
from orders.refunds import RefundTerms, request_refund
from orders.reports import money_rules
from orders.reports.rule import Invariant
from orders.settlement import settle
from orders.tests.paying import broken_rules, card_order, payment_of, tell
from shop.testing.provider import Double

pytestmark = pytest.mark.django_db


def unconstrained(constraint: str, sql: str) -> Callable[[], object]:
    """A change that PostgreSQL would refuse; the constraint comes back with the rollback."""

    def act() -> object:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            table = "orders_" + constraint.split("_")[1]
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {constraint}")
            cursor.execute(f"DROP INDEX IF EXISTS {constraint}")
            return cursor.execute(sql)

    return act


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def revived() -> None:
    Order.objects.update(expires_at=timezone.now(), expired_at=timezone.now(), status="pending")


def applied(**changes: object) -> object:
    event = ProviderEvent.objects.get()
    return ProviderEvent.objects.filter(pk=event.pk).update(
        outcome="applied", applied_at=timezone.now(), payment=Payment.objects.get(), **changes
    )


def again(model: type[Payment] | type[ProviderEvent], **changes: object) -> object:
    row = model.objects.order_by("pk")[0]
    row.pk = None
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(force_insert=True)
    return row


BREAKERS: list[tuple[Invariant, Callable[[], object]]] = [
    (money_rules.MONEY_FLOW, lambda: Order.objects.update(subtotal=0, discount=0, shipping=0, total=0)),
    (money_rules.PAID, lambda: Order.objects.update(payment_status="refunded")),
    (money_rules.AUTHORIZED, lambda: Order.objects.update(payment_status="authorized")),
    (
        money_rules.AUTHORIZED,
        lambda: (
            unconstrained("orders_payment_one_alive_per_order", "SELECT 1")(),
            again(Payment, state="started", reference="", captured_amount=0, refund_committed=0, refunded_amount=0),
        ),
    ),
    (
        money_rules.CALLED_OFF,
        lambda: (
            Payment.objects.update(state="started", captured_amount=0, refund_committed=0, refunded_amount=0),
            Order.objects.update(status="cancelled"),
        ),
    ),
    (money_rules.EXPIRED, revived),
    (money_rules.REFUND_BOOKS, lambda: Payment.objects.update(refund_committed=1)),
    (money_rules.REFUND_BOOKS, lambda: Refund.objects.update(state="failed")),
    (money_rules.REFUND_BOOKS, lambda: Refund.objects.update(state="succeeded")),
    (money_rules.REFUND_PARTS, lambda: RefundLine.objects.update(amount=1)),
    (money_rules.REFUND_PARTS, lambda: Refund.objects.update(currency="USD")),
    (money_rules.REFUND_PIECES, lambda: RefundLine.objects.update(quantity=3)),
    (money_rules.REFUND_PIECES, lambda: RefundLine.objects.all().delete()),
    (money_rules.REFUND_SHIPPING, lambda: Refund.objects.update(shipping=1000)),
    (
        money_rules.SURPLUS,
        lambda: (Refund.objects.all().delete(), Payment.objects.update(is_surplus=True, refund_committed=0)),
    ),
    (
        money_rules.EVENTS,
        lambda: (unconstrained("orders_providerevent_once", "SELECT 1")(), again(ProviderEvent)),
    ),
    (money_rules.EVENTS, lambda: again(ProviderEvent, event_id="evt_without_a_job")),
    (money_rules.EVENTS, lambda: run("UPDATE procrastinate_jobs SET status = 'failed'")),
    (money_rules.EVENTS_FIT, lambda: applied(amount=1)),
    (money_rules.EVENTS_FIT, lambda: applied(currency="USD")),
    (money_rules.EVENTS_FIT, lambda: applied(order_number="22222-22222")),
]


@pytest.mark.parametrize(("rule", "breaker"), BREAKERS, ids=lambda each: getattr(each, "name", "")[:30])
def test_a_broken_rule_is_found(stripe_double: Double, rule: Invariant, breaker: Callable[[], object]) -> None:
    order = card_order((VariantFactory.create(stock=5, price=1250), 2))
    stripe_double.ledger.pay(payment_of(order).reference)
    tell(stripe_double.ledger.events[-1])
    settle(payment_id=payment_of(order).pk)
    line = order.lines.get().pk
    request_refund(order=order, terms=RefundTerms({line: 1}, [line], shipping=True), actor=staff("bob"))
    assert broken_rules() == []

    breaker()

    assert any(broken.startswith(f"{rule.name}:") for broken in broken_rules()), broken_rules()


def test_every_rule_about_money_is_broken_once() -> None:
    assert {rule.name for rule, _ in BREAKERS} == {
        rule.name for rule in (money_rules.MONEY_FLOW, money_rules.PAID, *money_rules.MONEY_RULES)
    }
