"""What the worker would send: the jobs of this transaction, carried out here."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from django.core import mail
from django.db.models import Max
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts import emails

_seen = 0  # jobs of earlier tests that really committed stay in the table


def start() -> None:
    """Forget what was enqueued before."""
    global _seen
    _seen = ProcrastinateJob.objects.aggregate(last=Max("pk"))["last"] or 0


def enqueued() -> list[tuple[str, dict[str, object]]]:
    """The events that were enqueued, with their facts, oldest first."""
    jobs = ProcrastinateJob.objects.filter(task_name="accounts.send_email", pk__gt=_seen).order_by("pk")
    facts = [dict(job.args) for job in jobs]
    return [(str(args.pop("event")), args) for args in facts]


def events() -> list[str]:
    return [event for event, _ in enqueued()]


def send_all() -> list[mail.EmailMessage]:
    """Send everything that is enqueued; returns the messages."""
    mail.outbox.clear()
    for number, (event, facts) in enumerate(enqueued()):
        emails.send(event, facts, job=number)
    return mail.outbox


def link_in(message: mail.EmailMessage) -> str:
    """The path of the first link in the message."""
    found = re.search(r"https?://\S+", str(message.body))
    assert found
    return urlsplit(found[0]).path
