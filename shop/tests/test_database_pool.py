"""The pool of connections, against a real server whose connections are cut."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection
from psycopg_pool import ConnectionPool, PoolTimeout

from shop.database.pool import LOOK_EVERY, Pool

pytestmark = pytest.mark.django_db

CONNECTIONS = 4
NOWHERE = {"host": "127.0.0.1", "port": 1, "dbname": "shop", "connect_timeout": 2}


def address() -> dict[str, Any]:
    at = connection.settings_dict
    return {"host": at["HOST"], "port": at["PORT"], "user": at["USER"], "dbname": at["NAME"], "autocommit": True}


@pytest.fixture
def pool() -> Iterator[Pool]:
    with Pool(kwargs=address(), min_size=CONNECTIONS, max_size=CONNECTIONS, timeout=5, open=False) as opened:
        opened.wait()
        yield opened


def cut_all(pool: ConnectionPool[Any]) -> None:
    """As a restart of PostgreSQL does."""
    taken = [pool.getconn() for _ in range(CONNECTIONS)]
    pids = [one.info.backend_pid for one in taken]
    for one in taken:
        pool.putconn(one)
    with psycopg.connect(**address()) as other:
        other.execute("SELECT pg_terminate_backend(pid, 5000) FROM unnest(%s::int[]) pid", [pids])


def seconds_to_ask(pool: ConnectionPool[Any]) -> float:
    started = time.monotonic()
    one = pool.getconn()
    one.execute("SELECT 1")
    taken = time.monotonic() - started
    pool.putconn(one)
    return taken


def test_broken_connections_are_replaced_at_once(pool: Pool) -> None:
    cut_all(pool)
    assert seconds_to_ask(pool) < 1
    assert pool.get_stats()["pool_size"] == CONNECTIONS


def test_control_psycopgs_own_pool_sleeps_after_each() -> None:
    checked = ConnectionPool.check_connection
    options: dict[str, Any] = {"min_size": CONNECTIONS, "max_size": CONNECTIONS, "timeout": 20, "check": checked}
    with ConnectionPool(kwargs=address(), open=False, **options) as pool:
        pool.wait()
        cut_all(pool)
        assert seconds_to_ask(pool) > 1


def test_without_a_database_requests_are_told_soon_and_each_tries_again() -> None:
    with Pool(kwargs=NOWHERE, min_size=1, max_size=CONNECTIONS, timeout=20, open=False) as pool:
        for _ in range(2):
            started = time.monotonic()
            with pytest.raises(psycopg.OperationalError, match="does not answer"):
                pool.getconn()
            assert time.monotonic() - started < 5
        pool.kwargs = address()  # it is back
        assert seconds_to_ask(pool) < 1


def test_all_connections_in_use_is_waited_out_up_to_the_limit(pool: Pool) -> None:
    taken = [pool.getconn() for _ in range(CONNECTIONS)]
    started = time.monotonic()
    with pytest.raises(PoolTimeout):
        pool.getconn(timeout=2 * LOOK_EVERY + 0.2)
    assert time.monotonic() - started >= 2 * LOOK_EVERY
    for one in taken:
        pool.putconn(one)
    assert seconds_to_ask(pool) < 1
