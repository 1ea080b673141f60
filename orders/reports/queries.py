"""The order summary, computed by PostgreSQL: the only raw SQL of the shop.

Every statement is a constant; what people send is only ever a bound parameter. A report is two statements, its
rows and its totals, in one read-only snapshot with a time limit: the two agree although orders keep coming in,
and a report that is too heavy gives up instead of slowing the shop down.

Rows and totals are computed apart because they differ: an order with two products is in two rows and once in the
totals, and the totals leave cancelled orders out (unless asked for) also where a row shows them.
"""

# ruff: noqa: S608  # the statements are put together from constants of this module, and from nothing else

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from babel.dates import format_date
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg.errors import QueryCanceled

from orders.errors import ReportTooSlow
from orders.models import Order
from orders.reports.access import Scope
from orders.reports.figures import Figures, Row, Summary
from orders.reports.parameters import GroupBy, Parameters

ROW_LIMIT = 500
TIME_LIMIT = "10s"
CHUNK = 2000

# Orders in question, and what their lines (in the category, if one is asked for) add up to.
# `starts_at` and `ends_before` are moments, so that the index on `placed_at` serves.
CHOSEN = """
WITH chosen AS (
    SELECT o.id, o.customer_id, o.status, o.placed_at, o.shipping, o.tax, o.total
    FROM orders_order o
    WHERE o.placed_at >= %(starts_at)s AND o.placed_at < %(ends_before)s
      AND o.currency = %(currency)s
      AND (%(status)s::text IS NULL OR o.status = %(status)s)
      AND (%(customer_id)s::bigint IS NULL OR o.customer_id = %(customer_id)s)
      AND (%(with_cancelled)s OR o.status <> 'cancelled')
), line AS (
    SELECT l.order_id, l.variant_id, l.quantity, l.unit_price * l.quantity AS gross, l.discount
    FROM orders_orderline l
    JOIN chosen ON chosen.id = l.order_id
    WHERE %(category)s::text IS NULL OR l.variant_id IN (
        SELECT v.id
        FROM catalog_variant v
        JOIN catalog_product p ON p.id = v.product_id
        JOIN catalog_category c ON c.id = p.category_id
        JOIN catalog_category wanted ON starts_with(c.path, wanted.path)
        WHERE wanted.slug = %(category)s
    )
), sold AS (
    SELECT order_id, sum(quantity) AS units, sum(gross) AS gross, sum(discount) AS discount
    FROM line
    GROUP BY order_id
), whole AS (
    SELECT o.*, s.units, s.gross, s.discount
    FROM chosen o
    LEFT JOIN sold s ON s.order_id = o.id
    WHERE %(category)s::text IS NULL OR s.order_id IS NOT NULL
)
"""

OF_ORDERS = """
    count(o.id), coalesce(sum(o.units), 0), coalesce(sum(o.gross), 0), coalesce(sum(o.discount), 0),
    coalesce(sum(o.shipping), 0), coalesce(sum(o.tax), 0), coalesce(sum(o.total), 0)
"""

OF_LINES = """
    count(DISTINCT l.order_id), sum(l.quantity), sum(l.gross), sum(l.discount), NULL, NULL, NULL
"""

TOTALS = f"{CHOSEN} SELECT {OF_ORDERS} FROM whole o"

BY_PERIOD = f"""{CHOSEN}
SELECT to_char(period.start, 'YYYY-MM-DD'), NULL, {OF_ORDERS}
FROM generate_series(
    date_trunc(%(group_by)s::text, %(start)s::date::timestamp),
    %(end)s::date::timestamp,
    ('1 ' || %(group_by)s::text)::interval
) AS period (start)
LEFT JOIN (
    SELECT *, date_trunc(%(group_by)s::text, placed_at AT TIME ZONE %(zone)s::text) AS start FROM whole
) o ON o.start = period.start
GROUP BY period.start
ORDER BY period.start
"""

BY_STATUS = f"""{CHOSEN}
SELECT known.status, NULL, {OF_ORDERS}
FROM unnest(%(statuses)s::text[]) WITH ORDINALITY AS known (status, position)
LEFT JOIN whole o ON o.status = known.status
GROUP BY known.status, known.position
ORDER BY known.position
"""

BY_CUSTOMER = f"""{CHOSEN}
SELECT coalesce(u.id::text, ''), coalesce(u.email, 'Guests'), {OF_ORDERS}
FROM whole o
LEFT JOIN accounts_user u ON u.id = o.customer_id
GROUP BY u.id
ORDER BY sum(o.gross) DESC NULLS LAST, u.id
LIMIT %(limit)s
"""

BY_PRODUCT = f"""{CHOSEN}
SELECT coalesce(p.slug, ''), coalesce(p.name, 'Not in the catalogue'), {OF_LINES}
FROM line l
LEFT JOIN catalog_variant v ON v.id = l.variant_id
LEFT JOIN catalog_product p ON p.id = v.product_id
GROUP BY p.id
ORDER BY sum(l.gross) DESC, p.id
LIMIT %(limit)s
"""

