from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from catalog.tests.factories import VariantFactory
from orders import tasks
from orders.models import Order
from orders.tests.placing import place
from shop.testing.worker import work_off_the_queue

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def killed_with_the_confirmation(*, attempts: int = 0) -> Order:
    """An order whose confirmation was being sent when the worker was killed."""
    work_off_the_queue()  # what other tests have left
    order = place((VariantFactory.create(stock=5), 1))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', attempts = %s WHERE args ->> 'order_id' = %s",
            [attempts, str(order.pk)],
        )
    return order


def take_over() -> None:
    # The worker may have it in its queue by itself: every minute.
    app.configure_task("orders.take_over", queueing_lock="of this test").defer(timestamp=0)
    work_off_the_queue()


def status_of_its_job(order: Order) -> Any:
    return ProcrastinateJob.objects.get(args={"order_id": order.pk, "message": "confirmation"}).status


def test_what_a_killed_worker_had_begun_is_done_by_another(mailoutbox: list[Any]) -> None:
    order = killed_with_the_confirmation()
    mailoutbox.clear()

    take_over()

    assert [letter.to for letter in mailoutbox] == [[order.email]]
    assert status_of_its_job(order) == "succeeded"


def test_a_job_that_kills_its_workers_is_left_alone_in_the_end(mailoutbox: list[Any]) -> None:
    order = killed_with_the_confirmation(attempts=tasks.MOST_TRIES)
    mailoutbox.clear()
    take_over()
    assert not mailoutbox
    assert status_of_its_job(order) == "doing"
