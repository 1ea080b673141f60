"""A report reads one moment, writes nothing, and gives up when it takes too long."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import InternalError, connection
from django.db.backends.utils import CursorWrapper
from django.test import Client

from accounts.models import User
from orders.errors import ReportTooSlow
from orders.models import Order
from orders.reports import queries
from orders.reports.access import EVERYBODY
from orders.reports.figures import Summary
from orders.reports.parameters import GroupBy, Parameters
from orders.tests.factories import OrderFactory

pytestmark = pytest.mark.django_db(transaction=True)

NOVEMBER = Parameters(GroupBy.MONTH, date(2026, 11, 1), date(2026, 11, 30))


def test_a_report_runs_in_a_read_only_repeatable_transaction_with_a_time_limit() -> None:
    with queries.snapshot() as cursor:
        seen = {name: _shown(cursor, name) for name in ("transaction_isolation", "transaction_read_only")}
        limit = _shown(cursor, "statement_timeout")
    with connection.cursor() as cursor:
        afterwards = _shown(cursor, "statement_timeout")

    assert seen == {"transaction_isolation": "repeatable read", "transaction_read_only": "on"}
    assert (limit, afterwards) == ("10s", "0")


def _shown(cursor: CursorWrapper, name: str) -> str:
    cursor.execute(f"SHOW {name}")
    return str(cursor.fetchall()[0][0])


def test_nothing_can_be_written_from_a_report() -> None:
    order = OrderFactory.create()

    with pytest.raises(InternalError, match="read-only"), queries.snapshot() as cursor:
        cursor.execute("UPDATE orders_order SET status = 'cancelled'")

    assert Order.objects.get(pk=order.pk).status == "pending"


def test_a_statement_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "TIME_LIMIT", "20ms")

    with pytest.raises(ReportTooSlow), queries.snapshot() as cursor:
        cursor.execute("SELECT pg_sleep(10)")


@pytest.mark.parametrize("path", ["/reports/orders/", "/reports/orders/csv/"])
def test_a_manager_is_told_that_a_report_takes_too_long(
    path: str, mona: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "TIME_LIMIT", "100ms")
    client.force_login(mona)

    with _orders_locked():
        response = client.get(path)

    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert "This report takes too long. Choose fewer days." in response.content.decode()


@contextlib.contextmanager
def _orders_locked() -> Iterator[None]:
    """Nobody can read an order."""
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("LOCK TABLE orders_order IN ACCESS EXCLUSIVE MODE")
            yield
        other.rollback()
    finally:
        other.close()


def test_rows_and_totals_agree_although_an_order_comes_in_between() -> None:
    summary = _summary_while_ordering()

    assert sum(row.figures.orders for row in summary.rows) == summary.totals.orders == 1
    assert Order.objects.count() == 2


def test_control_without_the_snapshot_they_would_not_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "snapshot", connection.cursor)

    summary = _summary_while_ordering()

    assert (summary.rows[0].figures.orders, summary.totals.orders) == (2, 1)


def _summary_while_ordering() -> Summary:
    """One order is there before the report, another is placed between its two statements."""
    _place()

    def place_after_totals(execute: Callable[..., Any], sql: str, *others: Any) -> Any:
        result = execute(sql, *others)
        if sql == queries.TOTALS:
            thread = threading.Thread(target=_place_elsewhere)
            thread.start()
            thread.join(10)
        return result

    with connection.execute_wrapper(place_after_totals):
        return queries.summarize(NOVEMBER, scope=EVERYBODY)


def _place() -> None:
    OrderFactory.create(placed_at=datetime(2026, 11, 3, tzinfo=UTC))


def _place_elsewhere() -> None:
    try:
        _place()
    finally:
        connection.close()