BY_CATEGORY = f"""{CHOSEN}
SELECT
    coalesce(c.slug, ''),
    coalesce(
        (SELECT string_agg(a.name, ' › ' ORDER BY a.path) FROM catalog_category a WHERE starts_with(c.path, a.path)),
        'Not in the catalogue'
    ),
    {OF_LINES}
FROM line l
LEFT JOIN catalog_variant v ON v.id = l.variant_id
LEFT JOIN catalog_product p ON p.id = v.product_id
LEFT JOIN catalog_category c ON c.id = p.category_id
GROUP BY c.id
ORDER BY sum(l.gross) DESC, c.path
LIMIT %(limit)s
"""

BY_TOP_CATEGORY = f"""{CHOSEN}
SELECT coalesce(top.slug, ''), coalesce(top.name, 'Not in the catalogue'), {OF_LINES}
FROM line l
LEFT JOIN catalog_variant v ON v.id = l.variant_id
LEFT JOIN catalog_product p ON p.id = v.product_id
LEFT JOIN catalog_category c ON c.id = p.category_id
LEFT JOIN catalog_category top ON top.depth = 1 AND starts_with(c.path, top.path)
GROUP BY top.id
ORDER BY sum(l.gross) DESC, top.path
LIMIT %(limit)s
"""

ROWS = {
    GroupBy.DAY: BY_PERIOD,
    GroupBy.WEEK: BY_PERIOD,
    GroupBy.MONTH: BY_PERIOD,
    GroupBy.STATUS: BY_STATUS,
    GroupBy.CUSTOMER: BY_CUSTOMER,
    GroupBy.PRODUCT: BY_PRODUCT,
    GroupBy.CATEGORY: BY_CATEGORY,
    GroupBy.TOP_CATEGORY: BY_TOP_CATEGORY,
}


def summarize(parameters: Parameters, *, scope: Scope, limit: int = ROW_LIMIT) -> Summary:
    """The report with at most `limit` rows (periods and statuses always all). Raises ReportTooSlow."""
    with snapshot() as cursor:
        totals = _totals(cursor, parameters, scope)
        cursor.execute(ROWS[parameters.group_by], _bound(parameters, scope, limit=limit + 1))
        found = cursor.fetchall()
    kept = found if parameters.is_by_period else found[:limit]
    return Summary(tuple(_row(parameters, row) for row in kept), totals, truncated=len(kept) < len(found))


def walk(parameters: Parameters, *, scope: Scope) -> Iterator[Row | Figures]:
    """Every row, then the totals, read through a server-side cursor so that memory stays flat.

    The snapshot is open until the last item was taken: take them at once. Raises ReportTooSlow.
    """
    with snapshot() as cursor:
        totals = _totals(cursor, parameters, scope)
        with connection.chunked_cursor() as rows:
            rows.execute(ROWS[parameters.group_by], _bound(parameters, scope, limit=None))
            while chunk := rows.fetchmany(CHUNK):
                yield from (_row(parameters, row) for row in chunk)
        yield totals


@contextlib.contextmanager
def snapshot() -> Iterator[CursorWrapper]:
    """A read-only transaction that sees one moment and ends when a statement takes too long (ReportTooSlow).

    Inside a transaction of the caller it is a part of that one, whose isolation PostgreSQL cannot change any more.
    """
    is_outermost = not connection.in_atomic_block
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            if is_outermost:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [TIME_LIMIT])
            yield cursor
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise ReportTooSlow("This report takes too long. Choose fewer days.") from error
        raise


def _totals(cursor: CursorWrapper, parameters: Parameters, scope: Scope) -> Figures:
    bound = _bound(parameters, scope, limit=None) | {"with_cancelled": parameters.counts_cancelled}
    cursor.execute(TOTALS, bound)
    return _figures(cursor.fetchall()[0], whole=parameters.holds_whole_orders)


def _bound(parameters: Parameters, scope: Scope, *, limit: int | None) -> dict[str, Any]:
    """The values of all placeholders."""
    return {
        "group_by": parameters.group_by.value,
        "start": parameters.start,
        "end": parameters.end,
        "starts_at": parameters.starts_at,
        "ends_before": parameters.ends_before,
        "zone": str(parameters.zone),
        "currency": settings.SHOP_CURRENCY,
        "status": parameters.status or None,
        "statuses": [parameters.status] if parameters.status else list(Order.Status.values),
        "category": parameters.category or None,
        "customer_id": scope.customer_id,
        "with_cancelled": parameters.lists_cancelled,
        "limit": limit,
    }


def _row(parameters: Parameters, row: Sequence[Any]) -> Row:
    key, label, *sums = row
    return Row(
        key=key,
        label=_label(parameters.group_by, key, label),
        figures=_figures(sums, whole=parameters.rows_hold_whole_orders),
        in_totals=parameters.counts_cancelled or (parameters.group_by, key) != (GroupBy.STATUS, Order.Status.CANCELLED),
    )


def _figures(sums: Sequence[Any], *, whole: bool) -> Figures:
    orders, units, gross, discount, *of_orders = sums
    amounts = [int(amount) if whole else None for amount in of_orders]
    return Figures(int(orders), int(units), int(gross), int(discount), *amounts)


def _label(group_by: GroupBy, key: str, label: str | None) -> str:
    if group_by == GroupBy.STATUS:
        return str(Order.Status(key).label)
    if label is not None:
        return label
    day = date.fromisoformat(key)
    if group_by == GroupBy.WEEK:
        return f"{day.isocalendar().year}, week {day.isocalendar().week}"
    return format_date(day, "MMM y" if group_by == GroupBy.MONTH else "d MMM y", locale=settings.SHOP_LOCALE)
