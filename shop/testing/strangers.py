"""Somebody else at the database: a connection that is not Django's, as an operator's psql would be."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

import psycopg
from django.db import connection
from django.db.models import Model
from psycopg import sql

Stranger = psycopg.Connection[tuple[object, ...]]
PATIENCE_SECONDS = 20


@contextlib.contextmanager
def stranger() -> Iterator[Stranger]:
    """A connection to the test's database, with the server's own settings; what it began is undone at the end."""
    at = connection.settings_dict
    with contextlib.closing(
        psycopg.connect(host=at["HOST"], port=at["PORT"], user=at["USER"], password=at["PASSWORD"], dbname=at["NAME"])
    ) as opened:
        yield opened


def hold(opened: Stranger, row: Model) -> None:
    """Lock the row until the stranger's transaction ends; waits for whoever has it."""
    table = sql.Identifier(row._meta.db_table)
    opened.execute(sql.SQL("SELECT FROM {} WHERE id = %s FOR UPDATE").format(table), [row.pk])


def wait_for_waiting(count: int) -> None:
    """Until so many connections wait for a lock; raises TimeoutError when they do not come."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    with stranger() as watching:
        watching.autocommit = True
        while (found := waiting(watching)) < count:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{found} of {count} connections wait for a lock.")
            time.sleep(0.01)


def waiting(watching: Stranger) -> int:
    """How many connections of this database wait for a lock now."""
    row = watching.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    ).fetchone()
    return int(str(row[0])) if row else 0
