"""The background worker, run inside a test until nothing is left to do.

For tests marked `django_db(transaction=True)`: a worker sees only what is committed.
"""

from __future__ import annotations

import asyncio
from typing import cast

from asgiref.sync import sync_to_async
from django.db import connections
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector


def work_off_the_queue() -> None:
    """Carry out every job that is due, as `manage.py procrastinate worker --one-shot` does.

    The jobs of earlier tests that committed are among them: their table is not emptied between tests.
    """
    connector = cast(DjangoConnector, app.connector).get_worker_connector()
    try:
        app.with_connector(connector).run_worker(wait=False, install_signal_handlers=False, listen_notify=False)
    finally:
        asyncio.run(_close_connections())


async def _close_connections() -> None:
    """Those of the thread that does the jobs. It outlives the worker, and what is periodic is enqueued there without
    closing the connection: the next job would do that, and after the last one the database could not be dropped."""
    await sync_to_async(connections.close_all)()
