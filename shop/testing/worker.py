"""The background worker, run inside a test until nothing is left to do.

For tests marked `django_db(transaction=True)`: a worker sees only what is committed.
"""

from __future__ import annotations

from typing import cast

from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector


def work_off_the_queue() -> None:
    """Carry out every job that is due, as `manage.py procrastinate worker --one-shot` does.

    The jobs of earlier tests that committed are among them: their table is not emptied between tests.
    """
    connector = cast(DjangoConnector, app.connector).get_worker_connector()
    app.with_connector(connector).run_worker(wait=False, install_signal_handlers=False, listen_notify=False)
