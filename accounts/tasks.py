"""Background jobs. A job is enqueued in the transaction of what it tells about; it holds ids, never a secret."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from accounts import emails, tokens


@app.task(
    name="accounts.send_email",
    queue="mail",
    retry=RetryStrategy(max_attempts=10, exponential_wait=4),
    pass_context=True,
)
def send_email(context: JobContext, /, *, event: str, **facts: Any) -> None:
    """Send one of `emails.LETTERS`."""
    emails.send(event, facts, job=context.job.id or 0)


def enqueue_email(event: str, **facts: Any) -> None:
    """Have the worker send it once the current transaction is committed."""
    send_email.defer(event=event, **facts)


@app.periodic(cron="17 3 * * *")
@app.task(name="accounts.tidy")
def tidy(timestamp: int) -> None:
    """Forget sessions and refresh tokens that have expired."""
    tokens.remove_expired_families()
    call_command("clearsessions")
