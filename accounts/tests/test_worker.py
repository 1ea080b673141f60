"""A real worker carries out what was enqueued."""

from __future__ import annotations

import pytest
from django.core import mail
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.passwords import request_reset
from accounts.tasks import tidy
from accounts.tests.factories import UserFactory


@pytest.mark.django_db(transaction=True)
def test_the_letter_leaves_and_the_job_is_done() -> None:
    user = UserFactory.create()
    before = ProcrastinateJob.objects.order_by("pk").last()
    request_reset(email=user.email)
    connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]
    with app.replace_connector(connector) as worker:
        worker.run_worker(wait=False, queues=["mail"], install_signal_handlers=False, listen_notify=False)
    # At a full minute the worker also enqueues what is periodic, on other queues.
    job = ProcrastinateJob.objects.get(pk__gt=before.pk if before else 0, queue_name="mail")
    assert job.status == "succeeded"
    [message] = mail.outbox
    assert message.to == [user.email]
    assert message.extra_headers["Message-ID"].startswith(f"<account.reset-password.{job.pk}@")


@pytest.mark.django_db
def test_tidying_up_runs() -> None:
    tidy(0)
