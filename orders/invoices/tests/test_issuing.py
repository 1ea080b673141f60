"""Numbers without gaps and without twins, however many are issued at the same moment, and documents nobody changes."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from orders.invoices import issuing
from orders.invoices.content import CREDIT_NOTE, INVOICE
from orders.invoices.models import Invoice, InvoiceCounter
from orders.invoices.tests.documents import invoice
from orders.models import Order
from orders.tests.factories import OrderFactory
from shop.testing.races import at_once
from shop.testing.sql import captured_sql

DOCUMENT = invoice([("Mug", 1, 1000, 0, "19")])


def issue(order: Order) -> Invoice:
    with transaction.atomic():
        return issuing.issue(DOCUMENT, order_id=order.pk, refund_id=None, at=timezone.now())


def sequences() -> list[int]:
    return list(Invoice.objects.order_by("sequence").values_list("sequence", flat=True))


@pytest.mark.django_db
def test_numbers_follow_one_another_in_each_series() -> None:
    assert [issue(OrderFactory.create()).number for _ in range(3)] == ["INV-000001", "INV-000002", "INV-000003"]
    with transaction.atomic():
        assert issuing.next_number(CREDIT_NOTE) == 1
        assert issuing.next_number(INVOICE) == 4


@pytest.mark.django_db
def test_the_number_is_on_the_document() -> None:
    assert issue(OrderFactory.create()).content["number"] == "INV-000001"


@pytest.mark.django_db
def test_the_beginning_is_the_shops_choice_and_the_numbers_go_on(settings: object) -> None:
    issue(OrderFactory.create())
    settings.SHOP_INVOICE_PREFIX = "2027-"  # type: ignore[attr-defined]
    assert issue(OrderFactory.create()).number == "2027-000002"
    InvoiceCounter.objects.update(last=1_234_567)
    assert issue(OrderFactory.create()).number == "2027-1234568"


@pytest.mark.django_db
def test_a_number_whose_transaction_is_undone_goes_to_the_next() -> None:
    with transaction.atomic():
        issue(OrderFactory.create())
        transaction.set_rollback(True)
    assert issue(OrderFactory.create()).sequence == 1


@pytest.mark.django_db
def test_a_later_number_costs_three_statements() -> None:
    issue(OrderFactory.create())
    order = OrderFactory.create()
    with transaction.atomic(), captured_sql() as statements:
        issuing.issue(DOCUMENT, order_id=order.pk, refund_id=None, at=timezone.now())
    assert len(statements) == 3


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change", [{"number": "INV-9"}, {"content": {}}, {"sequence": 9}, {"issued_at": timezone.now()}]
)
def test_postgresql_refuses_to_change_what_was_issued(change: dict[str, object]) -> None:
    before = Invoice.objects.values().get(pk=issue(OrderFactory.create()).pk)
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        Invoice.objects.update(**change)
    assert Invoice.objects.values().get() == before


@pytest.mark.django_db
def test_postgresql_refuses_a_second_invoice_of_an_order() -> None:
    order = OrderFactory.create()
    issue(order)
    with pytest.raises(IntegrityError, match="orders_invoice_one_per_order"):
        issue(order)
    assert issue(OrderFactory.create()).sequence == 2


@pytest.mark.django_db
def test_an_order_with_an_invoice_stays() -> None:
    order = OrderFactory.create()
    issue(order)
    with pytest.raises(IntegrityError):
        order.delete()


# --- at the same moment


def some_give_up(orders: list[Order], take: Callable[[Order], Invoice]) -> list[Invoice | Exception]:
    """All orders get an invoice at once; every third transaction comes to nothing after it had its number."""

    def act(number: int) -> Invoice:
        with transaction.atomic():
            made = take(orders[number])
            if number % 3 == 0:
                raise ZeroDivisionError
            return made

    return at_once(len(orders), act)


@pytest.mark.django_db(transaction=True)
def test_thirty_at_once_leave_no_gap_also_when_some_give_up() -> None:
    """Also at the very first use, when there is no counter yet."""
    orders = [OrderFactory.create() for _ in range(30)]
    outcomes = some_give_up(orders, issue)
    assert [type(outcome) for outcome in outcomes] == [ZeroDivisionError, Invoice, Invoice] * 10
    assert sequences() == list(range(1, 21))
    assert InvoiceCounter.objects.get(pk=INVOICE).last == 20


@pytest.mark.django_db(transaction=True)
def test_control_a_counter_of_its_own_leaves_gaps(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a PostgreSQL sequence does: a number that was drawn is gone, whatever becomes of the transaction."""
    drawn = iter(range(1, 31))
    monkeypatch.setattr(issuing, "next_number", lambda kind: next(drawn))
    some_give_up([OrderFactory.create() for _ in range(30)], issue)
    assert len(sequences()) == 20
    assert sequences() != list(range(1, 21))


@pytest.mark.django_db(transaction=True)
def test_control_reading_the_last_number_without_a_lock_gives_it_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(kind: str) -> int:
        last = Invoice.objects.filter(kind=kind).order_by("-sequence").first()
        everybody_has_read.wait()
        return last.sequence + 1 if last else 1

    everybody_has_read = threading.Barrier(5, timeout=30)
    monkeypatch.setattr(issuing, "next_number", careless)
    orders = [OrderFactory.create() for _ in range(5)]
    outcomes = at_once(5, lambda number: issue(orders[number]))
    assert sum(isinstance(outcome, IntegrityError) for outcome in outcomes) == 4
