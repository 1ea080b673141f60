"""The audit finds what it promises to find: each rule is broken once, behind the acts' back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F
from django.utils import timezone

from catalog.inventory import stock
from catalog.models import Category, PriceChange, Product, StockLevel, StockMovement, Variant
from catalog.tests.factories import VariantFactory
from orders import documents, emails, lifecycle, refunds
from orders.actors import staff
from orders.models import (
    Cart,
    Coupon,
    Invoice,
    InvoiceCounter,
    Order,
    OrderEvent,
    OrderLine,
    Payment,
    Redemption,
    Refund,
    ReturnLine,
    Shipment,
    ShipmentLine,
    WebhookDelivery,
)
from orders.reports import catalogue_rules, invariants, money_rules, piece_rules, price_rules
from orders.reports.invariants import verdicts
from orders.reports.rule import Invariant
from orders.tests.factories import CouponFactory
from orders.tests.given_back import given_back
from orders.tests.placing import place
from orders.tests.returning import delivered, received
from orders.webhooks.tests.factories import EndpointFactory

pytestmark = pytest.mark.django_db


def run(sql: str) -> None:
    """SQL that the constraints would refuse; they come back with the rollback."""
    with connection.cursor() as cursor:
        cursor.execute(sql)


def unconstrained(table: str, constraint: str, update: str) -> Callable[[], None]:
    def act() -> None:
        run("SET CONSTRAINTS ALL IMMEDIATE")
        run(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
        run(update)

    return act


def rewritten(table: str, update: str) -> Callable[[], object]:
    """An update of what is append-only."""

    def act() -> None:
        run("SET CONSTRAINTS ALL IMMEDIATE")
        run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        run(update)

    return act


BREAKERS: dict[str, Callable[[], object]] = {
    invariants.ON_HAND.name: lambda: StockLevel.objects.update(on_hand=77),
    invariants.LEDGER.name: rewritten(
        "catalog_stockmovement", "UPDATE catalog_stockmovement SET on_hand_after = on_hand_after + 1"
    ),
    invariants.WITHIN.name: unconstrained(
        "catalog_stocklevel",
        "catalog_stocklevel_reserved_within_on_hand",
        "UPDATE catalog_stocklevel SET reserved = 100",
    ),
    invariants.RESERVED.name: lambda: StockLevel.objects.update(reserved=0),
    invariants.STOCKED.name: lambda: (
        StockMovement.objects.all().delete(),
        StockLevel.objects.all().delete(),
    ),
    invariants.LISTED_PRICE.name: lambda: Product.objects.update(price=1),
    price_rules.PRICED.name: lambda: Variant.objects.update(price=1),
    price_rules.UNBROKEN.name: lambda: PriceChange.objects.create(
        variant=Variant.objects.get(), price_before=1, price=1250, actor="nobody"
    ),
    catalogue_rules.TREE.name: lambda: Category.objects.filter(depth=1).update(numchild=7),
    invariants.HAS_LINES.name: lambda: OrderLine.objects.all().delete(),
    invariants.LINE_TOTAL.name: unconstrained(
        "orders_orderline",
        "orders_orderline_total_adds_up",
        "UPDATE orders_orderline SET total = total + 1",
    ),
    invariants.ORDER_TOTAL.name: lambda: Order.objects.update(subtotal=1, total=1, shipping=0),
    invariants.CURRENCY.name: lambda: Payment.objects.update(currency="USD"),
    invariants.ONE_PER_CART.name: lambda: Cart.objects.create(status="ordered"),
    invariants.NUMBERS.name: unconstrained(
        "orders_order", "orders_order_number_form", "UPDATE orders_order SET number = '100001'"
    ),
    money_rules.MONEY_FLOW.name: lambda: Payment.objects.update(state="captured", amount=10**9, captured_amount=10**9),
    money_rules.PAID.name: lambda: Order.objects.update(payment_status="paid"),
    invariants.TIMELINE.name: lambda: Order.objects.update(status="delivered"),
}


@pytest.mark.parametrize("rule", BREAKERS)
def test_a_broken_rule_is_found(rule: str) -> None:
    place((VariantFactory.create(stock=5, price=1250), 2))
    assert all(verdict.holds for verdict in verdicts())

    BREAKERS[rule]()

    assert rule in [verdict.name for verdict in verdicts() if not verdict.holds]


@pytest.mark.parametrize(
    ("path", "depth", "numchild", "said"),
    [
        ("00010001", 2, 0, "nothing is above it"),
        ("00010001", 1, 0, "is said to be at depth 1"),
        ("0001", 1, 1, "is said to hold 1, holds 0"),
    ],
)
def test_what_is_wrong_with_the_tree_is_said(path: str, depth: int, numchild: int, said: str) -> None:
    Category.objects.bulk_create([Category(name="Mugs", slug="mugs", path=path, depth=depth, numchild=numchild)])
    [broken] = [verdict for verdict in verdicts() if not verdict.holds]
    assert (broken.name, broken.offenders) == (catalogue_rules.TREE.name, (f"category mugs ({path}): {said}",))


RETURN_BREAKERS: dict[str, Callable[[], object]] = {
    "returned without a return": lambda: OrderLine.objects.update(returned=2),
    "a return nobody counted": lambda: OrderLine.objects.update(returned=0),
    "restocked and not in the ledger": lambda: ReturnLine.objects.update(quantity=2, received=2, restocked=2),
    "in the ledger twice": lambda: stock.put_back(
        {variant.pk: 1 for variant in Variant.objects.all()}, reference=Order.objects.get().number, actor="otto"
    ),
}


@pytest.mark.parametrize("breaker", RETURN_BREAKERS)
def test_pieces_that_come_back_are_counted_once(breaker: str) -> None:
    received(delivered((VariantFactory.create(stock=5), 2)), 1)
    assert all(verdict.holds for verdict in verdicts())

    RETURN_BREAKERS[breaker]()

    broken = {verdict.name for verdict in verdicts() if not verdict.holds}
    assert broken & {piece_rules.RETURNED.name, piece_rules.RESTOCKED.name}


SHIPMENT_BREAKERS: dict[str, tuple[Invariant, Callable[[], object]]] = {
    "shipped without a parcel": (piece_rules.SHIPPED, lambda: ShipmentLine.objects.all().delete()),
    "a parcel that nobody counted": (piece_rules.SHIPPED, lambda: ShipmentLine.objects.update(quantity=1)),
    "a parcel of another order": (
        piece_rules.SHIPPED,
        lambda: Shipment.objects.update(order=place((VariantFactory.create(stock=5), 1))),
    ),
    "not in the ledger": (
        piece_rules.SHIPPED_IN_LEDGER,
        lambda: StockMovement.objects.filter(reason="shipped").update(reference="somewhere"),
    ),
    "in the ledger twice": (
        piece_rules.SHIPPED_IN_LEDGER,
        lambda: StockMovement.objects.filter(reason="shipped").update(quantity=-4),
    ),
    "another variant left": (
        piece_rules.SHIPPED_IN_LEDGER,
        lambda: StockMovement.objects.filter(reason="shipped").update(
            level=StockLevel.objects.get(variant=VariantFactory.create(stock=5))
        ),
    ),
}


@pytest.mark.parametrize("breaker", SHIPMENT_BREAKERS)
def test_pieces_that_leave_are_in_a_parcel_and_in_the_ledger(breaker: str) -> None:
    delivered((VariantFactory.create(stock=5), 2))
    assert all(verdict.holds for verdict in verdicts())

    rule, act = SHIPMENT_BREAKERS[breaker]
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("ALTER TABLE catalog_stockmovement DISABLE TRIGGER USER")
    act()

    assert rule.name in [verdict.name for verdict in verdicts() if not verdict.holds]


def test_an_order_from_before_this_shop_has_neither_parcels_nor_movements() -> None:
    order = place((VariantFactory.create(stock=5), 2))
    lifecycle.cancel(order=order, actor=staff("otto"))
    broken = {piece_rules.SHIPPED.name, piece_rules.SHIPPED_IN_LEDGER.name}
    order.lines.update(shipped=2)
    assert broken <= {verdict.name for verdict in verdicts() if not verdict.holds}
    Order.objects.update(channel="imported")
    assert not broken & {verdict.name for verdict in verdicts() if not verdict.holds}


def test_a_refund_that_restocks_what_was_shipped_is_no_return() -> None:
    order = delivered((VariantFactory.create(stock=5), 2))
    line = order.lines.get().pk
    refunds.request_refund(
        order=order, terms=refunds.RefundTerms(pieces={line: 1}, restock=[line]), actor=staff("otto")
    )
    assert all(verdict.holds for verdict in verdicts())


COUPON_BREAKERS: dict[str, Callable[[], object]] = {
    "a use too few": lambda: Coupon.objects.update(used=1),
    "a use too many": lambda: Coupon.objects.update(used=3, max_uses=None),
    "beyond the limit": unconstrained(
        "orders_coupon", "orders_coupon_used_within_limit", "UPDATE orders_coupon SET max_uses = 1"
    ),
    "twice by one mailbox": lambda: Redemption.objects.update(email_key="guest@example.com"),
    "as guest and by account": lambda: Redemption.objects.filter(email_key="other@example.com").update(
        account_key="guest@example.com"
    ),
    "twice by one account": lambda: Redemption.objects.update(
        customer=get_user_model().objects.create_user("alice", "alice@example.com", "irrelevant-here")
    ),
    "an order that never redeemed": lambda: Order.objects.update(coupon_code=""),
    "given back and alive": lambda: Redemption.objects.update(given_back_at=timezone.now()),
    "a discount larger than what was redeemed": lambda: Redemption.objects.update(amount=1),
    "a discount smaller than what was redeemed": lambda: Redemption.objects.update(amount=F("amount") + 100),
}
BROKEN_BY = {
    **dict.fromkeys(["a use too few", "a use too many", "beyond the limit"], invariants.COUPON_USES),
    **dict.fromkeys(
        ["twice by one mailbox", "as guest and by account", "twice by one account"], invariants.COUPON_CUSTOMERS
    ),
    **dict.fromkeys(
        [
            "an order that never redeemed",
            "given back and alive",
            "a discount larger than what was redeemed",
            "a discount smaller than what was redeemed",
        ],
        invariants.COUPON_ORDERS,
    ),
}


@pytest.mark.parametrize("how", COUPON_BREAKERS)
def test_a_coupon_that_was_redeemed_wrongly_is_found(how: str) -> None:
    CouponFactory.create(code="ONCE", max_uses=2, max_uses_per_customer=1)
    variant = VariantFactory.create(stock=5, price=1250)
    place((variant, 1), coupon="ONCE")
    place((variant, 1), coupon="ONCE", email="other@example.com")
    assert all(verdict.holds for verdict in verdicts())

    COUPON_BREAKERS[how]()

    assert BROKEN_BY[how].name in [verdict.name for verdict in verdicts() if not verdict.holds]


def test_a_lost_confirmation_is_found() -> None:
    place((VariantFactory.create(stock=5), 2))
    run("DELETE FROM procrastinate_events")
    run("DELETE FROM procrastinate_jobs")
    assert [v.name for v in verdicts() if not v.holds] == [invariants.CONFIRMED.name]


def test_a_confirmation_whose_job_has_given_up_is_found_unless_it_was_sent() -> None:
    order = place((VariantFactory.create(stock=5), 2))
    run("UPDATE procrastinate_jobs SET status = 'failed'")
    assert [v.name for v in verdicts() if not v.holds] == [invariants.CONFIRMED.name]
    emails.send(order_id=order.pk, message="confirmation")
    assert [v.name for v in verdicts() if not v.holds] == []


def test_a_webhook_that_nobody_sends_is_found() -> None:
    EndpointFactory.create(events=["order.placed"])
    place((VariantFactory.create(stock=5), 2))
    assert [v.name for v in verdicts() if not v.holds] == []
    WebhookDelivery.objects.update(next_attempt_at=timezone.now() - timedelta(hours=2))
    assert [v.name for v in verdicts() if not v.holds] == [invariants.MESSAGES.name]


def test_an_illegal_step_of_the_timeline_is_found() -> None:
    order = lifecycle.accept(order=place((VariantFactory.create(stock=5), 2)), actor=staff("otto"))
    OrderEvent.objects.create(order=order, kind="status", from_status="processing", to_status="pending")
    assert invariants.TIMELINE.name in [v.name for v in verdicts() if not v.holds]


def an_invoiced_order() -> Order:
    """Paid, invoiced, a part given back and credited."""
    order = lifecycle.mark_paid(order=place((VariantFactory.create(stock=5), 2)), actor=staff("otto"))
    documents.issue_invoice(order_id=order.pk)
    documents.issue_credit_note(refund_id=given_back(order, 1).pk)
    run("DELETE FROM procrastinate_events")
    run("UPDATE procrastinate_jobs SET status = 'succeeded'")
    return order


def reissued(change: str) -> Callable[[], None]:
    """What was issued, changed behind the trigger's back."""

    def act() -> None:
        run("SET CONSTRAINTS ALL IMMEDIATE")
        run("ALTER TABLE orders_invoice DISABLE TRIGGER orders_invoice_append_only")
        run(change)

    return act


