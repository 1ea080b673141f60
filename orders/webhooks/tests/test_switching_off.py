"""Endpoints that are told nothing any more."""

from __future__ import annotations

import pytest

from orders.webhooks import delivering
from orders.webhooks.models import WebhookDelivery, WebhookEndpoint
from orders.webhooks.tests.messages import DATA, State, attempt, give_up, message_to
from shop.testing.receivers import answering, receiver

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("local_receivers")]


def test_410_switches_the_endpoint_off_and_what_waits_for_it_fails() -> None:
    with receiver(answering(410)) as here:
        delivery = message_to(here)
        delivering.enqueue_event("order.placed", lambda: [DATA])
        waiting = WebhookDelivery.objects.exclude(pk=delivery.pk).get()
        delivery, waiting = attempt(delivery), attempt(waiting)
        delivering.enqueue_event("order.placed", lambda: [DATA])

    assert (delivery.state, delivery.last_status) == (State.FAILED, 410)
    assert not delivery.endpoint.is_active
    assert "410 Gone" in delivery.endpoint.disabled_reason
    assert (waiting.state, waiting.attempts, waiting.last_error) == (State.FAILED, 0, "The endpoint is switched off.")
    assert len(here.requests) == 1
    assert WebhookDelivery.objects.count() == 2


def test_an_endpoint_that_took_nothing_for_days_is_switched_off() -> None:
    with receiver(answering(500)) as here:
        delivery = give_up(message_to(here))
    assert delivery.state == State.FAILED
    assert not delivery.endpoint.is_active
    assert delivery.endpoint.disabled_reason.endswith("It took no message for 3 days.")


def test_an_endpoint_that_dislikes_one_message_only_stays_on() -> None:
    with receiver(answering(500)) as here:
        delivery = message_to(here)
        delivering.enqueue_event("order.placed", lambda: [DATA])
        with receiver() as well:
            other = WebhookDelivery.objects.exclude(pk=delivery.pk).get()
            WebhookEndpoint.objects.update(url=well.url())
            assert attempt(other).state == State.SUCCEEDED
        WebhookEndpoint.objects.update(url=here.url())
        delivery = give_up(delivery)
    assert delivery.state == State.FAILED
    assert delivery.endpoint.is_active
