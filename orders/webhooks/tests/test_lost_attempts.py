"""Attempts that end with their process, or too late."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from orders.webhooks import delivering
from orders.webhooks.models import WebhookDelivery
from orders.webhooks.tests.messages import State, attempt, jobs_of, message_to
from shop.testing.receivers import receiver

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("local_receivers")]


class Killed(BaseException):
    """The process ends here."""


def killed(*args: Any, **kwargs: Any) -> None:
    raise Killed


def test_a_process_that_dies_after_sending_sends_again_under_the_same_id(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver() as here:
        delivery = message_to(here)
        with monkeypatch.context() as crash:
            crash.setattr(delivering, "_conclude", killed)
            with pytest.raises(Killed):
                delivering.deliver(delivery_id=delivery.pk)
        delivering.deliver(delivery_id=delivery.pk)  # the claim still holds
        assert len(here.requests) == 1

        # The claim has run out, and the sweeper comes along.
        WebhookDelivery.objects.update(next_attempt_at=timezone.now() - delivering.OVERDUE - timedelta(seconds=1))
        before = len(jobs_of(delivery))
        delivering.resume_overdue()
        assert len(jobs_of(delivery)) == before + 1
        delivering.deliver(delivery_id=delivery.pk)

    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == (State.SUCCEEDED, 2)
    first, second = here.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == delivery.message_id
    assert first.body == second.body


def test_what_is_due_or_under_way_is_not_taken_up_twice(django_assert_num_queries: Any) -> None:
    message_to("https://hooks.example.com/")
    with django_assert_num_queries(1):
        delivering.resume_overdue()


def test_a_late_end_of_an_attempt_does_not_overrule_a_later_one() -> None:
    with receiver() as here:
        delivery = message_to(here)
        lost = delivering._claim(delivery.pk)
        assert lost is not None
        delivering.send_again(delivery=delivery)
        assert attempt(delivery).state == State.SUCCEEDED
        delivering._conclude(lost, delivering.Outcome(error="too late"))
    delivery.refresh_from_db()
    assert (delivery.state, delivery.last_error) == (State.SUCCEEDED, "")
