"""A pool of connections that is quick to notice when the database goes, and when it comes back.

psycopg's own sleeps for one, two, four … seconds after each connection that it finds broken, and between its attempts
to connect: after a restart of PostgreSQL a request hung for as long as the pool had waited in vain before, with a
limit of five minutes. Here a broken connection is replaced at once; while the database is away requests are told so in
about a second, and each of them tries again.
"""

from __future__ import annotations

from time import monotonic
from typing import Any

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

LOOK_EVERY = 0.5


class Pool(ConnectionPool[Any]):
    """Takes the options of psycopg's, `check` and reconnection apart."""

    def __init__(self, **options: Any) -> None:
        self._failures = 0
        super().__init__(**options, reconnect_timeout=0, reconnect_failed=self._count_failure)

    def getconn(self, timeout: float | None = None) -> psycopg.Connection[Any]:
        """A connection that works. Raises PoolTimeout when none becomes free in time, and OperationalError as soon
        as it is known that there is no database to connect to."""
        deadline = monotonic() + (self.timeout if timeout is None else timeout)
        while True:
            failures = self._failures
            try:
                connection: psycopg.Connection[Any] = super().getconn(
                    min(LOOK_EVERY, max(0.01, deadline - monotonic()))
                )
            except PoolTimeout:
                if self._failures > failures and self.get_stats()["pool_size"] == 0:
                    raise psycopg.OperationalError("the database does not answer") from None
                if monotonic() >= deadline:
                    raise
                continue
            if self._works(connection):
                return connection
            connection.close()
            self.putconn(connection)  # which has it replaced

    def _works(self, connection: psycopg.Connection[Any]) -> bool:
        try:
            self.check_connection(connection)
        except psycopg.Error:
            return False
        return True

    def _count_failure(self, pool: ConnectionPool[Any]) -> None:
        self._failures += 1
