"""What the acts of the catalogue leave to the worker.

A job is enqueued in the transaction it belongs to, so that neither is ever without the other; `catalog/tasks.py` says
what each one does.
"""

from __future__ import annotations

from procrastinate.contrib.django import app
from procrastinate.jobs import JobDeferrer

from catalog.rehearsal import NEVER, rehearsed_products


def job(name: str) -> JobDeferrer:
    """A job to be carried out at once; within a rehearsal, never."""
    return app.configure_task(name, schedule_at=NEVER) if rehearsed_products() else app.configure_task(name)
