from __future__ import annotations

import io
from datetime import UTC, date, datetime
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import IntegrityError, connection
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import User
from catalog.importing.models import ImportRun
from catalog.models import StockLevel, StockMovement
from catalog.tests.factories import ProductFactory
from orders.actors import staff
from orders.claiming import claim_guest_orders
from orders.importing.batches import Tally
from orders.importing.layout import Layout
from orders.importing.reading import Unreadable
from orders.importing.running import import_orders
from orders.models import Order, OrderEvent, OrderLine, Payment
from orders.reports.access import EVERYBODY
from orders.reports.parameters import GroupBy, Parameters
from orders.reports.queries import summarize
from orders.tests.auditing import broken_rules
from orders.webhooks.tests.factories import EndpointFactory

pytestmark = pytest.mark.django_db

HEADER = "order,date,email,sku,name,quantity,unit_price,status,discount,shipping,tax\n"
MUGS = "1001,2024-05-01 10:00,Ann@Example.com,MUG,Mug of old,2,12.50,delivered,,4.90,\n"
POTS = "1001,2024-05-01 10:00,,POT,Pot,1,10.00,delivered,5.00,,4.79\n"
OFF = "1002,2024-05-02,,MUG,,-3,12.50,cancelled,,,\n"
BACK = "1003,2024-05-03,bob@example.com,,Voucher,1,20.00,refunded,,,\n"
GIFT = "1004,2024-05-04,bob@example.com,MUG,Mug,1,0,delivered,,,\n"
FILE = HEADER + MUGS + POTS + OFF + BACK + GIFT
LAYOUT = Layout(now=datetime(2026, 1, 1, tzinfo=UTC))


def run_import(text: str = FILE, *, layout: Layout = LAYOUT, run: ImportRun | None = None, **fields: Any) -> Tally:
    run = run or new_run(**fields)
    return import_orders(run=run, lines=io.StringIO(text, newline=""), layout=layout, actor=staff("mona"))


def new_run(**fields: Any) -> ImportRun:
    return ImportRun.objects.create(kind="orders", file_name="old-shop.csv", **fields)


def told() -> list[tuple[int, str, bool]]:
    run = ImportRun.objects.latest("pk")
    return [(problem.line, problem.message, problem.is_refusal) for problem in run.problems.all()]


def test_orders_come_in_as_they_were(db: None) -> None:
    mug = ProductFactory.create(name="Mug", price=1500, sku="mug").variants.get()
    tally = run_import()

    order = Order.objects.get(external_number="1001")
    assert (order.subtotal, order.discount, order.shipping, order.tax, order.total) == (3500, 500, 490, 479, 3490)
    assert (order.channel, order.status, order.payment_status) == ("imported", "delivered", "paid")
    assert order.placed_at == order.delivered_at == datetime(2024, 5, 1, 10, tzinfo=UTC)
    assert order.email == "ann@example.com"
    lines = [(line.variant, line.sku, line.product_name, line.quantity, line.total) for line in order.lines.all()]
    assert lines == [(mug, "MUG", "Mug of old", 2, 2143), (None, "POT", "Pot", 1, 857)]
    assert [line.tax_rate for line in order.lines.all()] == [19, 19]

    assert (tally.created, tally.cancelled, tally.lines, tally.pieces) == (4, 1, 5, 8)
    assert (tally.revenue, tally.called_off) == ({"EUR": 5490}, {"EUR": 3750})
    assert broken_rules() == []


def test_every_way_an_order_may_have_ended_is_told_legally() -> None:
    run_import()
    ends = {number: (status, paid) for number, status, paid in Order.objects.values_list(
        "external_number", "status", "payment_status"
    )}  # fmt: skip
    assert ends == {
        "1001": ("delivered", "paid"),
        "1002": ("cancelled", "unpaid"),
        "1003": ("delivered", "refunded"),
        "1004": ("delivered", "paid"),
    }
    path = OrderEvent.objects.filter(order__external_number="1001", kind__in=["placed", "status"])
    assert list(path.values_list("to_status", flat=True)) == ["pending", "processing", "shipped", "delivered"]
    assert {at.date() for at in path.values_list("created_at", flat=True)} == {date(2024, 5, 1)}
    assert Payment.objects.get(order__external_number="1003").refunded_amount == 2000


def test_nothing_else_happens() -> None:
    EndpointFactory.create()
    ProductFactory.create(name="Mug", sku="MUG", stock=5)
    stock = list(StockLevel.objects.values()), StockMovement.objects.count()
    jobs = ProcrastinateJob.objects.count()
    run_import()
    assert (list(StockLevel.objects.values()), StockMovement.objects.count()) == stock
    assert ProcrastinateJob.objects.count() == jobs
    assert mail.outbox == []
    assert User.objects.count() == 0


def test_the_same_file_again_changes_nothing() -> None:
    run_import()
    before = [list(model.objects.order_by("pk").values()) for model in (Order, OrderLine, OrderEvent, Payment)]
    tally = run_import()
    assert (tally.created, tally.unchanged, tally.refused) == (0, 4, 0)
    assert [list(model.objects.order_by("pk").values()) for model in (Order, OrderLine, OrderEvent, Payment)] == before
    assert told() == []