@pytest.mark.parametrize(
    ("rule", "break_it"),
    [
        (invariants.GAPLESS, lambda: InvoiceCounter.objects.update(last=F("last") + 1)),
        (invariants.GAPLESS, lambda: Invoice.objects.filter(kind="credit_note").delete()),
        (invariants.GAPLESS, lambda: InvoiceCounter.objects.all().delete()),
        (invariants.GAPLESS, reissued("UPDATE orders_invoice SET sequence = 2")),
        (invariants.INVOICED, lambda: Invoice.objects.filter(kind="invoice").delete()),
        (invariants.INVOICED, lambda: Order.objects.update(payment_status="unpaid")),
        (invariants.INVOICED, lambda: Order.objects.update(channel="imported")),
        (invariants.INVOICED, reissued("UPDATE orders_invoice SET content = jsonb_set(content, '{total}', '1')")),
        (invariants.CREDITED, lambda: Invoice.objects.filter(kind="credit_note").delete()),
        (invariants.CREDITED, lambda: Refund.objects.update(state="failed")),
        (invariants.CREDITED, reissued("UPDATE orders_invoice SET content = jsonb_set(content, '{total}', '2')")),
    ],
)
def test_a_document_that_is_not_right_is_found(rule: Invariant, break_it: Callable[[], object]) -> None:
    an_invoiced_order()
    assert [verdict for verdict in verdicts() if not verdict.holds] == []

    break_it()

    assert rule.name in [verdict.name for verdict in verdicts() if not verdict.holds]


def test_a_document_whose_job_waits_is_not_missing_yet() -> None:
    order = lifecycle.mark_paid(order=place((VariantFactory.create(stock=5), 2)), actor=staff("otto"))
    assert all(verdict.holds for verdict in verdicts())
    run("UPDATE procrastinate_jobs SET status = 'failed' WHERE task_name = 'orders.issue_invoice'")
    (broken,) = [verdict for verdict in verdicts() if not verdict.holds]
    assert (broken.name, broken.offenders) == (invariants.INVOICED.name, (f"order {order.number} (paid): no invoice",))


def test_the_command_names_the_offenders_and_fails(capsys: pytest.CaptureFixture[str]) -> None:
    variant = VariantFactory.create(stock=5, sku="MUG-BLUE")
    StockLevel.objects.filter(variant=variant).update(on_hand=6)

    with pytest.raises(CommandError, match="2 rules are broken"):
        call_command("audit")

    assert "SKU MUG-BLUE: 6 on hand, movements sum up to 5" in capsys.readouterr().out


def test_an_empty_shop_is_clean(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("audit")
    assert "Everything adds up." in capsys.readouterr().out
