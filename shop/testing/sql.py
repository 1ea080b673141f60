"""Assertions on the SQL that an act sends: locks and budgets."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

from django.db import connection
from django.test.utils import CaptureQueriesContext

WRITE = r'^\s*(?:UPDATE|DELETE FROM|INSERT INTO)\s+"{table}"'


@contextlib.contextmanager
def captured_sql() -> Iterator[list[str]]:
    """Collects the statements of the block, in order; the list is complete after it."""
    statements: list[str] = []
    with CaptureQueriesContext(connection) as captured:
        yield statements
    statements.extend(query["sql"] for query in captured.captured_queries)


def assert_locked_before_written(statements: list[str], table: str) -> None:
    """Rows of the table are locked in a fixed order, and only then written.

    That is: a `SELECT … ORDER BY … FOR NO KEY UPDATE` of the table comes before the first write to it.
    """
    locks = [
        number
        for number, statement in enumerate(statements)
        if f'FROM "{table}"' in statement and "FOR NO KEY UPDATE" in statement
    ]
    writes = [number for number, sql in enumerate(statements) if re.match(WRITE.format(table=table), sql)]
    shown = "\n".join(statements)
    assert locks, f"{table} is never locked:\n{shown}"
    assert writes, f"{table} is never written:\n{shown}"
    assert locks[0] < writes[0], f"{table} is written before it is locked:\n{shown}"
    unordered = [statements[number] for number in locks if "ORDER BY" not in statements[number]]
    assert not unordered, f"{table} is locked in no fixed order:\n{unordered[0]}"