def test_a_changed_order_is_refused_and_what_became_of_one_is_only_told() -> None:
    run_import()
    tally = run_import(FILE.replace("12.50,delivered", "13.50,delivered").replace("refunded", "delivered"))
    assert (tally.created, tally.unchanged, tally.refused) == (0, 3, 1)
    assert told() == [
        (2, "Order 1001: It was imported before, and differs now: what is there is left as it is.", True),
        (5, "Order 1003: It is delivered and refunded here, and is left so.", False),
    ]


def test_refused_rows_are_reported_and_the_rest_comes_in() -> None:
    tally = run_import(FILE.replace("POT,Pot,1", "POT,Pot,many"))
    assert (tally.created, tally.refused) == (3, 1)
    assert told() == [(3, "Order 1001: This is not a whole number.", True)]
    run = ImportRun.objects.get()
    assert (run.state, run.created, run.refused, run.line) == ("done", 3, 1, 6)
    assert broken_rules() == []


@pytest.mark.parametrize("is_dry_run", [True, False])
@pytest.mark.parametrize("batch", [1, 500])
def test_rows_of_an_order_that_stand_apart_are_refused(
    is_dry_run: bool, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orders.importing.running.BATCH", batch)
    tally = run_import(HEADER + MUGS + GIFT + POTS, is_dry_run=is_dry_run)
    assert (tally.created, tally.refused) == (2, 1)


def test_a_dry_run_reports_and_writes_nothing() -> None:
    tally = run_import(FILE.replace("1004,2024", "1004,20x24"), is_dry_run=True)
    assert (tally.created, tally.refused, tally.revenue) == (3, 1, {"EUR": 5490})
    assert not Order.objects.exists()
    assert len(told()) == 1


def test_a_run_goes_on_where_it_was_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orders.importing.running.BATCH", 1)
    run = new_run()
    with pytest.raises(Unreadable):
        run_import(HEADER + MUGS + POTS + OFF + '"' + "x" * 200_000, run=run)
    run.refresh_from_db()
    assert (run.state, run.line, run.created) == ("failed", 3, 1)
    run_import(run=run)
    run.refresh_from_db()
    assert (run.state, run.created, run.unchanged) == ("done", 4, 0)
    assert Order.objects.count() == 4


def test_orders_join_an_account_only_when_its_address_is_confirmed() -> None:
    ann = User.objects.create_user(username="ann", email="ann@example.com")
    bob = User.objects.create_user(username="bob", email="bob@example.com")
    EmailAddress.objects.create(user=ann, email=ann.email, verified=True, primary=True)
    EmailAddress.objects.create(user=bob, email=bob.email, verified=False, primary=True)
    run_import()
    assert Order.objects.get(external_number="1001").customer == ann
    assert Order.objects.get(external_number="1003").customer is None


@pytest.mark.django_db(transaction=True)
def test_imported_orders_join_whoever_confirms_the_address_later() -> None:
    run_import()
    bob = User.objects.create_user(username="bob", email="bob@example.com")
    assert claim_guest_orders(user=bob, email=bob.email) == 2


def test_customers_without_an_address_are_nobody_to_write_to() -> None:
    header = "order,date,customer,sku,quantity,unit_price,status\n"
    run_import(header + "1,2024-05-01,17850,A,1,1,paid\n2,2024-05-01,,A,1,1,paid\n3,2024-05-01,../@,A,1,1,paid\n")
    emails = Order.objects.order_by("external_number").values_list("email", flat=True)
    assert list(emails) == ["17850@customer.invalid", "nobody@customer.invalid", "nobody@customer.invalid"]
    assert all(order.is_nobodys for order in Order.objects.all())


def test_reports_count_them_at_their_dates() -> None:
    ProductFactory.create(name="Mug", sku="MUG")
    run_import()
    may = Parameters(GroupBy.DAY, date(2024, 5, 1), date(2024, 5, 31))
    assert summarize(may, scope=EVERYBODY).totals.total == 5490
    assert [row.figures.total for row in summarize(may, scope=EVERYBODY).rows[:4]] == [3490, 0, 2000, 0]
    by_product = summarize(Parameters(GroupBy.PRODUCT, may.start, may.end), scope=EVERYBODY)
    assert [(row.label, row.figures.gross) for row in by_product.rows] == [
        ("Not in the catalogue", 3000), ("Mug", 2500)
    ]  # fmt: skip
    assert sum(row.figures.gross for row in by_product.rows) == by_product.totals.gross


@pytest.mark.parametrize("change", ["external_number = '1001'", "channel = 'api'"])
def test_one_number_is_imported_once_and_only_imported_orders_have_one(change: str) -> None:
    run_import()
    with pytest.raises(IntegrityError), connection.cursor() as cursor:
        cursor.execute(f"UPDATE orders_order SET {change} WHERE external_number = '1002'")
